import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteKeys, NO_KEY } from "./byte-keys.ts";

test("knows what was added and not removed, as a map does", () => {
  const step = fc.record({ adds: fc.boolean(), first: fc.nat(2), second: fc.nat(2), text: fc.string({ maxLength: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const keys = new ByteKeys();
      const model = new Map<string, number>();
      for (const { adds, first, second, text } of steps) {
        const bytes = Buffer.from(`..${text}`);
        const name = JSON.stringify([first, second, text]);
        const found = keys.find(first, second, bytes, 2, bytes.length);
        assert.equal(found, model.get(name) ?? NO_KEY);
        if (adds && found === NO_KEY) model.set(name, keys.add(first, second, bytes, 2, bytes.length));
        if (!adds && found !== NO_KEY) {
          keys.remove(found);
          model.delete(name);
        }
      }
      assert.equal(keys.size, model.size);
      for (const [name, key] of model) {
        const [first, second, text] = JSON.parse(name) as [number, number, string];
        assert.ok(keys.isLive(key));
        assert.deepEqual([keys.first[key], keys.second[key]], [first, second]);
        assert.equal(keys.bytes.toString("utf8", keys.start[key], keys.end[key]), Buffer.from(text).toString());
      }
      if (model.size === 0) assert.equal(keys.cost, 0);
    }),
  );
});

test("reuses the room of removed keys", () => {
  const keys = new ByteKeys();
  for (let i = 0; i < 10_000; i++) {
    const bytes = Buffer.from(`a key of some length ${i}`);
    keys.remove(keys.add(1, 2, bytes, 0, bytes.length));
  }
  assert.ok(keys.bytes.length < 10_000);
  assert.equal(keys.last, 1);
});
