import type { GoMap, GoValue } from "@invar/go-compat";
import { identityOf, type RenderedObject } from "./objects.ts";

export interface FieldChange {
  readonly change: "added" | "removed" | "changed";
  /** `spec.containers[name=main].image`. */
  readonly path: string;
  /** Absent for what was added. */
  readonly before?: GoValue;
  /** Absent for what was removed. */
  readonly after?: GoValue;
}

export interface ObjectChange {
  readonly change: "added" | "removed" | "changed";
  /** The newer of the two. */
  readonly object: RenderedObject;
  readonly fields: readonly FieldChange[];
}

/** What changed from one render to another, in the order of the newer one; what is gone comes last. */
export function compareObjects(before: readonly RenderedObject[], after: readonly RenderedObject[]): ObjectChange[] {
  const older = numbered(before);
  const newer = numbered(after);
  const changes: ObjectChange[] = [];
  for (const [identity, object] of newer) {
    const previous = older.get(identity);
    if (previous === undefined) changes.push({ change: "added", object, fields: [] });
    else {
      const fields = compareValues(previous.content, object.content, "");
      if (fields.length > 0) changes.push({ change: "changed", object, fields });
    }
  }
  for (const [identity, object] of older) if (!newer.has(identity)) changes.push({ change: "removed", object, fields: [] });
  return changes;
}

/** Objects by identity; those that share one are told apart by their order. */
function numbered(objects: readonly RenderedObject[]): Map<string, RenderedObject> {
  const counts = new Map<string, number>();
  return new Map(
    objects.map((object) => {
      const identity = identityOf(object);
      const count = counts.get(identity) ?? 0;
      counts.set(identity, count + 1);
      return [`${identity}#${count}`, object];
    }),
  );
}

/** The fields in which two values differ. */
export function compareValues(before: GoValue, after: GoValue, path: string): FieldChange[] {
  if (before instanceof Map && after instanceof Map) return compareMaps(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path);
  return before === after || (isEmpty(before) && isEmpty(after)) ? [] : [{ change: "changed", path, before, after }];
}

// Kubernetes does not tell them apart either.
function isEmpty(value: GoValue): boolean {
  return value === null || (value instanceof Map && value.size === 0) || (Array.isArray(value) && value.length === 0);
}

function compareMaps(before: GoMap, after: GoMap, path: string): FieldChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key) => entryChange(before.get(key), after.get(key), joined(path, key)));
}

function entryChange(before: GoValue | undefined, after: GoValue | undefined, path: string): FieldChange[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return isEmpty(after ?? null) ? [] : [{ change: "added", path, after: after ?? null }];
  if (after === undefined) return isEmpty(before) ? [] : [{ change: "removed", path, before }];
  return compareValues(before, after, path);
}

function joined(path: string, key: string): string {
  if (/[.[\]\s"]/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path === "" ? key : `${path}.${key}`;
}

/** By the name of the elements where each has one, else by place with what is equal at both ends left out. */
function compareLists(before: readonly GoValue[], after: readonly GoValue[], path: string): FieldChange[] {
  for (const key of ELEMENT_KEYS) {
    const older = byKey(before, key);
    const newer = byKey(after, key);
    if (older === undefined || newer === undefined) continue;
    const names = [...new Set([...older.keys(), ...newer.keys()])];
    return names.flatMap((name) => entryChange(older.get(name), newer.get(name), `${path}[${key}=${name}]`));
  }
  let start = 0;
  while (start < before.length && start < after.length && isSame(before[start], after[start])) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && isSame(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const older = before.slice(start, before.length - end);
  const newer = after.slice(start, after.length - end);
  return Array.from({ length: Math.max(older.length, newer.length) }, (_, index) => index).flatMap((index) =>
    index < older.length && index < newer.length
      ? compareValues(older[index] as GoValue, newer[index] as GoValue, `${path}[${start + index}]`)
      : elementChange(older[index], newer[index], `${path}[${start + index}]`),
  );
}

// What Kubernetes takes for the identity of list elements, roughly in the order in which it does.
const ELEMENT_KEYS = ["name", "containerPort", "mountPath", "devicePath", "port", "key", "uid", "ip", "topologyKey", "alert", "record"];

function byKey(list: readonly GoValue[], key: string): Map<string, GoMap> | undefined {
  const found = new Map<string, GoMap>();
  for (const item of list) {
    const value = item instanceof Map ? item.get(key) : undefined;
    if (!(item instanceof Map) || (typeof value !== "string" && typeof value !== "number") || found.has(String(value))) return undefined;
    found.set(String(value), item);
  }
  return found;
}

function isSame(a: GoValue | undefined, b: GoValue | undefined): boolean {
  return a !== undefined && b !== undefined && compareValues(a, b, "").length === 0;
}

function elementChange(before: GoValue | undefined, after: GoValue | undefined, path: string): FieldChange[] {
  if (before === undefined) return [{ change: "added", path, after: after ?? null }];
  return [{ change: "removed", path, before }];
}
