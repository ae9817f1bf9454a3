/** How the bytes of a file become UTF-8. */
export interface Decoding {
  /** Bytes of a line end, whose first byte a line can't hold at that place. */
  readonly newline: Uint8Array;
  /** Undefined where the bytes are taken as they are. */
  readonly decode: ((bytes: Uint8Array) => Buffer) | undefined;
}

const asIs: Decoding = { newline: Uint8Array.of(10), decode: undefined };

/** Says why an encoding can't be read, or undefined. */
export function checkEncoding(name: string): string | undefined {
  if (name === "" || decodingByName(name) !== undefined) return undefined;
  return `unsupported encoding ${JSON.stringify(name)}: write an IANA name such as "UTF-16LE", "ISO-8859-1" or "Shift_JIS"`;
}

/** The decoding of a file that begins with these bytes: a byte order mark overrides the name. `skip` is the mark's length. */
export function decodingOf(name: string, beginning: Uint8Array): { readonly decoding: Decoding; readonly skip: number } {
  const mark = byteOrderMark(beginning);
  if (mark !== undefined)
    return { decoding: mark.encoding === undefined ? decodingNamed(name) : decodingNamed(mark.encoding), skip: mark.length };
  return { decoding: decodingNamed(name), skip: 0 };
}

function byteOrderMark(bytes: Uint8Array): { encoding: string | undefined; length: number } | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: "", length: 3 };
  if (a === 0xfe && b === 0xff) return { encoding: "utf-16be", length: 2 };
  if (a === 0xff && b === 0xfe) return { encoding: "utf-16le", length: 2 };
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { encoding: undefined, length: 4 };
  return undefined;
}

function decodingNamed(name: string): Decoding {
  return name === "" ? asIs : (decodingByName(name) ?? asIs);
}

function decodingByName(name: string): Decoding | undefined {
  // By the standard, UTF-16 without a mark is big-endian; to the Web it is little-endian.
  const label = /^utf-?16$/i.test(name) ? "utf-16be" : name;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { ignoreBOM: true });
  } catch {
    return undefined;
  }
  if (decoder.encoding === "utf-8") return asIs;
  const newline =
    decoder.encoding === "utf-16le" ? Uint8Array.of(10, 0) : decoder.encoding === "utf-16be" ? Uint8Array.of(0, 10) : asIs.newline;
  return { newline, decode: (bytes) => Buffer.from(decoder.decode(bytes)) };
}

/** Where the last line end in `bytes` ends; 0 where there is none. `bytes` begin at a line's start. */
export function endOfLastLine(bytes: Uint8Array, newline: Uint8Array): number {
  const width = newline.length;
  if (width === 1) return bytes.lastIndexOf(10) + 1;
  for (let at = bytes.length - (bytes.length % 2) - 2; at >= 0; at -= 2)
    if (bytes[at] === newline[0] && bytes[at + 1] === newline[1]) return at + 2;
  return 0;
}

/** Where the first line end in `bytes` ends; 0 where there is none. */
export function endOfFirstLine(bytes: Uint8Array, newline: Uint8Array): number {
  if (newline.length === 1) return bytes.indexOf(10) + 1;
  for (let at = 0; at + 1 < bytes.length; at += 2) if (bytes[at] === newline[0] && bytes[at + 1] === newline[1]) return at + 2;
  return 0;
}
