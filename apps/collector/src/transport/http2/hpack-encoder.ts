import { staticTable } from "./hpack-static-table.ts";

const names = new Map<string, number>();
const fields = new Map<string, number>();
for (let i = staticTable.length - 2; i >= 0; i -= 2) {
  names.set(staticTable[i] ?? "", i / 2 + 1);
  fields.set(`${staticTable[i]}\0${staticTable[i + 1]}`, i / 2 + 1);
}

/** First in the first block after the other side has changed its table's size: we keep nothing in it. */
export const emptyTable = Buffer.from([0x20]);

/**
 * Encodes headers (name, value, name, value, …; names in small letters) so that neither side keeps anything: blocks can be made once and
 * sent on any connection, any number of times. No Huffman code: it would cost both sides more than the few bytes are worth.
 */
export function encodeHeaders(pairs: readonly string[]): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [name = "", value = ""] = [pairs[i], pairs[i + 1]];
    const field = fields.get(`${name}\0${value}`);
    if (field !== undefined) {
      pieces.push(integer(0x80, 7, field));
      continue;
    }
    // 0000xxxx: a literal that is not kept; 0001xxxx: one that nobody on the way may keep.
    const pattern = secretHeaders.has(name) ? 0x10 : 0x00;
    const index = names.get(name) ?? 0;
    pieces.push(integer(pattern, 4, index));
    if (index === 0) pieces.push(text(name));
    pieces.push(text(value));
  }
  return Buffer.concat(pieces);
}

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(0x00, 7, bytes.length), bytes]);
}

function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
