// Run by hand: what it costs to turn 100 spans of nine tags into OTLP.

import { BinaryReader } from "../thrift/binary-reader.ts";
import { CompactReader } from "../thrift/compact-reader.ts";
import * as t from "../thrift/testing.ts";
import { spansOfV2Json } from "../zipkin/v2-json.ts";
import { otlpOfV2 } from "../zipkin/v2-to-otlp.ts";
import { JaegerThriftConverter } from "./thrift-to-otlp.ts";

const tag = (k: string, v: string) => t.struct({ 1: t.str(k), 2: t.i32(0), 3: t.str(v) });
const tags = t.list(...Array.from({ length: 9 }, (_, i) => tag(`http.attribute.${i}`, `some value of it ${i}`)));
const span = (i: number) =>
  t.struct({
    1: t.i64(i),
    2: t.i64(2),
    3: t.i64(i),
    4: t.i64(7),
    5: t.str("GET /api/v1/cart"),
    7: t.i32(1),
    8: t.i64(1700000000000000),
    9: t.i64(1000),
    10: tags,
  });
const batch = t.struct({
  1: t.struct({ 1: t.str("shop"), 2: t.list(tag("hostname", "h")) }),
  2: t.list(...Array.from({ length: 100 }, (_, i) => span(i + 1))),
});
const b = t.binary(batch),
  c = t.compact(batch);
const z = Buffer.from(
  JSON.stringify(
    Array.from({ length: 100 }, (_, i) => ({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      id: `b7ad6b716920${1000 + i}`,
      name: "GET /api/v1/cart",
      kind: "SERVER",
      timestamp: 1700000000000000,
      duration: 1000,
      localEndpoint: { serviceName: "shop", ipv4: "10.0.0.1" },
      tags: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`http.attribute.${i}`, `some value of it ${i}`])),
    })),
  ),
);
function bench(name: string, f: () => unknown) {
  for (let i = 0; i < 500; i++) f();
  const before = process.cpuUsage();
  for (let i = 0; i < 2000; i++) f();
  const u = process.cpuUsage(before);
  console.log(name, (((u.user + u.system) / 1e6 / (2000 * 100)) * 1e6).toFixed(2), "CPU-s per million spans");
}
const conv = new JaegerThriftConverter();
const br = new BinaryReader(),
  cr = new CompactReader();
bench("jaeger binary", () => conv.convert(br.reset(b)));
bench("jaeger compact", () => conv.convert(cr.reset(c)));
bench("zipkin json", () => otlpOfV2(spansOfV2Json(z), false));
