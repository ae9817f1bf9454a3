import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { HashRing } from "./hash-ring.ts";

/** 120 ids that differ in all their bytes. */
const ids = Array.from({ length: 120 }, (_, i) => {
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n));
  id.writeBigUInt64BE(BigInt(i), 8);
  return id;
});
const endpoints = (count: number) => Array.from({ length: count }, (_, i) => `10.0.0.${i + 1}:4317`);

// The owners that the incumbent's ring gives, a digit an id.
for (const [count, owners] of [
  [1, "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"],
  [2, "010100011111111011000000101000010110000100001111000100110101011111011110111001000101000111011011001010011000111000101100"],
  [3, "210202022222121222200020101022212110220102001211020200220202211212021120222021202101000121011011002022022002111002201122"],
  [10, "850282067363499844395944781964288135629908091218088637260849298957827128338031758151044161099839952388629567417002806185"],
] as const)
  test(`chooses among ${count} endpoints as the incumbent does`, () => {
    const ring = new HashRing(endpoints(count));
    assert.equal(ids.map((id) => ring.ownerOf(crc32(id))).join(""), owners);
  });

test("the order of endpoints does not count", () => {
  const names = endpoints(40);
  const one = new HashRing(names);
  const other = new HashRing([...names].reverse());
  for (const id of ids) assert.equal(one.endpoints[one.ownerOf(crc32(id))], other.endpoints[other.ownerOf(crc32(id))]);
});

test("an endpoint that goes takes only its own ids with it", () => {
  const before = new HashRing(endpoints(10));
  const after = new HashRing(endpoints(9));
  for (const id of ids) {
    const owner = before.endpoints[before.ownerOf(crc32(id))];
    if (owner !== "10.0.0.10:4317") assert.equal(after.endpoints[after.ownerOf(crc32(id))], owner);
  }
});

test("without endpoints nobody is responsible", () => assert.equal(new HashRing([]).ownerOf(5), -1));
