import { GoError, type GoMap, type GoValue } from "@invar/go-compat";

export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** A part of a document with an identity of its own: references in it are relative to its address. */
export interface Resource {
  readonly address: string;
  readonly pointer: string;
  readonly draft: Draft;
  readonly anchors: Map<string, string>;
  readonly dynamicAnchors: Set<string>;
  readonly document: SchemaDocument;
}

/** A schema and where it stands. */
export interface Schema {
  /** Anything but a map or a boolean accepts everything. */
  readonly value: GoValue;
  readonly pointer: string;
  readonly resource: Resource;
}

export interface SchemaDocument {
  readonly address: string;
  readonly root: GoValue;
  /** By pointer. */
  readonly resources: Map<string, Resource>;
  readonly schemas: Map<string, Schema>;
  /** Every reference that was found, whether it can be reached or not. */
  readonly references: { readonly from: Resource; readonly to: string }[];
  /** Other documents, by address. Throws `GoError`. */
  readonly load: (address: string) => SchemaDocument;
}

const LATEST: Draft = 2020;

const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ["json-schema.org/schema", LATEST],
  ["json-schema.org/draft/2020-12/schema", 2020],
  ["json-schema.org/draft/2019-09/schema", 2019],
  ["json-schema.org/draft-07/schema", 7],
  ["json-schema.org/draft-06/schema", 6],
  ["json-schema.org/draft-04/schema", 4],
]);

/** The draft that a `$schema` names. */
export function draftNamed(name: string): Draft | undefined {
  const [address = "", fragment = ""] = name.split("#");
  return fragment === "" ? DRAFTS.get(address.replace(/^https?:\/\//, "")) : undefined;
}

/** Finds the resources and anchors of a document. Throws `GoError`. */
export function openDocument(address: string, root: GoValue, load: SchemaDocument["load"]): SchemaDocument {
  const document: SchemaDocument = { address, root, resources: new Map(), schemas: new Map(), references: [], load };
  const own: Resource = { address, pointer: "", draft: LATEST, anchors: new Map(), dynamicAnchors: new Set(), document };
  document.resources.set("", own);
  collect(document, root, "", own);
  return document;
}

/** Finds what lies at a pointer; where no keyword puts a schema, its own resources are found first. */
export function schemaAt(document: SchemaDocument, pointer: string): Schema {
  const known = document.schemas.get(pointer);
  if (known !== undefined) return known;
  const schema = { value: lookUp(document, pointer), pointer, resource: resourceOf(document, pointer) };
  document.schemas.set(pointer, schema);
  return schema;
}

export function childOf(schema: Schema, ...keys: readonly string[]): Schema {
  return schemaAt(schema.resource.document, schema.pointer + keys.map((key) => `/${escaped(key)}`).join(""));
}

/** What a reference leads to. Throws `GoError`. */
export function resolveReference(from: Resource, reference: string): Schema {
  const hash = reference.indexOf("#");
  const fragment = hash < 0 ? "" : decodeFragment(reference, hash);
  const address = joinAddress(from.address, hash < 0 ? reference : reference.slice(0, hash));
  const document = from.document;
  const resource = [...document.resources.values()].find((candidate) => candidate.address === address);
  if (resource !== undefined) return inResource(resource, fragment);
  const other = document.load(address);
  return inResource(other.resources.get("") as Resource, fragment);
}

function inResource(resource: Resource, fragment: string): Schema {
  const { document } = resource;
  if (fragment === "" || fragment.startsWith("/")) return schemaAt(document, resource.pointer + fragment);
  const pointer = resource.anchors.get(fragment);
  if (pointer !== undefined) return schemaAt(document, pointer);
  throw new GoError(`anchor in "${resource.address}#${fragment}" not found in schema "${document.address}"`);
}

function decodeFragment(reference: string, hash: number): string {
  try {
    return decodeURIComponent(reference.slice(hash + 1));
  } catch (error) {
    throw new GoError(`error in parsing ${JSON.stringify(reference)}: invalid URL escape`, { cause: error });
  }
}

function joinAddress(base: string, reference: string): string {
  if (reference === "") return base;
  if (!URL.canParse(reference, base)) throw new GoError(`error in parsing ${JSON.stringify(reference)}: invalid URL`);
  return new URL(reference, base).href;
}

function lookUp(document: SchemaDocument, pointer: string): GoValue {
  let value: GoValue | undefined = document.root;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (value instanceof Map) value = value.get(key);
    else if (Array.isArray(value) && /^\d+$/.test(key)) value = value[Number(key)];
    else value = undefined;
    if (value === undefined) throw new GoError(`json-pointer in "${document.address}#${encodeURI(pointer)}" not found`);
  }
  return value;
}

function resourceOf(document: SchemaDocument, pointer: string): Resource {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = document.resources.get(at);
    if (found !== undefined) return found;
  }
}

