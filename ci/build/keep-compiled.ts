import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { crc32 } from "node:zlib";

// Loaded into the built program by the warm-up, with --import and --expose-internals: when the program is told to stop, or ends, the cache of
// compiled code beside it is replaced by one that holds every function that ran. Node's own is made before anything runs, and holds none: each
// start compiled two thousand functions again, a fifth of its time.

// A kludge: only Node's own loader knows how to compile a module so that V8 finds what it has already.
interface Loader {
  compileSourceTextModule(url: string, source: string, type: unknown): { createCachedData(): Buffer };
  readonly SourceTextModuleTypes: { readonly kUser: unknown };
}

const { compileSourceTextModule, SourceTextModuleTypes } = createRequire(import.meta.url)("internal/modules/esm/utils") as Loader;
const folder = dirname(process.argv[1] ?? "");

process.once("SIGTERM", keep);
process.once("exit", keep);

// A cache file begins with five numbers of 32 bits: magic, length and checksum of the code apart, of the cache apart.
const header = 20;
const [codeLengthAt, cacheLengthAt, codeSumAt, cacheSumAt] = [4, 8, 12, 16];

let isKept = false;

function keep(): void {
  if (isKept) return;
  isKept = true;
  const files = cacheFiles();
  for (const part of ["invar.mjs", ...readdirSync(join(folder, "parts")).map((name) => join("parts", name))]) {
    const path = join(folder, part);
    const source = readFileSync(path);
    const file = files.get(`${source.length} ${crc32(source)}`);
    if (file === undefined) continue;
    const before = readFileSync(file);
    const url = pathToFileURL(path).href;
    const compiled = compileSourceTextModule(url, source.toString("latin1"), SourceTextModuleTypes.kUser).createCachedData();
    // What this run did not load comes out as it was.
    if (compiled.length <= before.length - header) continue;
    const head = Buffer.from(before.subarray(0, header));
    head.writeUInt32LE(compiled.length, cacheLengthAt);
    head.writeUInt32LE(crc32(compiled), cacheSumAt);
    writeFileSync(file, Buffer.concat([head, compiled]));
  }
}

/** By length and checksum of the code that they belong to. */
function cacheFiles(): Map<string, string> {
  const cache = process.env.NODE_COMPILE_CACHE ?? "";
  const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const head = readFileSync(path);
      return [`${head.readUInt32LE(codeLengthAt)} ${head.readUInt32LE(codeSumAt)}`, path];
    }),
  );
}
