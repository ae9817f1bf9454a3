import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { objectOf, type Value } from "../value.ts";
import { failure } from "./function.ts";
import { resolveScalar } from "./yaml-scalar.ts";

/**
 * Reads the first YAML document of a text as the incumbent's library does: YAML 1.2 with a few habits of 1.1 (octals with a leading
 * zero, merge keys). A key that is not text becomes the text it is written as; the incumbent makes a value of such a mapping that
 * nothing can read.
 */
export function parseYaml(text: string): Value {
  const lines = new LineCounter();
  const document = readDocument(text, lines);
  const fault = document.errors.find((error) => error.code !== "MULTIPLE_DOCS");
  if (fault !== undefined) throw failure(`yaml: line ${lines.linePos(fault.pos[0]).line}: ${fault.message}`);
  const decoder = new Decoder(text, lines);
  const value = decoder.decode(document.contents);
  if (decoder.repeatedKeys.length > 0) throw failure(`yaml: unmarshal errors:\n  ${decoder.repeatedKeys.join("\n  ")}`);
  return value;
}

function readDocument(text: string, lines: LineCounter): Document.Parsed {
  try {
    return parseDocument(text, { schema: "failsafe", uniqueKeys: false, prettyErrors: false, lineCounter: lines, logLevel: "silent" });
  } catch (error) {
    // A kludge: the library recurses, and has no limit of its own.
    if (error instanceof RangeError) throw failure("yaml: exceeded max depth");
    throw error;
  }
}

const MAX_DEPTH = 1000;
// Far above what a configuration holds, far below what a few hundred bytes of aliases to aliases would become.
const MAX_NODES = 1_000_000;

class Decoder {
  readonly repeatedKeys: string[] = [];
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #nodes = 0;

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  decode(node: unknown): Value {
    if (isAlias(node)) return this.#alias(node.source);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#nodes++;
    if (this.#nodes > MAX_NODES) throw failure("yaml: document contains excessive aliasing");
    if (isScalar(node)) return resolveScalar(node, this.#endsWithText(node));
    if (this.#open.size >= MAX_DEPTH) throw failure("yaml: exceeded max depth");
    this.#open.add(node);
    const value = isSeq(node) ? node.items.map((item) => this.decode(item)) : this.#mapping(node);
    this.#open.delete(node);
    return value;
  }

  // A block scalar whose last line the text ends, without a line break: it has none either, whatever the library adds.
  #endsWithText(node: Scalar): boolean {
    return this.#text.at(-1) !== "\n" && (node.range?.[1] ?? 0) >= this.#text.length;
  }

  #alias(name: string): Value {
    const target = this.#anchors.get(name);
    if (target === undefined) throw failure(`yaml: unknown anchor '${name}' referenced`);
    if (this.#open.has(target)) throw failure(`yaml: anchor '${name}' value contains itself`);
    return this.decode(target);
  }

  #mapping(map: YAMLMap): Value {
    this.#checkKeys(map.items);
    const entries = new Map<string, Value>();
    let merge: unknown;
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) merge = value;
      else entries.set(this.#key(key), this.decode(value));
    }
    if (merge !== undefined) {
      for (const [key, value] of this.#merged(merge)) if (!entries.has(key)) entries.set(key, value);
    }
    return objectOf(entries);
  }

  #key(node: unknown): string {
    const value = isScalar(node) ? node.source : this.decode(node);
    if (typeof value === "string") return value;
    if (value === null || value === undefined) return "";
    if (typeof value === "object") throw failure("yaml: invalid map key: neither text nor number");
    return String(value);
  }

  // What a merge key brings in; of several mappings the first that has a key wins.
  #merged(node: unknown): Map<string, Value> {
    const sources = isSeq(node) ? node.items : [node];
    const found = new Map<string, Value>();
    for (const source of sources) {
      const value = this.decode(source);
      const isMapping = isMap(source) || (isAlias(source) && isMap(this.#anchors.get(source.source)));
      if (!isMapping || value === null) throw failure("yaml: map merge requires map or sequence of maps as the value");
      for (const [key, field] of Object.entries(value)) if (!found.has(key)) found.set(key, field);
    }
    return found;
  }

  #checkKeys(items: readonly Pair[]): void {
    const seen = new Map<string, number>();
    for (const { key } of items) {
      if (!isScalar(key) || key.source === undefined) continue;
      const line = this.#lines.linePos(key.range?.[0] ?? 0).line;
      const first = seen.get(key.source);
      if (first === undefined) seen.set(key.source, line);
      else this.repeatedKeys.push(`line ${line}: mapping key ${JSON.stringify(key.source)} already defined at line ${first}`);
    }
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === "<<" && (key.tag === undefined || key.tag === "tag:yaml.org,2002:merge");
}
