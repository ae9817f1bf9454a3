import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { protobufFromJson } from "./json-to-protobuf.ts";
import { jsonFromProtobuf } from "./protobuf-to-json.ts";
import { type Field, type MessageType, requests } from "./schema.ts";
import { anyMessage, decode, encode, type Plain } from "./testing.ts";

/** OTLP/JSON of an object as the specification says, in the plainest way. */
function toJson(type: MessageType, content: Plain): Plain {
  const json: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = content[field.name];
    if (value === undefined) continue;
    json[field.name] = field.repeated ? (value as unknown[]).map((each) => valueToJson(field, each)) : valueToJson(field, value);
  }
  return json;
}

function valueToJson(field: Field, value: unknown): unknown {
  if (field.message !== undefined) return toJson(field.message, value as Plain);
  if (field.kind === "traceId" || field.kind === "spanId") return (value as Buffer).toString("hex");
  if (field.kind === "bytes") return (value as Buffer).toString("base64");
  if (field.kind === "double" && !Number.isFinite(value)) return String(value);
  return value;
}

/** Without what proto3 does not write: zero values of fields without presence. */
function withoutZeros(type: MessageType, content: Plain): Plain {
  const kept: Record<string, unknown> = {};
  for (const field of type.fields) {
    let value = content[field.name];
    if (value === undefined) continue;
    if (field.message !== undefined)
      value = field.repeated
        ? (value as Plain[]).map((each) => withoutZeros(field.message as MessageType, each))
        : withoutZeros(field.message, value as Plain);
    const isZero = value === 0 || value === "0" || value === "" || value === false;
    if (!isZero || field.present || field.repeated) kept[field.name] = Object.is(value, -0) ? "-0" : value;
  }
  return kept;
}

for (const [signal, type] of Object.entries(requests)) {
  test(`turns the JSON of any ${signal} into what protobufjs writes, and back`, () => {
    fc.assert(
      fc.property(anyMessage(type), (content) => {
        const expected = withoutZeros(type, decode(type, encode(type, content)));
        const json = JSON.stringify(toJson(type, content), (_, value) => (Object.is(value, -0) ? "-0" : value));
        assert.deepEqual(withoutZeros(type, decode(type, protobufFromJson(type, Buffer.from(json)))), expected);
        const printed = jsonFromProtobuf(type, [encode(type, content)]);
        assert.deepEqual(withoutZeros(type, decode(type, protobufFromJson(type, Buffer.from(printed)))), expected);
        JSON.parse(printed);
      }),
    );
  });
}

test("prints several chunks as one request", () => {
  const chunk = (name: string) => encode(requests.traces, { resourceSpans: [{ schemaUrl: name }] });
  assert.equal(jsonFromProtobuf(requests.traces, [chunk("a"), chunk("b")]), '{"resourceSpans":[{"schemaUrl":"a"},{"schemaUrl":"b"}]}');
});

