// node connector.bench.ts: CPU seconds a million spans into 10,000 series, a flush every 100,000 spans included, and the heap before and after.
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, encodeRequest, typicalSpans } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const SERIES = 10_000;
const sink: OtelConsumer = { consume: async () => {}, pressure: () => undefined };
const chunks = Array.from({ length: SERIES / 100 }, (_, c) => {
  const content = typicalSpans(100) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
  const spans = content.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  spans.forEach((span, i) => {
    span.name = `GET /api/v1/route-${c * 100 + i}`;
    (span.attributes as unknown[]).push(...attributes({ "http.method": "GET" }));
  });
  return new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", content)], items: 100 });
});
for (const [name, inside] of [
  ["explicit", "histogram {\nexplicit { }\n}"],
  ["exponential", "histogram {\nexponential { }\n}"],
  [
    "explicit, two dimensions, exemplars",
    'histogram {\nexplicit { }\n}\ndimension {\nname = "http.method"\n}\ndimension {\nname = "http.route"\n}\nexemplars {\nenabled = true\n}',
  ],
] as const) {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const connector = await component.create(
    context,
    decodeText(component, `${inside}\noutput {\nmetrics = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) }),
  );
  await connector.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const round = async (rounds: number) => {
    for (let r = 0; r < rounds; r++) {
      for (const batch of chunks) await input.consume(batch);
      if (r % 10 === 9) await clock.advance(60_000);
    }
  };
  await round(10);
  const before = process.memoryUsage().heapUsed;
  const start = process.cpuUsage();
  await round(50);
  const used = process.cpuUsage(start);
  const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  console.log(`${name}: ${((used.user + used.system) / 1e6 / 0.5).toFixed(2)} CPU-s a million spans, heap ${grown.toFixed(0)} MiB more`);
  await connector.stop(AbortSignal.abort());
}
