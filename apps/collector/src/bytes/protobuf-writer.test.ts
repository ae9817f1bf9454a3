import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { unsignedBigIntOf } from "./int64.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } from "./protobuf-reader.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { varint64Size, varintSize } from "./varint.ts";

test("writes the bytes that protobufjs writes", () => {
  const number = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.nat());
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      number,
      fc.double(),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      (field, n, real, text) => {
        const ours = new ProtobufWriter(1);
        ours.uint(field, n);
        ours.int(field, -n);
        ours.sint(field, -(n - (n % 2)) / 2);
        ours.double(field, real);
        ours.fixed32(field, n | 0);
        ours.bool(field, true);
        ours.string(field, text);
        ours.copy(field, Buffer.from(text));
        const theirs = protobuf.Writer.create();
        const tag = (wire: number) => theirs.uint32(((field << 3) | wire) >>> 0);
        tag(WIRE_VARINT).uint64(n);
        tag(WIRE_VARINT).int64(-n);
        tag(WIRE_VARINT).sint64(-(n - (n % 2)) / 2);
        tag(WIRE_FIXED64).double(real);
        tag(WIRE_FIXED32).fixed32(n | 0);
        tag(WIRE_VARINT).bool(true);
        tag(WIRE_BYTES).string(text);
        tag(WIRE_BYTES).bytes(Buffer.from(text));
        assert.deepEqual(Buffer.from(ours.toBytes()), Buffer.from(theirs.finish()));
      },
    ),
  );
});

test("keeps 64-bit integers exact", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const low = Number(BigInt.asIntN(32, value));
      const high = Number(BigInt.asIntN(32, value >> 32n));
      const writer = new ProtobufWriter();
      writer.varint64Field(1, low, high);
      assert.equal(writer.length, 1 + varint64Size(low, high));
      writer.fixed64(2, low, high);
      const reader = new ProtobufReader().reset(writer.toBytes());
      reader.next();
      assert.equal(unsignedBigIntOf(reader.low, reader.high), value);
      reader.next();
      assert.equal(unsignedBigIntOf(reader.low, reader.high), value);
    }),
  );
});

test("knows the size of every varint", () => {
  for (let bits = 0; bits <= 53; bits++)
    for (const value of [2 ** bits - 1, 2 ** bits].filter((n) => n <= 2 ** 53)) {
      const writer = new ProtobufWriter(1);
      writer.varint(value);
      assert.equal(writer.length, varintSize(value), String(value));
    }
});

test("writes a message's length afterwards, whatever was guessed", () => {
  fc.assert(
    fc.property(fc.nat(40_000), fc.nat(40_000), fc.nat(300), (estimate, outer, inner) => {
      const writer = new ProtobufWriter(1);
      const first = writer.begin(1, estimate);
      writer.raw(Buffer.alloc(outer, 1));
      const second = writer.begin(2, inner);
      writer.raw(Buffer.alloc(inner, 2));
      writer.finish(second);
      writer.finish(first);
      writer.uint(3, 1);
      const content = protobuf.Writer.create();
      const message = Buffer.concat([
        Buffer.alloc(outer, 1),
        content
          .uint32((2 << 3) | 2)
          .bytes(Buffer.alloc(inner, 2))
          .finish(),
      ]);
      const expected = protobuf.Writer.create()
        .uint32((1 << 3) | 2)
        .bytes(message)
        .uint32(3 << 3)
        .uint32(1)
        .finish();
      assert.deepEqual(Buffer.from(writer.toBytes()), Buffer.from(expected));
    }),
    { numRuns: 60 },
  );
});

test("take leaves the taken bytes alone", () => {
  const writer = new ProtobufWriter();
  writer.string(1, "first");
  const taken = writer.take();
  writer.string(1, "other");
  assert.equal(new ProtobufReader().reset(taken).next(), true);
  assert.equal(Buffer.from(taken.subarray(2)).toString(), "first");
});
