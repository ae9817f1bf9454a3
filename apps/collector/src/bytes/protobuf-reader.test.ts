import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { MalformedInput } from "./malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } from "./protobuf-reader.ts";

/** `08 96 01` -> bytes. */
function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** Every field as `number:value`; groups as `number:group`. */
function fieldsOf(bytes: Uint8Array): string {
  const reader = new ProtobufReader().reset(bytes);
  const seen: string[] = [];
  while (reader.next()) {
    const value = reader.wire === WIRE_BYTES ? JSON.stringify(reader.text()) : reader.wire === 3 ? "group" : String(reader.unsigned());
    seen.push(`${reader.field}:${value}`);
  }
  return seen.join(" ");
}

test("reads varints, fixed words, texts and nested lengths where they lie", () => {
  assert.equal(fieldsOf(hex("08 96 01")), "1:150");
  assert.equal(fieldsOf(hex("12 07 74 65 73 74 69 6e 67")), '2:"testing"');
  assert.equal(fieldsOf(hex("19 01 00 00 00 00 00 00 00 25 ff ff ff 7f")), "3:1 4:2147483647");
  assert.equal(fieldsOf(hex("08 80 00")), "1:0", "a varint may be longer than it needs");
  assert.equal(fieldsOf(hex("f8 ff ff ff 0f 01")), "536870911:1");
});

test("skips groups as a whole", () => {
  assert.equal(fieldsOf(hex("0b 10 05 0c 10 01")), "1:group 2:1");
  assert.equal(fieldsOf(hex("0b 13 1a 01 41 14 0c 10 01")), "1:group 2:1");
});

for (const [text, reason] of [
  ["08", /does not end/],
  ["08 ff", /does not end/],
  ["08 ff ff ff ff ff ff ff ff ff ff 01", /longer than 10/],
  ["12 05 41", /claims 5 bytes, 1 are left/],
  ["12 ff ff ff ff ff ff ff ff ff 01 41", /claims/],
  ["12", /does not end/],
  ["19 01 02", /does not end/],
  ["25 01 02", /does not end/],
  ["00 01", /field number 0/],
  ["0e", /wire type 6/],
  ["0c", /wire type 4/],
  ["0b 10 05", /does not end/],
  ["0b 14", /did not begin/],
  ["ff ff ff ff ff 01 00", /32 bits/],
  [`${"0b ".repeat(40)}`, /deeper/],
] as const)
  test(`refuses ${text.slice(0, 36)}`, () => {
    assert.throws(
      () => fieldsOf(hex(text)),
      (error: unknown) => error instanceof MalformedInput && reason.test(error.message),
    );
  });

test("never reads behind the given end", () => {
  const reader = new ProtobufReader().reset(hex("12 03 41 42 43"), 0, 4);
  assert.throws(() => reader.next(), MalformedInput);
});

test("reads packed values, which have no tags", () => {
  const reader = new ProtobufReader().reset(hex("01 96 01 ff ff ff ff ff ff ff ff ff 01"));
  const varints: number[] = [];
  while (reader.nextPacked(WIRE_VARINT)) varints.push(reader.signed());
  assert.deepEqual(varints, [1, 150, -1]);
  reader.reset(hex("00 00 00 00 00 00 f0 3f 01"));
  assert.equal(reader.nextPacked(WIRE_FIXED64), true);
  assert.equal(reader.double(), 1);
  assert.throws(() => reader.nextPacked(WIRE_FIXED64), MalformedInput);
  reader.reset(hex("05 00 00 00"));
  assert.equal(reader.nextPacked(WIRE_FIXED32) && reader.unsigned(), 5);
});

type Field = { field: number } & (
  | { kind: "uint" | "sint" | "int"; value: number }
  | { kind: "double"; value: number }
  | { kind: "float"; value: number }
  | { kind: "fixed32"; value: number }
  | { kind: "text"; value: string }
);

const anyField: fc.Arbitrary<Field> = fc.record({ field: fc.integer({ min: 1, max: 536870911 }) }).chain(({ field }) =>
  fc.oneof(
    fc.record({ field: fc.constant(field), kind: fc.constant("uint" as const), value: fc.maxSafeNat() }),
    fc.record({ field: fc.constant(field), kind: fc.constant("int" as const), value: fc.maxSafeInteger() }),
    fc.record({
      field: fc.constant(field),
      kind: fc.constant("sint" as const),
      value: fc.maxSafeInteger().map((n) => n / 2 - (n % 2) / 2),
    }),
    fc.record({ field: fc.constant(field), kind: fc.constant("double" as const), value: fc.double() }),
    fc.record({ field: fc.constant(field), kind: fc.constant("float" as const), value: fc.float() }),
    fc.record({ field: fc.constant(field), kind: fc.constant("fixed32" as const), value: fc.nat(0xffffffff) }),
    fc.record({ field: fc.constant(field), kind: fc.constant("text" as const), value: fc.string({ unit: "grapheme" }) }),
  ),
);

/** What an encoder that is not ours makes of the fields. */
function encodedByProtobufjs(fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const { field, kind, value } of fields) {
    const tag = (wire: number) => writer.uint32(((field << 3) | wire) >>> 0);
    switch (kind) {
      case "uint":
        tag(WIRE_VARINT).uint64(value);
        break;
      case "int":
        tag(WIRE_VARINT).int64(value);
        break;
      case "sint":
        tag(WIRE_VARINT).sint64(value);
        break;
      case "double":
        tag(WIRE_FIXED64).double(value);
        break;
      case "float":
        tag(WIRE_FIXED32).float(value);
        break;
      case "fixed32":
        tag(WIRE_FIXED32).fixed32(value);
        break;
      case "text":
        tag(WIRE_BYTES).string(value);
    }
  }
  return writer.finish();
}

test("reads what protobufjs writes", () => {
  fc.assert(
    fc.property(fc.array(anyField, { maxLength: 12 }), (fields) => {
      const reader = new ProtobufReader().reset(encodedByProtobufjs(fields));
      for (const { field, kind, value } of fields) {
        assert.ok(reader.next());
        assert.equal(reader.field, field);
        const read = {
          uint: () => reader.unsigned(),
          int: () => reader.signed(),
          sint: () => reader.zigzag(),
          double: () => reader.double(),
          float: () => reader.float(),
          fixed32: () => reader.unsigned(),
          text: () => reader.text(),
        }[kind]();
        if (kind === "sint") assert.equal(read, value as number);
        else assert.deepEqual(read, value === 0 && kind !== "double" && kind !== "float" ? 0 : value);
      }
      assert.equal(reader.next(), false);
    }),
  );
});

test("answers any bytes with fields or MalformedInput, and fields tile the message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reader = new ProtobufReader().reset(bytes);
      let at = 0;
      try {
        while (reader.next()) {
          assert.equal(reader.tagStart, at);
          assert.ok(reader.start <= reader.stop && reader.stop <= bytes.length);
          at = reader.stop;
        }
        assert.equal(at, bytes.length);
      } catch (error) {
        assert.ok(error instanceof MalformedInput, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