test("answers any text with bytes or MalformedInput", () => {
  const text = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.string({ maxLength: 60 }),
    fc.json().map((json) => `{"resourceSpans":${json}}`),
  );
  fc.assert(
    fc.property(text, (json) => {
      try {
        protobufFromJson(requests.traces, Buffer.from(json));
      } catch (error) {
        assert.ok(error instanceof MalformedInput, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

/** The one span in `{ … }`, read back. */
function span(members: string): Plain {
  const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;
  const read = (content: Plain | undefined, name: string) => ((content?.[name] ?? []) as Plain[])[0];
  const request = decode(requests.traces, protobufFromJson(requests.traces, Buffer.from(json)));
  return read(read(read(request, "resourceSpans"), "scopeSpans"), "spans") ?? {};
}

for (const [members, expected] of [
  ['"name":"a\\u0041\\n\\ud83d\\ude00"', { name: "aA\n😀" }],
  ['"name":"\\ud83d"', { name: "\ufffd" }],
  ['"n\\u0061me":"x"', { name: "x" }],
  ['"name":null,"attributes":null', {}],
  ['"traceId":"5B8EFFF798038103D269B633813FC60C"', { traceId: Buffer.from("5b8efff798038103d269b633813fc60c", "hex") }],
  ['"trace_id":"", "spanId":"eee19b7ec3c1b174"', { spanId: Buffer.from("eee19b7ec3c1b174", "hex") }],
  ['"startTimeUnixNano":"1544712660000000001"', { startTimeUnixNano: "1544712660000000001" }],
  ['"startTimeUnixNano":1544712660000000001', { startTimeUnixNano: "1544712660000000001" }],
  ['"startTimeUnixNano":18446744073709551615', { startTimeUnixNano: "18446744073709551615" }],
  ['"startTimeUnixNano":1e3', { startTimeUnixNano: "1000" }],
  ['"kind":2', { kind: 2 }],
  ['"kind":"SPAN_KIND_CLIENT"', { kind: 3 }],
  ['"kind":"4"', { kind: 4 }],
  ['"flags":4294967295,"droppedEventsCount":"7"', { flags: 4294967295, droppedEventsCount: 7 }],
  ['"unknown":{"deep":[1,-2.5e3,"x",{"y":[]},true,false,null]},"name":"x"', { name: "x" }],
  [
    '"attributes":[{"key":"k","value":{"intValue":-9223372036854775808}}]',
    { attributes: [{ key: "k", value: { intValue: "-9223372036854775808" } }] },
  ],
  ['"attributes":[{"key":"k","value":{"doubleValue":"NaN"}}]', { attributes: [{ key: "k", value: { doubleValue: Number.NaN } }] }],
  ['"attributes":[{"key":"k","value":{"boolValue":false}}]', { attributes: [{ key: "k", value: { boolValue: false } }] }],
  [
    '"attributes":[{"key":"k","value":{"bytesValue":"-_8="}}]',
    { attributes: [{ key: "k", value: { bytesValue: Buffer.from([0xfb, 0xff]) } }] },
  ],
  ['"attributes":[{"key":"k"}]', { attributes: [{ key: "k" }] }],
] as const)
  test(`reads {${members}}`, () => {
    assert.deepEqual(span(members), expected);
  });

for (const [members, reason] of [
  ['"name":1', /expected a string \(name\)/],
  ['"name":"a', /does not end/],
  ['"name":"\\x"', /escape/],
  ['"name":"a\nb"', /control characters/],
  ['"name" "a"', /colon/],
  ['"name":"a",', /expected a string/],
  ['"traceId":"zz8efff798038103d269b633813fc60c"', /traceId can't be/],
  ['"traceId":"5b8e"', /4 characters, not 32/],
  ['"startTimeUnixNano":"18446744073709551616"', /can't be/],
  ['"startTimeUnixNano":-1', /can't be/],
  ['"startTimeUnixNano":1.5', /can't be/],
  ['"startTimeUnixNano":""', /can't be/],
  ['"startTimeUnixNano":{}', /expected a number/],
  ['"flags":4294967296', /can't be/],
  ['"kind":"SERVER"', /can't be/],
  ['"kind":true', /expected a number/],
  ['"attributes":{}', /expected a list/],
  ['"attributes":[null]', /expected an object/],
  ['"attributes":[{"key":"k","value":{"bytesValue":"a"}}]', /can't be/],
  ['"attributes":[{"key":"k","value":{"boolValue":1}}]', /true or false/],
  ['"attributes":[{"key":"k","value":{"intValue":9223372036854775808}}]', /can't be/],
  ['"attributes":[{"key":"k","value":{"doubleValue":"1x"}}]', /can't be/],
  [`"x":${"[".repeat(5000)}`, /deeper/],
] as const)
  test(`refuses {${members.slice(0, 60)}}`, () => {
    assert.throws(
      () => span(members),
      (error: unknown) => error instanceof MalformedInput && reason.test(error.message),
    );
  });

test("refuses what is no JSON object, and anything behind one", () => {
  for (const text of ["", " ", "[]", "{", "{}x", '"a"', "{}{}"])
    assert.throws(() => protobufFromJson(requests.logs, Buffer.from(text)), MalformedInput, text);
  assert.throws(() => protobufFromJson(requests.logs, Uint8Array.of(0x7b, 0xff, 0x7d)), /not UTF-8/);
});
