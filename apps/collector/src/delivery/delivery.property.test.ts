import assert from "node:assert/strict";
import { appendFileSync, cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { fuzzSeconds } from "../../../../tests/fuzz-time.ts";
import { FakeClock } from "../component/clock.ts";
import { imbalance, type Rig, type RigOptions, rig, testFolder, until } from "./destination-rig.ts";
import { type FailingFiles, failingFiles } from "./failing-files.ts";
import { writeRecordHeader } from "./segment-format.ts";

const folder = await testFolder(after);
let count = 0;

/**
 * What may happen to a destination. A kill leaves the folder as it is at that moment, its unacknowledged end torn anywhere.
 */
type Step =
  | { readonly kind: "append"; readonly letter: string; readonly many: number; readonly bytes: number }
  | { readonly kind: "answer"; readonly script: string }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "turn" }
  | { readonly kind: "kill"; readonly tear: number }
  | { readonly kind: "reopen" }
  | { readonly kind: "shards"; readonly shards: number }
  | { readonly kind: "disk"; readonly failure: string | undefined; readonly partly: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      letter: fc.constantFrom("a", "b", "c", "d"),
      many: fc.integer({ min: 1, max: 5 }),
      bytes: fc.constantFrom(8, 8, 300, 9000, 70_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      script: fc.constantFrom("ok", "503", "503 ok", "hang ok", "429:3000 ok", "400 ok", "throws ok"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.constantFrom(10, 1000, 1000, 7000, 40_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const), tear: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("shards" as const), shards: fc.constantFrom(1, 2, 7, 256) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("disk" as const),
      failure: fc.constantFrom("ENOSPC", "EIO", undefined, undefined, undefined),
      partly: fc.constantFrom(0, 0, 1, 50),
    }),
  },
);

/** What must be true of all that was appended, across processes. */
class Model {
  /** Acknowledged, each with the process that took it. */
  readonly acknowledged = new Set<string>();
  readonly delivered: string[] = [];
  /** Refused for good by the destination: counted. */
  readonly refused = new Set<string>();
  /** Delivered when a process was killed, and perhaps not noted yet: may come twice. */
  readonly inFlightAtKill = new Set<string>();
  /** Appended, not acknowledged: may come or not, and be tried again. */
  readonly unacknowledged = new Set<string>();

  check(): void {
    const times = new Map<string, number>();
    for (const record of this.delivered) times.set(record, (times.get(record) ?? 0) + 1);
    for (const record of this.acknowledged)
      assert.ok(times.has(record) || this.refused.has(record), `${record} was acknowledged, and neither delivered nor counted as refused`);
    for (const [record, number] of times) {
      if (number === 1) continue;
      assert.ok(this.inFlightAtKill.has(record), `${record} came ${number} times and was never in flight at a kill`);
    }
    for (const letter of "abcd") {
      const firsts = [...new Set(this.delivered.filter((record) => record.startsWith(letter) && this.acknowledged.has(record)))];
      const numbers = firsts.map((record) => Number(record.slice(1)));
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
        `the order of ${letter} was not kept`,
      );
    }
  }
}

class Run {
  readonly model = new Model();
  readonly clock = new FakeClock();
  readonly options: RigOptions;
  storagePath = `${folder}/${count++}`;
  files: FailingFiles = failingFiles();
  current: Rig | undefined;
  script = "ok";
  #shards = 1;
  #numbers = new Map<string, number>();
  #forgotten: Promise<void>[] = [];

  constructor(options: RigOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    this.current = await rig({
      ...this.options,
      storagePath: this.storagePath,
      files: this.files,
      clock: this.clock,
      shards: this.#shards,
      answers: this.script,
    });
  }

  get rig(): Rig {
    if (this.current === undefined) throw new Error("the run has not started");
    return this.current;
  }

  async do(next: Step): Promise<void> {
    switch (next.kind) {
      case "append": {
        const first = this.#numbers.get(next.letter) ?? 0;
        this.#numbers.set(next.letter, first + next.many);
        for (let i = first; i < first + next.many; i++) this.#append(`${next.letter}${i}`, next.bytes);
        return;
      }
      case "answer":
        this.script = next.script;
        return this.rig.answers(next.script);
      case "time":
        await this.rig.pass(next.ms, Math.min(next.ms, 1000));
        break;
      case "turn":
        await new Promise<void>((resolve) => setImmediate(resolve));
        break;
      case "kill":
        return this.#kill(next.tear);
      case "reopen":
        return this.#reopen();
      case "shards":
        this.#shards = next.shards;
        await this.rig.destination.update(this.rig.options({ shards: next.shards }));
        break;
      case "disk":
        this.files.failWith(next.failure, { partly: next.partly });
        break;
    }
    assert.equal(imbalance(this.rig.destination), 0);
  }

