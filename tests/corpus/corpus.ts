import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../shared/corpus");

/** The configurations, values and records that lie beside the repository; or why they can't be had. */
export function corpus(): { readonly folder: string } | { readonly skip: string } {
  return existsSync(folder) ? { folder } : { skip: "../shared is absent: an outside clone" };
}

/** The paths of a corpus folder's files with this ending. */
export function corpusFiles(of: string, ending: string): string[] {
  return readdirSync(of)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(of, name));
}
