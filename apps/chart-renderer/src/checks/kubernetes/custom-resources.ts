import type { GoMap, GoValue } from "@invar/go-compat";
import { type FieldPath, listAt, mapAt, textAt } from "../lint-input.ts";
import { type FieldProblem, typeProblem } from "./problem.ts";
import { unknownField } from "./schemas.ts";

/** The schemas of custom resources by `group/version/Kind`. */
export function customSchemas(definitions: readonly GoMap[]): ReadonlyMap<string, GoMap> {
  const found = new Map<string, GoMap>();
  for (const definition of definitions) {
    if (textAt(definition, "kind") !== "CustomResourceDefinition") continue;
    const spec = mapAt(definition, "spec");
    const prefix = textAt(spec, "group");
    const kind = textAt(mapAt(spec, "names"), "kind");
    for (const version of listAt(spec, "versions")) {
      if (!(version instanceof Map) || version.get("served") === false) continue;
      const schema = mapAt(version, "schema").get("openAPIV3Schema");
      if (schema instanceof Map) found.set(`${prefix}/${textAt(version, "name")}/${kind}`, schema);
    }
  }
  return found;
}

// Every object has them, whether its schema says so or not.
const COMMON = new Set(["apiVersion", "kind", "metadata"]);

/** Checks an object against the schema of its definition. */
export function checkCustom(schema: GoMap, content: GoMap): FieldProblem[] {
  return check(schema, content, []);
}

function check(schema: GoMap, value: GoValue, path: FieldPath): FieldProblem[] {
  if (value === null) return [];
  if (schema.get("x-kubernetes-int-or-string") === true) {
    return typeof value === "string" || typeof value === "number" ? [] : [typeProblem(path, value, "text or a number")];
  }
  const problem = wrongType(textAt(schema, "type"), value, path);
  if (problem !== undefined) return [problem];
  const allowed = listAt(schema, "enum");
  if (allowed.length > 0 && !allowed.includes(value)) {
    return [{ path, isRefused: true, message: `must be one of ${allowed.map(String).join(", ")}`, fix: `write ${String(allowed[0])}` }];
  }
  if (Array.isArray(value)) {
    const items = schema.get("items");
    return items instanceof Map ? value.flatMap((item, index) => check(items, item, [...path, index])) : [];
  }
  return value instanceof Map ? checkMap(schema, value, path) : [];
}

function wrongType(type: string, value: GoValue, path: FieldPath): FieldProblem | undefined {
  switch (type) {
    case "string":
      return typeof value === "string" ? undefined : typeProblem(path, value, "text");
    case "boolean":
      return typeof value === "boolean" ? undefined : typeProblem(path, value, "a boolean");
    case "integer":
      return typeof value === "number" && Number.isInteger(value) ? undefined : typeProblem(path, value, "a whole number");
    case "number":
      return typeof value === "number" ? undefined : typeProblem(path, value, "a number");
    case "array":
      return Array.isArray(value) ? undefined : typeProblem(path, value, "a list");
    case "object":
      return value instanceof Map ? undefined : typeProblem(path, value, "a mapping");
    default:
      return undefined;
  }
}

function checkMap(schema: GoMap, value: GoMap, path: FieldPath): FieldProblem[] {
  const properties = mapAt(schema, "properties");
  const others = schema.get("additionalProperties");
  const isOpen =
    schema.get("x-kubernetes-preserve-unknown-fields") === true || others === true || (properties.size === 0 && others === undefined);
  const isObject = path.length === 0 || schema.get("x-kubernetes-embedded-resource") === true;
  const problems: FieldProblem[] = [];
  for (const [key, one] of value) {
    if (isObject && COMMON.has(key)) continue;
    const property = properties.get(key);
    if (property instanceof Map) problems.push(...check(property, one, [...path, key]));
    else if (others instanceof Map) problems.push(...check(others, one, [...path, key]));
    else if (!isOpen) problems.push(unknownField([...path, key], [...properties.keys()]));
  }
  for (const key of listAt(schema, "required")) {
    if (typeof key === "string" && (value.get(key) ?? null) === null && !hasDefault(properties.get(key))) {
      problems.push({ path, isRefused: true, message: `the field ${key} is required`, fix: `write ${key}` });
    }
  }
  return problems;
}

function hasDefault(property: GoValue | undefined): boolean {
  return property instanceof Map && property.has("default");
}
