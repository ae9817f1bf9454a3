import type { GoValue } from "@invar/go-compat";
import type { FieldPath } from "../lint-input.ts";

/** What is wrong with a field of an object. */
export interface FieldProblem {
  readonly path: FieldPath;
  /** Whether the API server refuses the object; it drops fields that it does not know. */
  readonly isRefused: boolean;
  readonly message: string;
  readonly fix?: string;
}

/** A value's type in words. */
export function typeWord(value: GoValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a mapping";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "a boolean" : "a number";
}

/** The problem of a value that is of another type. */
export function typeProblem(path: FieldPath, value: GoValue, wanted: string): FieldProblem {
  const isScalar = typeof value !== "object";
  const fix =
    wanted === "text" && isScalar
      ? "put it between quotes: {{ … | quote }}"
      : typeof value === "string" && wanted !== "text"
        ? "take the quotes away, or convert it: {{ … | int }}"
        : undefined;
  return { path, isRefused: true, message: `must be ${wanted}, not ${typeWord(value)}`, ...(fix === undefined ? {} : { fix }) };
}
