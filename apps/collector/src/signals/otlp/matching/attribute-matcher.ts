import type { Value } from "@invar/alloy-syntax";
import { formatFloat, GoError } from "@invar/go-compat";
import { signedText } from "../../../bytes/int64.ts";
import { AnyValueReader, ARRAY, BOOL, BYTES, DOUBLE, INT, MAP, STRING } from "../any-value.ts";
import { AttributeCursor } from "../attribute-cursor.ts";
import { configuredValue } from "../configured-value.ts";
import { type TextFilter, type TextFilterOptions, textFilter } from "./text-filter.ts";

/** Whether attributes have all the keys and values that the user listed. */
export interface AttributeMatcher {
  /** Of the message in `bytes` from `start` to `end`, whose field `field` repeats KeyValue. */
  matches(bytes: Uint8Array, start: number, end: number, field: number): boolean;
}

interface Wanted {
  readonly key: Uint8Array;
  readonly accepts: (value: AnyValueReader) => boolean;
}

/** Throws `GoError` where a value or pattern is wrong. */
export function attributeMatcher(
  entries: readonly { readonly key: string; readonly value: Value | undefined }[],
  options: TextFilterOptions,
): AttributeMatcher {
  const wanted = entries.map(({ key, value }): Wanted => ({ key: Buffer.from(key), accepts: acceptor(key, value, options) }));
  const cursor = new AttributeCursor();
  const reader = new AnyValueReader();
  return {
    matches(bytes, start, end, field) {
      for (const { key, accepts } of wanted) {
        if (!cursor.reset(bytes, start, end, field).find(key)) return false;
        if (!accepts(reader.reset(bytes, cursor.valueStart, cursor.valueEnd))) return false;
      }
      return true;
    },
  };
}

function acceptor(key: string, value: Value | undefined, options: TextFilterOptions): (value: AnyValueReader) => boolean {
  if (value === undefined || value === null) return () => true;
  if (options.matchType === "regexp") {
    if (typeof value !== "string") throw new GoError(`match_type=regexp for "${key}" only supports Str, but found ${kindOf(value)}`);
    const filter = textFilter([value], options);
    return (given) => patternAccepts(filter, given);
  }
  const content = configuredValue(value);
  if (content === undefined)
    throw new GoError(`the value for "${key}" can't be compared with an attribute: write a string, number or boolean`);
  const expected = new AnyValueReader().reset(content, 0, content.length);
  return (given) => isEqual(expected, given);
}

function kindOf(value: Value): string {
  if (typeof value === "bigint") return "Int";
  if (typeof value === "number") return "Double";
  if (typeof value === "boolean") return "Bool";
  return Array.isArray(value) ? "Slice" : "Map";
}

/** Lists, maps and bytes match no pattern. */
function patternAccepts(filter: TextFilter, given: AnyValueReader): boolean {
  const { kind } = given;
  if (kind === STRING) return filter.matches(given.bytes, given.start, given.end);
  if (kind !== BOOL && kind !== INT && kind !== DOUBLE) return false;
  const text =
    kind === BOOL ? String(given.bool()) : kind === INT ? signedText(given.low, given.high) : formatFloat(given.double(), "f", -1);
  const bytes = Buffer.from(text);
  return filter.matches(bytes, 0, bytes.length);
}

function isEqual(expected: AnyValueReader, given: AnyValueReader): boolean {
  if (expected.kind !== given.kind) return false;
  switch (given.kind) {
    case STRING:
    case BYTES: {
      const size = given.end - given.start;
      if (size !== expected.end - expected.start) return false;
      for (let i = 0; i < size; i++) if (given.bytes[given.start + i] !== expected.bytes[expected.start + i]) return false;
      return true;
    }
    case DOUBLE:
      return given.double() === expected.double();
    case BOOL:
      return given.bool() === expected.bool();
    case INT:
      return given.low === expected.low && given.high === expected.high;
    case ARRAY:
    case MAP:
      return given.text() === expected.text();
    default:
      return true;
  }
}
