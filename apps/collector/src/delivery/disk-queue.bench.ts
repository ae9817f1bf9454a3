import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import type { Destination, DestinationOptions } from "./destination.ts";
import { openDestination } from "./open-destination.ts";

/**
 * What a queue costs, in CPU seconds of the whole process: `node disk-queue.bench.ts [memory|disk]`. Appends are in flight eight at a time, as from eight
 * connections, and the destination answers in the next turn of the event loop.
 */
const kind = process.argv[2] === "memory" ? "memory" : "disk";
const gibibyte = 1024 ** 3;
const folder = mkdtempSync(join(tmpdir(), "invar-bench-"));
const context = testContext({ clock: systemClock, budgetBytes: gibibyte });
let isUp = true;
let sentRecords = 0;

console.log(`queue in ${kind === "disk" ? folder : "memory"}`);
for (const [recordBytes, records, requestBytes, shards] of [
  [60_000, 20_000, 60_000, 1],
  [60_000, 20_000, 1_000_000, 1],
  [60_000, 20_000, 60_000, 8],
  [4_000, 200_000, 4_000, 1],
  [4_000, 200_000, 1_000_000, 1],
  [4_000, 200_000, 1_000_000, 8],
  [1_000_000, 2_000, 1_000_000, 4],
] as const)
  await measure(
    `${recordBytes} B a record, ${requestBytes} B a request, ${shards} senders`,
    recordBytes,
    records,
    requestBytes,
    shards,
    true,
  );
if (kind === "disk") {
  await measure("60 kB a record, 1 MB a request, all read back", 60_000, 15_000, 1_000_000, 1, false);
  await measure("60 kB a record, 1 MB a request, 8 senders, all read back", 60_000, 15_000, 1_000_000, 8, false);
  await measure("4 kB a record, 1 MB a request, all read back", 4_000, 200_000, 1_000_000, 1, false);
}
rmSync(folder, { recursive: true });

async function measure(what: string, recordBytes: number, records: number, requestBytes: number, shards: number, isUpAtOnce: boolean) {
  const options: DestinationOptions = {
    component: "bench",
    endpoint: what,
    storagePath: kind === "disk" ? folder : undefined,
    limits: { maxBytes: 4 * gibibyte, maxAgeMs: 8 * 3600_000 },
    whenFull: "refuse",
    request: { maxBytes: requestBytes, maxItems: 0, maxWaitMs: requestBytes > recordBytes ? 1 : 0 },
    retry: { initialMs: 20, maxMs: 20, multiplier: 1, randomization: 0, maxElapsedMs: 0, maxAttempts: 0 },
    shards,
    fsyncIntervalMs: 1000,
    send: ({ payload }) =>
      new Promise((resolve) => {
        setImmediate(() => {
          if (isUp) sentRecords += payload.length;
          resolve(isUp ? { kind: "delivered" } : { kind: "retry", message: "down" });
        });
      }),
  };
  isUp = isUpAtOnce;
  sentRecords = 0;
  const destination = await openDestination({ ...context, random: Math.random }, options);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await appendAll(
    destination,
    Buffer.alloc(recordBytes, "x"),
    records,
    isUpAtOnce ? Math.max(16, 4 * shards * (requestBytes / recordBytes)) : Number.POSITIVE_INFINITY,
  );
  const appended = process.cpuUsage(before);
  isUp = true;
  while (destination.stats().bufferedItems > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const cpu = process.cpuUsage(before);
  const seconds = (cpu.user + cpu.system) / 1e6;
  const gibibytes = (recordBytes * records) / gibibyte;
  const reading = isUpAtOnce ? "" : `, of it ${((appended.user + appended.system) / 1e6 / gibibytes).toFixed(2)} to append`;
  const split = `user ${(cpu.user / 1e6 / gibibytes).toFixed(2)}, system ${(cpu.system / 1e6 / gibibytes).toFixed(2)}`;
  console.log(
    `${what}: ${(seconds / gibibytes).toFixed(2)} CPU-s a GiB (${split})${reading}, ${((seconds / records) * 100_000).toFixed(2)} a 100,000 records (${((performance.now() - startedMs) / 1000).toFixed(1)} s, ${Math.round(process.memoryUsage.rss() / 1024 ** 2)} MiB)`,
  );
  await destination.close(AbortSignal.timeout(1000));
}

/** Appends no faster than is sent, where anything is sent: no more than `ahead` records wait. */
async function appendAll(destination: Destination, payload: Buffer, records: number, ahead: number): Promise<void> {
  let next = 0;
  const connection = async () => {
    while (next < records) {
      await destination.append({ payload: [payload], items: 100, shard: next++ });
      while (next - sentRecords > ahead) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: 8 }, connection));
}
