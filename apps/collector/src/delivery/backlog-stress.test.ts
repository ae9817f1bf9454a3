import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fuzzSeconds } from "../../../../tests/fuzz-time.ts";
import { systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import type { DestinationOptions } from "./destination.ts";
import { imbalance, testFolder } from "./destination-rig.ts";
import { diskFiles, type QueueFile, type QueueFiles } from "./files.ts";
import { openDestination } from "./open-destination.ts";

const folder = await testFolder(after);

/** Numbers that are the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Real files whose operations take their time, each another: of two that are under way the later may end first. */
function unevenFiles(random: () => number): QueueFiles {
  const disk = diskFiles();
  const pause = () => new Promise<void>((resolve) => (random() < 0.5 ? setImmediate(resolve) : setTimeout(resolve, random() * 6)));
  const uneven =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await pause();
      return work(...args);
    };
  const wrap = (file: QueueFile): QueueFile => ({
    ...file,
    write: (bytes, from, to, position) =>
      random() < 0.5 ? file.write(bytes, from, to, position) : pause().then(() => file.write(bytes, from, to, position)),
    read: uneven(file.read),
    sync: uneven(file.sync),
    truncate: uneven(file.truncate),
    close: uneven(file.close),
  });
  return {
    ...disk,
    open: uneven(async (path, mode) => wrap(await disk.open(path, mode))),
    rename: uneven(disk.rename),
    remove: uneven(disk.remove),
    syncFolder: uneven(disk.syncFolder),
  };
}

const headBytes = 8;

/** A payload that tells its number, and whose every byte follows from it. */
function payloadOf(number: number, bytes: number): Buffer {
  const payload = Buffer.alloc(headBytes + bytes);
  payload.writeUInt32LE(number, 0);
  payload.writeUInt32LE(bytes, 4);
  for (let at = headBytes, state = number + 1; at < payload.length; at++) {
    state = Math.imul(state, 1103515245) + 12345;
    payload[at] = state >>> 16;
  }
  return payload;
}

/** A queue that is longer than memory, whose destination stands still, crawls and runs in turn, while more comes and the oldest goes. */
async function stress(seed: number, options: { readonly segments: number; readonly whenFull: DestinationOptions["whenFull"] }) {
  const random = generator(seed);
  const context = testContext({ clock: systemClock, budgetBytes: 3 * 1024 * 1024 });
  const maxBytes = options.segments * 64 * 1024;
  const delivered = new Map<number, number>();
  const order: number[][] = [[], [], [], []];
  const accepted = new Set<number>();
  const drops: Record<string, number> = {};
  let pace: "stands" | "crawls" | "runs" = "stands";
  const send: DestinationOptions["send"] = async ({ payload }) => {
    // Sent over several turns, as through a socket: the bytes must stay what they are until the end.
    if (pace !== "runs") await new Promise<void>((resolve) => setTimeout(resolve, random() * 20));
    if (pace === "stands" || random() < 0.1) return { kind: "retry", message: "not now" };
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const part of payload) {
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      const number = bytes.readUInt32LE(0);
      assert.ok(bytes.equals(payloadOf(number, bytes.readUInt32LE(4))), `the bytes of record ${number} are not those that were appended`);
      delivered.set(number, (delivered.get(number) ?? 0) + 1);
      order[number % order.length]?.push(number);
    }
    return { kind: "delivered" };
  };
  const broken: unknown[] = [];
  const destination = await openDestination(
    { ...context, random },
    {
      component: "test.exporter.stress",
      endpoint: `http://destination/${seed}`,
      storagePath: folder,
      whenFull: options.whenFull,
      shards: 3,
      fsyncIntervalMs: 100,
      send: (request, signal) =>
        send(request, signal).catch((error: unknown) => {
          broken.push(error);
          return { kind: "delivered" };
        }),
      onDropped: (reason, items) => {
        drops[reason] = (drops[reason] ?? 0) + items;
      },
      limits: { maxBytes, maxAgeMs: 0 },
      request: { maxBytes: 100_000, maxItems: 0, maxWaitMs: 0 },
      retry: { initialMs: 2, maxMs: 10, multiplier: 2, randomization: 0, maxElapsedMs: 0, maxAttempts: 0 },
    },
    unevenFiles(random),
  );
  const endMs = performance.now() + 1000 * Math.max(2, fuzzSeconds());
  let next = 0;
  const paces = ["stands", "runs", "crawls", "runs"] as const;
  for (let round = 0; performance.now() < endMs || round < paces.length; round++) {
    pace = paces[round % paces.length] ?? "runs";
    for (let burst = 0; burst < 60; burst++) {
      const appends: Promise<void>[] = [];
      for (let many = Math.ceil(random() * 20); many > 0; many--) {
        const number = next++;
        const append = destination.append({
          payload: [payloadOf(number, Math.floor(random() ** 3 * 20_000))],
          items: 1,
          shard: number % order.length,
        });
        appends.push(
          append.then(
            () => void accepted.add(number),
            () => {},
          ),
        );
      }
      await Promise.all(appends);
      if (random() < 0.2) await new Promise<void>((resolve) => setTimeout(resolve, 2));
    }
    assert.deepEqual(broken, [], `seed ${seed}`);
  }
  pace = "runs";
  while (destination.stats().bufferedItems > 0 && broken.length === 0) await new Promise<void>((resolve) => setTimeout(resolve, 5));
  await destination.close(AbortSignal.timeout(5000));
  assert.deepEqual(broken, [], `seed ${seed}`);
  return { accepted, delivered, order, drops, imbalance: imbalance(destination) };
}

for (const [what, options] of [
  ["and the oldest gives way", { segments: 40, whenFull: "drop-oldest" }],
  ["and more is refused", { segments: 40, whenFull: "refuse" }],
] as const)
  test(`a queue longer than memory gives back every byte, whatever its files are at, ${what}`, async () => {
    const seed = fuzzSeconds() > 1 ? Date.now() >>> 0 : 1;
    const { accepted, delivered, order, drops, imbalance: missing } = await stress(seed, options);
    const lost = [...accepted].filter((number) => !delivered.has(number)).length;
    assert.deepEqual(Object.keys(drops), lost > 0 ? ["queue_full"] : [], `seed ${seed}`);
    assert.equal(lost, drops.queue_full ?? 0, `seed ${seed}: all that was dropped is counted`);
    assert.deepEqual(
      [...delivered].filter(([, times]) => times > 1),
      [],
      `seed ${seed}: nothing comes twice`,
    );
    for (const numbers of order)
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
        `seed ${seed}: the order of a shard is kept`,
      );
    assert.equal(missing, 0);
    assert.ok(delivered.size > 100, "something passed");
    if (options.whenFull === "drop-oldest") assert.ok(lost > 0, "the queue was full at times");
  });
