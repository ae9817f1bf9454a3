import { GoError, type GoFunction, type GoValue, typeOf } from "@invar/go-compat";
import { any, flag, fn, text, variadic } from "../function.ts";
import { isTrue } from "../truth.ts";
import { copyOf } from "./deep-copy.ts";
import { isDeepEqual } from "./equality.ts";
import { decodeJson } from "./json-decode.ts";
import { encodeJson, type JsonStyle } from "./json-encode.ts";

const COMPACT: JsonStyle = { escapesHtml: true, indent: "" };
const PRETTY: JsonStyle = { escapesHtml: true, indent: "  " };
const RAW: JsonStyle = { escapesHtml: false, indent: "" };

/** Fallbacks, JSON, and what a value is. */
export const DEFAULT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  default: variadic([any], any, (fallback, given) =>
    given.length === 0 || isEmpty(given[0] as GoValue) ? fallback : (given[0] as GoValue),
  ),
  empty: fn([any], isEmpty),
  coalesce: variadic([], any, (values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], any, (values) => values.every((value) => !isEmpty(value))),
  any: variadic([], any, (values) => values.some((value) => !isEmpty(value))),
  ternary: fn([any, any, flag], (yes, no, isYes) => (isYes ? yes : no)),
  fail: fn([text], (message) => {
    throw new GoError(message);
  }),
  fromJson: fn([text], (json) => orNothing(() => decodeJson(json), null)),
  mustFromJson: fn([text], decodeJson),
  toJson: fn([any], (value) => orNothing(() => encodeJson(value, COMPACT), "")),
  mustToJson: fn([any], (value) => encodeJson(value, COMPACT)),
  toPrettyJson: fn([any], (value) => orNothing(() => encodeJson(value, PRETTY), "")),
  mustToPrettyJson: fn([any], (value) => encodeJson(value, PRETTY)),
  toRawJson: fn([any], (value) => encodeJson(value, RAW)),
  mustToRawJson: fn([any], (value) => encodeJson(value, RAW)),
  deepCopy: fn([any], copyOf),
  mustDeepCopy: fn([any], copyOf),
  deepEqual: fn([any, any], isDeepEqual),
  typeOf: fn([any], typeNameOf),
  typeIs: fn([text, any], (name, value) => name === typeNameOf(value)),
  typeIsLike: fn([text, any], (name, value) => name === typeNameOf(value) || `*${name}` === typeNameOf(value)),
  kindOf: fn([any], kindNameOf),
  kindIs: fn([text, any], (name, value) => name === kindNameOf(value)),
};

/** Sprig's notion: the zero of its type; structs never are. */
export function isEmpty(value: GoValue): boolean {
  return !isTrue(value);
}

/** `invalid` for nil, as Go's reflection says. */
export function kindNameOf(value: GoValue): string {
  return value === null ? "invalid" : typeOf(value).kind;
}

function typeNameOf(value: GoValue): string {
  return value === null ? "<nil>" : typeOf(value).name;
}

function orNothing(make: () => GoValue, nothing: GoValue): GoValue {
  try {
    return make();
  } catch (error) {
    if (error instanceof GoError) return nothing;
    throw error;
  }
}
