import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type ClientInfo, Metadata } from "../../../../signals/client-info.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import {
  attributes,
  decodeRequest,
  encodeRequest,
  type Plain,
  type PlainValue,
  plainAttributes,
  TestSink,
} from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

type Attributes = Readonly<Record<string, PlainValue>>;

const outputs = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";

/** `{ key = "a", action = "delete" }` as a block. */
function actions(text: string): string {
  return text.replaceAll(/\{([^}]*)\}/g, (_, inside: string) => `action {\n${inside.replaceAll(", ", "\n")}\n}\n`);
}

async function running(text: string): Promise<{ sink: TestSink; input: OtelConsumer; context: ReturnType<typeof testContext> }> {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.processor.attributes.test" });
  const processor = await component.create(context, decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) }));
  await processor.start();
  return { sink, context, input: (context.exports.input as { value: OtelConsumer }).value };
}

/** What the actions make of one span's attributes. */
async function after(text: string, content: Attributes, client?: ClientInfo): Promise<Record<string, unknown>> {
  const { sink, input } = await running(`${actions(text)}${outputs}`);
  const chunk = encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: [{ name: "x", attributes: attributes(content) }] }] }] });
  await input.consume(new OtlpBatch({ signal: "traces", chunks: [chunk], items: 1, client }));
  const [batch] = sink.batches;
  return plainAttributes(spansOf(batch)[0]?.attributes);
}

function spansOf(batch: OtlpBatch | undefined): Plain[] {
  const list = (content: Plain, name: string) => (content[name] ?? []) as Plain[];
  const request = decodeRequest("traces", batch?.chunks ?? []);
  return list(request, "resourceSpans").flatMap((r) => list(r, "scopeSpans").flatMap((s) => list(s, "spans")));
}

const sha = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

for (const [text, before, expected] of [
  ['{key = "a", value = 1, action = "insert"}', {}, { a: 1 }],
  ['{key = "a", value = 1, action = "insert"}', { a: "x" }, { a: "x" }],
  ['{key = "a", value = 1, action = "update"}', {}, {}],
  ['{key = "a", value = true, action = "UPDATE"}', { a: "x" }, { a: true }],
  ['{key = "a", value = 1.5, action = "upsert"}', { a: "x" }, { a: 1.5 }],
  ['{key = "a", value = "v", action = "upsert"}', { b: 1 }, { b: 1, a: "v" }],
  ['{key = "a", value = ["x",1], action = "upsert"}', {}, { a: ["x", 1] }],
  ['{key = "a", from_attribute = "b", action = "upsert"}', { b: 1 }, { b: 1, a: 1 }],
  ['{key = "a", from_attribute = "b", action = "upsert"}', { c: 1 }, { c: 1 }],
  ['{key = "a", from_attribute = "b", action = "update"}', { a: 2, b: 1 }, { a: 1, b: 1 }],
  ['{key = "a", action = "delete"}', { a: 1, b: 2 }, { b: 2 }],
  ['{key = "a", pattern = "^x", action = "delete"}', { a: 1, x1: 2, yx: 3 }, { yx: 3 }],
  ['{pattern = ".", action = "delete"}', { a: 1, b: 2 }, {}],
  ['{key = "a", action = "hash"}', { a: "secret", b: 1 }, { a: sha("secret"), b: 1 }],
  ['{pattern = "^s", action = "hash"}', { s: true, si: 1 }, { s: sha(Buffer.from([1])), si: sha(Buffer.from("0100000000000000", "hex")) }],
  ['{key = "a", action = "hash"}', { a: 1.5 }, { a: sha(Buffer.from("000000000000f83f", "hex")) }],
  ['{key = "a", action = "hash"}', { a: ["list"] }, { a: "" }],
  [
    '{key = "u", pattern = "^/(?P<kind>[a-z]+)/(?P<id>\\\\d+)?", action = "extract"}',
    { u: "/cart/77", id: 1 },
    { u: "/cart/77", id: "77", kind: "cart" },
  ],
  [
    '{key = "u", pattern = "^/(?P<kind>[a-z]+)/(?P<id>\\\\d+)?", action = "extract"}',
    { u: "/cart/" },
    { u: "/cart/", kind: "cart", id: "" },
  ],
  ['{key = "u", pattern = "(?P<x>.)", action = "extract"}', { u: 7 }, { u: 7 }],
  ['{key = "u", pattern = "^nothing(?P<x>.)", action = "extract"}', { u: "s" }, { u: "s" }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: "200" }, { a: 200 }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: "9223372036854775807" }, { a: "9223372036854775807" }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: "2.5" }, { a: "2.5" }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: -2.5 }, { a: -2 }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: true }, { a: 1 }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: Number.NaN }, { a: "-9223372036854775808" }],
  ['{key = "a", converted_type = "int", action = "convert"}', { a: [1] }, { a: [1] }],
  ['{key = "a", converted_type = "double", action = "convert"}', { a: "2.5" }, { a: 2.5 }],
  ['{key = "a", converted_type = "double", action = "convert"}', { a: "x" }, { a: "x" }],
  ['{key = "a", converted_type = "double", action = "convert"}', { a: 3 }, { a: 3 }],
  ['{key = "a", converted_type = "string", action = "convert"}', { a: 3 }, { a: "3" }],
  ['{key = "a", converted_type = "string", action = "convert"}', { a: { b: [1] } }, { a: '{"b":[1]}' }],
  ['{key = "a", action = "delete"}{key = "b", from_attribute = "a", action = "insert"}', { a: 1 }, {}],
  ['{key = "b", from_attribute = "a", action = "insert"}{key = "a", action = "delete"}', { a: 1 }, { b: 1 }],
] as [string, Attributes, Record<string, unknown>][])
  test(`${text} on ${JSON.stringify(before)}`, async () => {
    assert.deepEqual(await after(text, before), expected);
  });

