import { compileRegexp, unquote as goUnquote } from "@invar/go-compat";
import { copyOf, type Entry, type EntryMap, type EntryValue, typeName } from "../entry.ts";
import { compileExpression } from "../expr/expression.ts";
import { deleteField, type Field, getField, setField } from "../field.ts";
import { EntryError } from "./operator.ts";
import { isObject, type Plain, type Settings } from "./settings.ts";

/** What an operator does to an entry. Throws `EntryError`. */
export type Transform = (entry: Entry) => void;

/** Colours and cursor movements of terminals. */
const ANSI = "\\x1B(?:[@-Z\\\\-_]|\\[[0-?]*[ -/]*[@-~])";

/** Operators that change one entry at a time, by their type. */
export const transforms: Readonly<Record<string, (settings: Settings) => Transform>> = {
  add(settings) {
    const field = settings.requiredField("field");
    const value = settings.value("value");
    if (value === undefined) settings.wrong("missing required field 'value'");
    if (typeof value === "string" && value.startsWith("EXPR(") && value.endsWith(")")) {
      const compiled = compileExpression(value.slice(5, -1));
      if (typeof compiled !== "string") return (entry) => set(entry, field, compiled(entry));
      settings.wrong(`failed to compile expression '${value}': ${compiled}`);
    }
    const fixed = valueOfPlain(value ?? null);
    return (entry) => set(entry, field, copyOf(fixed));
  },
  assign_keys(settings) {
    const field = settings.requiredField("field");
    const keys = settings.texts("keys");
    if (keys.length === 0) settings.wrong("assign_keys missing required field keys");
    return (entry) => {
      const list = getField(entry, field);
      if (list === undefined) throw new EntryError(`apply assign_keys: field ${field.text} does not exist on entry`);
      if (!Array.isArray(list)) throw new EntryError(`apply assign_keys: couldn't convert field ${field.text} to []any`);
      if (list.length !== keys.length)
        throw new EntryError(`apply assign_keys: field ${field.text} contains ${list.length} values, ${keys.length} keys are given`);
      set(entry, field, new Map(keys.map((key, i) => [key, list[i] as EntryValue])));
    };
  },
  copy(settings) {
    const [from, to] = [settings.requiredField("from"), settings.requiredField("to")];
    return (entry) => {
      const value = getField(entry, from);
      if (value === undefined) throw new EntryError(`copy: from field does not exist in this entry: ${from.text}`);
      set(entry, to, copyOf(value));
    };
  },
  flatten(settings) {
    const field = settings.requiredField("field");
    if (field.keys.length === 0) settings.wrong("field must not be a root");
    const parent: Field = { root: field.root, keys: field.keys.slice(0, -1), text: "" };
    return (entry) => {
      const value = deleteField(entry, field);
      if (value === undefined) throw new EntryError(`apply flatten: field ${field.text} does not exist on entry`);
      if (!(value instanceof Map)) {
        set(entry, field, value);
        throw new EntryError(`apply flatten: field ${field.text} is not a map`);
      }
      for (const [key, each] of value) set(entry, { ...parent, keys: [...parent.keys, key] }, each);
    };
  },
  move(settings) {
    const [from, to] = [settings.requiredField("from"), settings.requiredField("to")];
    return (entry) => {
      const value = deleteField(entry, from);
      if (value === undefined) throw new EntryError(`move: field does not exist: ${from.text}`);
      set(entry, to, value);
    };
  },
  noop: () => () => {},
  regex_replace(settings) {
    const name = settings.text("regex_name");
    if ((name === "") === !settings.has("regex")) settings.wrong("either regex or regex_name must be set");
    if (name !== "" && name !== "ansi_control_sequences") settings.wrong(`regex_name ${name} is unknown`);
    const regexp = settings.has("regex") ? settings.regexp("regex") : compileRegexp(ANSI);
    const replacement = settings.text("replace_with");
    const field = settings.field("field", "body");
    return changesText(field, (text) => regexp.replaceAll(text, replacement));
  },
  remove(settings) {
    const field = settings.requiredField("field");
    return (entry) => {
      if (field.keys.length === 0 && field.root !== "body") entry[field.root] = new Map();
      else if (deleteField(entry, field) === undefined) throw new EntryError(`remove: field does not exist: ${field.text}`);
    };
  },
  retain(settings) {
    const texts = settings.texts("fields");
    if (texts.length === 0) settings.wrong("retain: 'fields' is empty");
    const fields = texts.map((text) => settings.parsedField("fields", text));
    const roots = new Set(fields.map(({ root }) => root));
    return (entry) => {
      const kept = fields.map((field) => [field, getField(entry, field)] as const);
      if (roots.has("attributes")) entry.attributes = new Map();
      if (roots.has("resource")) entry.resource = new Map();
      if (roots.has("body")) entry.body = null;
      for (const [field, value] of kept) if (value !== undefined) set(entry, field, value);
    };
  },
  sanitize_utf8(settings) {
    return changesText(settings.field("field", "body"), (text) => text.toWellFormed());
  },
  unquote(settings) {
    return changesText(settings.field("field", "body"), (text) => {
      const unquoted = goUnquote(text);
      if (unquoted === undefined) throw new EntryError("invalid syntax");
      return unquoted;
    });
  },
};

function changesText(field: Field, change: (text: string) => string): Transform {
  return (entry) => {
    const value = getField(entry, field);
    if (value === undefined) return;
    if (typeof value !== "string") throw new EntryError(`type ${typeName(value)} cannot be handled`);
    set(entry, field, change(value));
  };
}

function set(entry: Entry, field: Field, value: EntryValue): void {
  const problem = setField(entry, field, value);
  if (problem !== undefined) throw new EntryError(problem);
}

/** What users write, as entries have it. */
export function valueOfPlain(plain: Plain): EntryValue {
  if (Array.isArray(plain)) return plain.map(valueOfPlain);
  if (isObject(plain)) {
    const map: EntryMap = new Map();
    for (const [key, each] of Object.entries(plain)) map.set(key, valueOfPlain(each));
    return map;
  }
  return plain as EntryValue;
}
