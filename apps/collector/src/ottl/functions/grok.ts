import { compileRegexp, GoError, parseBool, parseFloat64, parseInteger, quote, type Regexp } from "@invar/go-compat";
import { orStatementError } from "../getter.ts";
import { StatementError, type Value, type ValueMap } from "../value.ts";
import { constantBoolean, constantStrings, define, optional, string } from "./function.ts";
import { grokPatterns } from "./grok-patterns.ts";
import { invalidPattern } from "./pattern.ts";

/** A dot can't be part of a group's name. */
const DOT = "___";
/** What names refer to themselves through others ends here. */
const MAX_ROUNDS = 1000;
/** Patterns that refer to each other many times grow; what is longer is refused. */
const MAX_EXPANDED = 1 << 20;

interface Grok {
  readonly regexp: Regexp;
  /** Types of captured fields by the name of their group. */
  readonly types: ReadonlyMap<string, string>;
}

/** Takes text apart by a pattern of names: `%{WORD:method} %{INT:status:int}`. */
export const extractGrokPatterns = define(
  "ExtractGrokPatterns",
  {
    target: string,
    pattern: string,
    named_captures_only: optional(constantBoolean),
    pattern_definitions: optional(constantStrings),
  },
  ({ target, pattern, named_captures_only: namedOnly = false, pattern_definitions: own = [] }) => {
    const definitions = new Map(own.map(definitionOf));
    const compile = (source: string): Grok => {
      const grok = compileGrok(source, definitions, namedOnly);
      if (namedOnly && !grok.regexp.groupNames.some((name) => name !== ""))
        throw new StatementError("at least 1 named capture group must be supplied in the given regex");
      return grok;
    };
    const known = pattern.literal === undefined ? undefined : compile(pattern.literal.value);
    let last: { readonly source: string; readonly grok: Grok } | undefined;
    return (frame) => {
      if (known !== undefined) return captured(known, target.get(frame));
      const source = pattern.get(frame);
      if (last?.source !== source) last = { source, grok: compile(source) };
      return captured(last.grok, target.get(frame));
    };
  },
);

function definitionOf(text: string, index: number): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 0) {
    const shown = text.length > 20 ? `${text.slice(0, 17)}...` : text;
    throw new StatementError(
      `pattern ${quote(shown)} supplied to ExtractGrokPatterns at index ${index} has incorrect format, expecting PATTERNNAME=pattern definition`,
    );
  }
  const name = text.slice(0, equals);
  if (name.includes(":")) throw new StatementError(`pattern ID ${quote(name)} should not contain ':'`);
  return [name, text.slice(equals + 1)];
}

function compileGrok(source: string, definitions: ReadonlyMap<string, string>, namedOnly: boolean): Grok {
  const types = new Map<string, string>();
  let expanded = source;
  for (let round = 0; round < MAX_ROUNDS && /%\{\w+(?::[\w+.]+(?::\w+)?)?\}/.test(expanded); round++) {
    expanded = expanded.replace(/%\{(\w+)(?::([\w+.]+)(?::(\w+))?)?\}/g, (_, name: string, field?: string, type?: string) => {
      const definition = definitions.get(name) ?? (Object.hasOwn(grokPatterns, name) ? grokPatterns[name] : undefined);
      if (definition === undefined)
        throw invalidPattern("ExtractGrokPatterns", source, `pattern definition ${quote(name)} unknown: parsing failed`);
      const group = field === undefined ? name : field.replaceAll(".", DOT);
      if (type !== undefined) types.set(group, type);
      return namedOnly && field === undefined ? `(${definition})` : `(?P<${group}>${definition})`;
    });
    if (expanded.length > MAX_EXPANDED)
      throw invalidPattern("ExtractGrokPatterns", source, "the pattern is too long when its names are replaced");
  }
  try {
    return { regexp: compileRegexp(expanded), types };
  } catch (error) {
    if (error instanceof GoError) throw invalidPattern("ExtractGrokPatterns", source, error.message);
    throw error;
  }
}

function captured({ regexp, types }: Grok, text: string): ValueMap {
  const result: ValueMap = new Map();
  const groups = regexp.exec(text)?.groups ?? [];
  for (const [i, name] of regexp.groupNames.entries()) {
    const found = groups[i];
    if (name === "" || found === undefined || found === "") continue;
    result.set(name.replaceAll(DOT, "."), typed(found, name, types.get(name)));
  }
  return result;
}

function typed(text: string, name: string, type: string | undefined): Value {
  switch (type) {
    case undefined:
    case "string":
      return text;
    case "double":
    case "float":
      return orStatementError(() => parseFloat64(text));
    case "int":
    case "long":
      return orStatementError(() => parseInteger(text, 10, 64, "Atoi"));
    case "bool":
    case "boolean":
      return orStatementError(() => parseBool(text));
    default:
      throw new StatementError(`invalid type for ${name}: type not specified`);
  }
}
