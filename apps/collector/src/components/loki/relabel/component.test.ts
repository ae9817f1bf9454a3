import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { type Rules, relabel } from "../../../relabel/rules.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { batchOf, linesOf } from "../../../signals/loki/notation.ts";
import { component } from "./component.ts";

async function run(text: string) {
  const batches: LogBatch[] = [];
  const sink = capsuleOf("loki.LogsReceiver", {
    async consume(batch: LogBatch) {
      batch.retain();
      batches.push(batch);
    },
    pressure: () => undefined,
  });
  const decode = (source: string) => decodeText(component, `forward_to = [sink]\n${source}`, { sink });
  const context = testContext({ id: "loki.relabel.a" });
  const running = await component.create(context, decode(text));
  const receiver = () => (context.exports.receiver as Capsule<Consumer<LogBatch>>).value;
  return {
    context,
    batches,
    receiver,
    update: (source: string) => running.update(decode(source)),
    async send(...lines: string[]) {
      batches.length = 0;
      await receiver().consume(batchOf(lines));
      return batches.flatMap(linesOf);
    },
  };
}

const rule = (args: string) => `rule {\n${args}\n}\n`;
const metrics = ["entries_processed", "entries_written", "cache_hits", "cache_misses", "cache_size"];

test("labels are rewritten; lines whose stream is dropped, or has no labels left, go no further", async () => {
  const relabelling = await run(
    rule('source_labels = ["a"]\ntarget_label = "b"\nreplacement = "<$1>"') +
      rule('action = "drop"\nsource_labels = ["a"]\nregex = "drop"') +
      rule('action = "labeldrop"\nregex = "a|c"') +
      rule('action = "keep"\nsource_labels = ["b"]\nregex = ".*"'),
  );
  assert.deepEqual(
    await relabelling.send('{a="1", c="x"} @1 one', '{a="drop"} @2 no', '{a="1", c="y"} @3 two # m="1"', '{a="2"} @4 three'),
    ['{b="<1>"} @1 one', '{b="<1>"} @3 two # m="1"', '{b="<2>"} @4 three'],
  );
  assert.equal(relabelling.batches[0]?.streams.length, 2);
  const bare = await run(rule('action = "labeldrop"\nregex = ".*"'));
  assert.deepEqual(await bare.send('{a="1"} @1 x'), []);
});

test("unchanged columns are shared, and results are remembered up to a number", async () => {
  const relabelling = await run(`max_cache_size = 2\n${rule('source_labels = ["a"]\ntarget_label = "b"')}`);
  const batch = batchOf(['{a="1"} @1 x', '{a="2"} @2 y']);
  await relabelling.receiver().consume(batch);
  assert.equal(relabelling.batches[0]?.text, batch.text);
  await relabelling.send('{a="1"} @1 x');
  await relabelling.send('{a="3"} @1 x');
  await relabelling.send('{a="2"} @1 x');
  assert.deepEqual(
    metrics.map((name) => relabelling.context.metric(`loki_relabel_${name}`)),
    [5, 5, 1, 4, 2],
  );
});

test("rules are exported, and an update changes them without changing the receiver", async () => {
  const relabelling = await run(rule('target_label = "b"\nreplacement = "1"'));
  const receiver = relabelling.receiver();
  const rules = () => (relabelling.context.exports.rules as Capsule<Rules>).value;
  assert.deepEqual({ ...relabel({}, rules()) }, { b: "1" });
  await relabelling.update(rule('target_label = "b"\nreplacement = "2"'));
  assert.deepEqual({ ...relabel({}, rules()) }, { b: "2" });
  assert.equal(relabelling.receiver(), receiver);
  assert.deepEqual(await relabelling.send('{a="1"} @1 x'), ['{a="1", b="2"} @1 x']);
});

test("wrong rules are refused", () => {
  assert.match(
    tryDecodeText(component, `forward_to = []\n${rule('action = "hashmod"\ntarget_label = "a"')}`).diagnostics[0]?.message ?? "",
    /hashmod requires non-zero modulus/,
  );
});