const client: ClientInfo = {
  metadata: new Metadata(["x-tenant", "one", "x-tenant", "two", "other", "o"]),
  attributes: { subject: "me" },
  address: "10.1.2.3",
};
for (const [name, value] of [
  ["metadata.X-Tenant", "one;two"],
  ["other", "o"],
  ["auth.subject", "me"],
  ["client.address", "10.1.2.3"],
] as const)
  test(`from_context ${name}`, async () => {
    assert.deepEqual(await after(`{key = "a", from_context = "${name}", action = "insert"}`, {}, client), { a: value });
  });

test("what the sender did not say is not set", async () => {
  assert.deepEqual(await after('{key = "a", from_context = "metadata.absent", action = "upsert"}', { b: 1 }, client), { b: 1 });
  assert.deepEqual(await after('{key = "a", from_context = "auth.absent", action = "upsert"}', { b: 1 }), { b: 1 });
});

test("changes log records and points of every type of metric", async () => {
  const { sink, input } = await running(`${actions('{key = "env", value = "prod", action = "upsert"}')}${outputs}`);
  const points = { dataPoints: [{ attributes: attributes({ a: 1 }) }, {}] };
  const metrics = {
    metrics: [{ gauge: points }, { sum: points }, { histogram: points }, { exponentialHistogram: points }, { summary: points }],
  };
  const chunk = encodeRequest("metrics", { resourceMetrics: [{ scopeMetrics: [metrics] }] });
  await input.consume(new OtlpBatch({ signal: "metrics", chunks: [chunk], items: 10 }));
  const logs = encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: attributes({ a: 1 }) }] }] }] });
  await input.consume(new OtlpBatch({ signal: "logs", chunks: [logs], items: 1 }));
  const text = (i: number) => JSON.stringify(decodeRequest(sink.batches[i]?.signal as Signal, sink.batches[i]?.chunks ?? []));
  assert.equal(text(0).match(/"env"/g)?.length, 10);
  assert.equal(text(0).match(/"a"/g)?.length, 5);
  assert.equal(text(1).match(/"env"/g)?.length, 1);
});

test("a batch in which nothing changes is passed on as it is, chunks without changes keep their memory", async () => {
  const { sink, input } = await running(`${actions('{key = "a", action = "delete"}')}${outputs}`);
  const [plain, other] = ([{ b: 1 }, { a: 1 }] as Attributes[]).map((content) =>
    encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: [{ attributes: attributes(content) }] }] }] }),
  ) as [Uint8Array, Uint8Array];
  const batch = new OtlpBatch({ signal: "traces", chunks: [plain], items: 1 });
  await input.consume(batch);
  await input.consume(new OtlpBatch({ signal: "traces", chunks: [plain, other], items: 2 }));
  assert.equal(sink.batches[0], batch);
  assert.equal(sink.batches[1]?.chunks[0], plain);
  assert.equal(sink.batches[1]?.items, 2);
});