  /** All is well from now on: what can be delivered is. */
  async finish(): Promise<void> {
    this.files.failWith(undefined);
    this.rig.answers("ok");
    for (let minute = 0; minute < 8; minute++) await this.rig.pass(60_000, 10_000);
    await until(() => this.rig.destination.stats().isOnDisk && this.rig.destination.stats().bufferedItems === 0);
    await this.rig.close().closing;
    assert.equal(imbalance(this.rig.destination), 0);
    this.#collect();
    await Promise.all(this.#forgotten);
  }

  #append(record: string, bytes: number): void {
    const { model } = this;
    model.unacknowledged.add(record);
    const process = this.current;
    this.rig.add(record, { bytes }).then(
      () => {
        // What a process says after it was killed nobody hears.
        if (this.current === process) model.acknowledged.add(record);
      },
      () => model.unacknowledged.delete(record),
    );
  }

  #collect(): void {
    const { delivered, refused, drops } = this.rig;
    this.model.delivered.push(...recordsOf(delivered));
    for (const record of recordsOf(refused)) this.model.refused.add(record);
    assert.deepEqual(
      drops.filter((drop) => !/^(bad_request|disk_full|shutdown):/.test(drop)),
      [],
    );
  }

  async #kill(tear: number): Promise<void> {
    const killed = this.rig;
    const copy = `${folder}/${count++}`;
    cpSync(this.storagePath, copy, { recursive: true });
    this.#collect();
    const { requestsInFlight } = killed.destination.stats();
    if (requestsInFlight > 0)
      for (const record of recordsOf(killed.delivered.slice(-requestsInFlight))) this.model.inFlightAtKill.add(record);
    this.current = undefined;
    // The process that was killed lives on in this one, and must come to an end.
    const { closing, deadline } = killed.close();
    deadline();
    this.#forgotten.push(closing);
    this.storagePath = copy;
    tearEnd(copy, tear);
    this.files = failingFiles();
    await this.start();
  }

  async #reopen(): Promise<void> {
    const { closing, deadline } = this.rig.close();
    deadline();
    await closing;
    this.#collect();
    await this.start();
  }
}

const recordsOf = (requests: readonly string[]) => requests.flatMap((request) => request.split("+"));

/** Adds the first bytes of a record whose write the kill cut short. */
function tearEnd(storagePath: string, bytes: number): void {
  for (const queue of readdirSync(storagePath)) {
    const name = readdirSync(join(storagePath, queue))
      .filter((file) => file.endsWith(".log"))
      .at(-1);
    if (name === undefined || bytes === 0) continue;
    const path = join(storagePath, queue, name);
    const record = Buffer.alloc(300, "x");
    writeRecordHeader(record, 0, {
      position: Number(name.slice(0, 16)) + statSync(path).size,
      lane: 1,
      items: 1000,
      timeMs: 0,
      groupBytes: 0,
      payloadBytes: 300,
    });
    appendFileSync(path, record.subarray(0, bytes));
  }
}

async function runAll(steps: readonly Step[], options: RigOptions): Promise<void> {
  const run = new Run(options);
  await run.start();
  for (const next of steps) await run.do(next);
  await run.finish();
  run.model.check();
}

const isFuzz = fuzzSeconds() > 1;

for (const [what, options] of [
  ["with requests of one record", { request: { maxItems: 1 } }],
  ["with requests of many records, which wait for more", { request: { maxItems: 10, maxWaitMs: 2000 } }],
] as const)
  test(`whatever happens, what was acknowledged arrives, in order, and once unless it was in flight at a kill (${what})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => runAll(steps, options)),
      // Runs rather than time where it is not a fuzz: a busy machine must not end it before the first.
      isFuzz
        ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: 2000 * fuzzSeconds() }
        : { numRuns: 40, endOnFailure: true, timeout: 30_000 },
    );
  });
