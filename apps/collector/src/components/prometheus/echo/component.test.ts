import assert from "node:assert/strict";
import test from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { sortedLabels, writeLabels } from "../../../signals/prometheus/label-encoding.ts";
import { emptyHistogram, writeHistogram } from "../../../signals/prometheus/native-histogram.ts";
import { type SampleBatch, SampleBatchBuilder } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { component } from "./component.ts";

function series(labels: Record<string, string>): number {
  return processSeries.internLabels(sortedLabels(Object.entries(labels)));
}

async function echoed(args: string): Promise<string> {
  const context = testContext();
  await component.create(context, decodeText(component, args));
  const builder = new SampleBatchBuilder(processSeries, 8);
  const total = series({ __name__: "requests_total", path: 'a"b\\c\n' });
  builder.add(series({ __name__: "up" }), 2000, 1);
  builder.add(total, 2500, 1234567);
  builder.addStale(series({ __name__: "gone" }), 0);
  const message = new ProtobufWriter(64);
  writeHistogram(message, { ...emptyHistogram(), count: 3, sum: 4.5 });
  builder.addHistogram(series({ __name__: "h" }), 0, message.bytes, 0, message.length);
  const labels = new ProtobufWriter(64);
  writeLabels(labels, sortedLabels([["trace_id", "t"]]));
  builder.addExemplar(total, 1000, 0.5, labels.bytes, 0, labels.length);
  builder.addMetadata(total, { family: "requests", type: "counter", help: "All\nof them.", unit: "" });
  const batch = builder.build();
  await (context.exports.receiver as Capsule<Consumer<SampleBatch>>).value.consume(batch);
  batch.release();
  const line = context.logged[0] ?? assert.fail("nothing was logged");
  assert.equal(line.message, "received metrics");
  return (line.fields as { metrics: string }).metrics;
}

test("metrics are logged as classic text", async () => {
  assert.deepEqual((await echoed("")).split("\n"), [
    "# TYPE gone untyped",
    "gone NaN",
    "# TYPE h untyped",
    "h_sum 4.5",
    "h_count 3",
    "# HELP requests_total All\\nof them.",
    "# TYPE requests_total counter",
    'requests_total{path="a\\"b\\\\c\\n"} 1234567 2500',
    "# TYPE up untyped",
    "up 1 2000",
    "",
  ]);
});

test("metrics are logged as OpenMetrics", async () => {
  assert.deepEqual((await echoed('format = "openmetrics"')).split("\n"), [
    "# TYPE gone unknown",
    "gone NaN",
    "# TYPE h unknown",
    "h_sum 4.5",
    "h_count 3.0",
    "# HELP requests_total All\\nof them.",
    "# TYPE requests_total counter",
    'requests_total{path="a\\"b\\\\c\\n"} 1.234567e+06 2.5 # {trace_id="t"} 0.5 1',
    "# TYPE up unknown",
    "up 1.0 2",
    "# EOF",
    "",
  ]);
});
