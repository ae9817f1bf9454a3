import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import { createHttpClient, type HttpClient } from "../../transport/http/client.ts";
import { jaegerFractionSampler, operationSampler, rateSampler, type Sampler } from "./sampler.ts";

export interface JaegerRemoteSettings {
  readonly url: string;
  readonly max_operations: number;
  readonly refresh_interval: number;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const DEFAULT_MAX_OPERATIONS = 256;

/** Asks a server how to sample, again and again. Until there is an answer, and where there is none, the last strategy stays. */
export class JaegerRemoteSampler {
  sampler: Sampler;
  readonly #settings: JaegerRemoteSettings;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #client: HttpClient;
  readonly #closed = new AbortController();
  #last = "";
  #cancel = () => {};

  constructor(settings: JaegerRemoteSettings, seed: Sampler, clock: Clock, log: Logger) {
    this.sampler = seed;
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#client = createHttpClient({
      tls: undefined,
      proxy: { fromEnvironment: true },
      followRedirects: true,
      http2: false,
      idleTimeoutMs: 5 * 60_000,
      clock,
      log,
    });
    void this.#poll();
  }

  async close(): Promise<void> {
    this.#cancel();
    this.#closed.abort();
    await this.#client.close();
  }

  async #poll(): Promise<void> {
    try {
      const url = new URL(this.#settings.url);
      url.searchParams.set("service", "alloy");
      const { signal } = this.#closed;
      const answer = await this.#client.request({ method: "GET", url, timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_ANSWER_BYTES, signal });
      const text = Buffer.concat(answer.body).toString();
      if (answer.status >= 400) throw new Error(`the server answered ${answer.status}: ${text.slice(0, 200)}`);
      // What is the same keeps its credit.
      if (text !== this.#last) this.sampler = strategyOf(JSON.parse(text), this.#settings.max_operations, this.#clock);
      this.#last = text;
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      this.#log.warn("no sampling strategy from the Jaeger server; the last one stays", {
        url: this.#settings.url,
        err: error instanceof Error ? error.message : String(error),
      });
    }
    if (!this.#closed.signal.aborted) this.#cancel = this.#clock.after(this.#settings.refresh_interval, () => void this.#poll());
  }
}

/** The answer's strategy. Throws where it has none that is known. */
export function strategyOf(answer: unknown, maxOperations: number, clock: Clock): Sampler {
  const operations = inside(answer, "operationSampling");
  if (operations !== undefined) {
    const fractions = new Map<string, number>();
    const list = inside(operations, "perOperationStrategies");
    for (const each of Array.isArray(list) ? list : []) {
      const operation = inside(each, "operation");
      if (typeof operation === "string") fractions.set(operation, numberIn(inside(each, "probabilisticSampling"), "samplingRate"));
    }
    const defaultFraction = numberIn(operations, "defaultSamplingProbability");
    const lowerBoundPerSecond = numberIn(operations, "defaultLowerBoundTracesPerSecond");
    return operationSampler({ defaultFraction, lowerBoundPerSecond, fractions }, maxOperations || DEFAULT_MAX_OPERATIONS, clock);
  }
  const probabilistic = inside(answer, "probabilisticSampling");
  if (probabilistic !== undefined) return jaegerFractionSampler(numberIn(probabilistic, "samplingRate"));
  const rate = inside(answer, "rateLimitingSampling");
  if (rate !== undefined) return rateSampler(numberIn(rate, "maxTracesPerSecond"), clock);
  throw new Error("the answer has neither operationSampling, probabilisticSampling nor rateLimitingSampling");
}

/** A field by its JSON name or the one in the protocol's definition. */
function inside(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  return fields[name] ?? fields[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? undefined;
}

/** JSON of protobuf writes numbers as texts as well; what is absent is 0. */
function numberIn(value: unknown, name: string): number {
  const number = Number(inside(value, name) ?? 0);
  if (Number.isNaN(number)) throw new Error(`${name} is not a number`);
  return number;
}
