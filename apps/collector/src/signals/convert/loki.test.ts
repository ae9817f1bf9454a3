import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LogBatch } from "../loki/log-batch.ts";
import { LogBatchBuilder } from "../loki/log-batch-builder.ts";
import { internRecord } from "../loki/stream-labels.ts";
import { OtlpBatch } from "../otlp/batch.ts";
import { anyValue, attributes, decodeRequest, encodeRequest, type Plain, type PlainValue, plainAttributes } from "../otlp/testing.ts";
import { walk } from "../otlp/walk.ts";
import { lokiLabel } from "./label-names.ts";
import { LinesToOtlp } from "./lines-to-otlp.ts";
import { OtlpToLines } from "./otlp-to-lines.ts";

const converter = new OtlpToLines();

function batchOf(record: Plain, resource: Record<string, PlainValue> = {}, scope: Plain = {}): OtlpBatch {
  const bytes = encodeRequest("logs", {
    resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ scope, logRecords: [record] }] }],
  });
  return new OtlpBatch({ signal: "logs", chunks: [bytes], items: 1 });
}

function linesOf(batch: LogBatch | undefined): string[] {
  return Array.from({ length: batch?.rows ?? 0 }, (_, row) => {
    const text = Buffer.from(batch?.text ?? []).toString("utf8", batch?.start[row], batch?.end[row]);
    return `${batch?.streams[batch.stream[row] as number]?.text} ${text}`;
  });
}

/** `{labels} line`, or `failed`. */
function line(record: Plain, resource: Record<string, PlainValue> = {}, scope: Plain = {}): string {
  const [text = "failed"] = linesOf(converter.convert(batchOf(record, resource, scope), 5));
  assert.equal(converter.failed, text === "failed" ? 1 : 0);
  return text;
}

const own = (values: Record<string, PlainValue>, more: Plain = {}): Plain => ({ attributes: attributes(values), ...more });

test("writes all that a record has as JSON, as Go does", () => {
  const values = { "http.status": 200, b: "<&>\u2028", a: [1, true, { z: 1, a: 0.5 }], raw: new Uint8Array([1, 2]) };
  const ids = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) };
  const record = own(values, { body: anyValue('a "line"\n'), severityText: "warn", flags: 1, ...ids });
  const scope = { name: "lib", version: "1", attributes: attributes({ s: 1 }) };
  const expected = [
    `{"body":"a \\"line\\"\\n","traceid":"${"01".repeat(16)}","spanid":"0202020202020202","severity":"warn","flags":1,`,
    '"attributes":{"a":[1,true,{"a":0.5,"z":1}],"b":"\\u003c\\u0026\\u003e\\u2028","http.status":200,"raw":"AQI="},',
    '"resources":{"host.name":"h"},"instrumentation_scope":{"name":"lib","version":"1","attributes":{"s":1}}}',
  ];
  assert.equal(line(record, { "host.name": "h" }, scope), `{exporter="OTLP"} ${expected.join("")}`);
  assert.equal(line({}), '{exporter="OTLP"} {}');
  assert.equal(line({ body: {} }), '{exporter="OTLP"} {}');
  assert.equal(line({ body: anyValue("") }), '{exporter="OTLP"} {"body":""}');
  assert.equal(line(own({ x: Number.NaN })), "failed");
});

test("names job and instance after the service", () => {
  const service = { "service.name": "shop", "service.instance.id": "i" };
  assert.equal(
    line({}, service),
    '{exporter="OTLP", instance="i", job="shop"} {"resources":{"service.instance.id":"i","service.name":"shop"}}',
  );
  assert.match(line({}, { ...service, "service.namespace": "eu" }), /job="eu\/shop"/);
});

