import { bytesFromText, compareTexts, isEscapedByte, normalizeText, textFromBytes } from "./byte-text.ts";
import { type FloatFormat, formatFloat } from "./number.ts";
import { canBackquote, isPrintable, quote, quoteRune, quoteToAscii } from "./quote.ts";
import {
  bitsOf,
  type Complex,
  elementsOf,
  entriesOf,
  type GoKey,
  type GoType,
  type GoValue,
  isFloatKind,
  isSignedKind,
  isUnsignedKind,
  rawOf,
  Typed,
  typeOf,
} from "./value.ts";

const MAX_COUNT = 1_000_000;

/** Go's `fmt.Sprintf`, with its errors in the text: `%!d(string=x)`. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  return normalizeText(new Printer().printf(format, args));
}

/** Go's `fmt.Sprint`: spaces between operands when neither is a string. */
export function sprint(args: readonly GoValue[]): string {
  let text = "";
  let wasString = false;
  args.forEach((arg, index) => {
    const isString = arg !== null && typeOf(arg).kind === "string";
    if (index > 0 && !isString && !wasString) text += " ";
    text += formatValue(arg);
    wasString = isString;
  });
  return normalizeText(text);
}

/** Go's `fmt.Sprintln`: spaces between all operands and a newline. */
export function sprintln(args: readonly GoValue[]): string {
  return normalizeText(`${args.map(formatValue).join(" ")}\n`);
}

/** What `%v` prints. */
export function formatValue(value: GoValue): string {
  return typeof value === "string" ? value : new Printer().print(value, "v");
}

/** The keys of a map in the order in which Go prints and ranges over them. */
export function sortedKeys(keys: Iterable<GoKey>): GoKey[] {
  return [...keys].sort(compareKeys);
}

