import protobuf from "protobufjs";
import * as t from "../../../apps/collector/src/signals/thrift/testing.ts";

// Requests of other formats as their clients might send them, and as no client should.

export type Format =
  | "zipkin v1 json"
  | "zipkin v1 thrift"
  | "zipkin v2 json"
  | "zipkin v2 proto"
  | "jaeger thrift binary"
  | "jaeger thrift compact"
  | "jaeger proto";

export interface Case {
  readonly name: string;
  readonly format: Format;
  readonly parse: boolean;
  readonly body: Buffer;
}

const cases: Case[] = [];

function add(format: Format, name: string, body: Buffer, parse = false): void {
  cases.push({ name: `${format}: ${name}${parse ? ", parsing tags" : ""}`, format, parse, body });
}

// Version 2 of Zipkin in JSON: each case is what a span has beyond its ids.

const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", id: "b7ad6b7169203331" };
const v2 = (name: string, ...spans: object[]) =>
  add("zipkin v2 json", name, Buffer.from(JSON.stringify(spans.map((span, i) => ({ ...ids, id: `b7ad6b716920333${i + 1}`, ...span })))));
const v2Tags = (name: string, tags: Record<string, string>) => {
  const body = Buffer.from(JSON.stringify([{ ...ids, localEndpoint: { serviceName: "shop" }, tags }]));
  add("zipkin v2 json", name, body);
  add("zipkin v2 json", name, body, true);
};
const v2Text = (name: string, text: string) => add("zipkin v2 json", name, Buffer.from(text));

