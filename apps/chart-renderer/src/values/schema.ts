import { compileRegexp, elementsOf, entriesOf, type GoMap, type GoValue, rawOf } from "@invar/go-compat";
import { Ajv, type ErrorObject, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type Chart, ChartError } from "../chart/chart.ts";
import { typeName } from "./tables.ts";

/** Checks the values against the schemas of the chart and of those below it. Throws `ChartError` with all findings. */
export function validateValues(chart: Chart, values: GoMap): void {
  const findings = findingsOf(chart, values);
  if (findings !== "") {
    throw new ChartError(`values don't meet the specifications of the schema(s) in the following chart(s):\n${findings}`);
  }
}

function findingsOf(chart: Chart, values: GoMap): string {
  let text = chart.schema === undefined ? "" : ownFindings(chart.name, chart.schema, values);
  for (const child of chart.dependencies) {
    const own = values.get(child.name) ?? null;
    if (own instanceof Map) text += findingsOf(child, own);
    else if (own !== null) text += `${child.name}:\ninvalid type for values: expected object (map), got ${typeName(own)}\n`;
  }
  return text;
}

function ownFindings(name: string, source: string, values: GoMap): string {
  const schema = parseSchema(name, source);
  if (typeof schema !== "object" || schema === null) return schema === false ? `${name}:\n- at '': false schema\n` : "";
  const validator = compilerFor(schema as Record<string, unknown>);
  const { $schema: _, ...rest } = schema as Record<string, unknown>;
  const plain = plainOf(values);
  try {
    const check = validator.compile(rest);
    if (check(plain)) return "";
    return `${name}:\n${describe(check.errors ?? []).join("\n")}\n`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ChartError(`values don't meet the specifications of the schema(s) in the following chart(s):\n${name}:\n${error.message}`, {
      cause: error,
    });
  }
}

function parseSchema(name: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ChartError(`values don't meet the specifications of the schema(s) in the following chart(s):\n${name}:\n${error.message}`, {
      cause: error,
    });
  }
}

const OPTIONS: Options = {
  allErrors: true,
  strict: false,
  verbose: true,
  validateFormats: false,
  logger: false,
  code: { regExp: Object.assign((pattern: string) => linearPattern(pattern), { code: "linearPattern" }) },
};

/** A pattern that takes linear time whatever the text is, with the syntax that Go has. */
function linearPattern(pattern: string): { test: (text: string) => boolean } {
  const compiled = compileRegexp(pattern);
  return { test: (text) => compiled.test(text) };
}

function compilerFor({ $schema }: Record<string, unknown>): Ajv {
  const draft = typeof $schema === "string" ? $schema : "";
  if (/draft-0[467]/.test(draft)) return new Ajv(OPTIONS);
  return draft.includes("2019-09") ? new Ajv2019(OPTIONS) : new Ajv2020(OPTIONS);
}

function plainOf(value: GoValue): unknown {
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.map(plainOf);
  const entries = entriesOf(value);
  // Without a prototype: a key named __proto__ is a key like any other.
  if (entries !== undefined)
    return Object.assign(Object.create(null), Object.fromEntries([...entries].map(([key, one]) => [key, plainOf(one)])));
  const raw = rawOf(value);
  return typeof raw === "bigint" ? Number(raw) : raw;
}

/** One line a finding, in the words of Helm's validator. */
function describe(errors: readonly ErrorObject[]): string[] {
  const lines = new Map<string, string[]>();
  for (const error of errors) {
    const group = `${error.instancePath}\n${error.schemaPath}`;
    if (GROUPED.has(error.keyword)) {
      const names = lines.get(group) ?? [];
      names.push(String(error.params.missingProperty ?? error.params.additionalProperty ?? ""));
      lines.set(group, names);
    }
  }
  const seen = new Set<string>();
  return errors.flatMap((error) => {
    const group = `${error.instancePath}\n${error.schemaPath}`;
    if (seen.has(group) && GROUPED.has(error.keyword)) return [];
    seen.add(group);
    if (error.keyword === "if") return [];
    return [`- at '${error.instancePath}': ${problem(error, lines.get(group) ?? [])}`];
  });
}

const GROUPED = new Set(["required", "additionalProperties"]);

function problem({ keyword, params, data, message }: ErrorObject, names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`).join(", ");
  switch (keyword) {
    case "type":
      return `got ${jsonType(data)}, want ${[params.type].flat().join(" or ")}`;
    case "required":
      return `${names.length > 1 ? "missing properties" : "missing property"} ${quoted}`;
    case "additionalProperties":
      return `additional properties ${quoted} not allowed`;
    case "enum":
      return `value must be one of ${(params.allowedValues as unknown[]).map(shown).join(", ")}`;
    case "const":
      return `value must be ${shown(params.allowedValue)}`;
    case "pattern":
      return `'${data}' does not match pattern '${params.pattern}'`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `${keyword}: got ${data}, want ${params.limit}`;
    case "minLength":
    case "maxLength":
      return `${keyword}: got ${[...String(data)].length}, want ${params.limit}`;
    case "minItems":
    case "maxItems":
      return `${keyword}: got ${(data as unknown[]).length}, want ${params.limit}`;
    case "minProperties":
    case "maxProperties":
      return `${keyword}: got ${Object.keys(data as object).length}, want ${params.limit}`;
    case "anyOf":
      return "'anyOf' failed";
    case "oneOf":
      return params.passingSchemas === null
        ? "'oneOf' failed, none matched"
        : `'oneOf' failed, subschemas ${(params.passingSchemas as number[]).join(", ")} matched`;
    case "not":
      return "'not' failed";
    default:
      return message ?? `'${keyword}' failed`;
  }
}

function jsonType(data: unknown): string {
  if (data === null) return "null";
  return Array.isArray(data) ? "array" : typeof data;
}

function shown(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}
