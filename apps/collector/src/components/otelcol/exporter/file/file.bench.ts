import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../component/clock.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, encodeRequest } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

/** What writing costs, in CPU seconds of the whole process for a million spans: requests of 100 spans with eight attributes, eight at a time. */
const folder = mkdtempSync(join(tmpdir(), "invar-bench-"));
const span = (i: number) => ({
  traceId: Buffer.alloc(16, i + 1),
  spanId: Buffer.alloc(8, i + 1),
  name: `GET /orders/${i}`,
  kind: 2,
  startTimeUnixNano: "1700000000000000000",
  endTimeUnixNano: "1700000000250000000",
  attributes: attributes(Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`attribute.${n}`, `value ${n} of span ${i}`]))),
});
const request = encodeRequest("traces", {
  resourceSpans: [
    {
      resource: { attributes: attributes({ "service.name": "shop" }) },
      scopeSpans: [{ spans: Array.from({ length: 100 }, (_, i) => span(i)) }],
    },
  ],
});

for (const [what, text, requests] of [
  ["proto", 'format = "proto"', 20_000],
  ["proto, zstd", 'format = "proto"\ncompression = "zstd"', 5_000],
  ["json", "", 2_000],
  ["proto, grouped", 'format = "proto"\ngroup_by {\n\tenabled = true\n\tresource_attribute = "service.name"\n}', 20_000],
] as const) {
  const context = testContext({ clock: systemClock });
  const name = what.includes("grouped") ? "x-*" : "x";
  const exporter = await component.create(context, decodeText(component, `path = "${folder}/${name}"\n${text}`));
  await exporter.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const before = process.cpuUsage();
  let left = requests;
  const send = async () => {
    while (left-- > 0) {
      const batch = new OtlpBatch({ signal: "traces", chunks: [request], items: 100 });
      await input.consume(batch);
      batch.release();
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  await exporter.stop(AbortSignal.timeout(10_000));
  const { user, system } = process.cpuUsage(before);
  const bytes = statSync(join(folder, name.replace("*", "shop"))).size;
  console.log(
    `${what}: ${((user + system) / requests / 100).toFixed(2)} CPU-s a million spans, ${Math.round(bytes / requests / 100)} bytes a span`,
  );
}
rmSync(folder, { recursive: true });