v2("ids alone", {});
v2("a usual span", {
  parentId: "00f067aa0ba902b7",
  name: "get /",
  kind: "SERVER",
  timestamp: 1700000000123456,
  duration: 207000,
  localEndpoint: { serviceName: "shop", ipv4: "10.1.2.3", port: 8080 },
  remoteEndpoint: { serviceName: "front", ipv6: "2001:db8:0:0:1::1", port: 51234 },
  annotations: [{ timestamp: 1700000000123999, value: "started" }],
  tags: { "http.method": "GET", "http.status_code": "200" },
});
for (const kind of ["CLIENT", "SERVER", "PRODUCER", "CONSUMER", "client", "OTHER"]) v2(`kind ${kind}`, { kind });
v2("kind internal by its tag", { tags: { "span.kind": "internal" } });
v2("kind by a tag of another word", { tags: { "span.kind": "server" } });
v2("a kind and its tag", { kind: "CLIENT", tags: { "span.kind": "internal" } });
v2("a parent that is the span itself", { parentId: "b7ad6b7169203331" });
v2("an empty parent", { parentId: "" });
v2("a short trace id", { traceId: "1234" });
v2("a trace id with leading zeros", { traceId: "00000000000000000af7651916cd43dd8448eb211c80319c" });
v2("no trace id", { traceId: undefined });
v2("an empty trace id", { traceId: "" });
v2("a trace id that is no number", { traceId: "xyz" });
v2("a zero id", { id: "0000000000000000" });
v2("an id that is too long", { id: "1234567890abcdef12" });
v2("a duration without a start", { duration: 5 });
v2("a start of zero", { timestamp: 0, duration: 3 });
v2("a negative start", { timestamp: -1 });
v2("a start in fractions", { timestamp: 1.5 });
v2("a name that is no text", { name: 5 });
v2("nulls", { name: null, kind: null, tags: null, annotations: null, localEndpoint: null, parentId: null, timestamp: null });
v2("an annotation without a time", { annotations: [{ value: "x" }] });
v2("members that nobody knows", { shared: true, debug: true, weather: { sunny: [1, 2] } });
v2("an empty endpoint", { localEndpoint: {}, remoteEndpoint: {} });
v2("both addresses", { localEndpoint: { ipv4: "127.0.0.1", ipv6: "::1" }, remoteEndpoint: { ipv4: "1.2.3.4", ipv6: "fe80::A" } });
v2("an address of version 4 in version 6", { localEndpoint: { ipv6: "::ffff:10.0.0.1" } });
v2("an address of version 6 in the place of 4", { localEndpoint: { ipv4: "2001:DB8::" } });
v2("an address that is none", { localEndpoint: { ipv4: "10.0.0" } });
v2("an empty address", { localEndpoint: { serviceName: "a", ipv4: "" } });
v2("a port that is too large", { localEndpoint: { port: 65536 } });
v2("an address without a service", { localEndpoint: { ipv4: "10.0.0.1", port: 1 }, tags: { "k8s.pod.name": "p", a: "b" } });
v2(
  "services apart",
  { localEndpoint: { serviceName: "b" } },
  { localEndpoint: { serviceName: "a" } },
  { localEndpoint: { serviceName: "b" } },
);
v2(
  "scopes apart",
  { tags: { "otel.scope.name": "s", "otel.scope.version": "1" } },
  { tags: { "otel.library.name": "l", "otel.library.version": "2" } },
  {},
);
v2("both names of a scope", {
  tags: { "otel.scope.name": "s", "otel.library.name": "l", "otel.scope.version": "1", "otel.library.version": "2" },
});
v2("a version without a scope", { tags: { "otel.scope.version": "1" } });
v2Tags("tags of a resource", {
  "k8s.pod.name": "p",
  "host.name": "h",
  "service.version": "3",
  "faas.id": "f",
  "telemetry.sdk.name": "x",
  "container.runtime": "r",
  plain: "1",
});
v2Tags(
  "every tag of a resource",
  Object.fromEntries(
    "cloud.provider cloud.account.id aws.log.group.names container.image.tag deployment.environment device.model.name faas.max_memory host.image.version k8s.container.restart_count k8s.cronjob.uid os.version process.command_args process.runtime.description service.instance.id telemetry.auto.version webengine.description opencensus.starttime opencensus.exporterversion opencensus.resourcetype"
      .split(" ")
      .map((key) => [key, "v"]),
  ),
);
v2Tags("the source of the service's name", { "otlp.service.name.source": "my.name" });
v2Tags("an empty source of the service's name", { "otlp.service.name.source": "", x: "" });
v2Tags("numbers", {
  a: "1",
  b: "-12",
  c: "1.5",
  d: "-0.25",
  e: "1e5",
  f: "007",
  g: ".5",
  h: "1.",
  i: "+1",
  j: "99999999999999999999",
  k: "-99999999999999999999",
  l: "1 ",
  m: "",
});
v2Tags("booleans and others", { a: "true", b: "false", c: "TRUE", d: '{"x":1}', e: "[1,2]", f: "null", "http.status_code": "404" });
v2Tags("a line break behind a number", { a: "1\n" });
v2Tags("the state of a trace", { "w3c.tracestate": "a=1,b=2" });
for (const code of ["STATUS_CODE_ERROR", "STATUS_CODE_OK", "STATUS_CODE_UNSET", "Ok", "Error", "Unset", "ERROR", "7"])
  v2Tags(`status ${code}`, { "otel.status_code": code, "otel.status_description": "why" });
