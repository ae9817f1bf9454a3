import type { Entry, EntryMap, EntryValue } from "./entry.ts";

/** A place in an entry: `body`, `attributes.a.b`, `resource["k8s.pod.name"]`. Without one of these roots it lies in the body. */
export interface Field {
  readonly root: "body" | "attributes" | "resource";
  readonly keys: readonly string[];
  readonly text: string;
}

/** Reads a field; returns what is wrong with it as text. */
export function parseField(text: string): Field | string {
  const keys = keysOf(text);
  if (typeof keys === "string") return keys;
  const [first, ...rest] = keys;
  if (first === "body" || first === "attributes" || first === "resource") return { root: first, keys: rest, text };
  return { root: "body", keys, text };
}

function keysOf(text: string): string[] | string {
  const keys: string[] = [];
  const part = /(?:^|\.)([^.[\]]+)|\[(?:"([^"]*)"|'([^']*)')\]/y;
  while (part.lastIndex < text.length) {
    const at = part.lastIndex;
    const match = part.exec(text);
    if (match === null)
      return `unrecognized field ${JSON.stringify(text)} at character ${at + 1}: write keys with dots between, or in brackets and quotes`;
    keys.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return keys.length === 0 ? "a field must not be empty" : keys;
}

export function getField(entry: Entry, { root, keys }: Field): EntryValue | undefined {
  let value: EntryValue | undefined = entry[root];
  for (const key of keys) {
    if (!(value instanceof Map)) return undefined;
    value = value.get(key);
  }
  return value;
}

/** Sets a value; a map is merged into the one that is there. Returns why that is not possible. */
export function setField(entry: Entry, field: Field, value: EntryValue): string | undefined {
  const { root, keys } = field;
  if (value instanceof Map) {
    const target = mapAt(entry, field);
    for (const [key, each] of value) target.set(key, each);
    return undefined;
  }
  const last = keys.at(-1);
  if (last === undefined) {
    if (root !== "body") return `cannot set ${root} root`;
    entry.body = value;
    return undefined;
  }
  mapAt(entry, { root, keys: keys.slice(0, -1), text: "" }).set(last, value);
  return undefined;
}

/** Takes a value away and returns it; undefined where there was none. */
export function deleteField(entry: Entry, { root, keys }: Field): EntryValue | undefined {
  const last = keys.at(-1);
  if (last === undefined) {
    const old = entry[root];
    if (root === "body") entry.body = null;
    else entry[root] = new Map();
    return old;
  }
  const parent = getField(entry, { root, keys: keys.slice(0, -1), text: "" });
  if (!(parent instanceof Map)) return undefined;
  const old = parent.get(last);
  if (old !== undefined) parent.delete(last);
  return old;
}

/** The map at a place, made where there is none. */
function mapAt(entry: Entry, { root, keys }: Field): EntryMap {
  let map = rootMap(entry, root);
  for (const key of keys) {
    const inner = map.get(key);
    const next: EntryMap = inner instanceof Map ? inner : new Map();
    if (next !== inner) map.set(key, next);
    map = next;
  }
  return map;
}

function rootMap(entry: Entry, root: Field["root"]): EntryMap {
  const map = entry[root];
  if (map instanceof Map) return map;
  const made: EntryMap = new Map();
  entry.body = made;
  return made;
}
