import { readYaml } from "./read.ts";

/** Where things stand in a text's first document. Paths are keys and list indexes with zero characters between them. */
export interface YamlPlaces {
  /** The line of each key and list element; of a key written twice, the last. */
  readonly lines: ReadonlyMap<string, number>;
  /** Keys that are written again, in order. */
  readonly duplicates: readonly { readonly path: string; readonly line: number }[];
}

const known = new Map<string, YamlPlaces>();
const MOST_KNOWN = 64;

/** Throws `GoError` for what is no YAML. */
export function yamlPlaces(text: string): YamlPlaces {
  const found = known.get(text);
  if (found !== undefined) return found;
  const lines = new Map<string, number>();
  const duplicates: { path: string; line: number }[] = [];
  readYaml(text, (keys, line, isDuplicate) => {
    const path = keys.join("\0");
    lines.set(path, line);
    if (isDuplicate) duplicates.push({ path, line });
  });
  if (known.size >= MOST_KNOWN) known.clear();
  const places = { lines, duplicates };
  known.set(text, places);
  return places;
}

/** The line of each key and list element. */
export function yamlLines(text: string): ReadonlyMap<string, number> {
  return yamlPlaces(text).lines;
}
