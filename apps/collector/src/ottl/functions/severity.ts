import { printed } from "../text/printed.ts";
import { isList, isMap, StatementError, typeName, type Value, type ValueMap } from "../value.ts";

interface Criterion {
  readonly texts: ReadonlySet<string>;
  readonly range: { readonly min: bigint; readonly max: bigint } | undefined;
}

const statusRanges: ReadonlyMap<string, Criterion["range"]> = new Map(
  [2n, 3n, 4n, 5n].map((hundreds) => [`${hundreds}xx`, { min: hundreds * 100n, max: hundreds * 100n + 99n }]),
);

/** Finds the level of a text or number by a mapping from levels to criteria. Throws `StatementError` for a mapping that is none. */
export function severityMapping(mapping: ValueMap): (value: Value) => string {
  const levels = [...mapping].map(([level, criteria]) => {
    if (!isList(criteria)) throw new StatementError("severity mapping criteria must be []any");
    return [level, criteria.map(criterionOf)] as const;
  });
  return (value) => {
    for (const [level, criteria] of levels) if (criteria.some((criterion) => fits(criterion, value))) return level;
    throw new StatementError(`could not map log level: no matching log level found for value '${printed(value)}'`);
  };
}

function fits({ texts, range }: Criterion, value: Value): boolean {
  if (typeof value === "string") return texts.has(value);
  if (typeof value === "bigint") return range !== undefined && value >= range.min && value <= range.max;
  throw new StatementError(
    `could not map log level: could not evaluate log level of value '${printed(value)}': unsupported value type: ${typeName(value)}`,
  );
}

function criterionOf(value: Value): Criterion {
  if (!isMap(value)) throw new StatementError("severity mapping criteria items must be map[string]any");
  const fail = (message: string): StatementError => new StatementError(`invalid severity mapping criteria: ${message}`);
  const equals = value.get("equals") ?? [];
  if (!isList(equals)) throw fail("equals must be a list");
  const texts = equals.map((each) => {
    if (typeof each === "string") return each;
    throw fail("equals values must be strings");
  });
  return { texts: new Set(texts), range: rangeOf(value.get("range"), fail) };
}

function rangeOf(value: Value | undefined, fail: (message: string) => StatementError): Criterion["range"] {
  if (value === undefined) return undefined;
  if (typeof value === "string") {
    const range = statusRanges.get(value);
    if (range === undefined) throw fail(`unknown range placeholder: ${value}`);
    return range;
  }
  if (!isMap(value)) throw fail("range must be a map or a known placeholder string");
  const bound = (name: "min" | "max"): bigint => {
    const found = value.get(name);
    if (found === undefined) throw fail(`range must have a ${name} value`);
    if (typeof found !== "bigint") throw fail(`${name} must be an int64`);
    return found;
  };
  return { min: bound("min"), max: bound("max") };
}
