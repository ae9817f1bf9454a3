import { compileRegexp } from "@invar/go-compat";
import { signedOf } from "../../../../../bytes/int64.ts";
import { AnyValueReader, BOOL, INT, STRING } from "../../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../../signals/otlp/attribute-cursor.ts";
import { resourceField, spanField } from "../../../../../signals/otlp/fields.ts";
import { RESOURCE } from "../../../../../signals/otlp/item-cursor.ts";
import { type Policy, sampledIf } from "./policy.ts";

/** Values of other types read as nothing does: 0, false or the empty text. */
type ValueTest = (value: AnyValueReader, isOfSpan: boolean) => boolean;

/** Keeps traces in which the attribute of a resource or span passes the test; inverted, those in which none does. */
function attributePolicy(name: string, isInverted: boolean, test: ValueTest): Policy {
  const key = Buffer.from(name);
  const attributes = new AttributeCursor();
  const value = new AnyValueReader();
  return ({ chunk, cursor }) => {
    cursor.reset(chunk);
    while (cursor.next()) {
      if (cursor.entered <= RESOURCE) {
        cursor.resource();
        const found = attributes.reset(chunk, cursor.partStart, cursor.partEnd, resourceField.attributes);
        if (found.find(key) && test(value.reset(chunk, found.valueStart, found.valueEnd), false)) return sampledIf(!isInverted);
      }
      const found = attributes.reset(chunk, cursor.start, cursor.end, spanField.attributes);
      if (found.find(key) && test(value.reset(chunk, found.valueStart, found.valueEnd), true)) return sampledIf(!isInverted);
    }
    return sampledIf(isInverted);
  };
}

export function booleanAttribute(args: { readonly key: string; readonly value: boolean; readonly invert_match: boolean }): Policy {
  // Inverted, the test there is for the other value: an attribute that has it keeps the trace from matching.
  return attributePolicy(args.key, args.invert_match, (value) => (value.kind === BOOL && value.bool()) === args.value);
}

export function numericAttribute(args: {
  readonly key: string;
  readonly min_value: number;
  readonly max_value: number;
  readonly invert_match: boolean;
}): Policy {
  const least = args.min_value === 0 ? Number.NEGATIVE_INFINITY : args.min_value;
  const greatest = args.max_value === 0 ? Number.POSITIVE_INFINITY : args.max_value;
  return attributePolicy(args.key, args.invert_match, (value) => {
    const number = value.kind === INT ? signedOf(value.low, value.high) : 0;
    return number >= least && number <= greatest;
  });
}

export function stringAttribute(args: {
  readonly key: string;
  readonly values: readonly string[];
  readonly enabled_regex_matching: boolean;
  readonly cache_max_size: number;
  readonly invert_match: boolean;
}): Policy {
  const matches = args.enabled_regex_matching ? patternMatcher(args.values, args.cache_max_size) : exactMatcher(args.values);
  return attributePolicy(args.key, args.invert_match, (value, isOfSpan) => {
    const text = value.kind === STRING ? value.string() : "";
    return (text !== "" || !isOfSpan) && matches(text);
  });
}

function exactMatcher(values: readonly string[]): (text: string) => boolean {
  const known = new Set(values.filter((value) => value !== ""));
  return (text) => known.has(text);
}

const DEFAULT_REMEMBERED = 128;

/** Remembers of so many texts whether they match; the ones not asked about for longest are forgotten. */
function patternMatcher(values: readonly string[], remembered: number): (text: string) => boolean {
  const patterns = values.map((value) => compileRegexp(value));
  const limit = remembered > 0 ? remembered : DEFAULT_REMEMBERED;
  const known = new Map<string, boolean>();
  return (text) => {
    let isMatch = known.get(text);
    if (isMatch === undefined) {
      isMatch = patterns.some((pattern) => pattern.test(text));
      if (known.size >= limit)
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
    } else known.delete(text);
    known.set(text, isMatch);
    return isMatch;
  };
}
