import type { Entry, EntryValue } from "../entry.ts";
import { typeName } from "../entry.ts";
import { type Field, getField } from "../field.ts";
import { EntryError } from "./operator.ts";
import { isObject, type Plain, type Settings } from "./settings.ts";

// What a parser may find beside its values: severity, trace, scope. Each is also an operator of its own.

const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
const names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  "2xx": [200, 299],
  "3xx": [300, 399],
  "4xx": [400, 499],
  "5xx": [500, 599],
};

/** The texts that stand for severities without being told. */
function builtin(preset: string): Map<string, number> {
  const known = new Map<string, number>();
  if (preset === "none") return known;
  for (const [tens, level] of levels.entries())
    for (let step = 1; step <= 4; step++) {
      const number = tens * 4 + step;
      const suffix = step === 1 ? "" : String(step);
      known.set(`${level}${suffix}`, number).set(String(number), number);
      if (preset === "otel") continue;
      if (level === "warn") known.set(`warning${suffix}`, number);
      if (level === "error") known.set(`err${suffix}`, number);
    }
  return known;
}

/** Reads `parse_from`, `preset`, `mapping` and `overwrite_text`. */
export function severityReader(settings: Settings): (entry: Entry) => void {
  const from = settings.optionalField("parse_from");
  if (from === undefined) settings.wrong("missing required field 'parse_from'");
  const known = builtin(settings.text("preset"));
  const aliases = builtin("otel");
  for (const [severity, values] of Object.entries(settings.object("mapping"))) {
    const number = aliases.get(severity.toLowerCase()) ?? 0;
    for (const value of Array.isArray(values) ? values : [values])
      for (const text of severityTexts(settings, value)) known.set(text, number);
  }
  const overwrites = settings.bool("overwrite_text");
  return (entry) => {
    const value = from === undefined ? undefined : getField(entry, from);
    if (value === undefined) throw missing(from);
    if (typeof value === "number" && !Number.isInteger(value))
      throw new EntryError("parse: type float64 cannot be a severity unless it is a whole number");
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint")
      throw new EntryError(`parse: type ${typeName(value)} cannot be a severity`);
    const text = String(value);
    entry.severity = known.get(text.toLowerCase()) ?? 0;
    entry.severityText = overwrites && entry.severity > 0 ? nameOf(entry.severity) : text;
  };
}

function nameOf(severity: number): string {
  const step = ((severity - 1) % 4) + 1;
  return `${names[Math.floor((severity - 1) / 4)]}${step === 1 ? "" : step}`;
}

function severityTexts(settings: Settings, value: Plain): string[] {
  if (typeof value === "bigint" || typeof value === "number") return [String(value)];
  if (typeof value === "string") return ranges[value] === undefined ? [value.toLowerCase()] : numbersOf(ranges[value]);
  if (isObject(value) && value.min !== undefined && value.max !== undefined) {
    const [min, max] = [Number(value.min), Number(value.max)];
    if (Number.isInteger(min) && Number.isInteger(max) && Math.abs(max - min) <= 10_000)
      return numbersOf([Math.min(min, max), Math.max(min, max)]);
  }
  settings.wrong(`mapping: ${JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each))} cannot be a severity`);
  return [];
}

function numbersOf([min, max]: readonly [number, number]): string[] {
  return Array.from({ length: max - min + 1 }, (_, i) => String(min + i));
}

/** Reads `trace_id`, `span_id` and `trace_flags`, each with a `parse_from`. */
export function traceReader(settings: Settings): (entry: Entry) => void {
  const fieldOf = (name: string) => {
    const nested = settings.nested(name);
    const field = nested?.optionalField("parse_from");
    nested?.finish();
    return field ?? ({ root: "body", keys: [name], text: name } satisfies Field);
  };
  const [trace, span, flags] = [fieldOf("trace_id"), fieldOf("span_id"), fieldOf("trace_flags")];
  return (entry) => {
    entry.traceId = bytesIn(entry, trace, 16);
    entry.spanId = bytesIn(entry, span, 8);
    entry.traceFlags = bytesIn(entry, flags, undefined);
  };
}

function bytesIn(entry: Entry, field: Field, size: number | undefined): Uint8Array | undefined {
  const value = getField(entry, field);
  if (value === undefined) return undefined;
  const text = String(value);
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new EntryError(`Error decoding traces for logs: ${field.text} is not hexadecimal`);
  const bytes = Buffer.from(text, "hex");
  if (bytes.length === 0) return undefined;
  if (size !== undefined && bytes.length !== size)
    throw new EntryError(`Error decoding traces for logs: ${field.text} has ${bytes.length} bytes, not ${size}`);
  return bytes;
}

/** Reads the name of the scope from a field. */
export function scopeNameReader(settings: Settings): (entry: Entry) => void {
  const from = settings.requiredField("parse_from");
  return (entry) => {
    const value: EntryValue | undefined = getField(entry, from);
    if (value === undefined) throw missing(from);
    if (typeof value !== "string") throw new EntryError(`parse_from field ${from.text} does not contain a string`);
    entry.scopeName = value;
  };
}

function missing(field: Field | undefined): EntryError {
  return new EntryError(`log entry does not have the expected parse_from field ${field?.text ?? ""}`);
}