// "hints and attributes -> labels beside exporter | line"
const hintCases: readonly (readonly [Record<string, PlainValue>, Record<string, PlainValue>, string])[] = [
  [{ "loki.attribute.labels": "a.b, c", "a.b": 1, c: "x", d: "y" }, {}, 'a_b="1", c="x" {"attributes":{"d":"y"}}'],
  [{ "loki.attribute.labels": ["a", "missing"], a: true }, {}, 'a="true" {}'],
  [{ "loki.attribute.labels": "a.b.c", a: { "b.c": "deep", e: 1 } }, {}, 'a_b_c="deep" {"attributes":{"a":{"b.c":"deep","e":1}}}'],
  [{ "loki.resource.labels": "r" }, { r: "1", s: "2" }, 'r="1" {"resources":{"s":"2"}}'],
  [{}, { "loki.resource.labels": "r,s", r: "1" }, 'r="1" {}'],
  [{ "loki.tenant": "t", t: "x" }, {}, ' {"attributes":{"t":"x"}}'],
  [{ "loki.attribute.labels": "2 cents", "2 cents": "x" }, {}, 'key_2_cents="x" {}'],
  [{ "loki.attribute.labels": "job", job: "own" }, { "service.name": "s" }, 'job="own" {"resources":{"service.name":"s"}}'],
];
for (const [values, resource, expected] of hintCases)
  test(`makes labels of ${JSON.stringify(values)} ${JSON.stringify(resource)}`, () => {
    const [labels = "", text = ""] = /^\{(.*?)\} (.*)$/s.exec(line(own(values), resource))?.slice(1) ?? [];
    const others = labels.split(", ").filter((label) => !label.startsWith("exporter="));
    assert.equal(`${others.join(", ")} ${text}`, expected);
  });

test("makes the level a label: of the attribute, else of the severity", () => {
  assert.equal(line({ severityNumber: 8 }), '{exporter="OTLP", level="DEBUG4"} {}');
  assert.equal(line(own({ level: "own" }, { severityNumber: 9 })), '{exporter="OTLP", level="own"} {}');
  assert.equal(line(own({ level: "own" })), '{exporter="OTLP"} {"attributes":{"level":"own"}}');
  assert.equal(line(own({ "loki.attribute.labels": "a", a: "b" }, { severityNumber: 17 })), '{a="b", exporter="OTLP", level="ERROR"} {}');
  assert.equal(line(own({ "loki.attribute.labels": 1 }, { severityNumber: 17 })), '{exporter="OTLP"} {"attributes":{"level":"ERROR"}}');
  assert.equal(line({ severityNumber: 25 }), '{exporter="OTLP"} {}');
});

// "body and the rest -> line"
const logfmtCases: readonly (readonly [PlainValue | undefined, Plain, string])[] = [
  ['a=1 b="x y"', {}, 'a=1 b="x y"'],
  ["a plain text", {}, "a= plain= text="],
  ['not "logfmt', {}, 'msg="not \\"logfmt"'],
  ["a=1\nb=2", {}, 'msg="a=1\\nb=2"'],
  ["null", {}, "null="],
  ["traceID=x", { traceId: Buffer.alloc(16, 1) }, `traceID=x traceID=${"01".repeat(16)}`],
  [
    { traceID: "x", n: { m: 1.5 } },
    { traceId: Buffer.alloc(16, 1), severityText: "a b", flags: 2 },
    `traceID=${"01".repeat(16)} n_m=1.5 severity="a b" flags=2`,
  ],
  [["x", 2], {}, "body_0=x body_1=2"],
  [1e6, {}, "msg=1e+06"],
  [{ s: "null", "a b": "\u0001" }, {}, 's="null" ab="\\u0001"'],
  [{ " ": "x" }, {}, "failed"],
  [
    undefined,
    { severityNumber: 1 },
    "attribute_k=v resource_r=1 instrumentation_scope_name=lib instrumentation_scope_version=1 instrumentation_scope_attribute_s=t",
  ],
];
for (const [body, more, expected] of logfmtCases)
  test(`writes logfmt of ${JSON.stringify(body)}`, () => {
    const isFull = body === undefined;
    const record = own(isFull ? { "loki.format": "logfmt", k: "v" } : { "loki.format": "logfmt" }, {
      ...more,
      ...(isFull ? {} : { body: typeof body === "number" ? { doubleValue: body } : anyValue(body) }),
    });
    const scope = isFull ? { name: "lib", version: "1", attributes: attributes({ s: "t" }) } : {};
    assert.equal(line(record, isFull ? { r: 1 } : {}, scope).replace(/^\{.*?\} /, ""), expected);
  });

test("writes the body alone where asked, and refuses other formats", () => {
  assert.equal(line(own({ "loki.format": "raw", a: 1 }, { body: anyValue({ b: 1 }) })), '{exporter="OTLP"} {"b":1}');
  assert.equal(line({ body: anyValue("x") }, { "loki.format": "raw" }), '{exporter="OTLP"} x');
  assert.equal(line(own({ "loki.format": "xml" })), "failed");
});

