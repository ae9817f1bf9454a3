import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import type { Chart } from "../chart/chart.ts";
import type { RenderedObject } from "../difference/objects.ts";
import type { ValueRead } from "../engine/read-recorder.ts";
import type { Finding } from "../finding.ts";
import { type Manifest, templateLinesOf } from "../manifests/manifests.ts";
import type { RenderedChart, RenderOptions } from "../render-chart.ts";
import type { ValueLayer } from "../values/origins.ts";
import { yamlLines } from "../yaml/lines.ts";
import { readYaml } from "../yaml/read.ts";

/** One thing that lint looks for. */
export interface Rule {
  readonly id: string;
  /** One sentence: what it finds. */
  readonly summary: string;
  readonly check: (input: LintInput) => readonly Finding[];
}

/** Everything that rules may look at. */
export interface LintInput {
  /** As it was loaded, nothing disabled. */
  readonly chart: Chart;
  /** Its folder; "" for an archive. */
  readonly folder: string;
  /** Its Chart.yaml; "" for an archive. */
  readonly chartText: string;
  /** The user's values files and flags. */
  readonly layers: readonly ValueLayer[];
  readonly values: GoMap;
  readonly rendered: RenderedChart;
  /** Which values the templates read. */
  readonly reads: readonly ValueRead[];
  /** The same by the lines that include those templates. */
  readonly readsThrough: readonly ValueRead[];
  readonly objects: readonly CheckedObject[];
  /** The objects of an earlier render, to see whether the step from there to here is possible. */
  readonly previous: readonly RenderedObject[] | undefined;
  /** `1.35`. */
  readonly kubeVersion: string;
  /** Custom resource definitions beside those of the chart. */
  readonly crds: readonly GoMap[];
  readonly podSecurity: "baseline" | "restricted" | "off";
  /** Images that may be used; any where it is not said. */
  readonly allowedImages: readonly string[] | undefined;
  /** Whether the templates of subcharts are looked at too, not only what they render. */
  readonly includesSubcharts: boolean;
  /** How many further renders may try other toggles. */
  readonly toggleRenders: number;
  /** Renders the same with other values of the user. */
  readonly render: (options: Partial<RenderOptions>) => RenderedChart;
}

/** A rendered object with the lines of the template that wrote it. */
export interface CheckedObject {
  readonly manifest: Manifest;
  readonly content: GoMap;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** The line of the template that wrote a field, or the nearest field around it; `below` counts lines of a long text from its key on. */
  readonly lineOf: (path: FieldPath, below?: number) => number;
}

export type FieldPath = readonly (string | number)[];

/** The objects of documents, those of lists apart. What is no mapping is left to another rule. */
export function checkedObjects(manifests: readonly Manifest[]): CheckedObject[] {
  return manifests.flatMap((manifest) => {
    const document = readOrNull(manifest.content);
    if (!(document instanceof Map)) return [];
    const items = document.get("items");
    if (!Array.isArray(items) || !textAt(document, "kind").endsWith("List")) return [checkedObject(manifest, document, [])];
    return items.flatMap((item, index) => (item instanceof Map ? [checkedObject(manifest, item, ["items", index])] : []));
  });
}

function readOrNull(text: string): GoValue {
  try {
    return readYaml(text);
  } catch (error) {
    // The renderer has said so already.
    if (error instanceof GoError) return null;
    throw error;
  }
}

function checkedObject(manifest: Manifest, content: GoMap, prefix: FieldPath): CheckedObject {
  const metadata = mapAt(content, "metadata");
  let lines: { yaml: ReadonlyMap<string, number>; template: readonly number[] } | undefined;
  return {
    manifest,
    content,
    apiVersion: textAt(content, "apiVersion"),
    kind: textAt(content, "kind"),
    name: textAt(metadata, "name") || textAt(metadata, "generateName"),
    namespace: textAt(metadata, "namespace"),
    lineOf: (path, below = 0) => {
      lines ??= { yaml: yamlLines(manifest.content), template: templateLinesOf(manifest) };
      const keys = [...prefix, ...path].map(String);
      while (keys.length > 0 && !lines.yaml.has(keys.join("\0"))) keys.pop();
      const line = lines.yaml.get(keys.join("\0")) ?? 1;
      return lines.template[line - 1 + below] ?? 1;
    },
  };
}

/** The mapping at a key; an empty one where there is none. */
export function mapAt(map: GoMap, key: string): GoMap {
  const value = map.get(key);
  return value instanceof Map ? value : new Map();
}

/** The list at a key; an empty one where there is none. */
export function listAt(map: GoMap, key: string): readonly GoValue[] {
  const value = map.get(key);
  return Array.isArray(value) ? value : [];
}

/** The text at a key; an empty one where there is none. */
export function textAt(map: GoMap, key: string): string {
  const value = map.get(key);
  return typeof value === "string" ? value : "";
}

/** `spec.containers[0].image`. */
export function fieldText(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[.[\]\s]/.test(step)) return `${text}["${step}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