v2Tags("a description alone", { "otel.status_description": "why" });
for (const error of ["true", "false", "", "boom"]) v2Tags(`error "${error}"`, { error });
v2Tags("error and status", { error: "x", "otel.status_code": "Ok", "otel.status_description": "fine" });
const link = '0af7651916cd43dd8448eb211c80319c|b7ad6b7169203331|s=1|{"a":"x","b":1,"c":1.5,"d":true,"e":null,"f":[1]}|3';
v2Tags("a link", { "otlp.link.0": link, "otlp.link.1": link.replace('"x"', '"p|q"') });
v2Tags("links with a gap", { "otlp.link.0": link, "otlp.link.2": link });
v2Tags("a link of few parts", { "otlp.link.0": "a|b" });
v2Tags("a link with empty ids", { "otlp.link.0": "|||{}|0" });
v2Tags("a link with short ids", { "otlp.link.0": "12|34||{}|0" });
v2Tags("a link with ids that are none", { "otlp.link.0": `${"z".repeat(32)}|b7ad6b7169203331||{}|0` });
v2Tags("a link with broken attributes", { "otlp.link.0": link.replace("{", "") });
v2Tags("a link with a list of attributes", { "otlp.link.0": "0af7651916cd43dd8448eb211c80319c|b7ad6b7169203331||[]|0" });
v2Tags("a link with attributes of null", { "otlp.link.0": "0af7651916cd43dd8448eb211c80319c|b7ad6b7169203331||null|0" });
v2Tags("a link with a count that is none", { "otlp.link.0": link.replace("|3", "|x") });
const event = (value: string) => ({ annotations: [{ timestamp: 1700000000000001, value }] });
v2("an event with attributes", event('name|{"a":"b|c","n":-2}|1'));
v2("an event of two parts", event("name|x"));
v2("an event with broken attributes", event("name|x|1"));
v2("an event with a count that is too large", event("name|{}|4294967296"));
v2Text("nothing", "");
v2Text("an empty list", "[]");
v2Text("null", "null");
v2Text("nulls in the list", `[null, ${JSON.stringify(ids)}]`);
v2Text("an object", JSON.stringify(ids));
v2Text("half a list", `[${JSON.stringify(ids)},`);
v2Text("spans that are texts", '["a"]');
v2Text("a large number", `[${JSON.stringify({ ...ids, duration: 1e300 })}]`);

// Version 2 in protobuf.

const zipkin = protobuf.parse(
  `syntax = "proto3";
  message Endpoint { string service_name = 1; bytes ipv4 = 2; bytes ipv6 = 3; int32 port = 4; }
  message Annotation { fixed64 timestamp = 1; string value = 2; }
  message Span { bytes trace_id = 1; bytes parent_id = 2; bytes id = 3; int32 kind = 4; string name = 5; fixed64 timestamp = 6; uint64 duration = 7;
    Endpoint local_endpoint = 8; Endpoint remote_endpoint = 9; repeated Annotation annotations = 10; map<string, string> tags = 11; bool debug = 12; bool shared = 13; }
  message ListOfSpans { repeated Span spans = 1; }`,
  { keepCase: true },
).root;
const trace = Buffer.from(ids.traceId, "hex");
const v2Proto = (name: string, span: object) => {
  const type = zipkin.lookupType("ListOfSpans");
  add(
    "zipkin v2 proto",
    name,
    Buffer.from(type.encode(type.fromObject({ spans: [{ trace_id: trace, id: Buffer.alloc(8, 7), ...span }] })).finish()),
  );
};
v2Proto("ids alone", {});
v2Proto("a usual span", {
  parent_id: Buffer.alloc(8, 9),
  kind: 1,
  name: "get",
  timestamp: 1700000000123456,
  duration: 77,
  local_endpoint: { service_name: "shop", ipv4: Buffer.from([10, 0, 0, 1]), port: 80 },
  remote_endpoint: { service_name: "db", ipv6: Buffer.from("20010db8000000000000000000000001", "hex"), port: 70000 },
  annotations: [{ timestamp: 1700000000123457, value: "x" }],
  tags: { error: "", a: "1" },
});
for (const kind of [2, 3, 4, 5]) v2Proto(`kind ${kind}`, { kind });
v2Proto("a short trace id", { trace_id: Buffer.alloc(8, 1) });
v2Proto("a short id", { id: Buffer.alloc(4, 1) });
v2Proto("no id", { id: Buffer.alloc(0) });
v2Proto("a short parent", { parent_id: Buffer.alloc(4, 1) });
v2Proto("an address of no length", { local_endpoint: { service_name: "a", ipv4: Buffer.from([1, 2, 3]) } });
v2Proto("a mapped address", { local_endpoint: { ipv6: Buffer.from("00000000000000000000ffff01020304", "hex") } });
add("zipkin v2 proto", "half a message", Buffer.from([0x0a, 0x20, 1]));
add("zipkin v2 proto", "nothing", Buffer.alloc(0));

