import { elementsOf, entriesOf, formatFloat, GoError, type GoMap, type GoValue, isFloatKind, type Typed } from "@invar/go-compat";
import { compareNaturally } from "./natural-order.ts";
import { needsQuotes } from "./plain-scalar.ts";

/** Writes a value as Go's sigs.k8s.io/yaml does, with a line break at the end. Throws `GoError` for what JSON cannot hold. */
export function writeYaml(value: GoValue): string {
  const writer = new Writer();
  writer.node(value, -1, false);
  return `${writer.finish()}\n`;
}

// Plain and quoted texts break at the first space beyond this column.
const WIDTH = 80;
// A longer key gets a "? " in front.
const LONGEST_SIMPLE_KEY = 128;
const MAX_DEPTH = 1_000;

class Writer {
  #out = "";
  #column = 0;
  // Asking the text itself would copy it each time.
  #endsInBreak = false;
  #depth = 0;

  finish(): string {
    return this.#out.replace(/\n$/, "");
  }

  #put(text: string): void {
    this.#out += text;
    if (text !== "") this.#endsInBreak = text.endsWith("\n");
    const lineStart = text.lastIndexOf("\n");
    this.#column = lineStart < 0 ? this.#column + countCharacters(text) : countCharacters(text.slice(lineStart + 1));
  }

  /** `indent` is the enclosing collection's, -1 for none; `isInline` says that this stands behind "- ". */
  node(value: GoValue, indent: number, isInline: boolean): void {
    if (++this.#depth > MAX_DEPTH) throw new GoError("json: unsupported value: encountered a cycle");
    const plain = plainOf(value);
    if (Array.isArray(plain)) this.#list(plain, indent, isInline);
    else if (plain instanceof Map) this.#map(plain, indent, isInline);
    else {
      if (this.#column > 0 && !isInline) this.#put(" ");
      this.#scalar(plain, indent < 0 ? 2 : indent + 2, false);
    }
    this.#depth--;
  }

  #list(items: readonly GoValue[], indent: number, isInline: boolean): void {
    if (items.length === 0) {
      this.#put(this.#column > 0 && !isInline ? " []" : "[]");
      return;
    }
    const own = Math.max(indent, 0);
    items.forEach((item, index) => {
      if (index > 0 || (this.#column > 0 && !isInline)) this.#newLine(own);
      this.#put("- ");
      // A list in a list stands two further; one in a map stands under its key.
      this.node(item, itemIndent(item, own), true);
    });
  }

  #map(map: ReadonlyMap<string, GoValue>, indent: number, isInline: boolean): void {
    if (map.size === 0) {
      this.#put(this.#column > 0 && !isInline ? " {}" : "{}");
      return;
    }
    const own = indent < 0 ? 0 : isInline ? indent : indent + 2;
    let isFirst = true;
    for (const key of [...map.keys()].sort(compareNaturally)) {
      if (!isFirst || (this.#column > 0 && !isInline)) this.#newLine(own);
      isFirst = false;
      const isSimple = !/[\n\r\u0085\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= LONGEST_SIMPLE_KEY;
      if (isSimple) {
        this.#scalar(key, own, true);
        this.#put(":");
        this.node(map.get(key) as GoValue, own, false);
      } else {
        this.#put("? ");
        this.#scalar(key, own + 2, false);
        this.#newLine(own);
        this.#put(": ");
        const value = map.get(key) as GoValue;
        this.node(value, itemIndent(value, own), true);
      }
    }
  }

  #newLine(indent: number): void {
    if (!this.#endsInBreak) this.#out += "\n";
    this.#out += " ".repeat(indent);
    this.#column = indent;
    this.#endsInBreak = indent === 0;
  }

  #scalar(value: Scalar, indent: number, isKey: boolean): void {
    if (typeof value !== "string") {
      this.#put(value === null ? "null" : typeof value === "number" ? numberText(value) : String(value));
      return;
    }
    const form = analyse(value);
    if (value.includes("\n") && form.isBlockAllowed && !isKey) this.#literal(value, indent);
    else if (value.includes("\n") || needsQuotes(value)) this.#doubleQuoted(value, indent, isKey);
    else if (form.isPlainAllowed) this.#plain(value, indent, isKey);
    else if (form.isSingleQuotedAllowed) this.#singleQuoted(value, indent, isKey);
    else this.#doubleQuoted(value, indent, isKey);
  }

  #plain(value: string, indent: number, isKey: boolean): void {
    if (isKey || this.#column + value.length <= WIDTH) this.#put(value);
    else this.#folded(value, indent, 0, value.length);
  }

  #singleQuoted(value: string, indent: number, isKey: boolean): void {
    this.#put("'");
    if (isKey) this.#put(value.replaceAll("'", "''"));
    else this.#folded(value, indent, 1, value.length - 1);
    this.#put("'");
  }

  /** Breaks at single spaces beyond the width, between the two positions. */
  #folded(value: string, indent: number, from: number, end: number): void {
    const isQuoted = from > 0;
    let wasSpace = false;
    for (let at = 0; at < value.length; ) {
      const letter = String.fromCodePoint(value.codePointAt(at) as number);
      const isSpace = letter === " ";
      if (isSpace && !wasSpace && this.#column > WIDTH && at >= from && at < end && value[at + 1] !== " ") this.#newLine(indent);
      else this.#put(isQuoted && letter === "'" ? "''" : letter);
      wasSpace = isSpace;
      at += letter.length;
    }
  }

  #doubleQuoted(value: string, indent: number, isKey: boolean): void {
    this.#put('"');
    let wasSpace = false;
    const characters = [...value];
    characters.forEach((letter, at) => {
      const isSpace = letter === " ";
      if (isSpace && !isKey && !wasSpace && this.#column > WIDTH && at > 0 && at < characters.length - 1) {
        this.#newLine(indent);
        if (characters[at + 1] === " ") this.#put("\\");
      } else this.#put(isSpace ? letter : escaped(letter));
      wasSpace = isSpace;
    });
    this.#put('"');
  }

  #literal(value: string, indent: number): void {
    const hint = /^[ \n\r]/.test(value) ? "2" : "";
    const chomp = !value.endsWith("\n") ? "-" : value === "\n" || value.endsWith("\n\n") ? "+" : "";
    this.#out += `|${hint}${chomp}\n`;
    const lines = value.split("\n");
    if (value.endsWith("\n")) lines.pop();
    this.#out += lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line)).join("\n");
    // The line break is there already: what follows starts on a line of its own.
    this.#endsInBreak = value.endsWith("\n");
    if (this.#endsInBreak) this.#out += "\n";
    this.#column = indent + 1;
  }
}

function itemIndent(item: GoValue, own: number): number {
  const plain = plainOf(item);
  return Array.isArray(plain) || plain instanceof Map ? own + 2 : own;
}

type Scalar = null | boolean | number | bigint | string;
type Plain = Scalar | GoValue[] | GoMap;

/** A value in the forms that JSON knows. */
function plainOf(value: GoValue): Plain {
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
  if (value === null || typeof value !== "object") return checked(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map || Array.isArray(value)) return value;
  return plainOfTyped(value);
}

function plainOfTyped(value: Typed): Plain {
  const { type, raw } = value;
  if (raw === null) return null;
  if (type.encoded !== undefined) return plainOf(type.encoded(value));
  const elements = elementsOf(value);
  if (elements !== undefined) return [...elements];
  const entries = entriesOf(value);
  if (entries !== undefined) return new Map([...entries].map(([key, element]) => [String(key), element]));
  if (type.kind === "struct") return raw instanceof Map ? (raw as GoMap) : new Map();
  if (type.kind === "ptr") return plainOf(raw as GoValue);
  if (type.kind === "func" || type.kind === "complex128") throw new GoError(`json: unsupported type: ${type.name}`);
  return isFloatKind(type.kind) ? checked(raw as number) : (raw as Scalar);
}

function checked(value: Scalar): Scalar {
  if (typeof value === "number" && !Number.isFinite(value)) throw new GoError("json: unsupported value");
  return value;
}

function numberText(value: number): string {
  // Through JSON: whole numbers that fit 64 bits are integers there.
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64) return Object.is(value, -0) ? "0" : String(BigInt(value));
  return formatFloat(value, "g", -1, 64);
}

