import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../component/clock.ts";
import { type TestContext, testContext } from "../component/testing.ts";
import type { Receipt } from "../signals/receipt.ts";
import type { Destination, DestinationOptions, SendOutcome } from "./destination.ts";
import type { QueueFiles } from "./files.ts";
import { openDestination } from "./open-destination.ts";

export interface RigOptions extends Partial<Omit<DestinationOptions, "limits" | "request" | "retry">> {
  readonly limits?: Partial<DestinationOptions["limits"]>;
  readonly request?: Partial<DestinationOptions["request"]>;
  readonly retry?: Partial<DestinationOptions["retry"]>;
  readonly files?: QueueFiles;
  readonly clock?: FakeClock;
  readonly budgetBytes?: number;
  readonly random?: () => number;
  /** What the destination answers from the start, see `answers`. */
  readonly answers?: string;
}

/** A destination under test on a fake clock, whose far end says what it is told to. */
export interface Rig {
  readonly destination: Destination;
  readonly context: TestContext;
  readonly clock: FakeClock;
  /** All requests that came, whatever was answered: `a1+a2`, or `tenant/a1` for records of a group. */
  readonly requests: string[];
  /** Those that were delivered. */
  readonly delivered: string[];
  /** Those that were refused for good. */
  readonly refused: string[];
  /** When requests came, in milliseconds since the rig was made. */
  readonly times: number[];
  readonly drops: string[];
  /** Requests that no answer was given to. */
  readonly hanging: number;
  /**
   * Appends records of one item each, all in one turn: `a1 a2 b1`, `tenant/a1`. The letter chooses the shard, the text is the payload. Resolves when all are
   * acknowledged.
   */
  add(records: string, options?: { items?: number; receipt?: Receipt; bytes?: number }): Promise<void>;
  /**
   * The answers to the next requests; the last holds from then on: `ok`, `503`, `429:5000` (with Retry-After in ms), `400`, `rejects:2`, `hang` (until
   * aborted), `deaf` (for ever), `throws`.
   */
  answers(script: string): void;
  options(changes?: RigOptions): DestinationOptions;
  /** Lets time pass, and what it sets off come to rest, a step at a time. */
  pass(ms: number, stepMs?: number): Promise<void>;
  /** Closes with a deadline that comes when the returned function is called. */
  close(): { closing: Promise<void>; deadline(): void };
}

export async function rig(given: RigOptions = {}): Promise<Rig> {
  const clock = given.clock ?? new FakeClock();
  const context = testContext({ clock, ...(given.budgetBytes === undefined ? {} : { budgetBytes: given.budgetBytes }) });
  const startMs = clock.now();
  const requests: string[] = [];
  const delivered: string[] = [];
  const refused: string[] = [];
  const times: number[] = [];
  const drops: string[] = [];
  let script = (given.answers ?? "ok").split(" ");
  let hanging = 0;

  const send: DestinationOptions["send"] = async (request, signal) => {
    const records = request.payload.map((payload) => Buffer.from(payload).toString().trimEnd()).join("+");
    const shown = request.group === "" ? records : `${request.group}/${records}`;
    requests.push(shown);
    times.push(clock.now() - startMs);
    const answer = (script.length > 1 ? script.shift() : script[0]) ?? "ok";
    if (answer === "hang" || answer === "deaf") {
      hanging++;
      await new Promise<void>((resolve) => {
        if (answer === "hang") signal.addEventListener("abort", () => resolve(), { once: true });
      });
      hanging--;
    }
    const outcome = outcomeOf(answer);
    if (outcome.kind === "delivered") delivered.push(shown);
    if (outcome.kind === "refused") refused.push(shown);
    return outcome;
  };
  const options = (changes: RigOptions = {}): DestinationOptions => {
    const {
      limits,
      request,
      retry,
      files: _files,
      clock: _clock,
      budgetBytes: _budget,
      random: _random,
      answers: _answers,
      ...rest
    } = changes;
    return {
      component: "test.exporter.a",
      endpoint: "http://destination/",
      storagePath: undefined,
      whenFull: "drop-oldest",
      shards: 1,
      fsyncIntervalMs: 1000,
      send,
      onDropped: (reason, items) => drops.push(`${reason}:${items}`),
      ...rest,
      limits: { maxBytes: 64 * 1024 * 1024, maxAgeMs: 8 * 3600_000, ...limits },
      request: { maxBytes: 1_000_000, maxItems: 0, maxWaitMs: 0, ...request },
      retry: { initialMs: 1000, maxMs: 30_000, multiplier: 2, randomization: 0, maxElapsedMs: 0, maxAttempts: 0, ...retry },
    };
  };
  const destination = await openDestination({ ...context, random: given.random ?? (() => 0.5) }, options(given), given.files);
  return {
    destination,
    context,
    clock,
    requests,
    delivered,
    refused,
    times,
    drops,
    get hanging() {
      return hanging;
    },
    async add(records, { items = 1, receipt, bytes = 0 } = {}) {
      const appends = records.split(" ").map((record) => {
        const [text = "", group] = record.split("/").reverse();
        const payload = [Buffer.from(text.slice(0, 1)), Buffer.from(text.slice(1).padEnd(bytes - 1))];
        const shard = text.charCodeAt(0);
        return destination.append({
          payload,
          items,
          shard,
          ...(group === undefined ? {} : { group }),
          ...(receipt === undefined ? {} : { receipt }),
        });
      });
      await Promise.all(appends);
    },
    answers(next) {
      script = next.split(" ");
    },
    async pass(ms, stepMs = ms) {
      await rest();
      for (let passed = 0; passed < ms; passed += stepMs) {
        await clock.advance(stepMs);
        await rest();
      }
    },
    options: (changes = {}) => options({ ...given, ...changes }),
    close() {
      const deadline = new AbortController();
      return { closing: destination.close(deadline.signal), deadline: () => deadline.abort() };
    },
  };
}

function outcomeOf(answer: string): SendOutcome {
  const [kind, number] = answer.split(":");
  switch (kind) {
    case "ok":
      return { kind: "delivered" };
    case "rejects":
      return { kind: "delivered", rejectedItems: Number(number), message: "some are too old" };
    case "400":
      return { kind: "refused", reason: "bad_request", message: "400 Bad Request" };
    case "throws":
      throw new Error("connect ECONNREFUSED");
    default:
      return { kind: "retry", message: `answered ${kind}`, ...(number === undefined ? {} : { retryAfterMs: Number(number) }) };
  }
}

/** Waits in real time until the claim holds. */
export async function until(claim: () => boolean, what = claim.toString()): Promise<void> {
  const giveUpMs = performance.now() + 5000;
  while (!claim()) {
    if (performance.now() > giveUpMs) throw new Error(`it never came true that ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Lets what is under way in memory and on disk come to rest. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A folder for the life of a test file. */
export async function testFolder(after: (cleanUp: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "invar-delivery-"));
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** accepted + recovered = delivered + dropped + buffered. */
export function imbalance(destination: Destination): number {
  const { acceptedItems, recoveredItems, deliveredItems, droppedItems, bufferedItems } = destination.stats();
  const dropped = Object.values(droppedItems).reduce((sum, items) => sum + items, 0);
  return acceptedItems + recoveredItems - deliveredItems - dropped - bufferedItems;
}
