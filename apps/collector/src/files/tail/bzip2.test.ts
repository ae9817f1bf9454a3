import assert from "node:assert/strict";
import { test } from "node:test";
import { decompressBzip2 } from "./bzip2.ts";

async function decompress(hex: string, chunkBytes = 7): Promise<string> {
  const bytes = Buffer.from(hex, "hex");
  const source = async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const parts: Uint8Array[] = [];
  for await (const part of decompressBzip2(source())) parts.push(part);
  return Buffer.concat(parts).toString("latin1");
}

// Made by libbzip2.
const hello = "425a68393141592653596b5fb1dd00000241800010064490802000310c0821a369080723ae878bb9229c284835afd8ee80";
const runs = "425a6839314159265359d2fdb355000004c101c010300000400008a000310c0052a069cc9977c3b491aaa4668c9f177245385090d2fdb355";
const empty = "425a683917724538509000000000";

test("files of the bzip2 program are decompressed, also several in one", async () => {
  assert.equal(await decompress(hello), "hello\nworld\n");
  assert.equal(await decompress(runs), `${"a".repeat(1000)}${"ab".repeat(300)}${"\x00\xff".repeat(5)}\n`);
  assert.equal(await decompress(empty), "");
  assert.equal(await decompress(hello + empty + hello), "hello\nworld\nhello\nworld\n");
});

test("damaged and cut files are refused", async () => {
  for (let bytes = 1; bytes < hello.length / 2; bytes++) await assert.rejects(decompress(hello.slice(0, bytes * 2)), /bzip2 data invalid/);
  await assert.rejects(decompress("1f8b0800"), /bad magic value/);
  for (let at = 8; at < 70; at += 2) {
    const flipped = (Number.parseInt(hello.slice(at, at + 2), 16) ^ 0x24).toString(16).padStart(2, "0");
    await assert.rejects(decompress(hello.slice(0, at) + flipped + hello.slice(at + 2)), /bzip2 data invalid/);
  }
});