// Version 1.

const v1 = (name: string, ...spans: object[]) => {
  const body = Buffer.from(JSON.stringify(spans.map((span) => ({ ...ids, ...span }))));
  add("zipkin v1 json", name, body);
  add("zipkin v1 json", name, body, true);
};
const host = { serviceName: "shop", ipv4: "10.0.0.1", port: 80 };
v1("ids alone", {});
v1("a usual span", {
  parentId: "00f067aa0ba902b7",
  name: "get",
  timestamp: 1700000000000001,
  duration: 5,
  annotations: [
    { timestamp: 1700000000000000, value: "sr", endpoint: host },
    { timestamp: 1700000000000009, value: "ss", endpoint: host },
    { timestamp: 1700000000000004, value: "halfway", endpoint: host },
  ],
  binaryAnnotations: [
    { key: "http.status_code", value: "500", endpoint: host },
    { key: "lc", value: "jdbc" },
    { key: "n", value: "2.5" },
  ],
});
for (const value of ["cs", "cr", "ms", "mr", "ss", "sr"]) v1(`annotation ${value}`, { annotations: [{ timestamp: 5, value }] });
v1("times by annotations", {
  annotations: [
    { timestamp: 9, value: "a", endpoint: host },
    { timestamp: 5, value: "" },
    { timestamp: 7, value: "b" },
  ],
});
v1("the name of a component", { timestamp: 1, binaryAnnotations: [{ key: "lc", value: "own" }] });
v1("the name of a tag's endpoint", {
  timestamp: 1,
  binaryAnnotations: [
    { key: "a", value: "true", endpoint: { serviceName: "x" } },
    { key: "b", value: "", endpoint: {} },
  ],
});
v1(
  "two endpoints",
  { timestamp: 1, annotations: [{ timestamp: 1, value: "cs", endpoint: host }] },
  { timestamp: 1, annotations: [{ timestamp: 1, value: "cs", endpoint: { ...host, ipv6: "::1" } }] },
);
v1("a negative time", { timestamp: -5, duration: 10 });
for (const [key, value] of [
  ["census.status_code", "0"],
  ["census.status_code", "5"],
  ["census.status_code", "x"],
  ["otel.status_code", "1"],
  ["otel.status_code", "9"],
  ["http.status_code", "200"],
  ["http.status_code", "404"],
  ["error", "false"],
  ["error", "12"],
] as const)
  v1(`${key} ${value}`, {
    timestamp: 1,
    binaryAnnotations: [
      { key, value },
      { key: "otel.status_description", value: "otel" },
      { key: "http.status_message", value: "http" },
      { key: "opencensus.status_description", value: "census" },
    ],
  });
v1("an error without a description", {
  timestamp: 1,
  binaryAnnotations: [
    { key: "error", value: "x" },
    { key: "http.status_code", value: "100" },
  ],
});
for (const traceId of ["1234", "0".repeat(16), "0".repeat(32), "z".repeat(16), "1234567890abcdef"])
  v1(`trace id ${traceId}`, { traceId, timestamp: 1 });
for (const id of ["", "12", "0".repeat(16), "z".repeat(16)]) v1(`id "${id}"`, { id });
v1("a parent of zeros", { parentId: "0".repeat(16) });
v1("a value that is no text", { binaryAnnotations: [{ key: "a", value: 5 }] });
add("zipkin v1 json", "nothing", Buffer.alloc(0));

