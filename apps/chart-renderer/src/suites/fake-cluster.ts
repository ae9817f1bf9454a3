import type { GoMap, GoValue } from "@invar/go-compat";
import type { Lookup } from "../engine/functions.ts";
import type { Settings } from "./suite.ts";

/** `lookup` over the objects of a `kubernetesProvider`: only kinds that its `scheme` names are found. */
export function fakeLookup({ scheme, objects }: Settings["kubernetes"]): Lookup {
  const all = objects.map((object) => withFloats(object) as GoMap);
  return (apiVersion, kind, namespace, name) => {
    const properties = scheme.get(`${apiVersion}/${kind}`);
    if (!(properties instanceof Map)) return new Map();
    const isNamespaced = properties.get("namespaced") === true;
    const wanted = isNamespaced ? namespace : "";
    const found = all.filter((object) => isOf(object, properties.get("gvr") ?? null));
    if (name !== "") {
      return found.find((object) => metadataOf(object, "name") === name && metadataOf(object, "namespace") === wanted) ?? new Map();
    }
    const items = found.filter((object) => wanted === "" || metadataOf(object, "namespace") === wanted);
    return new Map<string, GoValue>([
      ["apiVersion", apiVersion],
      ["kind", `${kind}List`],
      [
        "metadata",
        new Map([
          ["continue", ""],
          ["resourceVersion", ""],
        ]),
      ],
      ["items", items],
    ]);
  };
}

function metadataOf(object: GoMap, key: string): string {
  const metadata = object.get("metadata");
  const value = metadata instanceof Map ? metadata.get(key) : undefined;
  return typeof value === "string" ? value : "";
}

function isOf(object: GoMap, resource: GoValue): boolean {
  if (!(resource instanceof Map)) return false;
  const group = textOf(resource.get("group"));
  const version = textOf(resource.get("version"));
  const kind = textOf(object.get("kind")).toLowerCase();
  return object.get("apiVersion") === (group === "" ? version : `${group}/${version}`) && resource.get("resource") === plural(kind);
}

function textOf(value: GoValue | undefined): string {
  return typeof value === "string" ? value : "";
}

// As Kubernetes guesses it for its fake client.
function plural(kind: string): string {
  if (kind === "endpoints") return kind;
  if (kind.endsWith("s")) return `${kind}es`;
  return kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/** Values as charts get them: all numbers are float64. */
export function withFloats(value: GoValue): GoValue {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withFloats);
  return value instanceof Map ? new Map([...value].map(([key, one]) => [key, withFloats(one)])) : value;
}
