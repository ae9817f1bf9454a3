import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../tests/fuzz-time.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { encodeHeaders } from "./hpack-encoder.ts";
import { assignCodes, codeLengths, decodeHuffman } from "./huffman.ts";
import { ConnectionError } from "./protocol.ts";

const decoder = () => new HpackDecoder(16_384);

/** "name: value" lines of a block given in hex. */
function lines(from: HpackDecoder, hex: string): string {
  const { pairs } = from.decode(Buffer.from(hex.replace(/\s/g, ""), "hex"));
  return pairs
    .map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\n`))
    .join("")
    .trim();
}

// The examples of RFC 7541, appendix C: each list of blocks goes through one decoder.
const get = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com";
const noCache = `${get}\ncache-control: no-cache`;
const custom = ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value";
const examples: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ["C.2.1, a literal that is kept", [["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header"]]],
  ["C.2.2, a literal that is not", [["040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path"]]],
  ["C.2.3, a literal that nobody may keep", [["1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret"]]],
  ["C.2.4, an entry of the static table", [["82", ":method: GET"]]],
  [
    "C.3, requests without Huffman's code",
    [
      ["8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", get],
      ["8286 84be 5808 6e6f 2d63 6163 6865", noCache],
      ["8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", custom],
    ],
  ],
  [
    "C.4, requests in Huffman's code",
    [
      ["8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", get],
      ["8286 84be 5886 a8eb 1064 9cbf", noCache],
      ["8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", custom],
    ],
  ],
];

for (const [name, blocks] of examples)
  test(`the RFC's example ${name} is read`, () => {
    const one = decoder();
    for (const [hex, expected] of blocks) assert.equal(lines(one, hex), expected);
  });

test("the oldest entries leave a table that is full, all of them one that becomes small", () => {
  const one = decoder();
  const kept = (name: string, value: string) => Buffer.concat([Buffer.from([0x40]), text(name), text(value)]);
  // Each takes 32 + 6 + 962 = 1000 bytes: four of them fit into 4096.
  for (const letter of "abcde") one.decode(kept(`name-${letter}`, letter.repeat(962)));
  const at = (index: number) => one.decode(Buffer.from([0x80 | index])).pairs[0];
  assert.deepEqual([62, 63, 64, 65].map(at), ["name-e", "name-d", "name-c", "name-b"]);
  assert.throws(() => at(66), ConnectionError);
  // A new size of 2000 leaves two, one of 0 none; the old limit may come back.
  one.decode(integer(0x20, 5, 2000));
  assert.deepEqual([62, 63].map(at), ["name-e", "name-d"]);
  assert.throws(() => at(64), ConnectionError);
  one.decode(Buffer.from([0x20]));
  assert.throws(() => at(62), ConnectionError);
  one.decode(integer(0x20, 5, 4096));
  one.decode(kept("x", "y"));
  assert.equal(at(62), "x");
  // What is larger than the table empties it.
  one.decode(kept("huge", "z".repeat(5000)));
  assert.throws(() => at(62), ConnectionError);
});

test("a list beyond the limit is cut off, and the table stays in step", () => {
  const one = new HpackDecoder(200);
  const block = one.decode(
    Buffer.concat([Buffer.from([0x40]), text("a"), text("x".repeat(150)), Buffer.from([0x40]), text("b"), text("y".repeat(50))]),
  );
  assert.deepEqual([block.isTooLong, block.pairs.length], [true, 2]);
  assert.equal(one.decode(Buffer.from([0xbe])).pairs[0], "b");
});

const malformed: readonly (readonly [string, Buffer])[] = [
  ["capitals in a name", literal("Name", "x")],
  ["a space in a name", literal("na me", "x")],
  ["an empty name", literal("", "x")],
  ["a colon within a name", literal("a:b", "x")],
  ["an end of line in a value", literal("name", "a\r\nb")],
  ["a NUL in a value", literal("name", "a\0b")],
];

for (const [name, block] of malformed) test(`${name} is malformed`, () => assert.ok(decoder().decode(block).isMalformed));

test("an entry that was malformed is so wherever it is used again", () => {
  const one = decoder();
  one.decode(Buffer.concat([Buffer.from([0x40]), text("Name"), text("x")]));
  assert.ok(one.decode(Buffer.from([0xbe])).isMalformed);
  assert.ok(one.decode(Buffer.concat([Buffer.from([0x0f, 0x2f]), text("y")])).isMalformed);
  assert.ok(!one.decode(Buffer.from([0x82])).isMalformed);
});

const wrong: readonly (readonly [string, string])[] = [
  ["an index of 0", "80"],
  ["an index beyond the table", "be"],
  ["a table size beyond the limit", "3fe2 1f"],
  ["a table size after a header", "8220"],
  ["an integer without end", "ffff ffff ffff ff"],
  ["a text beyond its block", "0005 6162"],
  ["a block that ends within an integer", "ff"],
  ["Huffman's end mark", "0084 ffff fffc 00"],
  ["padding of zeros", "0081 a800"],
  ["padding of a whole byte", "0082 1fff 00"],
];

for (const [name, hex] of wrong)
  test(`${name} ends the connection`, () => {
    assert.throws(
      () => decoder().decode(Buffer.from(hex.replace(/\s/g, ""), "hex")),
      (error) => error instanceof ConnectionError && error.code === 9,
    );
  });

test("every byte survives Huffman's code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const packed = encodeHuffman(bytes);
      const target = new Uint8Array(bytes.length);
      assert.equal(decodeHuffman(packed, 0, packed.length, target), bytes.length);
      assert.deepEqual(target, bytes);
    }),
  );
});

test("what the encoder writes, the decoder reads, whatever is sent before", () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  const value = fc.stringMatching(/^[ -~]{0,200}$/);
  const one = decoder();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(name, fc.constantFrom(":status", "content-type", "authorization")), value), { maxLength: 20 }),
      (pairs) => {
        const flat = pairs.flat();
        assert.deepEqual(one.decode(encodeHeaders(flat)).pairs, flat);
      },
    ),
  );
});

test("no bytes make the decoder do anything but answer or refuse", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 10 }), (blocks) => {
      const one = new HpackDecoder(1000);
      for (const block of blocks) {
        try {
          const { pairs } = one.decode(Buffer.from(block));
          assert.ok(pairs.join("").length <= 1000);
        } catch (error) {
          assert.ok(error instanceof ConnectionError, String(error));
          return;
        }
      }
    }),
    fuzzParameters(),
  );
});

function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x00]), text(name), text(value)]);
}

function text(value: string): Buffer {
  return Buffer.concat([integer(0x00, 7, value.length), Buffer.from(value, "latin1")]);
}

function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Nothing of ours is sent in this code; the tests need it. */
function encodeHuffman(data: Uint8Array): Uint8Array {
  const codes = assignCodes();
  let bits = "";
  for (const byte of data) bits += (codes[byte] ?? 0).toString(2).padStart(codeLengths[byte] ?? 0, "0");
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}
