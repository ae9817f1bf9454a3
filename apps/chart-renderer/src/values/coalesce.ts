import { type GoMap, type GoValue, quote, sprintf } from "@invar/go-compat";
import { deepCopy } from "@invar/go-template";
import { type Chart, ChartError } from "../chart/chart.ts";
import { printed, type Warn } from "../helm-log.ts";
import { fillTable, joined } from "./tables.ts";

export interface CoalesceOptions {
  /** Leaves the nulls that delete a default in place, for a later pass. */
  readonly keepsNull?: boolean;
  readonly warn?: Warn;
  /** Takes nulls out of the defaults of charts, as Helm 4.2 does, but out of those for charts below that have values. */
  readonly cleansDefaults?: boolean;
}

/**
 * The values of a chart and of everything below it: the user's, filled with the charts' defaults, globals handed down.
 * The result is a copy.
 */
export function coalesceValues(
  chart: Chart,
  values: GoMap,
  { keepsNull = false, warn = () => undefined, cleansDefaults = false }: CoalesceOptions = {},
): GoMap {
  return coalesce({ keepsNull, warn, cleansDefaults: cleansDefaults && !keepsNull }, chart, deepCopy(values) as GoMap, "");
}

interface Pass {
  readonly keepsNull: boolean;
  readonly warn: Warn;
  readonly cleansDefaults: boolean;
}

function coalesce(pass: Pass, chart: Chart, target: GoMap, prefix: string): GoMap {
  const path = joined(prefix, chart.name);
  fillWithDefaults(pass, chart, target, path);
  for (const child of chart.dependencies) {
    const given = target.get(child.name);
    if (given !== undefined && !(given instanceof Map)) {
      throw new ChartError(sprintf(`type mismatch on ${child.name.replaceAll("%", "%%")}: %t`, [given]));
    }
    const own: GoMap = given ?? new Map();
    handDownGlobals(pass, own, target, path);
    target.set(child.name, coalesce(pass, child, own, path));
  }
  return target;
}

function fillWithDefaults({ keepsNull, warn, cleansDefaults }: Pass, chart: Chart, target: GoMap, path: string): void {
  const isChild = new Set(chart.dependencies.map(({ name }) => name));
  for (const [key, value] of deepCopy(chart.values) as GoMap) {
    const own = target.get(key);
    const isOfChild = isChild.has(key);
    if (cleansDefaults && value instanceof Map && !(isOfChild && own instanceof Map)) removeNulls(value);
    if (own === undefined) {
      if (!cleansDefaults || value !== null) target.set(key, value);
    } else if (own === null) {
      if (!keepsNull) target.delete(key);
    } else if (own instanceof Map) {
      if (value instanceof Map) fillTable(own, value, keepsNull || isOfChild, warn, joined(path, key));
      else if (value !== null) warn(printed("coalesce.go:237", `warning: skipped value for ${path}.${key}: Not a table.`));
    }
  }
}

function removeNulls(table: GoMap): void {
  for (const [key, value] of table) {
    if (value === null) table.delete(key);
    else if (value instanceof Map) removeNulls(value);
  }
}

function handDownGlobals({ warn }: Pass, child: GoMap, parent: GoMap, path: string): void {
  const own: GoValue = child.get("global") ?? (child.has("global") ? null : new Map());
  const given: GoValue = parent.get("global") ?? (parent.has("global") ? null : new Map());
  if (!(own instanceof Map)) {
    warn(printed("coalesce.go:138", "warning: skipping globals because destination global is not a table."));
    return;
  }
  if (!(given instanceof Map)) {
    warn(printed("coalesce.go:145", "warning: skipping globals because source global is not a table."));
    return;
  }
  for (const [key, value] of given) {
    const below = own.get(key);
    if (value instanceof Map) {
      if (below === undefined) own.set(key, new Map(value));
      else if (below instanceof Map) own.set(key, fillTable(new Map(value), below, true, warn, joined(path, key)));
      else warn(printed("coalesce.go:161", `Conflict: cannot merge map onto non-map for ${quote(key)}. Skipping.`));
    } else if (below instanceof Map) warn(printed("coalesce.go:175", `key ${key} is table. Skipping`));
    else own.set(key, value);
  }
  child.set("global", own);
}
