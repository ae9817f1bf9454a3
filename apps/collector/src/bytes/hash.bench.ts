// node hash.bench.ts: nanoseconds of CPU a call, by length.
import { hash32, hash53 } from "./hash.ts";
import { InternTable } from "./intern-table.ts";

const ROUNDS = 3_000_000;

for (const size of [8, 32, 100, 300]) {
  const bytes = Buffer.alloc(4096, "abcdefgh=12345,");
  const table = new InternTable();
  const row = [
    ["hash32", () => measure((i) => hash32(bytes, i & 1023, (i & 1023) + size))],
    ["hash53", () => measure((i) => hash53(bytes, i & 1023, (i & 1023) + size))],
    ["intern", () => measure((i) => table.intern(bytes, i & 15, (i & 15) + size))],
  ] as const;
  console.log(`${size} bytes:`, row.map(([name, run]) => `${name} ${run().toFixed(1)} ns`).join(", "));
}

function measure(call: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < 200_000; i++) sum += call(i);
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) sum += call(i);
  const used = process.cpuUsage(before);
  if (Number.isNaN(sum)) throw new Error("the sum keeps the calls from being optimised away");
  return ((used.user + used.system) * 1000) / ROUNDS;
}
