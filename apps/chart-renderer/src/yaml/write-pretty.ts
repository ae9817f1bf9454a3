import { formatFloat, type GoMap, type GoValue } from "@invar/go-compat";
import { needsQuotes } from "./plain-scalar.ts";

/**
 * Writes a value as Go's yaml.v3 does with an indentation of two: lists indented under their key, lines never folded. Of bigint,
 * number, string, boolean, null, arrays and maps only.
 */
export function writePrettyYaml(value: GoValue): string {
  return `${block(value, -1, false)}\n`;
}

/** `indent` is the enclosing collection's, -1 for none; what comes back stands behind "key:" or "-" and ends without a line break. */
function block(value: GoValue, indent: number, isItem: boolean): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return indent < 0 ? "[]" : " []";
    const own = indent < 0 ? 0 : indent + 2;
    return lines(
      value.map((item) => `-${block(item, own, true)}`),
      own,
      indent < 0,
      isItem,
    );
  }
  if (value instanceof Map) {
    if (value.size === 0) return indent < 0 ? "{}" : " {}";
    const own = indent < 0 ? 0 : indent + 2;
    const entries = [...value.keys()].sort(compareKeys).map((key) => entry(key, (value as GoMap).get(key) ?? null, own));
    return lines(entries, own, indent < 0, isItem);
  }
  const text = scalar(value, indent < 0 ? 2 : indent + 2);
  return indent < 0 ? text : ` ${text}`;
}

function lines(parts: readonly string[], indent: number, isRoot: boolean, isItem: boolean): string {
  const space = " ".repeat(indent);
  let text = isRoot ? "" : isItem ? " " : `\n${space}`;
  parts.forEach((part, index) => {
    text += index > 0 ? `\n${space}${part}` : part;
  });
  return text;
}

// A longer key gets a "? " in front.
const LONGEST_SIMPLE_KEY = 128;

function entry(key: string, value: GoValue, indent: number): string {
  const name = key.includes("\n") ? doubleQuoted(key) : scalar(key, indent);
  if (Buffer.byteLength(key) <= LONGEST_SIMPLE_KEY) return `${name}:${block(value, indent, false)}`;
  return `? ${name}\n${" ".repeat(indent)}:${block(value, indent, true)}`;
}

function scalar(value: GoValue, indent: number): string {
  if (value === null) return "null";
  if (typeof value === "number") return floatText(value);
  if (typeof value !== "string") return String(value);
  if (value.includes("\n")) return isBlockAllowed(value) ? literal(value, indent) : doubleQuoted(value);
  if (needsQuotes(value) || value === "<<") return doubleQuoted(value);
  if (isPlainAllowed(value)) return value;
  return value.includes("\t") || UNPRINTABLE.test(value) ? doubleQuoted(value) : `'${value.replaceAll("'", "''")}'`;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return formatFloat(value, "g", -1, 64);
}

function isPlainAllowed(value: string): boolean {
  if (UNPRINTABLE.test(value) || value.includes("\t") || value.startsWith(" ") || value.endsWith(" ")) return false;
  return !/^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$))/.test(value) && !/:(?:[ \t]|$)|[ \t]#/.test(value);
}

function isBlockAllowed(value: string): boolean {
  return !UNPRINTABLE.test(value.replaceAll("\t", "")) && !/ \n/.test(value) && !value.endsWith(" ");
}

// Without characters beyond the basic plane, which Go's writer escapes.
const UNPRINTABLE = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? "2" : "";
  const chomp = !value.endsWith("\n") ? "-" : value === "\n" || value.endsWith("\n\n") ? "+" : "";
  const space = " ".repeat(indent);
  const text = value
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => (line === "" ? "" : space + line))
    .join("\n");
  return `|${hint}${chomp}\n${text}`;
}

function doubleQuoted(value: string): string {
  return `"${[...value].map(escaped).join("")}"`;
}

function escaped(letter: string): string {
  const known = ESCAPES.get(letter);
  if (known !== undefined) return known;
  if (!UNPRINTABLE.test(letter)) return letter;
  const code = letter.codePointAt(0) as number;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

const ESCAPES = new Map([
  ["\0", "\\0"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\v", "\\v"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ["\x1b", "\\e"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0085", "\\N"],
  ["\u2028", "\\L"],
  ["\u2029", "\\P"],
]);

/** The order of keys: digits by their number, letters after signs but before signs that follow a digit. */
export function compareKeys(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  let followsDigit = false;
  for (let at = 0; at < a.length && at < b.length; at++) {
    const x = a[at] as string;
    const y = b[at] as string;
    if (x === y) {
      followsDigit = /\d/.test(x);
      continue;
    }
    const isXLetter = LETTER.test(x);
    const isYLetter = LETTER.test(y);
    if (isXLetter && isYLetter) return codeOf(x) - codeOf(y);
    if (isXLetter || isYLetter) return (followsDigit ? isXLetter : isYLetter) ? -1 : 1;
    return compareNumbers(a, b, at) || codeOf(x) - codeOf(y);
  }
  return a.length - b.length;
}

const LETTER = /\p{L}/u;

function codeOf(letter: string): number {
  return letter.codePointAt(0) as number;
}

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  const isWithin = (a[at] === "0" || b[at] === "0") && /[1-9]\d*$/.test(a.slice(0, at).join(""));
  const [x, y] = [a, b].map((text) => /^\d*/.exec(text.slice(at).join(""))?.[0] ?? "") as [string, string];
  const prefix = isWithin ? "1" : "";
  const [first, second] = [BigInt(prefix + x || "0"), BigInt(prefix + y || "0")];
  if (first !== second) return first < second ? -1 : 1;
  return x.length - y.length;
}
