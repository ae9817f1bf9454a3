let table: Uint32Array | undefined;

/** The Castagnoli checksum, which snappy's frames use. */
export function crc32c(data: Uint8Array): number {
  table ??= makeTable();
  let sum = 0xffffffff;
  for (let i = 0; i < data.length; i++) sum = (table[(sum ^ (data[i] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}

function makeTable(): Uint32Array {
  const made = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    made[i] = value;
  }
  return made;
}