/** `include { a; b }` with the ends of lines. */
function block(text: string): string {
  return text.replaceAll("; ", "\n").replaceAll("{ ", "{\n").replaceAll(" }", "\n}");
}

/** Names of the items that match: those which the action marked. */
async function marked(signal: Signal, match: string, request: Plain): Promise<string> {
  const outputOf = `output {\n${signal} = [sink]\n}`;
  const { sink, input } = await running(`${actions('{key = "mark", value = 1, action = "insert"}')}${match}\n${outputOf}`);
  const chunk = encodeRequest(signal, request);
  await input.consume(new OtlpBatch({ signal, chunks: [chunk], items: 1 }));
  const names: string[] = [];
  const walk = (node: unknown, name: string): void => {
    if (Array.isArray(node)) for (const each of node) walk(each, name);
    else if (typeof node === "object" && node !== null && !(node instanceof Uint8Array)) {
      const plain = node as Plain;
      const own = typeof plain.name === "string" && plain.version === undefined ? plain.name : name;
      const keys = (plain.attributes ?? []) as Plain[];
      if (keys.some(({ key }) => key === "mark")) names.push(own === "" ? String((plain.body as Plain | undefined)?.stringValue) : own);
      for (const [key, value] of Object.entries(plain)) if (key !== "attributes" && key !== "scope") walk(value, own);
    }
  };
  walk(decodeRequest(signal, sink.batches[0]?.chunks ?? []), "");
  return names.join(" ");
}

const spans = (service: string | undefined, scope: Plain, list: Plain[]) => ({
  resource: { attributes: attributes(service === undefined ? { host: "h" } : { "service.name": service, "host.type": "n1" }) },
  scopeSpans: [{ scope, spans: list }],
});

const traces = {
  resourceSpans: [
    spans("auth", { name: "lib", version: "1" }, [
      { name: "login", kind: 2, attributes: attributes({ env: "dev", n: 7, ok: true }) },
      { name: "logout", kind: 3, attributes: attributes({ env: "prod", d: 1.5 }) },
    ]),
    spans("authz", { name: "lib" }, [{ name: "check", kind: 1 }]),
    spans(undefined, { name: "other" }, [{ name: "free", attributes: attributes({ env: "dev" }) }]),
  ],
};

for (const [match, expected] of [
  ["", "login logout check free"],
  ['include { match_type = "strict"; services = ["auth"] }', "login logout"],
  ['include { match_type = "regexp"; services = ["^auth"] }', "login logout check"],
  ['include { match_type = "strict"; services = ["<nil-service-name>"] }', "free"],
  ['include { match_type = "strict"; span_names = ["login", "free"] }', "login free"],
  ['include { match_type = "regexp"; span_names = ["^log"]; regexp { cache_enabled = true; cache_max_num_entries = 1 } }', "login logout"],
  ['include { match_type = "strict"; span_kinds = ["SPAN_KIND_SERVER", "SPAN_KIND_INTERNAL"] }', "login check"],
  ['include { match_type = "strict"; attribute { key = "env"; value = "dev" } }', "login free"],
  ['include { match_type = "strict"; attribute { key = "env"; value = "dev" }; attribute { key = "n" } }', "login"],
  ['include { match_type = "strict"; attribute { key = "n"; value = 7 } }', "login"],
  ['include { match_type = "strict"; attribute { key = "n"; value = "7" } }', ""],
  ['include { match_type = "strict"; attribute { key = "ok"; value = true } }', "login"],
  ['include { match_type = "strict"; attribute { key = "d"; value = 1.5 } }', "logout"],
  ['include { match_type = "regexp"; attribute { key = "n"; value = "^7$" } }', "login"],
  ['include { match_type = "regexp"; attribute { key = "d"; value = "^1.5$" } }', "logout"],
  ['include { match_type = "strict"; resource { key = "host.type"; value = "n1" } }', "login logout check"],
  ['include { match_type = "strict"; library { name = "lib" } }', "login logout check"],
  ['include { match_type = "strict"; library { name = "lib"; version = "1" } }', "login logout"],
  ['include { match_type = "strict"; library { name = "lib"; version = "" } }', "check"],
  ['exclude { match_type = "strict"; span_names = ["login"] }', "logout check free"],
  ['include { match_type = "regexp"; services = ["^auth"] }; exclude { match_type = "regexp"; span_names = ["^log"] }', "check"],
  ['include { match_type = "strict"; span_names = ["logout"] }; exclude { match_type = "strict"; services = ["auth"] }', ""],
] as const)
  test(`spans: ${match || "all"}`, async () => {
    assert.equal(await marked("traces", block(match), traces), expected);
  });

