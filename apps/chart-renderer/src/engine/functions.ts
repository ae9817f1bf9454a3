import { elementsOf, entriesOf, GoError, type GoFunction, type GoMap, type GoValue, Typed } from "@invar/go-compat";
import { any, decodeJson, encodeJson, type FunctionTable, fn, sprigFunctions, text, timeText } from "@invar/go-template";
import { type HelmVersion, isHelm4 } from "../helm-version.ts";
import { readToml } from "../toml/read.ts";
import { writeToml } from "../toml/write.ts";
import { readYamlList, readYamlMap } from "../yaml/read.ts";
import { writeYaml } from "../yaml/write.ts";
import { writePrettyYaml } from "../yaml/write-pretty.ts";

// Around messages of `fail` and `required`, so that the engine finds them in the text of an error: as in Helm.
const WARNING_START = "HELM_ERR_START";
const WARNING_END = "HELM_ERR_END";

/** Finds the message of `fail` or `required` in an error's text. */
export function warningIn(message: string): string | undefined {
  return new RegExp(`${WARNING_START}(.*)${WARNING_END}`, "s").exec(message)?.[1];
}

/** An error's text as people should see it. */
export function withoutWarningMarks(message: string): string {
  return message.replaceAll(WARNING_START, "").replaceAll(WARNING_END, "");
}

/** Finds objects of a cluster: apiVersion, kind, namespace, name. */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => GoMap;

/** Everything that templates may call, but `include` and `tpl`, which belong to one set of templates. */
export function chartFunctions(lookup: Lookup, helmVersion: HelmVersion): FunctionTable {
  return new Map<string, GoFunction>([
    ...sprigFunctions(),
    ...(isHelm4(helmVersion) ? ([["mustToYaml", fn([any], (value) => writeYaml(value).slice(0, -1))]] as const) : []),
    ...(helmVersion === "4.2" ? ([["mustToToml", fn([any], writeToml)]] as const) : []),
    // Known to the parser; each run brings those that belong to its templates.
    ["include", fn([text, any], (name) => noTemplate(name))],
    ["tpl", fn([text, any], (source) => noTemplate(source))],
    ["toYaml", fn([any], toYaml)],
    ["toYamlPretty", fn([any], (value) => orProblem(() => writePrettyYaml(plainOf(value)).slice(0, -1), asNothing))],
    [
      "toToml",
      fn([any], (value) =>
        orProblem(
          () => writeToml(value),
          (problem) => problem,
        ),
      ),
    ],
    ["fromToml", fn([text], (source) => orProblem(() => readToml(source), asErrorMap))],
    ["fromYaml", fn([text], (source) => orProblem(() => readYamlMap(source), asErrorMap))],
    ["fromYamlArray", fn([text], (source) => orProblem(() => readYamlList(source), asErrorList))],
    ["toJson", fn([any], (value) => orProblem(() => encodeJson(value, { escapesHtml: true, indent: "" }), asNothing))],
    ["fromJson", fn([text], (source) => orProblem(() => expectMap(decodeJson(source)), asErrorMap))],
    ["fromJsonArray", fn([text], (source) => orProblem(() => expectList(decodeJson(source)), asErrorList))],
    ["required", fn([text, any], required)],
    ["fail", fn([text], fail)],
    ["lookup", fn([text, text, text, text], lookup)],
  ]);
}

/** `toYaml`: without the last line break, and nothing for what cannot be written. */
export function toYaml(value: GoValue): string {
  return orProblem(() => writeYaml(value).slice(0, -1), asNothing) as string;
}

/** A value in the types that YAML knows. */
function plainOf(value: GoValue): GoValue {
  if (value instanceof Uint8Array) return [...value].map(BigInt);
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.map(plainOf);
  const entries = entriesOf(value);
  if (entries !== undefined) return new Map([...entries].map(([key, element]) => [String(key), plainOf(element)]));
  if (!(value instanceof Typed)) return value;
  const time = timeText(value);
  if (time !== undefined) return time;
  const { kind } = value.type;
  if (kind === "func") throw new GoError("yaml: cannot marshal type: func");
  if (kind === "ptr") return value.raw === null ? null : plainOf(value.raw as GoValue);
  // Fields of structs go by their names in small letters.
  if (kind === "struct") {
    return new Map(
      value.raw instanceof Map ? [...value.raw].map(([key, field]) => [String(key).toLowerCase(), plainOf(field as GoValue)]) : [],
    );
  }
  return value.raw as GoValue;
}

function noTemplate(name: string): never {
  throw new GoError(`template: no template ${JSON.stringify(name)} associated with template "gotpl"`);
}

function fail(message: string): never {
  throw new GoError(WARNING_START + message + WARNING_END);
}

function required(message: string, value: GoValue): GoValue {
  return value === null || value === "" ? fail(message) : value;
}

function orProblem(step: () => GoValue, instead: (problem: string) => GoValue): GoValue {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError) return instead(error.message);
    throw error;
  }
}

function asNothing(): GoValue {
  return "";
}

function asErrorMap(problem: string): GoValue {
  return new Map([["Error", problem]]);
}

function asErrorList(problem: string): GoValue {
  return [problem];
}

function expectMap(value: GoValue): GoValue {
  if (value === null || value instanceof Map) return value ?? new Map();
  throw new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
}

function expectList(value: GoValue): GoValue {
  if (value === null || Array.isArray(value)) return value ?? [];
  throw new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`);
}

function jsonKind(value: Exclude<GoValue, null>): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value instanceof Map ? "object" : typeof value;
}
