import type { Regexp } from "@invar/go-compat";
import { type Entry, type EntryMap, type EntryValue, typeName } from "../entry.ts";
import { getField, setField } from "../field.ts";
import { fromJson, toJson } from "../json.ts";
import { readCsvRow } from "./csv.ts";
import { scopeNameReader, severityReader, traceReader } from "./marks.ts";
import { EntryError, type Operator } from "./operator.ts";
import type { Settings } from "./settings.ts";
import { timeReader } from "./time.ts";

/** Turns a value into what is put at `parse_to`. Throws `EntryError`. */
export type Parse = (value: EntryValue, entry: Entry) => EntryValue;

/** The frame of all parsers: where from, where to, and what else they look for. */
export function parserOperator(settings: Settings, parse: Parse, now: () => number): Operator {
  const apply = parserStep(settings, parse, now);
  return {
    process(entry, emit) {
      apply(entry);
      emit(entry);
    },
  };
}

/** What a parser does to an entry. */
export function parserStep(settings: Settings, parse: Parse, now: () => number): (entry: Entry) => void {
  const from = settings.field("parse_from", "body");
  const to = settings.field("parse_to", "attributes");
  const body = settings.optionalField("body");
  if (body !== undefined && to.root === "body" && to.keys.length === 0)
    settings.wrong("`parse_to: body` not allowed when `body` is configured");
  const marks: ((entry: Entry) => void)[] = [];
  const timestamp = settings.nested("timestamp");
  if (timestamp !== undefined) marks.push(timeReader(timestamp, timestamp.optionalField("parse_from"), now));
  timestamp?.finish();
  for (const [name, reader] of [
    ["severity", severityReader],
    ["trace", traceReader],
    ["scope_name", scopeNameReader],
  ] as const) {
    const nested = settings.nested(name);
    if (nested !== undefined) marks.push(reader(nested));
    nested?.finish();
  }
  return (entry) => {
    const value = getField(entry, from);
    if (value === undefined) throw new EntryError(`Entry is missing the expected parse_from field ${from.text}`);
    const problem = setField(entry, to, parse(value, entry));
    if (problem !== undefined) throw new EntryError(`set parse_to: ${problem}`);
    const newBody = body === undefined ? undefined : getField(entry, body);
    if (newBody !== undefined) entry.body = newBody;
    // All are tried before the first failure is told.
    let failure: unknown;
    for (const mark of marks)
      try {
        mark(entry);
      } catch (error) {
        failure ??= error;
      }
    if (failure !== undefined) throw failure;
  };
}

export function textValue(value: EntryValue, what: string): string {
  if (typeof value === "string") return value;
  throw new EntryError(`type ${typeName(value)} cannot be parsed as ${what}`);
}

/** The named groups of a pattern. */
export function groupsOf(regexp: Regexp, text: string): EntryMap {
  const groups = namedGroups(regexp, text);
  if (groups === undefined) throw new EntryError("regex pattern does not match");
  return groups;
}

/** The same; undefined where it does not match. */
export function namedGroups(regexp: Regexp, text: string): EntryMap | undefined {
  const match = regexp.exec(text);
  if (match === undefined) return undefined;
  const groups: EntryMap = new Map();
  for (const [i, name] of regexp.groupNames.entries()) if (name !== "") groups.set(name, match.groups[i] ?? "");
  return groups;
}

export function regexParse(settings: Settings): Parse {
  const regexp = settings.regexp("regex");
  if (regexp.groupNames.every((name) => name === ""))
    settings.wrong("no named capture groups in regex pattern: use groups like '^(?P<my_key>.*)$'");
  const cache = settings.nested("cache");
  cache?.value("size");
  cache?.finish();
  return (value) => groupsOf(regexp, textValue(value, "regex"));
}

export function jsonParse(settings: Settings): Parse {
  const parseInts = settings.bool("parse_ints");
  return (value) => {
    const parsed = fromJson(textValue(value, "JSON"), parseInts);
    if (!(parsed instanceof Map)) throw new EntryError("JSON that is not an object cannot be parsed");
    return parsed;
  };
}

export function jsonArrayParse(settings: Settings): Parse {
  const header = settings.text("header");
  const names = header === "" ? undefined : header.split(",");
  return (value) => {
    const parsed = fromJson(textValue(value, "json_array"), true);
    const items = (Array.isArray(parsed) ? parsed : []).map((item): EntryValue => {
      if (item instanceof Map) return JSON.stringify(toJson(item));
      if (Array.isArray(item)) throw new EntryError("failed to parse entry");
      return typeof item === "number" ? 0n : item;
    });
    if (names === undefined) return items;
    return namedBy(names, items);
  };
}

