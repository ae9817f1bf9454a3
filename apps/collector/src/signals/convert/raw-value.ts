import { compareTexts, formatFloat } from "@invar/go-compat";
import { hash32 } from "../../bytes/hash.ts";
import { signedText } from "../../bytes/int64.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { equalBytes, textOf } from "../../bytes/utf8.ts";
import { AnyValueReader, ARRAY, BOOL, BYTES, DOUBLE, INT, MAP, STRING } from "../otlp/any-value.ts";
import { AttributeCursor } from "../otlp/attribute-cursor.ts";

/** A value or key in the bytes of a request. */
export interface Attribute {
  readonly key: string;
  /** The content of the AnyValue. */
  readonly start: number;
  readonly end: number;
}

/** The attributes in field `field` of a message, or the entries of a map. */
export function attributesIn(bytes: Uint8Array, start: number, end: number, field: number): Attribute[] {
  const list: Attribute[] = [];
  cursor.reset(bytes, start, end, field);
  while (cursor.next()) list.push({ key: keyText(bytes, cursor.keyStart, cursor.keyEnd), start: cursor.valueStart, end: cursor.valueEnd });
  return list;
}

/**
 * An AnyValue in JSON as Go writes what it stands for: bytes in base 64, keys of maps sorted, characters of HTML escaped. Undefined where there is
 * a number that JSON has not.
 */
export function jsonOfValue(bytes: Uint8Array, start: number, end: number): string | undefined {
  value.reset(bytes, start, end);
  switch (value.kind) {
    case STRING:
      return jsonString(value.string());
    case BOOL:
      return String(value.bool());
    case INT:
      return signedText(value.low, value.high);
    case DOUBLE: {
      const number = value.double();
      if (!Number.isFinite(number)) return undefined;
      return Object.is(number, -0) ? "-0" : String(number);
    }
    case BYTES:
      return `"${value.text()}"`;
    case ARRAY: {
      const items = new ProtobufReader().reset(bytes, value.start, value.end);
      const texts: string[] = [];
      while (items.next()) {
        const text = items.field === 1 ? jsonOfValue(bytes, items.start, items.stop) : "";
        if (text === undefined) return undefined;
        if (text !== "") texts.push(text);
      }
      return `[${texts.join(",")}]`;
    }
    case MAP:
      return jsonOfAttributes(bytes, attributesIn(bytes, value.start, value.end, 1));
    default:
      return "null";
  }
}

/** Attributes as a JSON object, and one member more where it is given; of a key that comes twice the last one. */
export function jsonOfAttributes(
  bytes: Uint8Array,
  attributes: readonly Attribute[],
  more?: readonly [string, string],
): string | undefined {
  if (attributes.length === 0 && more === undefined) return "{}";
  const keys: string[] = [];
  const texts: string[] = [];
  for (const { key, start, end } of attributes) {
    const text = jsonOfValue(bytes, start, end);
    if (text === undefined) return undefined;
    insert(keys, texts, key, text);
  }
  if (more !== undefined) insert(keys, texts, more[0], jsonString(more[1]));
  let json = "{";
  for (let i = 0; i < keys.length; i++) json += `${i === 0 ? "" : ","}${jsonString(keys[i] as string)}:${texts[i]}`;
  return `${json}}`;
}

/** Keeps keys in order; there are few, so that this is quicker than sorting. */
function insert(keys: string[], texts: string[], key: string, text: string): void {
  let at = keys.length;
  while (at > 0 && compareTexts(keys[at - 1] as string, key) > 0) at--;
  if (at > 0 && keys[at - 1] === key) {
    texts[at - 1] = text;
    return;
  }
  keys.push(key);
  texts.push(text);
  for (let i = keys.length - 1; i > at; i--) {
    keys[i] = keys[i - 1] as string;
    texts[i] = texts[i - 1] as string;
  }
  keys[at] = key;
  texts[at] = text;
}

/** Keys come again and again: a third of the time went into decoding them. */
const KNOWN_KEYS = 512;
const knownKeys: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = new Array(KNOWN_KEYS).fill(undefined);
/** Longer keys are decoded each time. */
const MAX_KNOWN_KEY = 128;

function keyText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_KNOWN_KEY) return textOf(bytes, start, end);
  const place = hash32(bytes, start, end) % KNOWN_KEYS;
  const known = knownKeys[place];
  if (known !== undefined && equalBytes(known.bytes, 0, known.bytes.length, bytes, start, end)) return known.text;
  const text = textOf(bytes, start, end);
  knownKeys[place] = { bytes: Uint8Array.prototype.slice.call(bytes, start, end), text };
  return text;
}

export function jsonString(text: string): string {
  const json = JSON.stringify(text);
  if (!ofHtml.test(json)) return json;
  return json.replace(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Adds what an AnyValue is in logfmt: one pair, or for lists and maps one an entry, under joined keys. */
export function addLogfmt(pairs: [key: string, text: string][], key: string, bytes: Uint8Array, start: number, end: number): void {
  value.reset(bytes, start, end);
  const prefix = key === "" ? "" : `${key}_`;
  switch (value.kind) {
    case STRING: {
      const text = value.string();
      pairs.push([key, text === "null" ? '"null"' : logfmtText(text)]);
      return;
    }
    case BOOL:
      pairs.push([key, String(value.bool())]);
      return;
    case INT:
      pairs.push([key, signedText(value.low, value.high)]);
      return;
    case DOUBLE:
      pairs.push([key, formatFloat(value.double(), "g", -1)]);
      return;
    case BYTES:
      pairs.push([key, logfmtText(textOf(bytes, value.start, value.end))]);
      return;
    case MAP:
      for (const entry of attributesIn(bytes, value.start, value.end, 1))
        addLogfmt(pairs, prefix + entry.key, bytes, entry.start, entry.end);
      return;
    case ARRAY: {
      const items = new ProtobufReader().reset(bytes, value.start, value.end);
      let i = 0;
      while (items.next()) if (items.field === 1) addLogfmt(pairs, `${prefix}${i++}`, bytes, items.start, items.stop);
    }
  }
}

// All but what may stand: controls can't be named in a pattern.
const needsQuotes = /[^!#-<>-\ufffc\ufffe\uffff]/;
const notInKey = /[^!#-<>-\ufffc\ufffe\uffff]/g;
const needsEscape = /[^ !#-[\]-\ufffc\ufffe\uffff]/g;

/** A value in logfmt, in quotes where it needs them. */
export function logfmtText(text: string): string {
  if (!needsQuotes.test(text)) return text;
  const escaped = text.replace(needsEscape, (found) => {
    switch (found) {
      case "\n":
        return "\\n";
      case "\r":
        return "\\r";
      case "\t":
        return "\\t";
      case '"':
      case "\\":
        return `\\${found}`;
      default:
        return `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
    }
  });
  return `"${escaped}"`;
}

/** `a=1 b=2`; undefined where a key has nothing that a key may have. */
export function logfmtLine(pairs: readonly (readonly [key: string, text: string])[]): string | undefined {
  const texts: string[] = [];
  for (const [key, text] of pairs) {
    const clean = key.replace(notInKey, "");
    if (clean === "") return undefined;
    texts.push(`${clean}=${text}`);
  }
  return texts.join(" ");
}

const ofHtml = /[<>&\u2028\u2029]/;

// What they tell is taken before any of them is used again further inside.
const cursor = new AttributeCursor();
const value = new AnyValueReader();
