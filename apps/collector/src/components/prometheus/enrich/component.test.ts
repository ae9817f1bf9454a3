import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { type SampleBatch, SampleBatchBuilder } from "../../../signals/prometheus/sample-batch.ts";
import { type SampleConsumer, wantsMetadata } from "../../../signals/prometheus/sample-consumer.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { component } from "./component.ts";

class Sink implements SampleConsumer {
  readonly lines: string[] = [];
  refusal: DeliveryError | undefined;
  async consume(batch: SampleBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    for (let row = 0; row < batch.count; row++) this.lines.push(batch.table.textOf(batch.series[row] as number));
  }
  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
  wantsMetadata(): boolean {
    return true;
  }
}

async function setUp(text: string) {
  const sink = new Sink();
  const context = testContext({ id: "prometheus.enrich.a" });
  const decode = (more: string) => decodeText(component, `forward_to = [sink]\n${more}`, { sink: capsuleOf("storage.Appendable", sink) });
  const running = await component.create(context, decode(text));
  await running.start();
  const { value: receiver } = context.exports.receiver as { value: SampleConsumer };
  const send = async (...sets: Record<string, string>[]) => {
    const builder = new SampleBatchBuilder(processSeries, 4);
    for (const set of sets) {
      const names = Object.keys(set).sort();
      builder.add(processSeries.internLabels({ names, values: names.map((name) => set[name] ?? "") }), 1, 1);
    }
    const batch = builder.build();
    await receiver.consume(batch).finally(() => batch.release());
    return sink.lines.splice(0);
  };
  return { sink, context, running, receiver, send, decode };
}

const stop = new AbortController().signal;
const pods = 'targets = [{ ns = "a", pod = "p", team = "x" }, { ns = "a", pod = "q", team = "y" }]';

test("copies labels of the target that matches in all labels; others pass unchanged", async () => {
  const { send, context, running } = await setUp(`${pods}
target_to_metric_match = { "ns" = "namespace", "pod" = "pod" }
labels_to_copy = ["team"]`);
  assert.deepEqual(await send({ namespace: "a", pod: "p" }, { namespace: "a", pod: "z" }, { pod: "p" }), [
    '{namespace="a", pod="p", team="x"}',
    '{namespace="a", pod="z"}',
    '{pod="p"}',
  ]);
  assert.equal(context.metric("alloy_prometheus_target_cache_size"), 2);
  assert.equal(context.metric("prometheus_forwarded_samples_total"), 3);
  await running.stop(stop);
});

test("copies all labels where none are named, in place of those that are there", async () => {
  const { send, running } = await setUp('targets = [{ pod = "p", a = "new", b = "" }]\ntarget_match_label = "pod"');
  assert.deepEqual(await send({ pod: "p", a: "old", b: "gone" }), ['{a="new", pod="p"}']);
  await running.stop(stop);
});

test("follows targets that change", async () => {
  const match = '\ntarget_match_label = "pod"\nmetrics_match_label = "name"\nlabels_to_copy = ["team"]';
  const { send, running, decode } = await setUp(`${pods}${match}`);
  assert.deepEqual(await send({ name: "p" }), ['{name="p", team="x"}']);
  await running.update(decode(`${pods}${match}`));
  await running.update(decode(`targets = [{ pod = "p", team = "z" }]${match}`));
  assert.deepEqual(await send({ name: "p" }), ['{name="p", team="z"}']);
  await running.stop(stop);
});

test("passes refusals and the wish for metadata back", async () => {
  const { sink, send, receiver, running } = await setUp(`${pods}\ntarget_match_label = "pod"`);
  assert.ok(wantsMetadata(receiver));
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(receiver.pressure(), sink.refusal);
  await assert.rejects(send({ pod: "p" }), /full/);
  await running.stop(stop);
  await assert.rejects(send({ pod: "p" }), /has exited/);
});

for (const [text, finding] of [
  ["", /at least one match mechanism must be specified/],
  ['metrics_match_label = "a"', /target_match_label must be set when using legacy match fields/],
] as const)
  test(`refuses ${text || "no match"}`, () => {
    const { diagnostics } = tryDecodeText(component, `forward_to = []\ntargets = []\n${text}`);
    assert.match(diagnostics[0]?.message ?? "", finding);
  });
