import { readFileSync } from "node:fs";
import { GoError, type GoMap } from "@invar/go-compat";
import { decodeJson } from "@invar/go-template";
import { ChartError } from "../chart/chart.ts";
import { type HelmVersion, isHelm4 } from "../helm-version.ts";
import { splitManifests } from "../manifests/manifests.ts";
import { applySet, type SetKind } from "../values/set-flags.ts";
import { mergeFiles } from "../values/tables.ts";
import { readValues } from "../values/values-text.ts";
import { readYamlMap } from "../yaml/read.ts";

/** Why nothing is fetched. */
export const NEEDS_NETWORK = "invar-chart reads charts from folders and .tgz files only";

/** The flags that set single values, in the order in which Helm applies them, whatever their order on the command line. */
export const SET_KINDS: readonly SetKind[] = ["set-json", "set", "set-string", "set-file", "set-literal"];

/** Lays values files over each other and writes into them what flags say. Throws `ChartError`. */
export function mergedValues(files: readonly GoMap[], expressionsOf: (kind: SetKind) => readonly string[], version: HelmVersion): GoMap {
  let values = files.reduce<GoMap>(mergeFiles, new Map());
  for (const kind of SET_KINDS) for (const expression of expressionsOf(kind)) values = withSet(kind, expression, values, version);
  return values;
}

/** The values with those of one flag, which may be written into them. */
export function withSet(kind: SetKind, expression: string, values: GoMap, helmVersion: HelmVersion): GoMap {
  const isObject = kind === "set-json" && isHelm4(helmVersion) && expression.trimStart().startsWith("{");
  try {
    if (isObject) return mergeFiles(values, jsonMap(expression));
    applySet(kind, expression, values, readText);
    return values;
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof GoError)) throw error;
    // Helm 4 takes the end of the text within brackets for the end of all.
    if (isHelm4(helmVersion) && error.message === "error parsing index: EOF") return values;
    const problem =
      kind === "set-json"
        ? `failed parsing --set-json data ${isObject ? "JSON: " : ""}${expression}`
        : `failed parsing --${kind} data: ${error.message}`;
    throw new ChartError(problem, { cause: error });
  }
}

function jsonMap(text: string): GoMap {
  const value = decodeJson(text);
  if (value instanceof Map) return value;
  throw new GoError("not an object");
}

/** A values file. Throws `ChartError`. */
export function valuesIn(path: string, text: string, helmVersion: HelmVersion): GoMap {
  return parsing(path, () => readValues(text, helmVersion));
}

/** The objects of a file for `lookup`. Throws `ChartError`. */
export function objectsAt(path: string): GoMap[] {
  return parsing(path, () => splitManifests(readText(path)).map(({ content }) => readYamlMap(content)));
}

function parsing<Result>(path: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError) throw new ChartError(`failed to parse ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A file's text; `-` is the standard input. Throws `ChartError`. */
export function readText(path: string): string {
  if (/^(?:https?|oci):\/\//.test(path)) throw new ChartError(`${path} is not read: ${NEEDS_NETWORK}`);
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new ChartError(`open ${path}: no such file or directory`, { cause: error });
    throw new ChartError(`read ${path}: ${code === "EISDIR" ? "is a directory" : message}`, { cause: error });
  }
}