interface Form {
  readonly isPlainAllowed: boolean;
  readonly isSingleQuotedAllowed: boolean;
  readonly isBlockAllowed: boolean;
}

function analyse(value: string): Form {
  if (value === "") return { isPlainAllowed: true, isSingleQuotedAllowed: true, isBlockAllowed: false };
  const isSpecial = UNPRINTABLE.test(value) || / [\n\r\u0085\u2028\u2029]/.test(value);
  const hasBreakSpace = /[\n\r\u0085\u2028\u2029] /.test(value);
  const hasIndicator =
    /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t\n\r\u0085\u2028\u2029]|$))/.test(value) ||
    /:(?:[ \t\n\r\u0085\u2028\u2029]|$)|[ \t\n\r\u0085\u2028\u2029]#/.test(value);
  const hasBreaks = /[\n\r\u0085\u2028\u2029]/.test(value);
  return {
    isPlainAllowed: !isSpecial && !hasBreakSpace && !hasIndicator && !hasBreaks && !value.startsWith(" ") && !value.endsWith(" "),
    isSingleQuotedAllowed: !isSpecial && !hasBreakSpace,
    isBlockAllowed: !isSpecial && !value.endsWith(" "),
  };
}

const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

function escaped(letter: string): string {
  const known = ESCAPES.get(letter);
  if (known !== undefined) return known;
  if (!UNPRINTABLE.test(letter) && letter !== "\n") return letter;
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

function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count++;
  return count;
}