test("refuses labels that can't be named", () => assert.equal(line(own({ "loki.attribute.labels": "...", "...": "x" })), "failed"));

for (const [key, label] of [
  ["host.name", "host_name"],
  ["name (of the host)", "name_of_the_host_"],
  ["_name", "_name"],
  ["2 cents", "key_2_cents"],
  ["__meta.x__", "__meta_x__"],
  ["___", undefined],
  ["größe", "gr_e"],
] as const)
  test(`names the label ${key}`, () => assert.equal(lokiLabel(key), label));

test("takes the time of the record, else when it was observed, else now", () => {
  const time = (record: Plain) => {
    const batch = converter.convert(batchOf(record), 5);
    return `${batch?.seconds[0]}.${batch?.nanos[0]}`;
  };
  assert.equal(time({ timeUnixNano: "1700000000000000001", observedTimeUnixNano: "1" }), "1700000000.1");
  assert.equal(time({ observedTimeUnixNano: "1700000000000000002" }), "1700000000.2");
  assert.equal(time({}), "0.5000000");
});

function recordsOf(batch: OtlpBatch): Plain[] {
  assert.equal(walk("logs", batch.chunks[0] as Uint8Array).items, batch.items);
  const [resource] = decodeRequest("logs", batch.chunks).resourceLogs as [{ scopeLogs: [{ logRecords: Plain[] }] }];
  return resource.scopeLogs[0].logRecords;
}

test("makes log records of lines, with labels, their hint and structured metadata as attributes", () => {
  const builder = new LogBatchBuilder();
  builder.add(internRecord({ filename: "/var/log/app.log", app: "x" }), 1_700_000_000, 7, "a line", [
    ["trace", "1"],
    ["app", "over"],
  ]);
  builder.add(internRecord({}), 1, 0, "plain");
  const [first, second] = recordsOf(new LinesToOtlp().convert(builder.build({ createdMs: 0 }), 1_700_000_001_000));
  assert.deepEqual(plainAttributes(first?.attributes), {
    "log.file.path": "/var/log/app.log",
    "log.file.name": "app.log",
    "loki.attribute.labels": "app,filename",
    app: "over",
    filename: "/var/log/app.log",
    trace: "1",
  });
  assert.deepEqual(first?.body, { stringValue: "a line" });
  assert.deepEqual([String(first?.timeUnixNano), String(first?.observedTimeUnixNano)], ["1700000000000000007", "1700000001000000000"]);
  assert.deepEqual(second?.attributes, undefined);
});

test("replaces what is no UTF-8", () => {
  const builder = new LogBatchBuilder();
  builder.addBytes(internRecord({ a: "b" }), 1, 0, Buffer.from([0x61, 0xff, 0x62]), 0, 3);
  const [record] = recordsOf(new LinesToOtlp().convert(builder.build({ createdMs: 0 }), 0));
  assert.deepEqual(record?.body, { stringValue: "a\ufffdb" });
});

test("brings labels, times and lines back through OTLP", () => {
  const label = fc.stringMatching(/^[a-z][a-z_]{0,6}[a-z]$/).filter((name) => name !== "exporter" && !name.includes("__"));
  const labels = fc.dictionary(label, fc.string({ minLength: 1, unit: "grapheme" }), { maxKeys: 4 });
  const row = fc.tuple(labels, fc.nat(2_000_000_000), fc.nat(999_999_999), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const builder = new LogBatchBuilder();
      for (const [record, seconds, nanos, text] of rows) builder.add(internRecord(record), seconds + 1, nanos, text);
      const otlp = new LinesToOtlp().convert(builder.build({ createdMs: 0 }), 0);
      const back = new OtlpToLines().convert(otlp, 0);
      assert.equal(back?.rows, rows.length);
      for (const [i, [record, seconds, nanos, text]] of rows.entries()) {
        const { exporter, ...labels }: Record<string, string> = back?.streams[back.stream[i] as number]?.record() ?? {};
        assert.deepEqual([labels, exporter], [{ ...record }, "OTLP"]);
        assert.deepEqual([back?.seconds[i], back?.nanos[i]], [seconds + 1, nanos]);
        const found = JSON.parse(Buffer.from(back?.text ?? []).toString("utf8", back?.start[i], back?.end[i])) as Plain;
        assert.equal(found.body, text.toWellFormed());
      }
    }),
    { numRuns: 50 },
  );
});
