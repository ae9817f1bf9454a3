import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../tests/fuzz-time.ts";
import { CompressionError } from "./error.ts";
import { decompressXz } from "./xz.ts";

// `cases/` are files of liblzma 5.4: the text with CRC32, the mixture with CRC64 and lc=1, lp=3, pb=1, the random bytes without a check.
const packed = (name: string) => readFileSync(join(import.meta.dirname, `cases/${name}.xz`));

function text(): Buffer {
  let lines = "";
  for (let i = 0; i < 500; i++) lines += `line ${i} of the text\n`;
  return Buffer.from(lines);
}

function random(): Buffer {
  const bytes = Buffer.alloc(3000);
  let x = 1n;
  for (let i = 0; i < bytes.length; i++) {
    x = (x * 1103515245n + 12345n) % (1n << 31n);
    bytes[i] = Number((x >> 16n) & 255n);
  }
  return bytes;
}

for (const [name, content] of [
  ["text", text()],
  ["mixed", Buffer.concat([text(), random(), text()])],
  ["random", random()],
] as const)
  test(`unpacks ${name}`, () => assert.ok(Buffer.from(decompressXz(packed(name), 1 << 20)).equals(content)));

test("unpacks nothing", () =>
  assert.equal(decompressXz(Buffer.from("/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=", "base64"), 10).length, 0));

test("refuses what unpacks to more than is allowed", () =>
  assert.throws(
    () => decompressXz(packed("text"), 100),
    (error) => error instanceof CompressionError && error.kind === "too_large",
  ));

test("finds damaged content where its check is a CRC32", () => {
  const bytes = packed("text");
  bytes[60] = (bytes[60] as number) ^ 1;
  assert.throws(() => decompressXz(bytes, 1 << 20), CompressionError);
});

test("damaged data give bytes or a CompressionError, and soon", () => {
  const whole = packed("mixed");
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(whole.length), (at, flip, length) => {
      const bytes = Buffer.from(whole.subarray(0, length));
      if (at < length) bytes[at] = (bytes[at] as number) ^ flip;
      try {
        assert.ok(decompressXz(bytes, 1 << 20).length <= 1 << 20);
      } catch (error) {
        assert.ok(error instanceof CompressionError, String(error));
      }
    }),
    fuzzParameters(),
  );
});
