import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { nearest } from "@invar/alloy-syntax";
import type { GoMap, GoValue } from "@invar/go-compat";
import type { FieldPath } from "../lint-input.ts";
import { type FieldProblem, typeProblem } from "./problem.ts";

// s, i, n, b: text, whole number, number, boolean; q: text or number; * anything; [x a list, {x a mapping, @7 definition 7.
type Notation = string;
type Definition = Notation | readonly [fields: Readonly<Record<string, Notation>>, required?: readonly string[]];

interface Schemas {
  /** `1.28`, in order; bit n of a mask stands for the nth. */
  readonly versions: readonly string[];
  /** The definition of `apps/v1/Deployment`. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly definitions: readonly (readonly [mask: number, definition: Definition][])[];
}

let loaded: Schemas | undefined;

function schemas(): Schemas {
  loaded ??= JSON.parse(brotliDecompressSync(readFileSync(new URL("./schemas.json.br", import.meta.url))).toString()) as Schemas;
  return loaded;
}

/** The versions of Kubernetes whose objects are known. */
export function knownVersions(): readonly string[] {
  return schemas().versions;
}

/** The known version that is nearest to one like `1.35`. */
export function nearestVersion(version: string): string {
  const { versions } = schemas();
  const minor = Number(version.split(".")[1] ?? 0);
  const minors = versions.map((known) => Number(known.split(".")[1]));
  const at = minors.findLastIndex((known) => known <= minor);
  return versions[Math.max(at, 0)] as string;
}

export type KindState =
  | { readonly state: "served"; readonly check: (content: GoMap) => FieldProblem[] }
  /** Another version of Kubernetes has it. */
  | { readonly state: "elsewhere"; readonly versions: readonly string[] }
  /** The group is Kubernetes' own, the kind or its version is not in it. */
  | { readonly state: "unknown"; readonly suggestion: string | undefined }
  | { readonly state: "foreign" };

/** What a version of Kubernetes knows of a kind. */
export function kindState(version: string, apiVersion: string, kind: string): KindState {
  const { versions, kinds } = schemas();
  const bit = 1 << versions.indexOf(version);
  const index = kinds[`${apiVersion}/${kind}`];
  if (index !== undefined) {
    const own = schemas().definitions[index] ?? [];
    if (own.some(([mask]) => (mask & bit) !== 0)) return { state: "served", check: (content) => check(bit, `@${index}`, content, []) };
    const mask = own.reduce((all, [one]) => all | one, 0);
    return { state: "elsewhere", versions: versions.filter((_, at) => (mask & (1 << at)) !== 0) };
  }
  const served = Object.entries(kinds)
    .filter(([, at]) => schemas().definitions[at]?.some(([mask]) => (mask & bit) !== 0))
    .map(([name]) => name);
  const groups = new Set(served.map((name) => groupOf(name.slice(0, name.lastIndexOf("/")))));
  if (!groups.has(groupOf(apiVersion))) return { state: "foreign" };
  const sameKind = served.filter((name) => name.endsWith(`/${kind}`));
  return { state: "unknown", suggestion: sameKind[0] ?? nearest(`${apiVersion}/${kind}`, served) };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] as string) : "";
}

function check(bit: number, notation: Notation, value: GoValue, path: FieldPath): FieldProblem[] {
  // Kubernetes takes null for absent.
  if (value === null) return [];
  switch (notation[0]) {
    case "s":
      return typeof value === "string" ? [] : [typeProblem(path, value, "text")];
    case "b":
      return typeof value === "boolean" ? [] : [typeProblem(path, value, "a boolean")];
    case "i":
      return typeof value === "number" && Number.isInteger(value) ? [] : [typeProblem(path, value, "a whole number")];
    case "n":
      return typeof value === "number" ? [] : [typeProblem(path, value, "a number")];
    case "q":
      return typeof value === "string" || typeof value === "number" ? [] : [typeProblem(path, value, "text or a number")];
    case "[":
      if (!Array.isArray(value)) return [typeProblem(path, value, "a list")];
      return value.flatMap((item, index) => check(bit, notation.slice(1), item, [...path, index]));
    case "{":
      if (!(value instanceof Map)) return [typeProblem(path, value, "a mapping")];
      return [...value].flatMap(([key, one]) => check(bit, notation.slice(1), one, [...path, key]));
    case "@":
      return checkDefinition(bit, Number(notation.slice(1)), value, path);
    default:
      return [];
  }
}

function checkDefinition(bit: number, index: number, value: GoValue, path: FieldPath): FieldProblem[] {
  const definition = schemas().definitions[index]?.find(([mask]) => (mask & bit) !== 0)?.[1] ?? "*";
  if (typeof definition === "string") return check(bit, definition, value, path);
  if (!(value instanceof Map)) return [typeProblem(path, value, "a mapping")];
  const [fields, required = []] = definition;
  const problems: FieldProblem[] = [];
  for (const [key, one] of value) {
    const notation = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (notation !== undefined) problems.push(...check(bit, notation, one, [...path, key]));
    else problems.push(unknownField([...path, key], Object.keys(fields)));
  }
  for (const key of required) {
    if ((value.get(key) ?? null) === null)
      problems.push({ path, isRefused: true, message: `the field ${key} is required`, fix: `write ${key}` });
  }
  return problems;
}

/** The problem of a field that its owner does not have. */
export function unknownField(path: FieldPath, fields: readonly string[]): FieldProblem {
  const name = String(path.at(-1));
  const meant = nearest(name, fields);
  const fix = meant === undefined ? "remove it, or move it to where it belongs" : `write ${meant}`;
  return { path, isRefused: false, message: "there is no such field", fix };
}