export function keyValueParse(settings: Settings): Parse {
  const delimiter = settings.text("delimiter", "=");
  const pairDelimiter = settings.text("pair_delimiter", " ") || " ";
  if (delimiter === "") settings.wrong("delimiter is a required parameter");
  if (delimiter === pairDelimiter) settings.wrong("delimiter and pair_delimiter cannot be the same value");
  return (value) => {
    const text = textValue(value, "key value pairs");
    if (text === "") throw new EntryError("parse from field is empty");
    const parsed: EntryMap = new Map();
    for (const pair of splitQuoted(text, pairDelimiter)) {
      const at = pair.indexOf(delimiter);
      if (at < 0) throw new EntryError(`cannot split ${JSON.stringify(pair)} into 2 items, got 1 item(s)`);
      parsed.set(pair.slice(0, at).trim(), pair.slice(at + delimiter.length).trim());
    }
    return parsed;
  };
}

/** Splits where the delimiter stands outside of quotes, which are left out. */
function splitQuoted(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let current = "";
  let quote = "";
  let isEscaped = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (quote === "" && text.startsWith(delimiter, i)) {
      if (current !== "") parts.push(current);
      current = "";
      i += delimiter.length - 1;
      continue;
    }
    if (isEscaped) isEscaped = false;
    else {
      if (quote === "" && (character === '"' || character === "'")) {
        quote = character;
        continue;
      }
      if (character === quote) {
        quote = "";
        continue;
      }
      isEscaped = character === "\\";
    }
    current += character;
  }
  if (quote !== "") throw new EntryError("failed to parse pairs from input: never reached the end of a quoted value");
  if (current !== "") parts.push(current);
  return parts;
}

export function csvParse(settings: Settings): Parse {
  const delimiter = settings.text("delimiter", ",") || ",";
  const headerDelimiter = settings.text("header_delimiter", delimiter) || delimiter;
  const header = settings.text("header");
  const headerAttribute = settings.text("header_attribute");
  const lazyQuotes = settings.bool("lazy_quotes");
  const ignoreQuotes = settings.bool("ignore_quotes");
  if (ignoreQuotes && lazyQuotes) settings.wrong("only one of 'ignore_quotes' or 'lazy_quotes' can be true");
  if ([...delimiter].length !== 1) settings.wrong(`invalid 'delimiter': '${delimiter}'`);
  if ([...headerDelimiter].length !== 1) settings.wrong(`invalid 'header_delimiter': '${headerDelimiter}'`);
  if (header === "" && headerAttribute === "") settings.wrong("missing required field 'header' or 'header_attribute'");
  if (header !== "" && headerAttribute !== "") settings.wrong("only one header parameter can be set: 'header' or 'header_attribute'");
  if (header !== "" && !header.includes(headerDelimiter)) settings.wrong("missing field delimiter in header");
  return (value, entry) => {
    const given = header === "" ? entry.attributes.get(headerAttribute) : header;
    if (typeof given !== "string") throw new EntryError(`failed to read dynamic header attribute ${headerAttribute}`);
    const text = textValue(value, "csv");
    return namedBy(given.split(headerDelimiter), ignoreQuotes ? text.split(delimiter) : readCsvRow(text, delimiter, lazyQuotes));
  };
}

function namedBy(names: readonly string[], values: readonly EntryValue[]): EntryMap {
  if (names.length !== values.length) throw new EntryError(`wrong number of fields: expected ${names.length}, found ${values.length}`);
  return new Map(names.map((name, i) => [name, values[i] as EntryValue]));
}

/** An absolute URI, a path, or a query that begins with a question mark. */
export function uriParse(): Parse {
  return (value) => {
    const text = textValue(value, "URI");
    const parsed: EntryMap = new Map();
    if (text.startsWith("?")) return withQuery(parsed, text.slice(1));
    const isPath = text.startsWith("/");
    if (!isPath && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text)) throw new EntryError(`parse ${JSON.stringify(text)}: invalid URI for request`);
    if (/[\s<>"\\^`{|}]/.test(text)) throw new EntryError(`parse ${JSON.stringify(text)}: invalid character in URI`);
    const [, scheme = "", authority, path = "", query] =
      /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
    if (scheme !== "") parsed.set("scheme", scheme.toLowerCase());
    decoded(path);
    // What follows the scheme without a slash has no parts.
    if (authority === undefined && !path.startsWith("/")) return withQuery(parsed, query ?? "");
    const at = authority?.lastIndexOf("@") ?? -1;
    const user = at < 0 ? "" : decoded((authority as string).slice(0, at).split(":")[0] as string);
    const [, host = "", port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec((authority ?? "").slice(at + 1)) ?? [];
    for (const [name, part] of [
      ["user", user],
      ["host", host.replace(/^\[|\]$/g, "")],
      ["port", port],
      ["path", path],
    ] as const)
      if (part !== "") parsed.set(name, part);
    return withQuery(parsed, query ?? "");
  };
}

function withQuery(parsed: EntryMap, query: string): EntryMap {
  const parameters: EntryMap = new Map();
  for (const pair of query.split("&").filter((each) => each !== "")) {
    const [key = "", ...rest] = pair.split("=");
    const name = decoded(key.replaceAll("+", " "));
    const known = parameters.get(name);
    parameters.set(name, [...(Array.isArray(known) ? known : []), decoded(rest.join("=").replaceAll("+", " "))]);
  }
  if (parameters.size > 0) parsed.set("query", parameters);
  return parsed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new EntryError(`invalid URL escape in ${JSON.stringify(text)}`);
  }
}
