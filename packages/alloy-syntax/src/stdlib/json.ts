import { bytesFromText, compareTexts, quote } from "@invar/go-compat";
import { describe, numberText } from "../convert.ts";
import type { EvaluationError } from "../diagnostic.ts";
import { Capsule, isFunction, objectOf, Secret, type Value } from "../value.ts";
import { failure } from "./function.ts";

const MAX_DEPTH = 1000;

/**
 * Reads one JSON value. `numberOf` makes a value of a number's text: Alloy reads all numbers as float64 in one place, and whole ones
 * as int64 in another. Error texts are Go's.
 */
export function parseJson(text: string, numberOf: (literal: string) => bigint | number): Value {
  const reader = new JsonReader(text, numberOf);
  return reader.readDocument();
}

class JsonReader {
  readonly #text: string;
  readonly #numberOf: (literal: string) => bigint | number;
  #at = 0;
  #depth = 0;

  constructor(text: string, numberOf: (literal: string) => bigint | number) {
    this.#text = text;
    this.#numberOf = numberOf;
  }

  readDocument(): Value {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return value;
  }

  #value(): Value {
    this.#skipBlanks();
    switch (this.#text.charAt(this.#at)) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(): Value {
    this.#enter();
    const entries: [string, Value][] = [];
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) === "}") this.#at++;
    else
      for (;;) {
        this.#skipBlanks();
        if (this.#text.charAt(this.#at) !== '"') throw this.#unexpected("looking for beginning of object key string");
        const key = this.#string();
        this.#skipBlanks();
        if (this.#text.charAt(this.#at) !== ":") throw this.#unexpected("after object key");
        this.#at++;
        entries.push([key, this.#value()]);
        if (this.#endsAfterElement("}", "after object key:value pair")) break;
      }
    this.#depth--;
    return objectOf(entries);
  }

  #array(): Value {
    this.#enter();
    const items: Value[] = [];
    this.#skipBlanks();
    if (this.#text.charAt(this.#at) === "]") this.#at++;
    else
      do {
        items.push(this.#value());
      } while (!this.#endsAfterElement("]", "after array element"));
    this.#depth--;
    return items;
  }

  #enter(): void {
    this.#at++;
    this.#depth++;
    if (this.#depth > MAX_DEPTH) throw failure("exceeded max depth");
  }

  #endsAfterElement(close: string, context: string): boolean {
    this.#skipBlanks();
    const found = this.#text.charAt(this.#at);
    if (found !== close && found !== ",") throw this.#unexpected(context);
    this.#at++;
    return found === close;
  }

  #string(): string {
    const start = this.#at;
    STRING_END.lastIndex = start + 1;
    const isClosed = STRING_END.test(this.#text);
    const literal = this.#text.slice(start, isClosed ? STRING_END.lastIndex : this.#text.length);
    const hasEscapes = literal.includes("\\");
    if (!isClosed || CONTROL.test(literal) || (hasEscapes && literal.replaceAll(ESCAPE, "").includes("\\"))) throw this.#badString(start);
    this.#at = STRING_END.lastIndex;
    return (hasEscapes ? (JSON.parse(literal) as string) : literal.slice(1, -1)).toWellFormed();
  }

  // Finds what the patterns above have refused.
  #badString(start: number): EvaluationError {
    for (this.#at = start + 1; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code < 0x20) return this.#unexpected("in string literal");
      if (code !== 0x5c) continue;
      this.#at++;
      if (this.#text.charAt(this.#at) === "u") {
        for (let digit = 0; digit < 4; digit++) {
          this.#at++;
          if (!/[0-9a-fA-F]/.test(this.#text.charAt(this.#at))) return this.#unexpected("in \\u hexadecimal character escape");
        }
      } else if (!/["\\/bfnrt]/.test(this.#text.charAt(this.#at))) return this.#unexpected("in string escape code");
    }
    return this.#unexpected("in string literal");
  }

  #word(word: "true" | "false" | "null", value: null | boolean): Value {
    for (let at = 0; at < word.length; at++, this.#at++) {
      if (this.#text.charAt(this.#at) !== word.charAt(at)) {
        throw this.#unexpected(at === 0 ? "looking for beginning of value" : `in literal ${word} (expecting '${word.charAt(at)}')`);
      }
    }
    return value;
  }

  #number(): Value {
    NUMBER.lastIndex = this.#at;
    const literal = NUMBER.exec(this.#text)?.[0];
    if (literal === undefined) throw this.#badNumber();
    this.#at += literal.length;
    const value = this.#numberOf(literal);
    if (typeof value === "bigint" || Number.isFinite(value)) return value;
    throw failure(`json: cannot unmarshal number ${literal.slice(0, 40)} into Go value of type float64`);
  }

  // Finds what the pattern of numbers has refused.
  #badNumber(): EvaluationError {
    if (!/[-0-9]/.test(this.#text.charAt(this.#at))) return this.#unexpected("looking for beginning of value");
    if (this.#text.charAt(this.#at) === "-") this.#at++;
    if (!this.#skipDigits()) return this.#unexpected("in numeric literal");
    if (this.#text.charAt(this.#at) === ".") {
      this.#at++;
      if (!this.#skipDigits()) return this.#unexpected("after decimal point in numeric literal");
    }
    this.#at++;
    if (/[+-]/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#unexpected("in exponent of numeric literal");
  }

  #skipDigits(): boolean {
    const start = this.#at;
    while (/[0-9]/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#at > start;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(context: string): EvaluationError {
    if (this.#at >= this.#text.length) {
      // Go's scanner sees a blank after the end, which some states take for an error of their own.
      return failure(BLANK_IS_WRONG.test(context) ? `invalid character ' ' ${context}` : "unexpected end of JSON input");
    }
    return failure(`invalid character ${quotedByte(bytesFromText(this.#text.slice(this.#at, this.#at + 2))[0] as number)} ${context}`);
  }
}

const STRING_END = /(?<!\\)(?:\\\\)*"/g;
const CONTROL = /[^ -\uffff]/;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g;
// Refused where a point or an exponent follows that has no digits.
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?(?![eE])|[eE][+-]?[0-9]+|(?![.eE]))/y;
const BLANK_IS_WRONG = /^in literal|numeric literal$|escape/;

// Go names the byte, not the character, by its number in Latin-1.
function quotedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === "'") return "'\\''";
  return character === '"' ? "'\"'" : `'${quote(character).slice(1, -1)}'`;
}

/** Prints a value as Go's `json.Marshal` does: keys sorted, `<`, `>` and `&` escaped, and tells whether there are secrets in it. */
export function printJson(value: Value): { text: string; isSecret: boolean } {
  let isSecret = false;
  const print = (item: Value): string => {
    if (item === null || typeof item === "boolean") return String(item);
    if (typeof item === "bigint") return item.toString();
    if (typeof item === "number") return numberJson(item);
    if (typeof item === "string") return stringJson(item);
    if (Array.isArray(item)) return `[${item.map(print).join(",")}]`;
    if (item instanceof Secret) {
      isSecret ||= item.isSecret;
      return stringJson(item.reveal());
    }
    if (item instanceof Capsule || isFunction(item)) throw failure(`json: unsupported type: ${describe(item)}`);
    const fields = Object.entries(item).sort(([a], [b]) => compareTexts(a, b));
    return `{${fields.map(([key, field]) => `${stringJson(key)}:${print(field)}`).join(",")}}`;
  };
  const text = print(value);
  return { text, isSecret };
}

function numberJson(value: number): string {
  if (!Number.isFinite(value)) throw failure(`json: unsupported value: ${numberText(value)}`);
  return Object.is(value, -0) ? "-0" : value.toString();
}

function stringJson(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
