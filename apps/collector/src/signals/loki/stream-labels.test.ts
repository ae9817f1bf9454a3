import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { internedStreamLabels, internLabels, internRecord } from "./stream-labels.ts";

test("equal labels are the same object whatever their order", () => {
  assert.equal(internRecord({ b: "2", a: "1" }), internRecord({ a: "1", b: "2" }));
  assert.notEqual(internRecord({ a: "1", b: "2" }), internRecord({ a: "1", b: "3" }));
  // Written one after the other these would be the same text.
  assert.notEqual(internRecord({ a: "1", b: "2" }), internRecord({ 'a="1", b': "2" }));
  assert.notEqual(internRecord({ ab: "c" }), internRecord({ a: "bc" }));
});

test("of a name that comes twice the last value holds", () => {
  assert.equal(
    internLabels([
      ["a", "1"],
      ["a", "2"],
    ]),
    internRecord({ a: "2" }),
  );
});

test("labels are written as Loki reads them: sorted, values quoted by Go's rules", () => {
  const cases: [Record<string, string>, string][] = [
    [{}, "{}"],
    [{ b: "2", a: "1" }, '{a="1", b="2"}'],
    [{ a: 'say "hi"\n\\' }, '{a="say \\"hi\\"\\n\\\\"}'],
    [{ a: "ä€" }, '{a="ä€"}'],
    [{ a: "\x00\x7f" }, '{a="\\x00\\x7f"}'],
    [{ a: "\udcff" }, '{a="\\xff"}'],
  ];
  for (const [record, text] of cases) assert.equal(internRecord(record).text, text);
});

test("a label is set in its place, replaced, and left alone where it is the same", () => {
  const labels = internRecord({ b: "2", d: "4" });
  assert.equal(labels.with("c", "3"), internRecord({ b: "2", c: "3", d: "4" }));
  assert.equal(labels.with("a", "1"), internRecord({ a: "1", b: "2", d: "4" }));
  assert.equal(labels.with("e", "5"), internRecord({ b: "2", d: "4", e: "5" }));
  assert.equal(labels.with("b", "x"), internRecord({ b: "x", d: "4" }));
  assert.equal(labels.with("b", "2"), labels);
});

test("labels are dropped by name", () => {
  const labels = internRecord({ a: "1", __b: "2" });
  assert.equal(
    labels.filter((name) => !name.startsWith("__")),
    internRecord({ a: "1" }),
  );
  assert.equal(
    labels.filter(() => true),
    labels,
  );
});

test("the hash is the same in every run", () => {
  assert.equal(internRecord({ job: "a", pod: "b" }).hash, 2573826956);
});

test("labels that nobody holds are forgotten", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const before = internedStreamLabels();
  for (let i = 0; i < 10_000; i++) internRecord({ request: String(i) });
  // What a WeakRef has given is kept until the turn of the event loop ends.
  for (let turn = 0; turn < 20 && internedStreamLabels() > before + 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  assert.ok(internedStreamLabels() <= before + 100, `${internedStreamLabels()} label sets are remembered, ${before} were before`);
});
