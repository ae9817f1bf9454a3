import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { equalBytes, isValidUtf8, textOf } from "./utf8.ts";

test("agrees with the native check on any bytes, short and long", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 400 }).map((text) => new Uint8Array(Buffer.from(text))),
  );
  fc.assert(
    fc.property(bytes, (content) => {
      const padded = Buffer.concat([Buffer.from([0xff]), content, Buffer.from([0xff])]);
      assert.equal(isValidUtf8(padded, 1, 1 + content.length), isUtf8(content));
    }),
  );
});

test("decodes a part, with U+FFFD for what is no UTF-8", () => {
  assert.equal(textOf(Buffer.from("xgrün y"), 1, 6), "grün");
  assert.equal(textOf(Uint8Array.of(0x41, 0xff)), "A\ufffd");
});

test("compares runs by length and content", () => {
  const bytes = Buffer.from("abcabd");
  assert.equal(equalBytes(bytes, 0, 2, bytes, 3, 5), true);
  assert.equal(equalBytes(bytes, 0, 3, bytes, 3, 6), false);
  assert.equal(equalBytes(bytes, 0, 2, bytes, 3, 6), false);
});
