import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a tar archive holds: folders end in a slash and have no data, links have a target. */
export interface TarEntry {
  readonly path: string;
  readonly mode: number;
  readonly data?: Uint8Array;
  readonly target?: string;
}

/** An archive of these entries in their order, owned by root, as old as the epoch: the same entries give the same bytes. */
export function tarOf(entries: Iterable<TarEntry>): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const data = entry.data ?? Buffer.alloc(0);
    parts.push(headerOf(entry, data.length), data, Buffer.alloc(paddingAfter(data.length)));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}

/** Everything below a folder, sorted, with the permissions that it has there. */
export function* entriesBelow(folder: string, below = ""): Generator<TarEntry> {
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = below === "" ? name : `${below}/${name}`;
    const stat = lstatSync(join(folder, path));
    const mode = stat.mode & 0o7777;
    if (stat.isSymbolicLink()) yield { path, mode: 0o777, target: readlinkSync(join(folder, path)) };
    else if (stat.isDirectory()) {
      yield { path: `${path}/`, mode };
      yield* entriesBelow(folder, path);
    } else yield { path, mode, data: readFileSync(join(folder, path)) };
  }
}

const block = 512;

function paddingAfter(length: number): number {
  return (block - (length % block)) % block;
}

function headerOf({ path, mode, target }: TarEntry, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`a path in an image may have 100 bytes, ${path} is longer`);
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number) => header.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  header.write(path, 0, "utf8");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.write(target !== undefined ? "2" : path.endsWith("/") ? "5" : "0", 156, "latin1");
  header.write(target ?? "", 157, "utf8");
  header.write("ustar\u000000", 257, "latin1");
  // The sum is taken with blanks in its own place.
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}
