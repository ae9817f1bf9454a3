import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { FaultPlan, type Protocol } from "./fault.ts";
import { BadRequest, type Items, noItems, type Signal } from "./items.ts";
import { Ledger, type LedgerStats } from "./ledger.ts";

export type Credentials = { readonly username: string; readonly password: string } | { readonly bearer: string };

/** A request as it came off the wire, whatever the protocol. */
export type Arrival = {
  readonly protocol: Protocol;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly wireBytes: number;
  /** Uncompresses and decodes; throws BadRequest. */
  readonly read: () => Items;
};

/** What to do with the connection. `reason` explains a refusal; `rejected` counts the items of a partial success. */
export type Answer =
  | { readonly kind: "accepted"; readonly items: Items; readonly rejected: number }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string; readonly retryAfterSeconds: number | undefined }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" };

/** One line of the destination's diary. */
export type RequestRecord = {
  readonly protocol: Protocol;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly wireBytes: number;
  readonly items: number;
  /** `200`, another status, `hang` or `reset`. */
  readonly answer: number | "hang" | "reset";
  readonly reason: string;
  readonly atMs: number;
};

export type Stats = LedgerStats & {
  readonly requests: number;
  readonly refused: number;
  readonly malformed: number;
  readonly unauthenticated: number;
  readonly bytes: number;
};

const keptRecords = 10_000;

/** Where all protocols meet: authenticates, applies the fault in force, decodes, counts. */
export class Intake {
  readonly faults = new FaultPlan();
  readonly ledger: Ledger;
  readonly records: RequestRecord[] = [];
  readonly #credentials: Credentials | undefined;
  readonly #changed = new Set<() => void>();
  #requests = 0;
  #refused = 0;
  #malformed = 0;
  #unauthenticated = 0;
  #bytes = 0;

  constructor(keep: number, credentials: Credentials | undefined) {
    this.ledger = new Ledger(keep);
    this.#credentials = credentials;
  }

  stats(): Stats {
    const counts = { requests: this.#requests, refused: this.#refused, malformed: this.#malformed, unauthenticated: this.#unauthenticated };
    return { ...this.ledger.stats(), ...counts, bytes: this.#bytes };
  }

  /** Calls back after each request until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  async receive(arrival: Arrival): Promise<Answer> {
    const answer = await this.#judge(arrival);
    this.#requests++;
    this.#bytes += arrival.wireBytes;
    if (answer.kind !== "accepted") this.#refused++;
    if (this.records.length === keptRecords) this.records.shift();
    const { protocol, path, headers, wireBytes } = arrival;
    this.records.push({
      ...{ protocol, path, headers, wireBytes },
      items: answer.kind === "accepted" ? sizeOf(answer.items) : 0,
      answer: answer.kind === "accepted" ? 200 : answer.kind === "refused" ? answer.status : answer.kind,
      reason: answer.kind === "refused" ? answer.reason : "",
      atMs: Date.now(),
    });
    for (const listener of this.#changed) listener();
    return answer;
  }

  async #judge(arrival: Arrival): Promise<Answer> {
    if (this.#credentials !== undefined && !isAllowed(arrival.headers.authorization, this.#credentials)) {
      this.#unauthenticated++;
      return { kind: "refused", status: 401, reason: "credentials are missing or wrong", retryAfterSeconds: undefined };
    }
    const { mode, retryAfterSeconds, delayMs } = this.faults.next(arrival.protocol);
    if (mode === "hang") return { kind: "hang" };
    if (mode === "drop") return { kind: "reset" };
    if (typeof mode === "number") return { kind: "refused", status: mode, reason: "injected fault", retryAfterSeconds };
    if (mode === "slow") await sleep(delayMs);
    try {
      const items = arrival.read();
      const taken = mode === "partial" ? firstHalf(items) : items;
      this.ledger.add(taken);
      if (mode === "drop-after") return { kind: "reset" };
      return { kind: "accepted", items: taken, rejected: sizeOf(items) - sizeOf(taken) };
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      this.#malformed++;
      return { kind: "refused", status: 400, reason: error.message, retryAfterSeconds: undefined };
    }
  }
}

/** Items that a backend stores: exemplars and metadata only accompany them. */
function sizeOf(items: Items): number {
  return items.spans.length + items.points.length + items.logRecords.length + items.samples.length + items.lines.length;
}

function firstHalf(items: Items): Items {
  const half = noItems();
  for (const signal of Object.keys(items) as Signal[]) {
    const taken: unknown[] = half[signal];
    for (const item of items[signal].slice(0, Math.ceil(items[signal].length / 2))) taken.push(item);
  }
  return half;
}

function isAllowed(header: string | undefined, credentials: Credentials): boolean {
  const wanted =
    "bearer" in credentials
      ? `Bearer ${credentials.bearer}`
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  const [given, expected] = [Buffer.from(header ?? ""), Buffer.from(wanted)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