const oldEndpoint = t.struct({ 1: t.i32(0x0a000001), 2: t.i16(80), 3: t.str("shop") });
const v1Thrift = (name: string, ...spans: t.Thrift[]) => add("zipkin v1 thrift", name, t.binary(t.list(...spans)));
const tag = (key: string, kind: number, value: Uint8Array, endpoint?: t.Thrift) =>
  t.struct({ 1: t.str(key), 2: t.str(value), 3: t.i32(kind), 4: endpoint });
v1Thrift("ids alone", t.struct({ 1: t.i64(1), 4: t.i64(2) }));
v1Thrift(
  "a usual span",
  t.struct({
    1: t.i64(0x1234567890n),
    3: t.str("get"),
    4: t.i64(-2),
    5: t.i64(3),
    6: t.list(
      t.struct({ 1: t.i64(1700000000000000), 2: t.str("cs"), 3: oldEndpoint }),
      t.struct({ 1: t.i64(1700000000000100), 2: t.str("x") }),
    ),
    8: t.list(
      tag("bool", 0, Buffer.from([1])),
      tag("bool2", 0, Buffer.from([0])),
      tag("bytes", 1, Buffer.from([0, 255])),
      tag("i16", 2, Buffer.from("8001", "hex")),
      tag("i32", 3, Buffer.from("80000001", "hex")),
      tag("i64", 4, Buffer.from("8000000000000001", "hex")),
      tag("double", 5, Buffer.from("3ff8000000000000", "hex")),
      tag("text", 6, Buffer.from("words")),
      tag("short", 4, Buffer.from("80", "hex")),
      tag("other", 9, Buffer.from("80", "hex")),
      tag("lc", 6, Buffer.from("grpc")),
      tag("http.status_code", 2, Buffer.from("01f4", "hex")),
    ),
    10: t.i64(1700000000000001),
    11: t.i64(44),
    12: t.i64(-7),
  }),
);
v1Thrift("the name of a tag's endpoint", t.struct({ 1: t.i64(1), 4: t.i64(2), 8: t.list(tag("a", 6, Buffer.from("b"), oldEndpoint)) }));
v1Thrift(
  "an address of version 6",
  t.struct({
    1: t.i64(1),
    4: t.i64(2),
    6: t.list(
      t.struct({
        1: t.i64(5),
        2: t.str("sr"),
        3: t.struct({ 1: t.i32(0), 2: t.i16(-1), 3: t.str("six"), 4: t.str(Buffer.from("20010db8000000000000000000000001", "hex")) }),
      }),
    ),
  }),
);
add("zipkin v1 thrift", "nothing", Buffer.alloc(0));
add("zipkin v1 thrift", "half a span", t.binary(t.list(t.struct({ 1: t.i64(1), 4: t.i64(2) }))).subarray(0, 14));

// Jaeger in Thrift: each case is a process and spans, in both protocols.

const jTag = (key: string, kind: number, at: number, value: t.Thrift) => t.struct({ 1: t.str(key), 2: t.i32(kind), [at]: value });
const text = (key: string, value: string) => jTag(key, 0, 3, t.str(value));
const number = (key: string, value: number) => jTag(key, 1, 4, t.double(value));
const flag = (key: string, value: boolean) => jTag(key, 2, 5, t.bool(value));
const whole = (key: string, value: number) => jTag(key, 3, 6, t.i64(value));
const reference = (kind: number, traceLow: number, span: number) =>
  t.struct({ 1: t.i32(kind), 2: t.i64(traceLow), 3: t.i64(2), 4: t.i64(span) });
const jSpan = (fields: Readonly<Record<number, t.Thrift | undefined>> = {}) =>
  t.struct({
    1: t.i64(1),
    2: t.i64(2),
    3: t.i64(3),
    4: t.i64(0),
    5: t.str("op"),
    7: t.i32(1),
    8: t.i64(1700000000000000),
    9: t.i64(1500),
    ...fields,
  });
