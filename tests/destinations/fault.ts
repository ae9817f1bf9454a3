/**
 * What a destination does with a request instead of taking it. A number is a status of HTTP, for gRPC the status that it maps to.
 * `drop` resets the connection before the data counts, `drop-after` takes the data and then resets; `hang` never answers;
 * `slow` takes it after `delayMs`; `partial` takes the first half and says so.
 */
export type FaultMode = "ok" | "hang" | "drop" | "drop-after" | "slow" | "partial" | number;

export type Protocol = "otlp/http" | "otlp/grpc" | "remote-write/1" | "remote-write/2" | "loki";

export type Fault = {
  /** Several are taken in turn. */
  readonly mode: FaultMode | readonly FaultMode[];
  /** Only each Nth request is hit; default 1: all. */
  readonly every?: number;
  /** Seconds of Retry-After, or of gRPC's RetryInfo, with statuses 429 and 503. */
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  /** Only requests of this protocol are hit and counted. */
  readonly only?: Protocol;
};

/** A request's lot under the fault that is in force. */
export class FaultPlan {
  #fault: Fault = { mode: "ok" };
  #seen = 0;
  #hit = 0;

  set(fault: Fault): void {
    const { every = 1 } = fault;
    if (!Number.isInteger(every) || every < 1) throw new Error(`every is ${every}: write a whole number from 1`);
    this.#fault = fault;
    this.#seen = 0;
    this.#hit = 0;
  }

  next(protocol: Protocol): { mode: FaultMode; retryAfterSeconds: number | undefined; delayMs: number } {
    const { mode, every = 1, retryAfterSeconds, delayMs = 1000, only } = this.#fault;
    const isHit = (only === undefined || only === protocol) && ++this.#seen % every === 0;
    if (!isHit) return { mode: "ok", retryAfterSeconds: undefined, delayMs: 0 };
    const modes: readonly FaultMode[] = typeof mode === "object" ? mode : [mode];
    return { mode: modes[this.#hit++ % modes.length] ?? "ok", retryAfterSeconds, delayMs };
  }
}

/** Reads a mode as a command line or a query gives it: `503`, `hang`, `` (healthy again). */
export function readFaultMode(text: string): FaultMode {
  if (text === "" || text === "ok") return "ok";
  if (/^[45]\d\d$/.test(text)) return Number(text);
  if (text === "hang" || text === "drop" || text === "drop-after" || text === "slow" || text === "partial") return text;
  throw new Error(`unknown fault ${text}: write ok, hang, drop, drop-after, slow, partial or a status from 400 to 599`);
}
