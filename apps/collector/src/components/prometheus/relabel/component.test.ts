import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { FakeClock } from "../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Rules } from "../../../relabel/rules.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { sortedLabels } from "../../../signals/prometheus/label-encoding.ts";
import { type SampleBatch, SampleBatchBuilder } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { component } from "./component.ts";

async function relabelling(t: TestContext, text: string) {
  const got: string[] = [];
  const sink: Consumer<SampleBatch> & { refusal?: DeliveryError } = {
    async consume(batch) {
      if (sink.refusal !== undefined) throw sink.refusal;
      for (let row = 0; row < batch.count; row++) got.push(`${batch.table.textOf(batch.series[row] ?? 0)} ${batch.values[row]}`);
    },
    pressure: () => sink.refusal,
  };
  const clock = new FakeClock();
  const context = testContext({ clock });
  const decode = (inside: string) =>
    decodeText(component, `forward_to = [sink]\n${inside}`, { sink: capsuleOf("storage.Appendable", sink) });
  const running = await component.create(context, decode(text));
  t.after(() => running.stop(AbortSignal.abort()));
  // As a scrape's cache does: series stay known between batches.
  const kept = new Map<string, number>();
  t.after(() => {
    for (const series of kept.values()) processSeries.release(series);
  });
  const seriesOf = (name: string) => {
    const series = processSeries.internLabels(sortedLabels([["__name__", name]]));
    if (!kept.has(name)) processSeries.retain(series);
    kept.set(name, series);
    return series;
  };
  const receiver = (context.exports.receiver as Capsule<Consumer<SampleBatch>>).value;
  return {
    got,
    sink,
    clock,
    context,
    receiver,
    running,
    update: (inside: string) => running.update(decode(inside)),
    async send(...names: string[]): Promise<void> {
      const builder = new SampleBatchBuilder(processSeries, 8);
      for (const name of names) builder.add(seriesOf(name), 1, 1);
      const batch = builder.build();
      try {
        await receiver.consume(batch);
      } finally {
        batch.release();
      }
    },
  };
}

const addX = 'rule {\n target_label = "x"\n replacement = "1"\n}\n';
const dropB = 'rule {\n source_labels = ["__name__"]\n regex = "b"\n action = "drop"\n}\n';

test("samples are relabelled, dropped, forwarded and counted", async (t) => {
  const { send, got, context } = await relabelling(t, addX + dropB);
  await send("a", "b");
  await send("a", "b");
  assert.deepEqual(got, ['{__name__="a", x="1"} 1', '{__name__="a", x="1"} 1']);
  const counted = ["metrics_processed", "metrics_written", "cache_misses", "cache_hits", "cache_size"].map((name) =>
    context.metric(`alloy_prometheus_relabel_${name}`),
  );
  assert.deepEqual(counted, [4, 2, 2, 2, 2]);
  assert.equal(context.metric("prometheus_forwarded_samples_total"), 2);
});

test("a batch of which nothing is left goes nowhere", async (t) => {
  const { send, got, sink } = await relabelling(t, dropB);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send("b");
  assert.deepEqual(got, []);
});

test("the rules are there for others, and new ones when they change", async (t) => {
  const { context, update, send, got } = await relabelling(t, addX);
  const before = context.exports.rules as Capsule<Rules>;
  assert.equal(before.type, "relabel.Rules");
  await update(addX);
  assert.equal(context.exports.rules, before);
  await update(dropB);
  assert.equal((context.exports.rules as Capsule<Rules>).value.source[0]?.action, "drop");
  await send("a");
  assert.deepEqual(got, ['{__name__="a"} 1']);
});

test("the receiver stays the same object through updates", async (t) => {
  const { context, update } = await relabelling(t, addX);
  const before = (context.exports.receiver as Capsule).value;
  await update(dropB);
  assert.equal((context.exports.receiver as Capsule).value, before);
});

test("a refusal goes back to who sent", async (t) => {
  const { sink, send, receiver } = await relabelling(t, addX);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(receiver.pressure()?.reason, "queue_full");
  await assert.rejects(send("a"), /full/);
});

test("results that were not used for cache_ttl are forgotten", async (t) => {
  const { send, clock, context } = await relabelling(t, `${addX}max_cache_size = 0\ncache_ttl = "1m"`);
  await send("a", "b");
  for (let i = 0; i < 6; i++) {
    await clock.advance(15_000);
    await send("a");
  }
  assert.equal(context.metric("alloy_prometheus_relabel_cache_size"), 1);
  assert.equal(context.metric("alloy_prometheus_relabel_cache_ttl_evictions"), 1);
});

test("above max_cache_size the unused results are forgotten, those in use stay", async (t) => {
  const { send, clock, context } = await relabelling(t, `${addX}max_cache_size = 1`);
  await send("a", "b", "c");
  for (let i = 0; i < 4; i++) {
    await clock.advance(300_000);
    await send("a", "b");
  }
  assert.equal(context.metric("alloy_prometheus_relabel_cache_size"), 2);
});

test("after it has stopped nothing is taken", async (t) => {
  const { running, send } = await relabelling(t, addX);
  await running.stop(AbortSignal.abort());
  await assert.rejects(send("a"), /has exited/);
});

const refused: [text: string, finding: string][] = [
  ["max_cache_size = -1", "max_cache_size must be >= 0; got -1"],
  ["max_cache_size = 0", "one of max_cache_size or cache_ttl must be set"],
  [
    'cache_ttl = "5m"',
    "max_cache_size and cache_ttl are mutually exclusive: set max_cache_size = 0 to use cache_ttl, or unset cache_ttl to keep the bounded LRU cache",
  ],
  ['max_cache_size = 0\ncache_ttl = "30s"', "cache_ttl must be at least 1m0s when set; got 30s"],
  ['rule {\n regex = "("\n}', "error parsing regexp: missing closing ): `^(?s:()$`"],
  ["rule {}", "relabel configuration for replace action requires 'target_label' value"],
];

for (const [text, finding] of refused)
  test(`refuses ${JSON.stringify(text)}`, () => {
    const { diagnostics } = tryDecodeText(component, `forward_to = []\n${text}`);
    const messages = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    assert.ok(messages.includes(finding), messages.join("; "));
  });
