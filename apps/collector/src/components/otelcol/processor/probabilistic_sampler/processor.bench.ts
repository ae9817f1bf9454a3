// node processor.bench.ts: CPU seconds a million spans, of which a tenth is kept.
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { encodeRequest, typicalSpans } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const sink: OtelConsumer = { consume: async () => {}, pressure: () => undefined };
for (const mode of ["hash_seed", "proportional"]) {
  const context = testContext();
  const text = `sampling_percentage = 10\nmode = "${mode}"\noutput {\ntraces = [sink]\n}`;
  await component.create(context, decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) }));
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const batch = new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", typicalSpans(100))], items: 100 });
  for (let i = 0; i < 500; i++) await input.consume(batch);
  const before = process.cpuUsage();
  for (let i = 0; i < 2000; i++) await input.consume(batch);
  const used = process.cpuUsage(before);
  console.log(`${mode}: ${((used.user + used.system) / 1e6 / 0.2).toFixed(2)} CPU-s a million spans`);
}