const process = t.struct({ 1: t.str("shop"), 2: t.list(text("hostname", "h"), text("jaeger.version", "Go-2.30"), whole("n", 4)) });
const jaeger = (name: string, batch: Readonly<Record<number, t.Thrift | undefined>>) => {
  add("jaeger thrift binary", name, t.binary(t.struct(batch)));
  add("jaeger thrift compact", name, t.compact(t.struct(batch)));
};
const spanTags = (name: string, ...tags: t.Thrift[]) => jaeger(name, { 1: process, 2: t.list(jSpan({ 10: t.list(...tags) })) });
jaeger("a usual span", {
  1: process,
  2: t.list(
    jSpan({
      4: t.i64(-9),
      6: t.list(reference(0, 1, -9), reference(1, 1, 8), reference(0, 5, 8)),
      10: t.list(
        text("a", "b"),
        number("d", 2),
        number("e", 2.5),
        flag("t", true),
        flag("f", false),
        whole("w", -5),
        jTag("b", 4, 7, t.str(Buffer.from([1, 0, 255]))),
      ),
      11: t.list(
        t.struct({ 1: t.i64(1700000000000001), 2: t.list(text("event", "ev"), whole("x", 1)) }),
        t.struct({ 1: t.i64(5), 2: t.list() }),
      ),
    }),
  ),
});
jaeger("no spans", { 1: process, 2: t.list() });
jaeger("a process without a name", { 1: t.struct({ 1: t.str("") }), 2: t.list(jSpan()) });
jaeger("a process with tags alone", { 1: t.struct({ 1: t.str(""), 2: t.list(text("a", "b")) }), 2: t.list(jSpan()) });
jaeger("a process with a host name already", {
  1: t.struct({ 1: t.str("s"), 2: t.list(text("hostname", "a"), text("host.name", "b"), whole("jaeger.version", 1)) }),
  2: t.list(jSpan()),
});
jaeger("a service's name in a tag", { 1: t.struct({ 1: t.str("s"), 2: t.list(text("service.name", "t")) }), 2: t.list(jSpan()) });
jaeger("a sequence and statistics", {
  1: process,
  2: t.list(jSpan()),
  3: t.i64(4),
  4: t.struct({ 1: t.i64(1), 2: t.i64(1), 3: t.i64(1) }),
});
jaeger("many spans", { 1: process, 2: t.list(...Array.from({ length: 40 }, (_, i) => jSpan({ 3: t.i64(i + 1) }))) });
jaeger("a blank span", {
  1: process,
  2: t.list(t.struct({ 1: t.i64(0), 2: t.i64(0), 3: t.i64(0), 4: t.i64(0), 5: t.str(""), 7: t.i32(0), 8: t.i64(0), 9: t.i64(0) })),
});
jaeger("not sampled", { 1: process, 2: t.list(jSpan({ 7: t.i32(2) })) });
jaeger("a start before 1970", { 1: process, 2: t.list(jSpan({ 8: t.i64(-1000) })) });
jaeger("a parent by its reference", { 1: process, 2: t.list(jSpan({ 6: t.list(reference(1, 1, 5), reference(0, 1, 6)) })) });
jaeger("a parent that is followed", { 1: process, 2: t.list(jSpan({ 6: t.list(reference(1, 1, 5), reference(1, 1, 6)) })) });
jaeger("references of other traces", {
  1: process,
  2: t.list(jSpan({ 6: t.list(reference(0, 9, 5), reference(1, 9, 6), reference(7, 1, 6)) })),
});
jaeger("one child of the parent", { 1: process, 2: t.list(jSpan({ 4: t.i64(5), 6: t.list(reference(0, 1, 5)) })) });
for (const kind of ["client", "server", "producer", "consumer", "internal", "other"]) spanTags(`kind ${kind}`, text("span.kind", kind));
spanTags("a kind that is no text", whole("span.kind", 1));
spanTags("the same key twice", text("a", "1"), whole("a", 2), text("b", "3"));
spanTags("an unknown type", jTag("a", 7, 3, t.str("x")));
spanTags(
  "a type without its value",
  t.struct({ 1: t.str("s"), 2: t.i32(0) }),
  t.struct({ 1: t.str("l"), 2: t.i32(3) }),
  t.struct({ 1: t.str("b"), 2: t.i32(4) }),
);
spanTags("the state of a trace", text("w3c.tracestate", "a=1"));
spanTags("a scope", text("otel.scope.name", "n"), text("otel.scope.version", "v"));
spanTags("the new name of HTTP's status", whole("http.response.status_code", 503));
for (const kind of ["client", "server"])
  for (const code of [200, 399, 404, 500, 99])
    spanTags(`${kind} and status ${code}`, text("span.kind", kind), whole("http.status_code", code), text("http.status_message", "m"));
