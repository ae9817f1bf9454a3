/**
 * The lengths in bits of the codes of bytes 0 to 255 and of the end mark (RFC 7541, appendix B). The codes themselves follow: they are
 * handed out in order of length, then of byte.
 */
export const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10,
  12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7,
  7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22,
  23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22,
  23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20,
  24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const endMark = 256;

/*
 * Decoding goes eight bits at a time through tables of 256 entries, one after the other in one array:
 *
 *   bit 31: leads on, to the table whose number is in bits 0..15
 *   else: bits 8..11 how many of the eight bits the code took, bits 0..7 the byte
 *   0xffffffff: no code, or the end mark, which must not occur
 */
const leadsOn = 0x80000000;
const noCode = 0xffffffff;

let tables: Uint32Array | undefined;

/** Decodes `data` from `start` to `end` into `target`; gives the number of bytes, or -1 where it is no valid code or does not fit. */
export function decodeHuffman(data: Uint8Array, start: number, end: number, target: Uint8Array): number {
  tables ??= buildTables();
  let table = 0;
  let bits = 0;
  let bitCount = 0;
  // The bits since the last whole byte decoded: what is left at the end must be padding of ones, fewer than eight.
  let sinceSymbol = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    bits = (bits << 8) | (data[at] ?? 0);
    bitCount += 8;
    sinceSymbol += 8;
    while (bitCount >= 8) {
      const entry = tables[table + ((bits >>> (bitCount - 8)) & 0xff)] ?? noCode;
      if (entry === noCode) return -1;
      if (entry >= leadsOn) {
        table = (entry & 0xffff) << 8;
        bitCount -= 8;
        continue;
      }
      if (length === target.length) return -1;
      target[length++] = entry & 0xff;
      bitCount -= entry >>> 8;
      sinceSymbol = bitCount;
      table = 0;
    }
    bits &= (1 << bitCount) - 1;
  }
  while (bitCount > 0) {
    const entry = tables[table + ((bits << (8 - bitCount)) & 0xff)] ?? noCode;
    if (entry === noCode || entry >= leadsOn || entry >>> 8 > bitCount) break;
    if (length === target.length) return -1;
    target[length++] = entry & 0xff;
    bitCount -= entry >>> 8;
    sinceSymbol = bitCount;
    table = 0;
  }
  const padding = (1 << bitCount) - 1;
  return sinceSymbol > 7 || (bits & padding) !== padding ? -1 : length;
}

function buildTables(): Uint32Array {
  const codes = assignCodes();
  const built: number[] = new Array(256).fill(noCode);
  for (let symbol = 0; symbol < codes.length; symbol++) {
    const length = codeLengths[symbol] ?? 0;
    const code = codes[symbol] ?? 0;
    let table = 0;
    let left = length;
    while (left > 8) {
      const index = table + ((code >>> (left - 8)) & 0xff);
      if (built[index] === noCode) {
        built[index] = leadsOn + (built.length >> 8);
        for (let i = 0; i < 256; i++) built.push(noCode);
      }
      table = ((built[index] ?? 0) & 0xffff) << 8;
      left -= 8;
    }
    if (symbol === endMark) continue;
    const first = (code << (8 - left)) & 0xff;
    for (let i = 0; i < 1 << (8 - left); i++) built[table + first + i] = (left << 8) | symbol;
  }
  return Uint32Array.from(built);
}

/** The codes of all bytes and the end mark, as numbers of `codeLengths` bits. */
export function assignCodes(): number[] {
  const codes: number[] = new Array(codeLengths.length).fill(0);
  let code = 0;
  for (let length = 5; length <= 30; length++) {
    code *= 2;
    for (let symbol = 0; symbol < codeLengths.length; symbol++) if (codeLengths[symbol] === length) codes[symbol] = code++;
  }
  return codes;
}
