// node --expose-gc processor.bench.ts: CPU seconds a million spans with 50,000 traces in flight, ten spans each in five batches, and the memory they take.
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { encodeRequest, typicalSpans } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const TRACES = 50_000;
const SPANS = 10;
const sink: OtelConsumer = { consume: async () => {}, pressure: () => undefined };
const clock = new FakeClock();
const context = testContext({ clock, budgetBytes: 2 ** 31 });
const text = `decision_wait = "10s"
num_traces = ${TRACES * 2}
policy {
name = "errors"
type = "status_code"
status_code {
status_codes = ["ERROR"]
}
}
policy {
name = "slow"
type = "latency"
latency {
threshold_ms = 5000
}
}
policy {
name = "some"
type = "probabilistic"
probabilistic {
sampling_percentage = 10
}
}
output {
traces = [sink]
}`;
const processor = await component.create(context, decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) }));
await processor.start();
const input = (context.exports.input as { value: OtelConsumer }).value;

const chunk = encodeRequest("traces", typicalSpans(100));
/** Where the trace ids lie in the chunk. */
const places: number[] = [];
for (let i = 1; i <= 100; i++) places.push(Buffer.from(chunk).indexOf(Buffer.alloc(16, i)));

/** Spans of all traces, two of each in every batch of 100. */
async function wave(first: number): Promise<void> {
  for (let trace = first; trace < first + TRACES; trace += 50) {
    const copy = Buffer.from(chunk);
    places.forEach((at, i) => {
      copy.writeUInt32BE(trace + (i >> 1), at + 12);
    });
    await input.consume(new OtlpBatch({ signal: "traces", chunks: [copy], items: 100 }));
  }
}

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
globalThis.gc?.();
const before = process.memoryUsage();
for (let round = 0; round < 3; round++) {
  const start = process.cpuUsage();
  for (let i = 0; i < SPANS / 2; i++) {
    await wave(round * TRACES);
    await clock.advance(1000);
  }
  globalThis.gc?.();
  const held = process.memoryUsage();
  await clock.advance(12_000);
  const used = process.cpuUsage(start);
  console.log(`${((used.user + used.system) / 1e6 / ((TRACES * SPANS) / 1e6)).toFixed(2)} CPU-s a million spans`);
  console.log(
    `in flight: ${mib(held.heapUsed - before.heapUsed)} MiB heap, ${mib(held.external - before.external)} MiB outside, RSS ${mib(held.rss)} MiB; ${mib((TRACES * SPANS * chunk.length) / 100)} MiB of requests`,
  );
}
await processor.stop(AbortSignal.abort());