spanTags("HTTP's status as text", text("http.status_code", "500"));
spanTags("HTTP's status as words", text("http.status_code", "five"));
spanTags("an error", flag("error", true), text("otel.status_description", "d"), text("http.status_message", "m"));
spanTags("an error with HTTP's words", flag("error", true), text("http.status_message", "m"), whole("http.status_code", 200));
spanTags("no error", flag("error", false), whole("http.status_code", 500));
spanTags("an error as text", text("error", "true"));
for (const code of ["OK", "ERROR", "ok", "Unset", "?"])
  spanTags(`status ${code}`, text("otel.status_code", code), text("otel.status_description", "d"));
spanTags("status and error", text("otel.status_code", "OK"), text("otel.status_description", "d"), flag("error", true));
for (const [name, batch] of Object.entries({
  "no process": { 2: t.list(jSpan()) },
  "a span without a name": { 1: process, 2: t.list(jSpan({ 5: undefined })) },
  "a tag without a type": { 1: process, 2: t.list(jSpan({ 10: t.list(t.struct({ 1: t.str("a") })) })) },
  "a log without fields": { 1: process, 2: t.list(jSpan({ 11: t.list(t.struct({ 1: t.i64(1) })) })) },
  "a reference without a span": { 1: process, 2: t.list(jSpan({ 6: t.list(t.struct({ 1: t.i32(0), 2: t.i64(1), 3: t.i64(1) })) })) },
  "a field of another type": { 1: process, 2: t.list(jSpan({ 5: t.i32(4) })) },
}))
  jaeger(name, batch);
add("jaeger thrift binary", "nothing", Buffer.alloc(0));
add("jaeger thrift binary", "half a batch", t.binary(t.struct({ 1: process, 2: t.list(jSpan()) })).subarray(0, 60));
add("jaeger thrift compact", "half a batch", t.compact(t.struct({ 1: process, 2: t.list(jSpan()) })).subarray(0, 40));

// Jaeger in protobuf.

