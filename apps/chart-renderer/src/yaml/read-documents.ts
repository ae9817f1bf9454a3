import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments, type Scalar, type YAMLMap } from "yaml";
import { resolvePlain } from "./plain-scalar.ts";

/**
 * Reads all documents as Go's yaml.v3 does: only `true` and `false` are booleans, whole numbers are bigint, a key that comes twice is an
 * error. Dates stay texts. Throws `GoError`.
 */
export function readDocuments(text: string): GoValue[] {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ""), {
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    lineCounter: counter,
    prettyErrors: false,
    logLevel: "silent",
  });
  if ("empty" in documents) return [];
  return documents.map((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new GoError(`yaml: line ${counter.linePos(problem.pos[0]).line}: ${problem.message}`);
    return read({ counter, anchors: new Map(), open: new Set(), nodes: 0 }, document.contents as Node | null, 0);
  });
}

interface Reader {
  readonly counter: LineCounter;
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  nodes: number;
}

// A document of aliases to aliases reaches it at once.
const MAX_NODES = 5_000_000;
const MAX_DEPTH = 1_000;

function read(reader: Reader, node: Node | null, depth: number): GoValue {
  if (node === null) return null;
  if (++reader.nodes > MAX_NODES) throw new GoError("yaml: document contains excessive aliasing");
  if (depth > MAX_DEPTH) throw new GoError("yaml: exceeded max depth of 1000");
  if (isAlias(node)) {
    const target = reader.anchors.get(node.source);
    if (target === undefined) throw new GoError(`yaml: unknown anchor '${node.source}' referenced`);
    return read(reader, target, depth + 1);
  }
  if (node.anchor !== undefined) reader.anchors.set(node.anchor, node);
  if (isScalar(node)) return scalar(node);
  if (reader.open.has(node)) throw new GoError(`yaml: anchor '${node.anchor}' value contains itself`);
  reader.open.add(node);
  const value = isSeq(node)
    ? node.items.map((item) => read(reader, item as Node | null, depth + 1))
    : isMap(node)
      ? readMap(reader, node, depth)
      : null;
  reader.open.delete(node);
  return value;
}

function readMap(reader: Reader, node: YAMLMap, depth: number): GoMap {
  const map: GoMap = new Map();
  const lines = new Map<string, number>();
  const merged: GoMap[] = [];
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    if (isScalar(key) && key.type === "PLAIN" && key.value === "<<" && value !== null) {
      const sources = read(reader, value, depth + 1);
      for (const source of Array.isArray(sources) ? sources : [sources]) {
        if (!(source instanceof Map)) throw new GoError("yaml: map merge requires map or sequence of maps as the value");
        merged.push(source);
      }
      continue;
    }
    const name = isScalar(key) ? String(key.value ?? "") : String(read(reader, key, depth + 1));
    const line = reader.counter.linePos(key?.range?.[0] ?? 0).line;
    const before = lines.get(name);
    if (before !== undefined) {
      throw new GoError(`yaml: unmarshal errors:\n  line ${line}: mapping key ${JSON.stringify(name)} already defined at line ${before}`);
    }
    lines.set(name, line);
    map.set(name, read(reader, value, depth + 1));
  }
  for (const source of merged) for (const [key, value] of source) if (!map.has(key)) map.set(key, value);
  return map;
}

function scalar(node: Scalar): GoValue {
  const text = String(node.value ?? "");
  if (node.tag?.endsWith("binary")) return Buffer.from(text, "base64").toString();
  if (node.tag?.endsWith(":str") || (node.type !== "PLAIN" && node.type !== undefined)) return text;
  const value = resolvePlain(text);
  if (typeof value === "boolean") return /^(?:true|false)$/i.test(text) ? value : text;
  return typeof value === "number" ? (wholeNumber(text, value) ?? value) : value;
}

function wholeNumber(text: string, value: number): bigint | undefined {
  const plain = text.replaceAll("_", "");
  if (!/^[-+]?(?:0[xX]|[0-9bBoO]+$)/.test(plain)) return undefined;
  // Beyond what a double holds, the digits themselves count.
  if (!Number.isSafeInteger(value) && /^[-+]?[1-9]\d*$/.test(plain)) return BigInt(plain.replace(/^\+/, ""));
  return BigInt(value);
}
