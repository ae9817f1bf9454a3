import { compileRegexp, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import type { Draft } from "./schema-document.ts";

/**
 * Whether a schema is plainly one of its draft: only keywords of the usual types. False says nothing; the meta-schema decides then. Much
 * quicker than that, and every chart's schemas are checked at every render.
 */
export function isEvidentlyValid(value: GoValue, draft: Draft): boolean {
  if (value === true || value === false) return draft > 4;
  if (!(value instanceof Map)) return false;
  for (const [key, given] of value) if (CHECKS.get(key)?.(given, draft) !== true) return false;
  return true;
}

type Check = (given: GoValue, draft: Draft) => boolean;

const isText: Check = (given) => typeof given === "string";
const isFlag: Check = (given) => typeof given === "boolean";
const isNumber: Check = (given) => typeof given === "number";
const isCount: Check = (given) => typeof given === "number" && Number.isInteger(given) && given >= 0;
const isAnything: Check = () => true;
const isSchema: Check = isEvidentlyValid;
const isSchemas: Check = (given, draft) => Array.isArray(given) && given.length > 0 && given.every((one) => isSchema(one, draft));
const isMapOfSchemas: Check = (given, draft) => given instanceof Map && [...given.values()].every((one) => isSchema(one, draft));
const isNames: Check = (given) =>
  Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === "string") && new Set(given).size === given.length;

const TYPES = new Set<GoValue>(["array", "boolean", "integer", "null", "number", "object", "string"]);

function isType(given: GoValue): boolean {
  if (!Array.isArray(given)) return TYPES.has(given);
  return given.length > 0 && given.every((one) => TYPES.has(one)) && new Set(given).size === given.length;
}

function isPattern(given: GoValue): boolean {
  if (typeof given !== "string") return false;
  try {
    compileRegexp(given);
    return true;
  } catch (error) {
    if (error instanceof GoError) return false;
    throw error;
  }
}

function isMapByPattern(given: GoValue, draft: Draft): boolean {
  return given instanceof Map && [...(given as GoMap).keys()].every(isPattern) && isMapOfSchemas(given, draft);
}

const from =
  (first: Draft, check: Check): Check =>
  (given, draft) =>
    draft >= first && check(given, draft);
const reference: Check = (given) => typeof given === "string" && /^#[\w/$.-]*$/.test(given);

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["$schema", isText],
  ["$ref", reference],
  ["title", isText],
  ["description", isText],
  ["default", isAnything],
  ["$comment", from(7, isText)],
  ["examples", from(6, (given) => Array.isArray(given))],
  ["readOnly", from(7, isFlag)],
  ["writeOnly", from(7, isFlag)],
  ["deprecated", from(2019, isFlag)],
  ["type", isType],
  [
    "enum",
    (given) =>
      Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === "string") && new Set(given).size === given.length,
  ],
  ["const", from(6, isAnything)],
  ["minimum", isNumber],
  ["maximum", isNumber],
  ["exclusiveMinimum", from(6, isNumber)],
  ["exclusiveMaximum", from(6, isNumber)],
  ["minLength", isCount],
  ["maxLength", isCount],
  ["minItems", isCount],
  ["maxItems", isCount],
  ["minProperties", isCount],
  ["maxProperties", isCount],
  ["uniqueItems", isFlag],
  ["pattern", isPattern],
  ["format", isText],
  ["required", isNames],
  ["properties", isMapOfSchemas],
  ["$defs", from(2019, isMapOfSchemas)],
  ["definitions", isMapOfSchemas],
  ["patternProperties", isMapByPattern],
  ["additionalProperties", (given, draft) => typeof given === "boolean" || isSchema(given, draft)],
  ["items", (given, draft) => isSchema(given, draft)],
  ["allOf", isSchemas],
  ["anyOf", isSchemas],
  ["oneOf", isSchemas],
  ["not", isSchema],
  ["if", from(7, isSchema)],
  ["then", from(7, isSchema)],
  ["else", from(7, isSchema)],
  ["contains", from(6, isSchema)],
  ["propertyNames", from(6, isSchema)],
]);