function collect(document: SchemaDocument, value: GoValue, pointer: string, parent: Resource): void {
  if (!(value instanceof Map)) return;
  const resource = resourceAt(document, value, pointer, parent);
  collectAnchors(value, pointer, resource);
  for (const [key, child] of value) {
    if (REFERENCES.has(key) && typeof child === "string") document.references.push({ from: resource, to: child });
    const place = PLACES.get(key);
    if (place === undefined) continue;
    const at = `${pointer}/${escaped(key)}`;
    if (place.includes("one") && child instanceof Map) collect(document, child, at, resource);
    if (place.includes("list") && Array.isArray(child))
      child.forEach((item, index) => void collect(document, item, `${at}/${index}`, resource));
    if (place.includes("map") && child instanceof Map) {
      for (const [name, item] of child) collect(document, item, `${at}/${escaped(name)}`, resource);
    }
  }
}

function resourceAt(document: SchemaDocument, schema: GoMap, pointer: string, parent: Resource): Resource {
  const named = schema.get("$schema");
  const draft = typeof named === "string" ? draftOf(document, named) : parent.draft;
  const id = idOf(schema, draft);
  if (id === "" && pointer !== "") return parent;
  const address = id === "" ? parent.address : joinAddress(parent.address, id);
  const resource: Resource = { address, pointer, draft, anchors: new Map(), dynamicAnchors: new Set(), document };
  const same = [...document.resources.values()].find((other) => other.address === address && other.pointer !== pointer);
  if (same !== undefined) {
    throw new GoError(
      `duplicate id ${JSON.stringify(address)} in ${JSON.stringify(document.address)} at ${JSON.stringify(pointer)} and ${JSON.stringify(same.pointer)}`,
    );
  }
  document.resources.set(pointer, resource);
  return resource;
}

function draftOf(document: SchemaDocument, name: string): Draft {
  const known = draftNamed(name);
  if (known !== undefined) return known;
  // A dialect of someone's own: its schema says which draft it builds on.
  const root = document.load(name.split("#")[0] as string).root;
  const base = root instanceof Map ? root.get("$schema") : undefined;
  return (typeof base === "string" ? draftNamed(base) : undefined) ?? LATEST;
}

function idOf(schema: GoMap, draft: Draft): string {
  if (draft < 2019 && schema.has("$ref")) return "";
  const id = schema.get(draft === 4 ? "id" : "$id");
  return typeof id === "string" ? (id.split("#")[0] as string) : "";
}

function collectAnchors(schema: GoMap, pointer: string, resource: Resource): void {
  const { draft } = resource;
  const add = (name: GoValue | undefined): boolean => {
    if (typeof name !== "string" || name === "") return false;
    const known = resource.anchors.get(name);
    if (known !== undefined && known !== pointer) {
      throw new GoError(
        `duplicate anchor ${JSON.stringify(name)} in ${JSON.stringify(resource.document.address)} at ${JSON.stringify(known)} and ${JSON.stringify(pointer)}`,
      );
    }
    resource.anchors.set(name, pointer);
    return true;
  };
  if (draft < 2019) {
    if (schema.has("$ref")) return;
    const id = schema.get(draft === 4 ? "id" : "$id");
    const fragment = typeof id === "string" ? (id.split("#")[1] ?? "") : "";
    if (!fragment.startsWith("/")) add(fragment);
    return;
  }
  add(schema.get("$anchor"));
  const dynamic = schema.get("$dynamicAnchor");
  if (draft >= 2020 && add(dynamic)) resource.dynamicAnchors.add(dynamic as string);
}

export const REFERENCES: ReadonlySet<string> = new Set(["$ref", "$recursiveRef", "$dynamicRef"]);

type Place = readonly ("one" | "list" | "map")[];

/** Where keywords put schemas. */
const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...["definitions", "$defs", "properties", "patternProperties", "dependencies", "dependentSchemas"].map((key): [string, Place] => [
    key,
    ["map"],
  ]),
  ...["allOf", "anyOf", "oneOf", "prefixItems"].map((key): [string, Place] => [key, ["list"]]),
  ["items", ["one", "list"]],
  ...[
    "not",
    "additionalProperties",
    "additionalItems",
    "propertyNames",
    "contains",
    "if",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentSchema",
  ].map((key): [string, Place] => [key, ["one"]]),
]);

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
