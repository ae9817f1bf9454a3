import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "@invar/alloy-syntax";
import { textFromBytes } from "@invar/go-compat";

/** More text than this is no configuration. */
const mostBytes = 16 * 1024 * 1024;

/** The configuration's texts: a file, or all `*.alloy` files of a folder as one. Throws where they can't be read. */
export function readSources(path: string): Source[] {
  const about = statSync(path, { throwIfNoEntry: false });
  if (about === undefined) throw new Error(`configuration path not found: ${path}`);
  if (!about.isDirectory()) return [readSource(path)];
  const names = readdirSync(path)
    .filter((name) => name.endsWith(".alloy"))
    .sort();
  if (names.length === 0) throw new Error(`no *.alloy file in ${path}`);
  return names.map((name) => readSource(join(path, name)));
}

function readSource(path: string): Source {
  const { size } = statSync(path);
  if (size > mostBytes) throw new Error(`${path}: ${size} bytes are more than a configuration may have (${mostBytes})`);
  return { name: path, text: textFromBytes(readFileSync(path)) };
}