const logs = {
  resourceLogs: [
    {
      resource: { attributes: attributes({ host: "a" }) },
      scopeLogs: [
        {
          logRecords: [
            { body: { stringValue: "AUTH ok" }, severityNumber: 9, severityText: "info" },
            { body: { stringValue: "denied" }, severityNumber: 17, severityText: "error" },
            { body: { stringValue: "odd" }, attributes: attributes({ k: "v" }) },
          ],
        },
      ],
    },
  ],
};

for (const [match, expected] of [
  ['include { match_type = "regexp"; log_bodies = ["^AUTH", "odd"] }', "AUTH ok odd"],
  ['include { match_type = "strict"; log_severity_texts = ["error"] }', "denied"],
  ['include { match_type = "strict"; log_severity { min = "INFO"; match_undefined = true } }', "AUTH ok denied odd"],
  ['include { match_type = "strict"; log_severity { min = "INFO2"; match_undefined = false } }', "denied"],
  ['exclude { match_type = "strict"; attribute { key = "k" } }', "AUTH ok denied"],
  ['include { match_type = "strict"; resource { key = "host"; value = "b" } }', ""],
] as const)
  test(`logs: ${match}`, async () => {
    assert.equal(await marked("logs", block(match), logs), expected);
  });

const metric = (name: string) => ({ name, gauge: { dataPoints: [{ asInt: 1 }, { asInt: 2 }] } });
for (const [match, expected] of [
  ['include { match_type = "regexp"; metric_names = ["^counter"] }', "counter.a counter.a"],
  ['exclude { match_type = "strict"; metric_names = ["gauge.b"] }', "counter.a counter.a"],
  ['include { match_type = "strict"; resource { key = "absent" } }', "counter.a counter.a gauge.b gauge.b"],
] as const)
  test(`metrics: ${match}`, async () => {
    const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric("counter.a"), metric("gauge.b")] }] }] };
    assert.equal(await marked("metrics", block(match), request), expected);
  });

for (const [text, message] of [
  ['action {\naction = "insert"\nvalue = 1\n}', "the action insert requires the key argument to be set"],
  ['action {\naction = "delete"\n}', "at least the key argument or the pattern argument"],
  ['action {\nkey = "a"\naction = "replace"\n}', 'unsupported action "replace"'],
  ['action {\nkey = "a"\naction = "insert"\n}', "one of value, from_attribute or from_context must be specified"],
  ['action {\nkey = "a"\naction = "insert"\nvalue = 1\nfrom_attribute = "b"\n}', "only one of value"],
  ['action {\nkey = "a"\naction = "extract"\npattern = "x"\n}', "no named groups"],
  ['action {\nkey = "a"\naction = "extract"\npattern = "(?P<a>x)(y)"\n}', "without a name"],
  ['action {\nkey = "a"\naction = "hash"\npattern = "("\n}', "pattern is invalid"],
  ['action {\nkey = "a"\naction = "convert"\n}', "requires the converted_type"],
  ['action {\nkey = "a"\naction = "convert"\nconverted_type = "bool"\n}', 'invalid converted_type "bool"'],
  ['include {\nmatch_type = "fuzzy"\n}', "fuzzy"],
  ['include {\nmatch_type = "strict"\n}', "at least one of services"],
  ['include {\nmatch_type = "regexp"\nspan_names = ["("]\n}', "missing closing )"],
  ['include {\nmatch_type = "strict"\nlog_bodies = ["x"]\n}', "log_bodies should not be specified for trace spans"],
  ['include {\nmatch_type = "strict"\nspan_kinds = ["SERVER"]\n}', "standard span kinds"],
  ['include {\nmatch_type = "regexp"\nattribute {\nkey = "a"\nvalue = 1\n}\n}', "only supports Str, but found Int"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const sink = capsuleOf("otelcol.Consumer", new TestSink());
    const { diagnostics } = tryDecodeText(component, `${text}\noutput {\ntraces = [sink]\n}`, { sink });
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });

test("match properties need fit only the signals that go out", () => {
  const match = 'include {\nmatch_type = "strict"\nlog_bodies = ["x"]\n}';
  const sink = capsuleOf("otelcol.Consumer", new TestSink());
  assert.deepEqual(tryDecodeText(component, `${match}\noutput {\nlogs = [sink]\n}`, { sink }).diagnostics, []);
});
