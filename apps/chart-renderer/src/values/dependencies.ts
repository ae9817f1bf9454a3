import { GoError, type GoMap, type GoValue, quote } from "@invar/go-compat";
import { deepCopy, satisfies } from "@invar/go-template";
import type { Chart, Dependency } from "../chart/chart.ts";
import { logLine, type Warn } from "../helm-log.ts";
import { coalesceValues } from "./coalesce.ts";
import { fillTable, tableAt } from "./tables.ts";

/** The chart as it will be rendered: aliases applied, disabled dependencies gone, imported values among the defaults. */
export function resolveDependencies(chart: Chart, values: GoMap, warn: Warn = () => undefined): Chart {
  return importValues(enableDependencies(chart, values, "", warn), warn);
}

/** The declared dependencies that no chart stands for. */
export function missingDependencies(chart: Chart): string[] {
  const names = new Set(chart.dependencies.map(({ name }) => name));
  return chart.declared.map(({ name }) => name).filter((name) => !names.has(name));
}

function enableDependencies(chart: Chart, values: GoMap, path: string, warn: Warn): Chart {
  if (chart.declared.length === 0) return chart;
  const isDeclared = (child: Chart): boolean => chart.declared.some((wanted) => fits(child, wanted));
  const dependencies = [
    ...chart.dependencies.filter((child) => !isDeclared(child)),
    ...chart.declared.flatMap((wanted) => {
      const child = chart.dependencies.find((candidate) => fits(candidate, wanted));
      return child === undefined ? [] : [renamed(child, wanted.alias)];
    }),
  ];
  const declared = chart.declared.map((wanted) => (wanted.alias === "" ? wanted : { ...wanted, name: wanted.alias }));
  const resolved = coalesceValues({ ...chart, declared, dependencies }, values, { warn });
  const removed = new Set(declared.filter((wanted) => !isEnabled(wanted, resolved, path, warn)).map(({ name }) => name));
  return {
    ...chart,
    declared: declared.filter(({ name }) => !removed.has(name)),
    dependencies: dependencies
      .filter(({ name }) => !removed.has(name))
      .map((child) => enableDependencies(child, resolved, `${path}${child.name}.`, warn)),
  };
}

function renamed(chart: Chart, alias: string): Chart {
  return alias === "" ? chart : { ...chart, name: alias, metadata: new Map([...chart.metadata, ["name", alias]]) };
}

function fits(chart: Chart, wanted: Dependency): boolean {
  return chart.name === wanted.name && isInRange(wanted.version, chart.version);
}

/** Whether a version meets a constraint; what cannot be parsed does not. */
export function isInRange(constraint: string, version: string): boolean {
  try {
    return satisfies(constraint, version);
  } catch (error) {
    if (error instanceof GoError) return false;
    throw error;
  }
}

function isEnabled(wanted: Dependency, values: GoMap, path: string, warn: Warn): boolean {
  for (const condition of wanted.condition.trim().split(",")) {
    if (condition === "") continue;
    const value = valueAt(values, path + condition);
    if (typeof value === "boolean") return value;
    if (value !== undefined && !(value instanceof Map)) {
      warn({
        helm3: `dependencies.go:64: Warning: Condition path '${condition}' for chart ${wanted.name} returned non-bool value`,
        helm4: logLine("WARN", "returned non-bool value", { path: condition, chart: wanted.name }),
      });
    }
  }
  const tags = values.get("tags");
  if (!(tags instanceof Map)) return true;
  const states = wanted.tags.map((tag) => tags.get(tag));
  wanted.tags.forEach((tag, index) => {
    if (states[index] === undefined || typeof states[index] === "boolean") return;
    warn({
      helm3: `dependencies.go:95: Warning: Tag '${tag}' for chart ${wanted.name} returned non-bool value`,
      helm4: logLine("WARN", "returned non-bool value", { tag, chart: wanted.name }),
    });
  });
  return states.includes(true) || !states.includes(false);
}

function valueAt(values: GoMap, path: string): GoValue | undefined {
  const dot = path.lastIndexOf(".");
  if (dot < 0) return values.get(path);
  return tableAt(values, path.slice(0, dot))?.get(path.slice(dot + 1));
}

function importValues(chart: Chart, warn: Warn): Chart {
  const dependencies = chart.dependencies.map((child) => importValues(child, warn));
  const whole = { ...chart, dependencies };
  if (chart.declared.length === 0) return whole;
  const defaults = coalesceValues(whole, new Map(), { keepsNull: true, warn });
  const imported: GoMap = new Map();
  for (const { name, importValues: entries } of chart.declared) {
    for (const entry of entries) {
      const [child, parent] = entry instanceof Map ? [String(entry.get("child")), String(entry.get("parent"))] : [`exports.${entry}`, "."];
      const table = tableAt(defaults, `${name}.${child}`);
      if (table !== undefined) fillTable(imported, nested(parent, deepCopy(table) as GoMap), true, warn);
      else {
        const error = missingTable(defaults, `${name}.${child}`);
        warn(
          entry instanceof Map
            ? {
                helm3: `dependencies.go:270: Warning: ImportValues missing table from chart ${name}: ${error}`,
                helm4: logLine("WARN", "ImportValues missing table from chart", { chart: name, error }),
              }
            : {
                helm3: `dependencies.go:287: Warning: ImportValues missing table: ${error}`,
                helm4: logLine("WARN", "ImportValues missing table", { error }),
              },
        );
      }
    }
  }
  return { ...whole, values: fillTable(defaults, imported, true, warn) };
}

/** What Go says of the first key of a path that leads to no table. */
function missingTable(values: GoMap, path: string): string {
  let current = values;
  for (const key of path.split(".")) {
    const next = current.get(key);
    if (!(next instanceof Map)) return `${quote(key)} is not a table`;
    current = next;
  }
  return `${quote(path)} is not a table`;
}

function nested(path: string, table: GoMap): GoMap {
  return path === "." ? table : path.split(".").reduceRight<GoMap>((inner, key) => new Map([[key, inner]]), table);
}
