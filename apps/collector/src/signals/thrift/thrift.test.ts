import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../tests/fuzz-time.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { JaegerThriftConverter } from "../jaeger/thrift-to-otlp.ts";
import { spansOfV1Thrift } from "../zipkin/v1-thrift.ts";
import { BinaryReader } from "./binary-reader.ts";
import { CompactReader } from "./compact-reader.ts";
import { BOOL, I32, LIST, STRING, STRUCT, skip, type ThriftReader } from "./reader.ts";
import { binary, binaryCall, bool, compact, compactCall, double, i16, i32, i64, list, str, struct, type Thrift } from "./testing.ts";

const protocols = [
  { name: "binary", reader: (): ThriftReader => new BinaryReader(), encode: binary },
  { name: "compact", reader: (): ThriftReader => new CompactReader(), encode: compact },
] as const;

const leaf: fc.Arbitrary<Thrift> = fc.oneof(
  fc.boolean().map(bool),
  fc.integer({ min: -32768, max: 32767 }).map(i16),
  fc.integer().map(i32),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(i64),
  fc.double().map(double),
  fc.string({ maxLength: 200 }).map(str),
);
const value: fc.Arbitrary<Thrift> = fc.letrec<{ value: Thrift }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.dictionary(fc.integer({ min: 1, max: 300 }).map(String), tie("value"), { maxKeys: 5 }).map((fields) => struct(fields)),
    leaf.chain((first) => fc.array(fc.constant(first), { minLength: 1, maxLength: 40 })).map((elements) => list(...elements)),
  ),
})).value;

for (const { name, reader, encode } of protocols) {
  test(`${name}: passes over any value, and stands behind it`, () => {
    fc.assert(
      fc.property(fc.dictionary(fc.integer({ min: 1, max: 40 }).map(String), value, { maxKeys: 6 }), (fields) => {
        const bytes = encode(struct(fields));
        const reading = reader().reset(Buffer.concat([bytes, Buffer.from([1, 2, 3])]));
        skip(reading, STRUCT);
        assert.equal(reading.at, bytes.length);
      }),
    );
  });

  test(`${name}: reads what was written`, () => {
    const fields = {
      1: bool(true),
      2: i16(-2),
      3: i32(-(2 ** 31)),
      20: i64(-(2n ** 63n)),
      21: double(-1.5),
      22: str("ü"),
      23: list(bool(true), bool(false)),
    };
    const reading = reader().reset(encode(struct(fields)));
    const seen: unknown[] = [];
    reading.beginStruct();
    while (reading.nextField())
      if (reading.type === BOOL) seen.push(reading.bool());
      else if (reading.type === STRING) seen.push(reading.text());
      else if (reading.type === I32) seen.push(reading.i32());
      else if (reading.type === LIST) {
        reading.beginList();
        seen.push([reading.size, reading.elementType, reading.bool(), reading.bool()]);
      } else if (reading.id === 2) seen.push(reading.i16());
      else if (reading.id === 21) seen.push(reading.double());
      else {
        reading.i64();
        seen.push([reading.high, reading.low]);
      }
    assert.deepEqual(seen, [true, -2, -(2 ** 31), [-(2 ** 31), 0], -1.5, "ü", [2, BOOL, true, false]]);
  });

  test(`${name}: refuses lists and texts that are longer than the message, and values nested without end`, () => {
    const malformed = (bytes: Buffer) => assert.throws(() => skip(reader().reset(bytes), STRUCT), MalformedInput);
    let nested = struct({ 1: i32(1) });
    for (let i = 0; i < 80; i++) nested = struct({ 1: nested });
    malformed(encode(nested));
    let lists = list(i32(1));
    for (let i = 0; i < 80; i++) lists = list(lists);
    malformed(encode(struct({ 1: lists })));
    const huge = encode(struct({ 1: list(...Array.from({ length: 20 }, () => str("x"))) }));
    for (let end = 0; end < huge.length; end++) malformed(huge.subarray(0, end));
  });

  test(`${name}: any bytes are converted or malformed`, () => {
    const usual = encode(
      struct({
        1: struct({ 1: str("s") }),
        2: list(struct({ 1: i64(1), 2: i64(2), 3: i64(3), 4: i64(0), 5: str("op"), 7: i32(1), 8: i64(5), 9: i64(6) })),
      }),
    );
    const damaged = fc.array(fc.tuple(fc.nat(usual.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }).map((changes) => {
      const bytes = Buffer.from(usual);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        for (const read of [() => new JaegerThriftConverter().convert(reader().reset(bytes)), () => spansOfV1Thrift(bytes)])
          try {
            read();
          } catch (error) {
            if (!(error instanceof MalformedInput)) throw error;
          }
      }),
      fuzzParameters(),
    );
  });
}

test("binary: reads the heads of calls, strict and of old", () => {
  assert.equal(new BinaryReader().reset(binaryCall("emitBatch", struct({}))).message(), "emitBatch");
  const old = Buffer.concat([binary(str("emitBatch")), Buffer.from([4]), binary(i32(9)), binary(struct({ 1: i32(7) }))]);
  const reading = new BinaryReader().reset(old);
  assert.equal(reading.message(), "emitBatch");
  skip(reading, STRUCT);
  assert.equal(reading.at, old.length);
  assert.throws(() => new BinaryReader().reset(Buffer.from("80020001", "hex")).message(), /Bad version/);
});

test("compact: reads the head of a call", () => {
  assert.equal(new CompactReader().reset(compactCall("emitBatch", struct({}))).message(), "emitBatch");
  assert.throws(() => new CompactReader().reset(Buffer.from([0x80, 1, 0])).message(), /Expected protocol id 82 but got 80/);
  assert.throws(() => new CompactReader().reset(Buffer.from([0x82, 2, 0])).message(), /Expected version 1 but got 2/);
});

test("a process behind its spans is the resource of them all the same", () => {
  const span = struct({ 1: i64(1), 2: i64(2), 3: i64(3), 4: i64(0), 5: str("op"), 7: i32(1), 8: i64(5), 9: i64(6) });
  const bytes = Buffer.concat([
    Buffer.from([LIST, 0, 2]),
    binary(list(span)),
    Buffer.from([STRUCT, 0, 1]),
    binary(struct({ 1: str("late") })),
    Buffer.from([0]),
  ]);
  const { request, spans } = new JaegerThriftConverter().convert(new BinaryReader().reset(bytes));
  assert.equal(spans, 1);
  assert.match(Buffer.from(request).toString("latin1"), /late.*op/s);
});
