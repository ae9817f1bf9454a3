import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { byteLength, bytesFromText, compareTexts, normalizeText, sliceByBytes, textFromBytes } from "./byte-text.ts";

const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0x10f7ff }).map((rune) => String.fromCodePoint(rune < 0xd800 ? rune : rune + 0x800)),
});

test("any bytes survive the way into text and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(Uint8Array.from(bytesFromText(textFromBytes(bytes))), bytes);
      assert.equal(byteLength(textFromBytes(bytes)), bytes.length);
    }),
  );
});

test("well-formed text is itself", () => {
  fc.assert(fc.property(anyText, (text) => textFromBytes(bytesFromText(text)) === text));
});

test("a slice through a character keeps the half character", () => {
  const half = sliceByBytes("h\u00e9", 0, 2);
  assert.deepEqual(Uint8Array.from(bytesFromText(half)), Uint8Array.of(0x68, 0xc3));
  assert.equal(byteLength(half), 2);
  assert.equal(normalizeText(half + sliceByBytes("h\u00e9", 2, 3)), "h\u00e9");
});

test("orders texts by their bytes, not by UTF-16 units", () => {
  assert.equal(compareTexts("\uffee", "\u{1f600}"), -1);
  assert.equal(compareTexts("a", "ab"), -1);
  fc.assert(fc.property(anyText, anyText, (a, b) => compareTexts(a, b) === Buffer.compare(Buffer.from(a), Buffer.from(b))));
});
