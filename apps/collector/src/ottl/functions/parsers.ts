import { compareTexts } from "@invar/go-compat";
import { parseUserAgent } from "../user-agent/user-agent.ts";
import { StatementError, typeName, type Value } from "../value.ts";
import { readCsvRow } from "./csv.ts";
import { constantBoolean, constantString, define, type FunctionDefinition, map, optional, string, value } from "./function.ts";
import { extractGrokPatterns } from "./grok.ts";
import { checkDelimiters, parseKeyValue, toKeyValue } from "./key-value.ts";
import { pattern } from "./pattern.ts";
import { severityMapping } from "./severity.ts";
import { parseUrl } from "./url.ts";

/** Converters that take text apart. */
export const parserFunctions: readonly FunctionDefinition[] = [
  define(
    "ParseJSON",
    { target: string },
    ({ target }) =>
      (frame) =>
        parseJson(target.get(frame)),
  ),

  define(
    "ParseCSV",
    {
      target: string,
      header: string,
      delimiter: optional(constantString),
      header_delimiter: optional(constantString),
      mode: optional(constantString),
    },
    ({ target, header, delimiter = ",", header_delimiter: headerDelimiter = delimiter, mode = "strict" }) => {
      if ([...delimiter].length !== 1) throw new StatementError("invalid arguments: delimiter must be a single character");
      if ([...headerDelimiter].length !== 1) throw new StatementError("invalid arguments: header_delimiter must be a single character");
      if (mode !== "strict" && mode !== "lazyQuotes" && mode !== "ignoreQuotes") throw new StatementError(`unknown mode: ${mode}`);
      return (frame) => {
        const text = target.get(frame);
        const headerText = header.get(frame);
        if (headerText === "") throw new StatementError("headers must not be an empty string");
        const names = headerText.split(headerDelimiter);
        const fields = mode === "ignoreQuotes" ? text.split(delimiter) : readCsvRow(text, delimiter, mode === "lazyQuotes");
        if (fields.length !== names.length)
          throw new StatementError(`map csv headers: wrong number of fields: expected ${names.length}, found ${fields.length}`);
        return new Map(names.map((name, i) => [name, fields[i] ?? ""]));
      };
    },
  ),

  define(
    "ParseKeyValue",
    { target: string, delimiter: optional(constantString), pair_delimiter: optional(constantString) },
    ({ target, delimiter = "=", pair_delimiter: pairDelimiter = " " }) => {
      checkDelimiters(delimiter, pairDelimiter);
      return (frame) => parseKeyValue(target.get(frame), delimiter, pairDelimiter);
    },
  ),

  define(
    "ToKeyValueString",
    {
      target: map,
      delimiter: optional(constantString),
      pair_delimiter: optional(constantString),
      sort_output: optional(constantBoolean),
    },
    ({ target, delimiter = "=", pair_delimiter: pairDelimiter = " ", sort_output: isSorted = false }) => {
      checkDelimiters(delimiter, pairDelimiter);
      return (frame) => {
        const found = target.get(frame);
        const entries = isSorted ? new Map([...found].sort(([a], [b]) => compareTexts(a, b))) : found;
        return toKeyValue(entries, delimiter, pairDelimiter);
      };
    },
  ),

  define("URL", { uri: string }, ({ uri }) => (frame) => {
    const text = uri.get(frame);
    if (text === "") throw new StatementError("url cannot be empty");
    return parseUrl(text);
  }),

  define(
    "UserAgent",
    { user_agent: string },
    ({ user_agent: agent }) =>
      (frame) =>
        parseUserAgent(agent.get(frame)),
  ),

  define("ParseSeverity", { target: value, mapping: map }, ({ target, mapping }) => {
    if (mapping.literal === undefined) throw new StatementError("severity mapping must be a literal PMap");
    const levelOf = severityMapping(mapping.literal.value);
    return (frame) => levelOf(target.get(frame));
  }),

  extractGrokPatterns,

  define("ExtractPatterns", { target: string, pattern: string }, ({ target, pattern: source }) => {
    const matcher = pattern("ExtractPatterns", source);
    return (frame) => {
      const regexp = matcher(frame);
      const { groupNames } = regexp;
      if (!groupNames.some((name) => name !== ""))
        throw new StatementError("at least 1 named capture group must be supplied in the given regex");
      const match = regexp.exec(target.get(frame));
      const result = new Map<string, Value>();
      if (match !== undefined) for (const [i, name] of groupNames.entries()) if (name !== "") result.set(name, match.groups[i] ?? "");
      return result;
    };
  }),
];

function parseJson(text: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new StatementError((error as Error).message);
  }
  if (typeof parsed !== "object" || parsed === null) {
    const type = typeof parsed === "number" ? "float64" : typeName(parsed as Value);
    throw new StatementError(`could not convert parsed value of type ${type} to JSON object`);
  }
  return ofJson(parsed);
}

function ofJson(parsed: unknown): Value {
  if (Array.isArray(parsed)) return parsed.map(ofJson);
  if (typeof parsed !== "object" || parsed === null) return parsed as Value;
  const entries = new Map<string, Value>();
  for (const key of Object.keys(parsed)) entries.set(key, ofJson((parsed as Record<string, unknown>)[key]));
  return entries;
}
