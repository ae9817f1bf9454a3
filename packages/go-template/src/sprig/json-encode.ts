import {
  compareTexts,
  elementsOf,
  entriesOf,
  formatFloat,
  GoError,
  type GoKey,
  type GoValue,
  isFloatKind,
  rawOf,
  Typed,
  typeOf,
} from "@invar/go-compat";

export interface JsonStyle {
  /** Go escapes <, > and & unless told otherwise. */
  readonly escapesHtml: boolean;
  /** What one level is indented by; "" puts all on one line. */
  readonly indent: string;
}

/** Go's `json.Marshal`. Throws `GoError` with Go's text for what JSON cannot hold. */
export function encodeJson(value: GoValue, style: JsonStyle): string {
  return encode(value, style, "\n");
}

function encode(value: GoValue, style: JsonStyle, newLine: string): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return encodeText(value, style.escapesHtml);
    case "boolean":
      return String(value);
    case "bigint":
      return value.toString();
    case "number":
      return encodeFloat(value, 64);
    default:
      return value instanceof Typed && (value.type.encoded !== undefined || !isContainer(value))
        ? encodeTyped(value, style, newLine)
        : encodeContainer(value, style, newLine);
  }
}

function isContainer(value: Typed): boolean {
  const { kind } = value.type;
  return kind === "slice" || kind === "array" || kind === "map" || kind === "struct";
}

function encodeTyped(value: Typed, style: JsonStyle, newLine: string): string {
  const { type, raw } = value;
  if (type.encoded !== undefined && raw !== null) return encode(type.encoded(value), style, newLine);
  if (type.kind === "ptr") return raw === null ? "null" : encode(raw as GoValue, style, newLine);
  if (type.kind === "func" || type.kind === "complex128") throw new GoError(`json: unsupported type: ${type.name}`);
  if (isFloatKind(type.kind)) return encodeFloat(raw as number, type.kind === "float32" ? 32 : 64);
  if (type.kind === "string") return encodeText(raw as string, style.escapesHtml);
  return String(raw);
}

function encodeContainer(value: Exclude<GoValue, null>, style: JsonStyle, newLine: string): string {
  const type = typeOf(value);
  if (rawOf(value) === null) return "null";
  const inner = newLine + style.indent;
  if (type.kind === "map" || type.kind === "struct") return enclose("{", encodeMembers(value, style, inner), "}", style, newLine);
  if (type.elem?.kind === "uint8" && type.kind === "slice") return `"${bytesOf(value).toString("base64")}"`;
  const elements = elementsOf(value) as readonly GoValue[];
  return enclose(
    "[",
    elements.map((element) => encode(element, style, inner)),
    "]",
    style,
    newLine,
  );
}

function encodeMembers(value: Exclude<GoValue, null>, style: JsonStyle, inner: string): string[] {
  const type = typeOf(value);
  const colon = style.indent === "" ? ":" : ": ";
  const member = (key: string, element: GoValue): string => `${encodeText(key, style.escapesHtml)}${colon}${encode(element, style, inner)}`;
  if (type.kind === "struct") {
    const fields = rawOf(value);
    if (!(fields instanceof Map)) return [];
    return (type.fields ?? [...fields.keys()]).map((name) => member(name, fields.get(name) ?? null));
  }
  if (type.key?.kind !== "string" && !/^u?int/.test(type.key?.kind ?? "")) throw new GoError(`json: unsupported type: ${type.name}`);
  const entries = [...(entriesOf(value) as ReadonlyMap<GoKey, GoValue>)].map(([key, element]) => [String(key), element] as const);
  return entries.sort(([a], [b]) => compareTexts(a, b)).map(([key, element]) => member(key, element));
}

function enclose(open: string, parts: readonly string[], close: string, style: JsonStyle, newLine: string): string {
  if (parts.length === 0) return open + close;
  if (style.indent === "") return open + parts.join(",") + close;
  const inner = newLine + style.indent;
  return open + inner + parts.join(`,${inner}`) + newLine + close;
}

function bytesOf(value: Exclude<GoValue, null>): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from((elementsOf(value) as readonly GoValue[]).map((element) => Number(rawOf(element))));
}

function encodeFloat(value: number, bits: 32 | 64): string {
  if (!Number.isFinite(value)) throw new GoError(`json: unsupported value: ${formatFloat(value, "g", -1, bits)}`);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFloat(value, "f", -1, bits);
  // e-09 becomes e-9.
  return formatFloat(value, "e", -1, bits).replace(/e-0(\d)$/, "e-$1");
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/** A JSON string as Go writes it; what is not UTF-8 becomes U+FFFD. */
export function encodeText(text: string, escapesHtml: boolean): string {
  if (PLAIN.test(text)) return `"${text}"`;
  const escaped = text.replace(/["\\<>&\u2028\u2029]|\p{Surrogate}|\p{Cc}/gu, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    if (/\p{Surrogate}/u.test(character)) return "\\ufffd";
    // Of the control characters, those above ASCII and DEL are ordinary letters to Go.
    if (character >= "\x7f" && character < "\xa0") return character;
    if (!escapesHtml && /[<>&]/.test(character)) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