function compareKeys(a: GoKey, b: GoKey): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (typeof a === "number" && Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The state of one call: flags of the verb at hand. */
class Printer {
  #sharp = false;
  #zero = false;
  #plus = false;
  #minus = false;
  #space = false;
  #plusV = false;
  #sharpV = false;
  #width = 0;
  #precision = -1;
  /** Inside a message about a wrong verb: methods are not asked, so that they cannot recurse. */
  #isErroring = false;

  printf(format: string, args: readonly GoValue[]): string {
    let text = "";
    let next = 0;
    let isReordered = false;
    let at = 0;
    while (at < format.length) {
      const percent = format.indexOf("%", at);
      if (percent < 0) {
        text += format.slice(at);
        break;
      }
      text += format.slice(at, percent);
      const spec = this.#readSpec(format, percent + 1, next, args);
      text += spec.complaints;
      next = spec.next;
      isReordered ||= spec.isReordered;
      at = spec.end;
      if (spec.verb === "") return `${text}%!(NOVERB)${this.#extra(args, next, isReordered)}`;
      if (spec.verb === "%") text += "%";
      else if (!spec.isGoodIndex) text += `%!${spec.verb}(BADINDEX)`;
      else if (next >= args.length) text += `%!${spec.verb}(MISSING)`;
      else {
        if (spec.verb === "v" || spec.verb === "w") {
          this.#sharpV = this.#sharp;
          this.#sharp = false;
          this.#plusV = this.#plus;
          this.#plus = false;
        }
        text += this.print(args[next] as GoValue, spec.verb);
        next++;
      }
    }
    return text + this.#extra(args, next, isReordered);
  }

  print(value: GoValue, verb: string): string {
    if (value === null) return verb === "T" || verb === "v" ? this.#pad("<nil>") : this.#badVerb(value, verb);
    if (verb === "T") return this.#text(typeOf(value).name);
    if (verb === "p") return this.#pointer(value, verb);
    return this.#value(value, verb, 0);
  }

  #extra(args: readonly GoValue[], next: number, isReordered: boolean): string {
    if (isReordered || next >= args.length) return "";
    this.#clear();
    const rest = args.slice(next).map((arg) => (arg === null ? "<nil>" : `${typeOf(arg).name}=${this.print(arg, "v")}`));
    return `%!(EXTRA ${rest.join(", ")})`;
  }

  #clear(): void {
    this.#sharp = false;
    this.#zero = false;
    this.#plus = false;
    this.#minus = false;
    this.#space = false;
    this.#plusV = false;
    this.#sharpV = false;
    this.#width = 0;
    this.#precision = -1;
  }

  /** Reads flags, width, precision, explicit indexes and the verb after a percent sign. */
  #readSpec(format: string, start: number, first: number, args: readonly GoValue[]): Spec {
    this.#clear();
    const spec: Spec = { verb: "", end: start, next: first, isGoodIndex: true, isReordered: false, complaints: "" };
    let at = start;
    for (; at < format.length; at++) {
      const flag = format[at];
      if (flag === "#") this.#sharp = true;
      else if (flag === "0") this.#zero = true;
      else if (flag === "+") this.#plus = true;
      else if (flag === "-") this.#minus = true;
      else if (flag === " ") this.#space = true;
      else break;
    }
    // A plain verb after flags takes its argument without a look at brackets.
    if (/^[a-z]/.test(format.charAt(at)) && first < args.length) return { ...spec, verb: format.charAt(at), end: at + 1 };
    let wasIndex = false;
    const index = (): void => {
      if (format[at] !== "[") {
        wasIndex = false;
        return;
      }
      const found = readIndex(format, at);
      spec.isReordered = true;
      at += found.length;
      wasIndex = found.isNumber;
      if (found.isNumber && found.index >= 0 && found.index < args.length) {
        spec.next = found.index;
        wasIndex = true;
      } else spec.isGoodIndex = false;
    };
    index();
    if (format[at] === "*") {
      at++;
      const width = countFrom(args[spec.next]);
      if (spec.next < args.length) spec.next++;
      if (width === undefined) spec.complaints += "%!(BADWIDTH)";
      this.#width = Math.abs(width ?? 0);
      if (width !== undefined && width < 0) {
        this.#minus = true;
        this.#zero = false;
      }
      wasIndex = false;
    } else {
      const width = readCount(format, at);
      if (wasIndex && width.length > 0) spec.isGoodIndex = false;
      at += width.length;
      this.#width = width.count;
    }
    if (format[at] === "." && at + 1 < format.length) {
      at++;
      if (wasIndex) spec.isGoodIndex = false;
      index();
      if (format[at] === "*") {
        at++;
        const precision = countFrom(args[spec.next]);
        if (spec.next < args.length) spec.next++;
        this.#precision = precision === undefined || precision < 0 ? -1 : precision;
        if (this.#precision < 0) spec.complaints += "%!(BADPREC)";
        wasIndex = false;
      } else {
        const precision = readCount(format, at);
        at += precision.length;
        this.#precision = precision.count;
      }
    }
    if (!wasIndex) index();
    if (at >= format.length) return { ...spec, end: at };
    const verb = String.fromCodePoint(format.codePointAt(at) as number);
    return { ...spec, verb: isEscapedByte(verb, 0) ? "\ufffd" : verb, end: at + verb.length };
  }

  #badVerb(value: GoValue, verb: string): string {
    if (value === null) return `%!${verb}(<nil>)`;
    this.#isErroring = true;
    const text = `%!${verb}(${typeOf(value).name}=${this.print(value, "v")})`;
    this.#isErroring = false;
    return text;
  }

  #value(value: Exclude<GoValue, null>, verb: string, depth: number): string {
    const type = typeOf(value);
    if (value instanceof Typed && !this.#isErroring) {
      if (this.#sharpV) {
        if (type.goText !== undefined) return this.#text(type.goText(value));
      } else if (type.text !== undefined && /^[vsxXq]$/.test(verb)) {
        return this.#string(type.text(value), verb);
      }
    }
    if (verb === "w" && !this.#isErroring && !(value instanceof Uint8Array && depth === 0)) return this.#badVerb(value, verb);
    const raw = rawOf(value);
    const { kind } = type;
    if (kind === "bool") return verb === "t" || verb === "v" ? this.#pad(raw === true ? "true" : "false") : this.#badVerb(value, verb);
    if (isSignedKind(kind)) return this.#integer(value, raw as bigint, true, verb);
    if (isUnsignedKind(kind)) return this.#integer(value, raw as bigint, false, verb);
    if (isFloatKind(kind)) return this.#float(value, raw as number, bitsOf(kind) as 32 | 64, verb);
    if (kind === "complex128") return this.#complex(value, raw as Complex, verb);
    if (kind === "string") return this.#string(raw as string, verb, value);
    if (kind === "map") return this.#map(value, type, verb, depth);
    if (kind === "struct") return this.#struct(type, raw, verb, depth);
    if (kind === "slice" || kind === "array") return this.#slice(value, type, verb, depth);
    if (kind === "ptr" && depth === 0 && raw !== null && /^(?:array|slice|struct|map)$/.test(type.elem?.kind ?? "")) {
      return `&${this.#value(raw as Exclude<GoValue, null>, verb, depth + 1)}`;
    }
    return this.#pointer(value, verb);
  }

  /** An element of a slice, map or struct: it may be nil, or an interface that holds a value. */
  #element(value: GoValue, type: GoType | undefined, verb: string, depth: number): string {
    if (value !== null) return this.#value(value, verb, depth + 1);
    return this.#sharpV ? `${type?.name ?? "interface {}"}(nil)` : "<nil>";
  }

  #map(value: GoValue, type: GoType, verb: string, depth: number): string {
    if (this.#sharpV && value instanceof Typed && value.raw === null) return `${type.name}(nil)`;
    const entries = entriesOf(value) as ReadonlyMap<GoKey, GoValue>;
    const parts = sortedKeys(entries.keys()).map((key) => {
      const keyText = this.#element(keyValue(key, type.key), type.key, verb, depth);
      return `${keyText}:${this.#element(entries.get(key) as GoValue, type.elem, verb, depth)}`;
    });
    return this.#sharpV ? `${type.name}{${parts.join(", ")}}` : `map[${parts.join(" ")}]`;
  }

  #struct(type: GoType, raw: unknown, verb: string, depth: number): string {
    const fields = raw instanceof Map ? (raw as ReadonlyMap<string, GoValue>) : new Map<string, GoValue>();
    const names = type.fields ?? [...fields.keys()];
    const parts = names.map((name) => {
      const text = this.#element(fields.get(name) ?? null, undefined, verb, depth);
      return this.#plusV || this.#sharpV ? `${name}:${text}` : text;
    });
    return this.#sharpV ? `${type.name}{${parts.join(", ")}}` : `{${parts.join(" ")}}`;
  }

  #slice(value: GoValue, type: GoType, verb: string, depth: number): string {
    const isBytes = type.elem?.kind === "uint8";
    const elements = elementsOf(value) as readonly GoValue[];
    if (isBytes && /^[sqxX]$/.test(verb)) return this.#bytes(bytesOfElements(value, elements), verb);
    if (this.#sharpV) {
      const name = isBytes && depth === 0 ? "[]byte" : type.name;
      if (value instanceof Typed && value.raw === null) return `${name}(nil)`;
      return `${name}{${elements.map((element) => this.#element(element, type.elem, verb, depth)).join(", ")}}`;
    }
    // A wrong verb for bytes is complained about byte by byte; only %v and %d know the whole.
    return `[${elements.map((element) => this.#element(element, type.elem, verb, depth)).join(" ")}]`;
  }

  #bytes(bytes: Uint8Array, verb: string): string {
    if (verb === "x" || verb === "X") return this.#hexBytes(bytes, verb);
    const text = textFromBytes(bytes);
    return verb === "q" ? this.#quoted(text) : this.#text(text);
  }

  #string(text: string, verb: string, value: GoValue = text): string {
    switch (verb) {
      case "v":
        return this.#sharpV ? this.#quoted(text) : this.#text(text);
      case "s":
        return this.#text(text);
      case "x":
      case "X":
        return this.#hexBytes(bytesFromText(text), verb);
      case "q":
        return this.#quoted(text);
      default:
        return this.#badVerb(value, verb);
    }
  }

  #text(text: string): string {
    return this.#pad(this.#truncate(text));
  }

  #quoted(text: string): string {
    const kept = this.#truncate(text);
    if (this.#sharp && canBackquote(kept)) return this.#pad(`\`${kept}\``);
    return this.#pad(this.#plus ? quoteToAscii(kept) : quote(kept));
  }

  #truncate(text: string): string {
    if (this.#precision < 0 || text.length <= this.#precision) return text;
    return [...text].slice(0, this.#precision).join("");
  }

  #pad(text: string): string {
    return this.#width === 0 ? text : this.#padTo(text, this.#zero && !this.#minus ? "0" : " ");
  }

  #padTo(text: string, filler: string): string {
    const missing = this.#width - runeCount(text);
    if (missing <= 0) return text;
    return this.#minus ? text + " ".repeat(missing) : filler.repeat(missing) + text;
  }

  #hexBytes(bytes: Uint8Array, verb: "x" | "X"): string {
    const length = this.#precision >= 0 ? Math.min(this.#precision, bytes.length) : bytes.length;
    if (length === 0) return this.#padTo("", this.#zero && !this.#minus ? "0" : " ");
    const prefix = this.#sharp ? `0${verb}` : "";
    const pairs = Array.from(bytes.subarray(0, length), (byte) => byte.toString(16).padStart(2, "0"));
    const digits = this.#space ? pairs.join(` ${prefix}`) : pairs.join("");
    const cased = verb === "X" ? digits.toUpperCase() : digits;
    return this.#pad(prefix + cased);
  }

  #integer(value: GoValue, number: bigint, isSigned: boolean, verb: string): string {
    switch (verb) {
      case "v":
        return this.#sharpV && !isSigned ? this.#hexWord(number, true) : this.#digits(number, 10, verb);
      case "d":
        return this.#digits(number, 10, verb);
      case "b":
        return this.#digits(number, 2, verb);
      case "o":
      case "O":
        return this.#digits(number, 8, verb);
      case "x":
      case "X":
        return this.#digits(number, 16, verb);
      case "c":
        return this.#pad(characterOf(number));
      case "q": {
        const rune = number >= 0n && number <= 0x10ffffn ? Number(number) : 0xfffd;
        return this.#pad(quoteRune(rune, this.#plus));
      }
      case "U":
        return this.#unicode(number);
      default:
        return this.#badVerb(value, verb);
    }
  }

  #digits(number: bigint, base: number, verb: string): string {
    const isNegative = number < 0n;
    const size = isNegative ? -number : number;
    let places = 0;
    if (this.#precision >= 0) {
      places = this.#precision;
      if (places === 0 && size === 0n) return " ".repeat(this.#width);
    } else if (this.#zero && !this.#minus && this.#width > 0) {
      places = this.#width - (isNegative || this.#plus || this.#space ? 1 : 0);
    }
    let digits = size.toString(base).padStart(places, "0");
    if (verb === "X") digits = digits.toUpperCase();
    if (this.#sharp) {
      if (base === 2) digits = `0b${digits}`;
      else if (base === 8 && !digits.startsWith("0")) digits = `0${digits}`;
      else if (base === 16) digits = `0${verb === "X" ? "X" : "x"}${digits}`;
    }
    if (verb === "O") digits = `0o${digits}`;
    const sign = isNegative ? "-" : this.#plus ? "+" : this.#space ? " " : "";
    return this.#padTo(sign + digits, " ");
  }

  #hexWord(number: bigint, hasPrefix: boolean): string {
    const sharp = this.#sharp;
    this.#sharp = hasPrefix;
    const text = this.#digits(number, 16, "v");
    this.#sharp = sharp;
    return text;
  }

  #unicode(number: bigint): string {
    const word = BigInt.asUintN(64, number);
    let text = `U+${word.toString(16).toUpperCase().padStart(Math.max(4, this.#precision), "0")}`;
    if (this.#sharp && word <= 0x10ffffn && (word < 0xd800n || word > 0xdfffn) && isPrintable(Number(word))) {
      text += ` '${String.fromCodePoint(Number(word))}'`;
    }
    return this.#padTo(text, " ");
  }

  #float(value: GoValue, number: number, bits: 32 | 64, verb: string): string {
    if (!/^[vbgGxXfFeE]$/.test(verb)) return this.#badVerb(value, verb);
    const format = (verb === "v" ? "g" : verb === "F" ? "f" : verb) as FloatFormat;
    const usual = /^[feE]$/.test(format) ? 6 : -1;
    return this.#decorated(formatFloat(number, format, this.#precision >= 0 ? this.#precision : usual, bits), format);
  }

  /** Signs, padding and the extra zeros of the flag `#`. */
  #decorated(formatted: string, format: FloatFormat): string {
    let text = /^[-+]/.test(formatted) ? formatted : `+${formatted}`;
    if (this.#space && text.startsWith("+") && !this.#plus) text = ` ${text.slice(1)}`;
    if (text[1] === "I" || text[1] === "N") {
      // Not padded with zeros, and NaN has no sign unless asked for.
      return this.#padTo(text[1] === "N" && !this.#space && !this.#plus ? text.slice(1) : text, " ");
    }
    if (this.#sharp && format !== "b") text = this.#withPoint(text, format);
    if (!this.#plus && text.startsWith("+")) return this.#pad(text.slice(1));
    const missing = this.#width - text.length;
    if (this.#zero && !this.#minus && missing > 0) return `${text[0]}${"0".repeat(missing)}${text.slice(1)}`;
    return this.#pad(text);
  }

  #withPoint(text: string, format: FloatFormat): string {
    const isHex = format === "x" || format === "X";
    const tailAt = text.search(isHex ? /[pP]/ : /[eE]/);
    const tail = tailAt < 0 ? "" : text.slice(tailAt);
    let body = tailAt < 0 ? text : text.slice(0, tailAt);
    let missing = 0;
    if (format === "g" || format === "G" || format === "x") missing = this.#precision >= 0 ? this.#precision : 6;
    const digits = body.slice(1).replace(".", "");
    const firstSeen = digits.search(/[^0]/);
    if (firstSeen >= 0) missing -= digits.length - firstSeen;
    if (!body.includes(".")) {
      if (body.length === 2 && body[1] === "0") missing--;
      body += ".";
    }
    return body + "0".repeat(Math.max(0, missing)) + tail;
  }

  #complex(value: GoValue, { re, im }: Complex, verb: string): string {
    if (!/^[vbgGxXfFeE]$/.test(verb)) return this.#badVerb(value, verb);
    const real = this.#float(value, re, 64, verb);
    const plus = this.#plus;
    this.#plus = true;
    const imaginary = this.#float(value, im, 64, verb);
    this.#plus = plus;
    return `(${real}${imaginary}i)`;
  }

  #pointer(value: Exclude<GoValue, null>, verb: string): string {
    const type = typeOf(value);
    if (!/^(?:func|map|ptr|slice)$/.test(type.kind)) return this.#badVerb(value, verb);
    const isNil = value instanceof Typed && value.raw === null;
    // Go prints an address here, which differs from run to run.
    const address = isNil ? 0n : 0xc000010000n;
    switch (verb) {
      case "v":
        if (this.#sharpV) return `(${type.name})(${isNil ? "nil" : this.#hexWord(address, true)})`;
        return isNil ? this.#pad("<nil>") : this.#hexWord(address, !this.#sharp);
      case "p":
        return this.#hexWord(address, !this.#sharp);
      case "b":
      case "o":
      case "d":
      case "x":
      case "X":
        return this.#integer(value, address, false, verb);
      default:
        return this.#badVerb(value, verb);
    }
  }
}

