import { existsSync } from "node:fs";
import { GoError, type GoMap, type GoValue, quote } from "@invar/go-compat";
import { decodeJson } from "@invar/go-template";
import { type Chart, ChartError } from "../chart/chart.ts";
import { type LogEntry, logLine, type Warn } from "../helm-log.ts";
import { isEvidentlyValid } from "./json-schema/evidently-valid.ts";
import META_SCHEMAS from "./json-schema/meta-schemas.json" with { type: "json" };
import { describeProblems } from "./json-schema/problem.ts";
import { type Draft, openDocument, type Schema, type SchemaDocument, schemaAt } from "./json-schema/schema-document.ts";
import { checkReferences, validate } from "./json-schema/validate.ts";
import { typeName } from "./tables.ts";

/** Checks the values against the schemas of the chart and of those below it. Throws `ChartError` with all findings. */
export function validateValues(chart: Chart, values: GoMap, warn: Warn = () => undefined): void {
  const findings = findingsOf(chart, values, warn);
  if (findings !== "") {
    throw new ChartError(`values don't meet the specifications of the schema(s) in the following chart(s):\n${findings}`);
  }
}

function findingsOf(chart: Chart, values: GoMap, warn: Warn): string {
  let text = "";
  if (chart.schema !== undefined) {
    const problem = ownFindings(chart.schema, values, warn);
    if (problem !== "") text += `${chart.name}:\n${problem}`;
  }
  for (const child of chart.dependencies) {
    const own = values.get(child.name) ?? null;
    if (own instanceof Map) text += findingsOf(child, own, warn);
    else if (own !== null) text += `${child.name}:\ninvalid type for values: expected object (map), got ${typeName(own)}\n`;
  }
  return text;
}

function ownFindings(source: string, values: GoMap, warn: Warn): string {
  try {
    const { schema, names } = schemaOf(source);
    for (const name of names) warn(unresolvedName(name));
    const problems = validate(schema, values, { assertsFormats: false });
    return problems.length === 0 ? "" : `${describeProblems(problems).slice(1)}\n`;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

const OWN_ADDRESS = "file:///values.schema.json";

// Charts are rendered again and again with the same schemas.
const known = new Map<string, KnownSchema>();
const MOST_KNOWN = 200;

interface KnownSchema {
  readonly schema: Schema;
  /** The URNs that it refers to, which allow anything. */
  readonly names: ReadonlySet<string>;
}

function unresolvedName(name: string): LogEntry {
  const text = "unresolved URN reference ignored; using permissive schema";
  return { helm3: `jsonschema.go:192: WARNING: ${text}: ${name}`, helm4: logLine("WARN", text, { urn: name }) };
}

function schemaOf(source: string): KnownSchema {
  const found = known.get(source);
  if (found !== undefined) return found;
  const names = new Set<string>();
  const document = openDocument(OWN_ADDRESS, readJson(source), (address) => {
    if (address.startsWith("urn:")) names.add(address);
    return loadSchema(address);
  });
  const schema = schemaAt(document, "");
  checkAgainstMetaSchema(schema);
  checkReferences(schema);
  if (known.size >= MOST_KNOWN) known.clear();
  const loaded = { schema, names };
  known.set(source, loaded);
  return loaded;
}

function readJson(source: string): GoValue {
  try {
    return goValue(JSON.parse(source));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return decodeWithGoErrors(source);
  }
}

function decodeWithGoErrors(source: string): GoValue {
  try {
    return decodeJson(source);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const message = error.message
      .replace("unexpected end of JSON input", source.trim() === "" ? "EOF" : "unexpected EOF")
      .replace(/ '.+' after top-level value$/, " after top-level value");
    throw new GoError(message, { cause: error });
  }
}

function goValue(json: unknown): GoValue {
  if (Array.isArray(json)) return json.map(goValue);
  if (typeof json === "object" && json !== null) return new Map(Object.entries(json).map(([key, value]) => [key, goValue(value)]));
  return json as GoValue;
}

const META_ADDRESSES: Readonly<Record<Draft, string>> = {
  4: "http://json-schema.org/draft-04/schema",
  6: "http://json-schema.org/draft-06/schema",
  7: "http://json-schema.org/draft-07/schema",
  2019: "https://json-schema.org/draft/2019-09/schema",
  2020: "https://json-schema.org/draft/2020-12/schema",
};

function checkAgainstMetaSchema(schema: Schema): void {
  // The meta-schema has the words for what is wrong; most schemas are evidently right.
  if (isEvidentlyValid(schema.value, schema.resource.draft)) return;
  const address = META_ADDRESSES[schema.resource.draft];
  const problems = validate(schemaAt(loadSchema(address), ""), schema.value, { assertsFormats: true });
  if (problems.length === 0) return;
  throw new GoError(
    `"${OWN_ADDRESS}#" is not valid against metaschema: jsonschema validation failed with '${address}#'${describeProblems(problems)}`,
  );
}

const metaDocuments = new Map<string, SchemaDocument>();

/** Schemas that everyone refers to are here; others would have to come from the network. */
function loadSchema(address: string): SchemaDocument {
  const name = address.replace(/#$/, "").replace(/^https?:\/\/json-schema\.org\/schema$/, META_ADDRESSES[2020]);
  const loaded = metaDocuments.get(name);
  if (loaded !== undefined) return loaded;
  const json = (META_SCHEMAS as Readonly<Record<string, unknown>>)[name];
  if (json === undefined && address.startsWith("urn:")) return openDocument(address, true, loadSchema);
  if (json === undefined) throw new GoError(`failing loading ${quote(address)}: ${absenceOf(address)}`);
  const document = openDocument(name, goValue(json), loadSchema);
  metaDocuments.set(name, document);
  return document;
}

const INSTEAD = "write it below $defs of values.schema.json";

/** Why a schema cannot be had, in Helm's words as far as they fit: nothing is fetched, nor read from outside the chart. */
function absenceOf(address: string): string {
  if (/^https?:/.test(address)) return `HTTP request failed for ${address}: Get ${quote(address)}: schemas are not fetched: ${INSTEAD}`;
  if (!address.startsWith("file:")) return `no URLLoader registered for ${quote(address)}`;
  const path = decodeURIComponent(new URL(address).pathname);
  return existsSync(path) ? `schemas are not read from outside the chart: ${INSTEAD}` : `open ${path}: no such file or directory`;
}
