import { formatFloat, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { resolvePlain } from "./plain-scalar.ts";

/** Reads the first document as Go's sigs.k8s.io/yaml does: through JSON, so all numbers are float64. Throws `GoError`. */
export function readYaml(text: string): GoValue {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ""), {
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  const first = documents[0];
  if (first === undefined) return null;
  const [problem] = first.errors;
  if (problem !== undefined) {
    throw new GoError(
      `error converting YAML to JSON: yaml: line ${lines.linePos(problem.pos[0]).line}: ${goText(problem.code, problem.message)}`,
    );
  }
  if (first.contents === null) return null;
  const reader: Reader = { anchors: new Map(), nodes: 0, open: new Set() };
  return read(reader, first.contents as Node, 0);
}

/** The same where a mapping is expected: nothing is an empty one. */
export function readYamlMap(text: string): GoMap {
  const value = readYaml(text);
  if (value instanceof Map) return value;
  if (value === null) return new Map();
  throw new GoError(unmarshalProblem(value, "map[string]interface {}"));
}

/** The same where a list is expected. */
export function readYamlList(text: string): GoValue[] {
  const value = readYaml(text);
  if (Array.isArray(value)) return value;
  if (value === null) return [];
  throw new GoError(unmarshalProblem(value, "[]interface {}"));
}

function unmarshalProblem(value: Exclude<GoValue, null>, wanted: string): string {
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`;
}

function jsonKind(value: Exclude<GoValue, null>): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value instanceof Map ? "object" : typeof value;
}

// Far above any values file; a document of aliases to aliases reaches it at once.
const MAX_NODES = 5_000_000;
const MAX_DEPTH = 1_000;

interface Reader {
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  nodes: number;
}

function read(reader: Reader, node: Node | null, depth: number): GoValue {
  if (node === null) return null;
  if (++reader.nodes > MAX_NODES) throw new GoError("error converting YAML to JSON: yaml: document contains excessive aliasing");
  if (depth > MAX_DEPTH) throw new GoError("error converting YAML to JSON: yaml: exceeded max depth of 1000");
  if (isAlias(node)) return read(reader, target(reader, node), depth + 1);
  if (node.anchor !== undefined) reader.anchors.set(node.anchor, node);
  if (isScalar(node)) return scalar(node);
  if (reader.open.has(node)) throw new GoError(`error converting YAML to JSON: yaml: anchor '${node.anchor}' value contains itself`);
  reader.open.add(node);
  const value = isSeq(node)
    ? node.items.map((item) => read(reader, item as Node | null, depth + 1))
    : isMap(node)
      ? readMap(reader, node, depth)
      : null;
  reader.open.delete(node);
  return value;
}

function target(reader: Reader, alias: Alias): Node {
  const node = reader.anchors.get(alias.source);
  if (node === undefined) throw new GoError(`error converting YAML to JSON: yaml: unknown anchor '${alias.source}' referenced`);
  return node;
}

function readMap(reader: Reader, node: YAMLMap, depth: number): GoMap {
  const map: GoMap = new Map();
  const own = new Set<string>();
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    if (isScalar(pair.key) && pair.key.type === "PLAIN" && pair.key.value === "<<" && pair.value !== null) {
      merge(reader, map, own, pair.value, depth);
      continue;
    }
    const key = keyText(read(reader, pair.key, depth + 1));
    own.add(key);
    map.set(key, read(reader, pair.value, depth + 1));
  }
  return map;
}

/** `<<`: what the map has itself stands, wherever it is written; of several, the first wins. */
function merge(reader: Reader, map: GoMap, own: ReadonlySet<string>, node: Node, depth: number): void {
  const value = read(reader, node, depth + 1);
  const sources = Array.isArray(value) ? [...value].reverse() : [value];
  for (const source of sources) {
    if (!(source instanceof Map))
      throw new GoError("error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value");
    for (const [key, element] of source) if (!own.has(key)) map.set(key, element);
  }
}

function keyText(key: GoValue): string {
  if (typeof key === "string") return key;
  if (typeof key === "boolean") return String(key);
  if (typeof key === "number")
    return Number.isInteger(key) && Math.abs(key) < 2 ** 63 ? BigInt(key).toString() : formatFloat(key, "g", -1, 64);
  throw new GoError("error converting YAML to JSON: unsupported map key of type: <nil>, key: <nil>, value: <nil>");
}

function scalar(node: Scalar): GoValue {
  const text = String(node.value ?? "");
  const { tag } = node;
  if (tag === "tag:yaml.org,2002:binary" || tag === "!!binary") return Buffer.from(text, "base64").toString();
  const isPlain = node.type === "PLAIN" || node.type === undefined;
  if (node.tag?.endsWith(":str")) return text;
  if (!isPlain) return text;
  const value = resolvePlain(text);
  if (typeof value === "number" && !Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw new GoError(`error converting YAML to JSON: json: unsupported value: ${name}`);
  }
  return value;
}

// The parser's codes in the words of Go's, where both find the same mistake.
function goText(code: string, message: string): string {
  switch (code) {
    case "TAB_AS_INDENT":
      return "found character that cannot start any token";
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return "mapping values are not allowed in this context";
    case "BAD_INDENT":
    case "MISSING_CHAR":
      return "did not find expected key";
    default:
      return message;
  }
}
