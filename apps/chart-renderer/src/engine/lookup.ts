import type { GoMap, GoValue } from "@invar/go-compat";
import { deepCopy } from "@invar/go-template";
import type { Lookup } from "./functions.ts";

/**
 * What `lookup` finds among these objects: one by its name, or the list of those of a kind, in one namespace or in all. Lists of
 * objects count as what is in them.
 */
export function lookupIn(objects: readonly GoMap[]): Lookup {
  const all = objects.flatMap(unlisted);
  return (apiVersion, kind, namespace, name) => {
    const found = all.filter(
      (object) =>
        object.get("apiVersion") === apiVersion &&
        object.get("kind") === kind &&
        (namespace === "" || fieldOf(object, "namespace") === "" || fieldOf(object, "namespace") === namespace),
    );
    // Templates may write into what they get.
    if (name !== "") {
      const object = found.find((candidate) => fieldOf(candidate, "name") === name);
      return object === undefined ? new Map() : (deepCopy(object) as GoMap);
    }
    if (objects.length === 0) return new Map();
    return new Map<string, GoValue>([
      ["apiVersion", apiVersion],
      ["kind", `${kind}List`],
      ["metadata", new Map()],
      ["items", found.map(deepCopy)],
    ]);
  };
}

function unlisted(object: GoMap): GoMap[] {
  const items = object.get("items");
  const kind = object.get("kind");
  if (!Array.isArray(items) || typeof kind !== "string" || !kind.endsWith("List")) return [object];
  return items.filter((item): item is GoMap => item instanceof Map);
}

function fieldOf(object: GoMap, name: string): string {
  const metadata = object.get("metadata");
  const value = metadata instanceof Map ? metadata.get(name) : undefined;
  return typeof value === "string" ? value : "";
}
