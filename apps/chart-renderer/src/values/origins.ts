import type { GoMap, GoValue } from "@invar/go-compat";
import type { Chart } from "../chart/chart.ts";
import { yamlLines } from "../yaml/lines.ts";

/** One `-f` file or one `--set` flag, before merging. */
export interface ValueLayer {
  /** The file's name, or the flag as it is written. */
  readonly label: string;
  readonly values: GoMap;
  /** The file's text, for lines; a flag has none. */
  readonly source?: string;
}

/** What one layer says of a value. */
export interface ValueOrigin {
  readonly label: string;
  readonly kind: "user" | "default" | "parent-default";
  /** Absent for flags. */
  readonly line?: number;
  readonly value: GoValue;
}

/**
 * Which layers set a value, the one that wins first: the user's (the last of them strongest), then the defaults of the charts from the
 * root down to the one that the value belongs to. Globals are found under `global` of each. `chart` is a resolved one; `path` is the
 * value's keys from the root's values on.
 */
export function originsOf(chart: Chart, layers: readonly ValueLayer[], path: readonly string[]): ValueOrigin[] {
  const ways = [path, ...globalWays(chart, path)];
  const origins = [...layers].reverse().flatMap((layer) => ways.flatMap((way) => originIn(layer, way, "user")));
  for (const { owner, file, rest } of owners(chart, path)) {
    const kind = rest.length === depthOfOwner(chart, path) ? "default" : "parent-default";
    const layer: ValueLayer = { label: file, values: owner.values, source: owner.valuesText };
    origins.push(...originIn(layer, rest, kind));
    if (rest !== path && rest[0] !== "global") continue;
    for (const way of ways.slice(1)) origins.push(...originIn(layer, way, kind));
  }
  return origins;
}

interface Owner {
  readonly owner: Chart;
  readonly file: string;
  /** The path within that chart's values. */
  readonly rest: readonly string[];
}

/** The charts along the path, the root first. */
function owners(root: Chart, path: readonly string[]): Owner[] {
  const found: Owner[] = [{ owner: root, file: `${root.name}/values.yaml`, rest: path }];
  let { owner, rest } = found[0] as Owner;
  let folder = root.name;
  while (rest.length > 0) {
    const child = owner.dependencies.find(({ name }) => name === rest[0]);
    if (child === undefined) break;
    folder = `${folder}/charts/${child.name}`;
    rest = rest.slice(1);
    owner = child;
    found.push({ owner, file: `${folder}/values.yaml`, rest });
  }
  return found;
}

function depthOfOwner(root: Chart, path: readonly string[]): number {
  return (owners(root, path).at(-1) as Owner).rest.length;
}

/** `child.global.x` comes from `global.x` too, and from that of each chart between. */
function globalWays(root: Chart, path: readonly string[]): string[][] {
  const chain = owners(root, path);
  const rest = (chain.at(-1) as Owner).rest;
  if (rest[0] !== "global") return [];
  return chain.slice(0, -1).map((_, depth) => [...path.slice(0, depth), ...rest]);
}

function originIn({ label, values, source }: ValueLayer, path: readonly string[], kind: ValueOrigin["kind"]): ValueOrigin[] {
  let value: GoValue | undefined = values;
  for (const key of path) {
    if (value instanceof Map) value = value.get(key);
    else if (Array.isArray(value)) value = value[Number(key)];
    else return [];
    if (value === undefined) return [];
  }
  const line = source === undefined ? undefined : yamlLines(source).get(lineKey(path));
  return [{ label, kind, value, ...(line === undefined ? {} : { line }) }];
}

function lineKey(path: readonly string[]): string {
  return path.join("\0");
}
