import { type GoMap, type GoValue, rawOf } from "@invar/go-compat";
import type { Chart } from "../chart/chart.ts";
import type { Finding } from "../finding.ts";
import type { HelmVersion } from "../helm-version.ts";
import { coalesceValues } from "./coalesce.ts";

/** Tells where the values depend on the version of Helm beyond a null that is there or not. */
export function valuesDependence(chart: Chart, given: GoMap, merged: GoMap, helmVersion: HelmVersion): Finding[] {
  const cleansDefaults = helmVersion !== "4.2";
  const other = cleansDefaults ? "4.2" : "4.1 and older";
  const findings: Finding[] = [];
  if (hasNull(chart)) {
    const key = differentKey(merged, coalesceValues(chart, given, { cleansDefaults }), "");
    const message = `Helm ${other} takes another value of ${key}, since a chart's default for it is null: see --helm-version`;
    if (key !== undefined) findings.push({ rule: "helm/version", severity: "warning", message, valuesKey: key });
  }
  return [...findings, ...documentsDependence(chart, chart.name)];
}

/** A values.yaml of more than one document. */
function documentsDependence(chart: Chart, path: string): Finding[] {
  const below = chart.dependencies.flatMap((child) => documentsDependence(child, `${path}/charts/${child.name}`));
  const separator = /\n---[ \t]*(?:#.*)?\r?\n(?=[\s\S]*?^[^#\s-])/m.exec(chart.valuesText);
  if (separator === null || !/^[^#\s-]/m.test(chart.valuesText.slice(0, separator.index))) return below;
  const file = `${path}/values.yaml`;
  const line = chart.valuesText.slice(0, separator.index + 1).split("\n").length;
  const message = `Helm 3 reads only the first document of ${file}, Helm 4 all of them: see --helm-version`;
  return [{ rule: "helm/version", severity: "warning", message, place: { file, line } }, ...below];
}

const nulls = new WeakMap<Chart, boolean>();

function hasNull(chart: Chart): boolean {
  const known = nulls.get(chart) ?? (containsNull(chart.values) || chart.dependencies.some(hasNull));
  nulls.set(chart, known);
  return known;
}

function containsNull(value: GoValue): boolean {
  return value === null || (value instanceof Map && [...value.values()].some(containsNull));
}

/** The first key whose values differ, where a null counts as nothing. */
function differentKey(one: GoMap, other: GoMap, prefix: string): string | undefined {
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(key) ?? null, other.get(key) ?? null];
    if (rawOf(a) === rawOf(b) || (Array.isArray(a) && Array.isArray(b))) continue;
    if (!(a instanceof Map) && !(b instanceof Map)) return prefix + key;
    const below = differentKey(a instanceof Map ? a : new Map(), b instanceof Map ? b : new Map(), `${prefix}${key}.`);
    if (below !== undefined) return below;
  }
  return undefined;
}
