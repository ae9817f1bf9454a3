import { byteLength, GoError, type GoValue, quoteToAscii } from "@invar/go-compat";

const MAX_DEPTH = 10_000;
// Our own recursion is shallower than Go's.
const OUR_DEPTH = 2_000;

/** Go's `json.Unmarshal` into an empty interface: numbers are float64. Throws `GoError` with Go's text. */
export function decodeJson(text: string): GoValue {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): GoValue {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return value;
  }

  #value(): GoValue {
    const character = this.#text[this.#at];
    switch (character) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        if (character !== undefined && /[-0-9]/.test(character)) return this.#number();
        throw this.#unexpected("looking for beginning of value");
    }
  }

  #nested(read: () => GoValue): GoValue {
    this.#depth++;
    if (this.#depth > OUR_DEPTH || this.#depth > MAX_DEPTH) throw new GoError("exceeded max depth");
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): GoValue {
    const members = new Map<string, GoValue>();
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return members;
    }
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") throw this.#unexpected("after object key");
      this.#at++;
      this.#skipSpace();
      members.set(key, this.#value());
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "}") throw this.#unexpected("after object key:value pair");
      this.#at++;
      if (next === "}") return members;
    }
  }

  #array(): GoValue {
    const elements: GoValue[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return elements;
    }
    for (;;) {
      this.#skipSpace();
      elements.push(this.#value());
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "]") throw this.#unexpected("after array element");
      this.#at++;
      if (next === "]") return elements;
    }
  }

  #word(word: string, value: GoValue): GoValue {
    for (let index = 0; index < word.length; index++) {
      if (this.#text[this.#at] !== word[index])
        throw this.#unexpected(`in literal ${word} (expecting ${quoteCharacter(word[index] as string)})`);
      this.#at++;
    }
    return value;
  }

  #number(): number {
    const start = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else if (!this.#digits()) throw this.#unexpected("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      if (!this.#digits()) throw this.#unexpected("after decimal point in numeric literal");
    }
    if (/^[eE]$/.test(this.#text[this.#at] ?? "")) {
      this.#at++;
      if (/^[-+]$/.test(this.#text[this.#at] ?? "")) this.#at++;
      if (!this.#digits()) throw this.#unexpected("in exponent of numeric literal");
    }
    const digits = this.#text.slice(start, this.#at);
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new GoError(`json: cannot unmarshal number ${digits} into Go value of type float64`);
    return value;
  }

  #digits(): boolean {
    const start = this.#at;
    for (let unit = this.#text.charCodeAt(this.#at); unit >= 0x30 && unit <= 0x39; unit = this.#text.charCodeAt(++this.#at));
    return this.#at > start;
  }

  #string(): string {
    this.#at++;
    let value = "";
    for (;;) {
      const start = this.#at;
      while (this.#at < this.#text.length && !isSpecial(this.#text.charCodeAt(this.#at))) this.#at++;
      value += this.#text.slice(start, this.#at);
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at++;
        // Halves of pairs and bytes that are not UTF-8 become U+FFFD.
        return value.toWellFormed();
      }
      if (character !== "\\") throw this.#unexpected("in string literal");
      this.#at++;
      value += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at];
    const plain = letter === undefined ? undefined : ESCAPES[letter];
    if (plain !== undefined) {
      this.#at++;
      return plain;
    }
    if (letter !== "u") throw this.#unexpected("in string escape code");
    this.#at++;
    const start = this.#at;
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? "")) throw this.#unexpected("in \\u hexadecimal character escape");
      this.#at++;
    }
    return String.fromCharCode(Number.parseInt(this.#text.slice(start, this.#at), 16));
  }

  #skipSpace(): void {
    for (let unit = this.#text.charCodeAt(this.#at); unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09; ) {
      this.#at++;
      unit = this.#text.charCodeAt(this.#at);
    }
  }

  #unexpected(context: string): GoError {
    const character = this.#text[this.#at];
    if (character === undefined) {
      // Go ends the input with a space, and complains about that where a space cannot stand.
      const isSpaceFine = !/^in (?:literal|numeric|exponent|string escape|\\u)|^after decimal/.test(context);
      return new GoError(isSpaceFine ? "unexpected end of JSON input" : `invalid character ' ' ${context}`);
    }
    // Go names the byte.
    const byte = byteLength(character) > 1 ? String.fromCharCode((Buffer.from(character, "utf8")[0] as number) & 0xff) : character;
    return new GoError(`invalid character ${quoteCharacter(byte)} ${context}`);
  }
}

const ESCAPES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
});

function isSpecial(unit: number): boolean {
  return unit === 0x22 || unit === 0x5c || unit < 0x20;
}

function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${/^[\u00a1-\u00ff]$/.test(character) ? character : quoteToAscii(character).slice(1, -1)}'`;
}