const model = protobuf.parse(
  `syntax = "proto3";
  message Time { int64 seconds = 1; int32 nanos = 2; }
  message KeyValue { string key = 1; int32 v_type = 2; string v_str = 3; bool v_bool = 4; int64 v_int64 = 5; double v_float64 = 6; bytes v_binary = 7; }
  message Log { Time timestamp = 1; repeated KeyValue fields = 2; }
  message SpanRef { bytes trace_id = 1; bytes span_id = 2; int32 ref_type = 3; }
  message Process { string service_name = 1; repeated KeyValue tags = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; string operation_name = 3; repeated SpanRef references = 4; uint32 flags = 5; Time start_time = 6;
    Time duration = 7; repeated KeyValue tags = 8; repeated Log logs = 9; Process process = 10; string process_id = 11; repeated string warnings = 12; }
  message Batch { repeated Span spans = 1; Process process = 2; }
  message PostSpansRequest { Batch batch = 1; }`,
  { keepCase: true },
).root;
const post = (name: string, batch: object) => {
  const type = model.lookupType("PostSpansRequest");
  add("jaeger proto", name, Buffer.from(type.encode(type.fromObject({ batch })).finish()));
};
const pTags = {
  a: { v_str: "x" },
  b: { v_type: 1, v_bool: true },
  c: { v_type: 2, v_int64: -4 },
  d: { v_type: 3, v_float64: 2 },
  e: { v_type: 4, v_binary: Buffer.from([7]) },
  f: { v_type: 9 },
};
const tagList = (tags: Record<string, object>) => Object.entries(tags).map(([key, value]) => ({ key, ...value }));
const pSpan = (span: object = {}) => ({
  trace_id: trace,
  span_id: Buffer.alloc(8, 3),
  operation_name: "op",
  start_time: { seconds: 1700000000, nanos: 999_999_999 },
  duration: { seconds: 1, nanos: 2 },
  ...span,
});
const pProcess = { service_name: "shop", tags: tagList({ hostname: { v_str: "h" }, "jaeger.version": { v_str: "9" } }) };
post("a usual span", {
  process: pProcess,
  spans: [
    pSpan({
      flags: 1,
      tags: tagList({
        ...pTags,
        "span.kind": { v_str: "client" },
        "w3c.tracestate": { v_str: "q=1" },
        "http.status_code": { v_type: 2, v_int64: 404 },
      }),
      logs: [
        { timestamp: { seconds: 5, nanos: 6 }, fields: tagList({ event: { v_str: "e" }, x: { v_type: 2, v_int64: 3 } }) },
        { timestamp: { seconds: 1 } },
      ],
      references: [
        { trace_id: trace, span_id: Buffer.alloc(8, 4) },
        { trace_id: trace, span_id: Buffer.alloc(8, 5), ref_type: 1 },
        { trace_id: Buffer.alloc(16, 9), span_id: Buffer.alloc(8, 4) },
      ],
    }),
  ],
});
post("nothing", {});
post("a process without spans", { process: pProcess });
post("spans without a process", { spans: [pSpan()] });
post("a process of no service", { process: { service_name: "OTLPResourceNoServiceName", tags: tagList(pTags) }, spans: [pSpan()] });
post("processes of spans", {
  process: pProcess,
  spans: [pSpan(), pSpan({ process: { service_name: "other" } }), pSpan({ process: pProcess })],
});
post("scopes", {
  process: pProcess,
  spans: [
    pSpan({ tags: tagList({ "otel.scope.name": { v_str: "n" }, "otel.scope.version": { v_str: "v" } }) }),
    pSpan({ tags: tagList({ "otel.scope.version": { v_str: "v" } }) }),
    pSpan({ tags: tagList({ "otel.scope.name": { v_str: "n" } }) }),
  ],
});
post("a blank span", { process: pProcess, spans: [{}, pSpan()] });
post("a parent that is followed", {
  process: pProcess,
  spans: [pSpan({ references: [{ trace_id: trace, span_id: Buffer.alloc(8, 5), ref_type: 1 }] })],
});
post("short ids", { process: pProcess, spans: [pSpan({ trace_id: Buffer.alloc(8, 1) })] });
post("ids of no length", { process: pProcess, spans: [pSpan({ trace_id: Buffer.alloc(7, 1) })] });
post("a span id of no length", { process: pProcess, spans: [pSpan({ span_id: Buffer.alloc(7, 1) })] });
post("a time beyond all years", { process: pProcess, spans: [pSpan({ start_time: { seconds: 1e12 } })] });
post("a time with too many nanoseconds", { process: pProcess, spans: [pSpan({ start_time: { seconds: 1, nanos: 1_000_000_000 } })] });
post("a negative duration", { process: pProcess, spans: [pSpan({ duration: { seconds: -1, nanos: -5 } })] });
post("an error", {
  process: pProcess,
  spans: [pSpan({ tags: tagList({ error: { v_type: 1, v_bool: true }, "otel.status_description": { v_str: "d" } }) })],
});
add("jaeger proto", "half a message", Buffer.from([0x0a, 0x30, 1, 2]));

export const allCases: readonly Case[] = cases;
