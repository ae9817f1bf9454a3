import { type GoMap, type GoValue, sprintf } from "@invar/go-compat";
import { deepCopy } from "@invar/go-template";
import { type Chart, ChartError } from "../chart/chart.ts";
import { fillTable } from "./tables.ts";

/**
 * The values of a chart and of everything below it: the user's, filled with the charts' defaults, globals handed down.
 * The result is a copy. `keepsNull` leaves the nulls that delete a default in place, for a later pass.
 */
export function coalesceValues(chart: Chart, values: GoMap, keepsNull = false): GoMap {
  return coalesce(chart, deepCopy(values) as GoMap, keepsNull);
}

function coalesce(chart: Chart, target: GoMap, keepsNull: boolean): GoMap {
  fillWithDefaults(chart, target, keepsNull);
  for (const child of chart.dependencies) {
    const given = target.get(child.name);
    if (given !== undefined && !(given instanceof Map)) {
      throw new ChartError(sprintf(`type mismatch on ${child.name.replaceAll("%", "%%")}: %t`, [given]));
    }
    const own: GoMap = given ?? new Map();
    handDownGlobals(own, target);
    target.set(child.name, coalesce(child, own, keepsNull));
  }
  return target;
}

function fillWithDefaults(chart: Chart, target: GoMap, keepsNull: boolean): void {
  const isChild = new Set(chart.dependencies.map(({ name }) => name));
  for (const [key, value] of deepCopy(chart.values) as GoMap) {
    const own = target.get(key);
    if (own === undefined) target.set(key, value);
    else if (own === null) {
      if (!keepsNull) target.delete(key);
    } else if (own instanceof Map && value instanceof Map) fillTable(own, value, keepsNull || isChild.has(key));
  }
}

function handDownGlobals(child: GoMap, parent: GoMap): void {
  const own: GoValue = child.get("global") ?? (child.has("global") ? null : new Map());
  const given: GoValue = parent.get("global") ?? (parent.has("global") ? null : new Map());
  if (!(own instanceof Map) || !(given instanceof Map)) return;
  for (const [key, value] of given) {
    const below = own.get(key);
    if (value instanceof Map) {
      if (below === undefined) own.set(key, new Map(value));
      else if (below instanceof Map) own.set(key, fillTable(new Map(value), below, true));
    } else if (!(below instanceof Map)) own.set(key, value);
  }
  child.set("global", own);
}
