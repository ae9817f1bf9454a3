import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { fuzzParameters } from "../../../../tests/fuzz-time.ts";
import { crc32c } from "./compression/crc32c.ts";
import { CompressionError } from "./compression/error.ts";
import { xxHash32 } from "./compression/xxhash32.ts";
import { compress, decompress, type Encoding, isEncoding } from "./compression.ts";

const writable = ["gzip", "zlib", "deflate", "zstd", "snappy", "x-snappy-framed"] as const;
const readable: readonly Encoding[] = [...writable, "lz4"];

/** Compressible and not, small enough for one thread and not. */
const samples: readonly Uint8Array[] = [
  Buffer.alloc(0),
  Buffer.from("x"),
  Buffer.from("a b c d ".repeat(5)),
  Buffer.alloc(300_000, "the same again and again, "),
  randomBytes(100_000),
];

for (const encoding of writable)
  test(`${encoding} unpacks what it packed, whatever the pieces`, async () => {
    for (const sample of samples) {
      const packed = await compress(encoding, [sample.subarray(0, 3), sample.subarray(3)], undefined);
      const middle = packed.length >> 1;
      const back = await decompress(encoding, [packed.subarray(0, middle), packed.subarray(middle)], Math.max(sample.length, 1));
      assert.deepEqual(Buffer.from(back), Buffer.from(sample));
    }
  });

test("levels are the format's own", async () => {
  const sample = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i * 7919}`).join(" "));
  for (const encoding of ["gzip", "zlib", "zstd"] as const) {
    const [low, high] = await Promise.all([compress(encoding, [sample], 1), compress(encoding, [sample], 9)]);
    assert.ok(high.length < low.length, encoding);
  }
});

/** The kind of the error, or the number of bytes. */
async function outcome(encoding: Encoding, packed: Uint8Array, maxBytes: number): Promise<string | number> {
  try {
    return (await decompress(encoding, [packed], maxBytes)).length;
  } catch (error) {
    assert.ok(error instanceof CompressionError, String(error));
    return error.kind;
  }
}

test("what would unpack to more than allowed is refused, whatever its size", async () => {
  const bomb = Buffer.alloc(50_000_000);
  const nearly = Buffer.alloc(1000);
  for (const encoding of writable) {
    assert.equal(await outcome(encoding, await compress(encoding, [bomb], undefined), 1_000_000), "too_large", encoding);
    const packed = await compress(encoding, [nearly], undefined);
    assert.equal(await outcome(encoding, packed, 999), "too_large", encoding);
    assert.equal(await outcome(encoding, packed, 1000), 1000, encoding);
  }
});

test("a zstd window that takes more memory than HTTP allows is refused", async () => {
  // A frame head that announces a window of 128 MiB, and one empty last block.
  const wide = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00]);
  assert.equal(await outcome("zstd", wide, 1000), "corrupt");
});

test("several gzip members are one", async () => {
  const twice = Buffer.concat([gzipSync("one "), gzipSync("two")]);
  assert.equal(Buffer.from(await decompress("gzip", [twice], 100)).toString(), "one two");
});

test("snappy reads frames under the block's name, as older senders write them", async () => {
  const framed = await compress("x-snappy-framed", [Buffer.from("framed")], undefined);
  assert.equal(Buffer.from(await decompress("snappy", [framed], 100)).toString(), "framed");
});

test("a deflate stream without its zlib head is no deflate", async () => {
  assert.equal(await outcome("deflate", deflateRawSync("x"), 100), "corrupt");
});

const metrics = "spans and logs and metrics, ".repeat(20);
const lz4Cases: readonly (readonly [string, string, string])[] = [
  // Two as other programs write them.
  [
    "a foreign frame",
    "04224d186470b92e000000d27370616e7320616e64206c6f6709009f6d6574726963732c201c00fff2001402c06e64206d6574726963732c20000000009e37a2d5",
    metrics,
  ],
  [
    "a foreign frame with all checksums and its length",
    "04224d187c703002000000000000c42e000000d27370616e7320616e64206c6f6709009f6d6574726963732c201c00fff2001402c06e64206d6574726963732c204117da54000000009e37a2d5",
    metrics,
  ],
  ["stored, content checksum", lz4Frame(Buffer.from("hello"), { contentChecksum: true }), "hello"],
  ["stored, block checksums", lz4Frame(Buffer.from("hello hello"), { blockChecksums: true }), "hello hello"],
  // Literals "ab", then a match two back of length 10, then the last literals "cdefg".
  [
    "a match that overlaps itself",
    lz4Frame(Buffer.from([0x26, 0x61, 0x62, 0x02, 0x00, 0x50, 0x63, 0x64, 0x65, 0x66, 0x67]), { packed: true }),
    "ababababababcdefg",
  ],
];

function lz4Frame(content: Buffer, options: { contentChecksum?: boolean; blockChecksums?: boolean; packed?: boolean }): string {
  const flags = 0x60 | (options.blockChecksums ? 0x10 : 0) | (options.contentChecksum ? 0x04 : 0);
  const header = Buffer.from([flags, 0x40]);
  const word = (value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value >>> 0);
    return buffer;
  };
  return Buffer.concat([
    word(0x184d2204),
    header,
    Buffer.from([(xxHash32(header, 0, 2) >>> 8) & 0xff]),
    word(content.length | (options.packed ? 0 : 0x80000000)),
    content,
    ...(options.blockChecksums ? [word(xxHash32(content, 0, content.length))] : []),
    word(0),
    ...(options.contentChecksum ? [word(xxHash32(content, 0, content.length))] : []),
  ]).toString("hex");
}

for (const [name, hex, expected] of lz4Cases)
  test(`lz4 reads ${name}`, async () => {
    assert.equal(Buffer.from(await decompress("lz4", [Buffer.from(hex, "hex")], 1000)).toString(), expected);
    assert.equal(await outcome("lz4", Buffer.from(hex, "hex"), expected.length - 1), "too_large");
  });

test("checksums are those of their specifications", () => {
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  assert.equal(xxHash32(Buffer.from(""), 0, 0), 0x02cc5d05);
  assert.equal(xxHash32(Buffer.from("abc"), 0, 3), 0x32d153ff);
  assert.equal(xxHash32(Buffer.from("Nobody inspects the spammish repetition"), 0, 39), 0xe2293b2f);
  assert.notEqual(crc32(Buffer.from("123456789")), crc32c(Buffer.from("123456789")));
});

test("no bytes make a decoder do anything but answer or refuse", async () => {
  const valid = zstdCompressSync(Buffer.alloc(500, "abc"));
  const seeds = await Promise.all(writable.map((encoding) => compress(encoding, [Buffer.alloc(500, "abc")], undefined)));
  seeds.push(Buffer.from(lz4Cases[4]?.[1] ?? "", "hex"), valid);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...readable),
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      async (encoding, seed, changes, cut) => {
        const data = Buffer.from(seed);
        for (const [at, value] of changes) data[at % data.length] = value;
        const result = await outcome(encoding, data.subarray(0, cut % (data.length + 1)), 400);
        assert.ok(typeof result === "string" || result <= 400);
      },
    ),
    fuzzParameters(),
  );
});

test("names of encodings are known", () => {
  assert.ok(isEncoding("gzip"));
  assert.ok(!isEncoding("br") && !isEncoding("") && !isEncoding("constructor"));
});