interface Spec {
  /** "" when the format ends before one. */
  verb: string;
  end: number;
  next: number;
  isGoodIndex: boolean;
  isReordered: boolean;
  complaints: string;
}

/** `[n]`: how long it is, and the argument it names, from 0. */
function readIndex(format: string, at: number): { length: number; index: number; isNumber: boolean } {
  const close = format.indexOf("]", at + 1);
  if (close < 0 || format.length - at < 3) return { length: 1, index: 0, isNumber: false };
  const number = readCount(format, at + 1);
  const isNumber = number.length > 0 && at + 1 + number.length === close;
  return { length: close + 1 - at, index: number.count - 1, isNumber };
}

function readCount(format: string, at: number): { count: number; length: number } {
  let count = 0;
  let end = at;
  for (; end < format.length; end++) {
    const digit = format.charCodeAt(end) - 0x30;
    if (digit < 0 || digit > 9) break;
    // Absurd numbers swallow the rest of the format, as in Go.
    if (count > MAX_COUNT) return { count: 0, length: format.length - at };
    count = count * 10 + digit;
  }
  return { count, length: end - at };
}

function countFrom(value: GoValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const { kind } = typeOf(value);
  if (!isSignedKind(kind) && !isUnsignedKind(kind)) return undefined;
  const count = rawOf(value) as bigint;
  return count > MAX_COUNT || count < -MAX_COUNT ? undefined : Number(count);
}

function keyValue(key: GoKey, type: GoType | undefined): GoValue {
  return typeof key === "bigint" && type !== undefined && type.kind !== "int" && type.kind !== "interface" ? new Typed(type, key) : key;
}

function bytesOfElements(value: GoValue, elements: readonly GoValue[]): Uint8Array {
  return value instanceof Uint8Array ? value : Uint8Array.from(elements, (element) => Number(rawOf(element)));
}

function characterOf(number: bigint): string {
  const isValid = number >= 0n && number <= 0x10ffffn && (number < 0xd800n || number > 0xdfffn);
  return String.fromCodePoint(isValid ? Number(number) : 0xfffd);
}

function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
