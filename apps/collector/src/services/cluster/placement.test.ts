import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, Placement } from "./placement.ts";

const keys = Array.from({ length: 50_000 }, (_, i) => hashOf(`http://10.0.${i >> 8}.${i & 255}:9100/metrics`));
const names = (count: number) => Array.from({ length: count }, (_, i) => `alloy-metrics-${i}`);

for (const count of [2, 3, 5, 10, 20])
  test(`of ${count} members each has its share, and one that goes moves at most 1.2/N and nothing between the others`, () => {
    const all = new Placement(names(count));
    const gone = all.members[count >> 1] ?? "";
    const rest = new Placement(all.members.filter((name) => name !== gone));
    const shares = new Map<string, number>();
    let moved = 0;
    for (const key of keys) {
      const owner = all.ownerOf(key) ?? "";
      shares.set(owner, (shares.get(owner) ?? 0) + 1);
      const after = rest.ownerOf(key);
      if (owner === after) continue;
      moved++;
      assert.equal(owner, gone);
      assert.equal(after, all.nextOwnerOf(key));
    }
    assert.ok(moved <= (1.2 * keys.length) / count, `${moved} moved`);
    for (const share of shares.values()) assert.ok(Math.abs(share - keys.length / count) < (0.1 * keys.length) / count, `${share}`);
  });

test("places the same whatever the order in which members are named", () => {
  const one = new Placement(["a", "b", "c"]);
  const other = new Placement(["c", "a", "b", "a"]);
  for (const key of keys.slice(0, 1000)) assert.equal(one.ownerOf(key), other.ownerOf(key));
});

test("has no owner without members, and no next one with a single member", () => {
  assert.equal(new Placement([]).ownerOf(1), undefined);
  assert.equal(new Placement(["a"]).ownerOf(1), "a");
  assert.equal(new Placement(["a"]).nextOwnerOf(1), undefined);
});
