import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImportExports } from "./module-text.ts";

/** The texts of a file, or of a folder's `*.alloy` files in the order of their names. Throws where they can't be read. */
export function readModuleFiles(path: string): ImportExports {
  if (!statSync(path).isDirectory()) return { modules: [{ name: path, text: readFileSync(path, "utf8") }], path: dirname(path) };
  const names = readdirSync(path)
    .filter((name) => name.endsWith(".alloy"))
    .sort();
  return { modules: names.map((name) => ({ name: join(path, name), text: readFileSync(join(path, name), "utf8") })), path };
}
