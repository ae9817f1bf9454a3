import type { GoMap, GoValue } from "@invar/go-compat";
import { coalesceValues } from "../values/coalesce.ts";
import { keySteps } from "../values/key-path.ts";
import type { FieldPath, LintInput } from "./lint-input.ts";

/**
 * The value that a field comes from, as far as it can be told: of the values read on the template's line, one that the rendered text
 * holds; below a value that was written whole, the field within it; or else the only value read there.
 */
export function valuesKeyOf(
  input: LintInput,
  { file, line }: { readonly file: string; readonly line: number },
  path: FieldPath,
  rendered: GoValue | undefined,
): string | undefined {
  const here = readsAt(input).get(`${file}:${line}`) ?? [];
  const all = here.map(({ key, isWhole, isThrough }) => {
    const value = finalValue(input, key);
    const inside = isWhole ? fieldInside(key, value, path) : undefined;
    const score = inside !== undefined ? INSIDE : holds(rendered, value) ? HELD + likeness(rendered, value) : value === undefined ? 1 : 0;
    return { key: inside ?? key, isThrough, score };
  });
  // What templates read that the line includes tells nothing unless it fits.
  const scored = all.filter(({ isThrough, score }) => !isThrough || score >= HELD);
  const [best, next] = scored.sort((a, b) => b.score - a.score || Number(a.isThrough) - Number(b.isThrough));
  if (best === undefined) return undefined;
  if (best.score >= HELD || next === undefined) return best.key;
  // Of several that say nothing, the deepest is the one that a line is about.
  const keys = scored.map(({ key }) => key);
  return keys.every((key) => best.key === key || best.key.startsWith(`${key}.`) || key.startsWith(`${best.key}.`))
    ? keys.reduce((deepest, key) => (key.length > deepest.length ? key : deepest))
    : undefined;
}

interface Read {
  readonly key: string;
  readonly isWhole: boolean;
  /** By a template that the line includes. */
  readonly isThrough: boolean;
}

const HELD = 2;
const INSIDE = 4;

const readsOf = new WeakMap<LintInput, Map<string, Read[]>>();

function readsAt(input: LintInput): ReadonlyMap<string, readonly Read[]> {
  const known = readsOf.get(input);
  if (known !== undefined) return known;
  const found = new Map<string, Read[]>();
  for (const [reads, isThrough] of [
    [input.reads, false],
    [input.readsThrough, true],
  ] as const) {
    for (const { key, isWhole, file, line } of reads) {
      const place = `${file}:${line}`;
      const others = found.get(place);
      if (others === undefined) found.set(place, [{ key, isWhole, isThrough }]);
      else others.push({ key, isWhole, isThrough });
    }
  }
  readsOf.set(input, found);
  return found;
}

const valuesOf = new WeakMap<LintInput, GoMap>();

/** The final value of a dotted key. */
export function finalValue(input: LintInput, key: string): GoValue | undefined {
  let values = valuesOf.get(input);
  if (values === undefined) {
    values = coalesceValues(input.rendered.chart, input.values);
    valuesOf.set(input, values);
  }
  let value: GoValue | undefined = values;
  for (const step of keySteps(key)) {
    if (value instanceof Map) value = value.get(step);
    else if (Array.isArray(value)) value = value[Number(step)];
    else return undefined;
  }
  return value;
}

function fieldInside(key: string, value: GoValue | undefined, path: FieldPath): string | undefined {
  for (let start = 0; start < path.length; start++) {
    const rest = path.slice(start);
    let inner: GoValue | undefined = value;
    for (const step of rest) {
      if (inner instanceof Map) inner = inner.get(String(step));
      else if (Array.isArray(inner) && typeof step === "number") inner = inner[step];
      else inner = undefined;
      if (inner === undefined) break;
    }
    if (inner !== undefined)
      return rest.reduce<string>(
        (text, step) => (typeof step === "number" ? `${text}[${step}]` : `${text}.${step.replaceAll(".", "\\.")}`),
        key,
      );
  }
  return undefined;
}

/** How much of the rendered text a value makes up. */
function likeness(rendered: GoValue | undefined, value: GoValue | undefined): number {
  return String(value).length / Math.max(1, String(rendered).length);
}

function holds(rendered: GoValue | undefined, value: GoValue | undefined): boolean {
  if (rendered === undefined || value === undefined || value === null || value === "") return false;
  if (typeof value === "object") return false;
  return typeof rendered === "string" ? rendered.includes(String(value)) : String(rendered) === String(value);
}
