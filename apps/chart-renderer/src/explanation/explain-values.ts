import type { GoMap, GoValue } from "@invar/go-compat";
import { ReadRecorder, type ValueRead } from "../engine/read-recorder.ts";
import type { Finding } from "../finding.ts";
import { type RenderOptions, renderChart } from "../render-chart.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { keySteps, keyText } from "../values/key-path.ts";
import { originsOf, type ValueLayer, type ValueOrigin } from "../values/origins.ts";

/** One value: where it comes from and where it goes. */
export interface ExplainedValue {
  /** Dotted, from the root chart's values. */
  readonly key: string;
  /** Undefined where a null has removed it. */
  readonly value: GoValue | undefined;
  /** The layer that won comes first. */
  readonly origins: readonly ValueOrigin[];
  readonly readers: readonly Reader[];
}

export interface Reader {
  readonly file: string;
  readonly line: number;
}

export interface Explanation {
  readonly values: readonly ExplainedValue[];
  /** What kept the chart from being rendered: then some readers are not known. */
  readonly findings: readonly Finding[];
}

/** Explains every value below a key; all of them for the empty one. Lists are values as a whole. */
export function explainValues(options: RenderOptions, layers: readonly ValueLayer[], key: string): Explanation {
  const recorder = new ReadRecorder();
  const rendered = renderChart({ ...options, recorder });
  const values = coalesceValues(rendered.chart, options.values ?? new Map());
  const start = key === "" ? [] : keySteps(key);
  const paths = [...leaves(valueAt(values, start), start), ...removed(layers, start, values)];
  const reads = readIndex(recorder.reads());
  return {
    values: paths.map((path) => ({
      key: keyText(path),
      value: valueAt(values, path),
      origins: distinct(originsOf(rendered.chart, layers, path)),
      readers: readersOf(reads, path),
    })),
    findings: rendered.findings.filter(({ severity }) => severity === "error"),
  };
}

/** A global comes to a chart on several ways; what a chart imported from another stands in no line of its own. */
function distinct(origins: readonly ValueOrigin[]): ValueOrigin[] {
  const known = new Set<string>();
  return origins.filter(({ label, line, kind }) => {
    const id = `${label}:${line}`;
    if (known.has(id) || (kind !== "user" && line === undefined)) return false;
    known.add(id);
    return true;
  });
}

function valueAt(values: GoMap, path: readonly string[]): GoValue | undefined {
  return path.reduce<GoValue | undefined>((value, step) => {
    if (value instanceof Map) return value.get(step);
    return Array.isArray(value) ? value[Number(step)] : undefined;
  }, values);
}

function leaves(value: GoValue | undefined, path: readonly string[]): string[][] {
  if (value === undefined) return [];
  if (!(value instanceof Map) || value.size === 0) return [[...path]];
  return [...value].flatMap(([key, one]) => leaves(one, [...path, key]));
}

/** Values that a layer has set to null, so that no default is left. */
function removed(layers: readonly ValueLayer[], start: readonly string[], values: GoMap): string[][] {
  const found = new Map<string, string[]>();
  for (const layer of layers) {
    for (const path of leaves(valueAt(layer.values, start), start)) {
      if (valueAt(layer.values, path) === null && valueAt(values, path) === undefined) found.set(keyText(path), path);
    }
  }
  return [...found.values()];
}

interface ReadNode {
  readonly fields: Map<string, ReadNode>;
  readonly readers: Reader[];
  /** Of everything below too. */
  readonly wholeReaders: Reader[];
}

function readIndex(reads: readonly ValueRead[]): ReadNode {
  const make = (): ReadNode => ({ fields: new Map(), readers: [], wholeReaders: [] });
  const root = make();
  for (const { key, isWhole, file, line } of reads) {
    let node = root;
    for (const step of keySteps(key)) {
      const next = node.fields.get(step) ?? make();
      node.fields.set(step, next);
      node = next;
    }
    (isWhole ? node.wholeReaders : node.readers).push({ file, line });
  }
  return root;
}

function readersOf(index: ReadNode, path: readonly string[]): Reader[] {
  // A global is read under the root's name wherever a chart reads it.
  const at = path.lastIndexOf("global");
  const own = at > 0 ? path.slice(at) : path;
  const found: Reader[] = [];
  let node: ReadNode | undefined = index;
  for (const step of own) {
    found.push(...node.wholeReaders);
    node = node.fields.get(step);
    if (node === undefined) break;
  }
  if (node !== undefined) collect(node, found);
  const unique = new Map(found.map((reader) => [`${reader.file}:${reader.line}`, reader]));
  return [...unique.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function collect(node: ReadNode, found: Reader[]): void {
  found.push(...node.readers, ...node.wholeReaders);
  for (const field of node.fields.values()) collect(field, found);
}
