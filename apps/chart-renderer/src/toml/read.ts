import {
  ANY_MAP,
  fixedZone,
  GoError,
  type GoMap,
  type GoValue,
  int64,
  parseFloat64,
  parseInteger,
  parseTime,
  quote,
  sliceOf,
  Typed,
  UTC,
} from "@invar/go-compat";
import { timeValue } from "@invar/go-template";
import { keyText } from "./write.ts";

/** Reads TOML as the decoder does that Helm uses. Throws `GoError` with its text. */
export function readToml(text: string): GoMap {
  return new Reader(text).document();
}

const TABLES = sliceOf(ANY_MAP);
const MAX_DEPTH = 500;

/** How a table came to be: implied by a longer name, by dots in a key, by its own head, or within braces. */
type Origin = "implicit" | "explicit" | "inline";

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  readonly #root: GoMap = new Map();
  /** The table that keys go into, and its name. */
  #table: GoMap = this.#root;
  #context: readonly string[] = [];
  #current: readonly string[] = [];
  readonly #origins = new Map<GoMap, Origin>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): GoMap {
    for (;;) {
      this.#skipLines();
      if (this.#at >= this.#text.length) return this.#root;
      if (this.#text[this.#at] === "[") this.#head();
      else this.#keyValue(this.#table, this.#context);
      this.#current = this.#context;
      this.#lineEnd();
    }
  }

  // Places and errors.

  #fail(problem: string, at = this.#at): never {
    let line = 1;
    for (let next = this.#text.indexOf("\n"); next >= 0 && next < at; next = this.#text.indexOf("\n", next + 1)) line++;
    const last = this.#current.map(keyText).join(".");
    throw new GoError(`toml: line ${line}${last === "" ? "" : ` (last key ${quote(last)})`}: ${problem}`);
  }

  /** The character here, or "" at the end. Control characters are errors wherever they stand. */
  #letter(): string {
    const letter = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#text.length) return "";
    const code = letter.charCodeAt(0);
    const isLoneReturn = letter === "\r" && this.#text[this.#at + 1] !== "\n";
    if ((code < 0x20 && !"\t\n\r".includes(letter)) || code === 0x7f || isLoneReturn) {
      this.#fail(`TOML files cannot contain control characters: '0x${code.toString(16).padStart(2, "0")}'`);
    }
    return letter;
  }

  /** Go has taken the character when it complains: a line break counts. */
  #behind(letter: string): number {
    return letter === "\n" ? this.#at + 1 : this.#at;
  }

  #shown(letter: string): string {
    return letter === "" ? "'\\x00'" : `'${letter === "'" ? "\\'" : quote(letter).slice(1, -1).replace('\\"', '"')}'`;
  }

  // Space.

  #skipBlanks(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }

  #skipComment(): void {
    for (let letter = this.#letter(); letter !== "" && letter !== "\n" && letter !== "\r"; letter = this.#letter())
      this.#at += letter.length;
  }

  #skipLines(): void {
    for (;;) {
      const letter = this.#letter();
      if (letter === "#") this.#skipComment();
      else if (letter !== "" && " \t\r\n".includes(letter)) this.#at++;
      else return;
    }
  }

  #lineEnd(): void {
    this.#skipBlanks();
    const letter = this.#letter();
    if (letter === "" || letter === "\n" || letter === "\r") return;
    if (letter === "#") {
      this.#skipComment();
      return;
    }
    this.#fail(`expected a top-level item to end with a newline, comment, or EOF, but got ${this.#shown(letter)} instead`);
  }

  // Heads.

  #head(): void {
    const isArray = this.#text[this.#at + 1] === "[";
    this.#at += isArray ? 2 : 1;
    const key: string[] = [];
    this.#current = this.#context;
    for (;;) {
      this.#skipBlanks();
      const letter = this.#letter();
      if (letter === "]" || letter === "") this.#fail("unexpected end of table name (table names cannot be empty)");
      if (letter === ".") this.#fail("unexpected table separator (table names cannot be empty)");
      key.push(this.#name());
      this.#skipBlanks();
      const next = this.#letter();
      if (next === "]") break;
      if (next !== ".") this.#fail(`expected '.' or ']' to end table name, but got ${this.#shown(next)} instead`, this.#behind(next));
      this.#at++;
    }
    this.#at++;
    if (isArray) {
      const letter = this.#letter();
      if (letter !== "]") {
        this.#fail(`expected end of table array name delimiter ']', but got ${this.#shown(letter)} instead`, this.#behind(letter));
      }
      this.#at++;
    }
    this.#enter(key, isArray);
  }

  #enter(key: readonly string[], isArray: boolean): void {
    const parent = this.#descend(this.#root, key.slice(0, -1), []);
    this.#current = key.slice(0, -1);
    const name = key.at(-1) as string;
    const given = parent.get(name);
    const own: GoMap = new Map();
    this.#origins.set(own, "explicit");
    if (isArray) {
      if (given !== undefined && !(given instanceof Typed)) {
        this.#fail(`Key '${nameOf(key)}' was already created and cannot be used as an array.`);
      }
      parent.set(name, new Typed(TABLES, [...((given?.raw ?? []) as readonly GoValue[]), own]));
      this.#table = own;
    } else if (given === undefined) {
      parent.set(name, own);
      this.#table = own;
    } else if (given instanceof Map && this.#origins.get(given) === "implicit") {
      this.#origins.set(given, "explicit");
      this.#table = given;
    } else this.#fail(`Key '${nameOf(key)}' has already been defined.`);
    this.#context = key;
    this.#current = key;
  }

  /** The table at a name below another one, made where there is none; of an array, its last. */
  #descend(from: GoMap, path: readonly string[], above: readonly string[]): GoMap {
    let table = from;
    path.forEach((name, index) => {
      let next = table.get(name);
      if (next === undefined) {
        next = new Map();
        this.#origins.set(next, "implicit");
        table.set(name, next);
      }
      if (next instanceof Typed && next.type === TABLES) next = (next.raw as readonly GoValue[]).at(-1) ?? null;
      const key = nameOf([...above, ...path.slice(0, index + 1)]);
      if (!(next instanceof Map) || this.#origins.get(next) === "inline") this.#fail(`Key '${key}' was already created as a hash.`);
      table = next;
    });
    return table;
  }

  // Keys.

  #keyValue(table: GoMap, context: readonly string[]): void {
    this.#current = context;
    this.#skipBlanks();
    const letter = this.#letter();
    if (letter === "=" || letter === "") this.#fail("unexpected '=': key name appears blank");
    if (letter === ".") this.#fail("unexpected '.': keys cannot start with a '.'");
    const key = this.#dottedKey();
    const target = this.#descend(table, key.slice(0, -1), context);
    const name = key.at(-1) as string;
    this.#current = [...context, ...key];
    const value = this.#value();
    this.#current = [...context, ...key];
    if (target.has(name)) this.#fail(`Key '${nameOf([...context, ...key])}' has already been defined.`);
    target.set(name, value);
  }

  #dottedKey(): string[] {
    const key: string[] = [];
    for (;;) {
      this.#skipBlanks();
      const letter = this.#letter();
      if (letter === "=" || letter === "") this.#fail("unexpected '='");
      if (letter === ".") this.#fail("unexpected '.'");
      key.push(this.#name());
      this.#skipBlanks();
      const next = this.#letter();
      if (next === "=") {
        this.#at++;
        return key;
      }
      if (next === "") this.#fail("unexpected EOF; expected key separator '='");
      if (next !== ".") this.#fail(`expected '.' or '=', but got ${this.#shown(next)} instead`);
      this.#at++;
    }
  }

  #name(): string {
    const letter = this.#letter();
    if (letter === '"') return this.#basic();
    if (letter === "'") return this.#raw();
    const start = this.#at;
    while (/[A-Za-z0-9_-]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  // Values.

  #value(): GoValue {
    if (++this.#depth > MAX_DEPTH) this.#fail("values nest deeper than 500 levels");
    const value = this.#valueWithin();
    this.#depth--;
    return value;
  }

  #valueWithin(): GoValue {
    this.#skipBlanks();
    const letter = this.#letter();
    switch (letter) {
      case "":
        return this.#fail("unexpected EOF; expected value");
      case "[":
        return this.#array();
      case "{":
        return this.#inlineTable();
      case '"':
        return this.#text.startsWith('"""', this.#at) ? this.#long('"') : this.#basic();
      case "'":
        return this.#text.startsWith("'''", this.#at) ? this.#long("'") : this.#raw();
      case ".":
        return this.#fail("floats must start with a digit, not '.'");
      default:
        break;
    }
    if (/[0-9+-]/.test(letter) || /^(?:inf|nan)/.test(this.#text.slice(this.#at, this.#at + 3))) return this.#number();
    if (/\p{L}/u.test(letter)) {
      const word = /^\p{L}+/u.exec(this.#text.slice(this.#at))?.[0] ?? "";
      if (word !== "true" && word !== "false") this.#fail(`expected value but found ${quote(word)} instead`, this.#at + word.length);
      this.#at += word.length;
      return word === "true";
    }
    return this.#fail(`expected value but found ${this.#shown(letter)} instead`);
  }

  #array(): GoValue {
    const items: GoValue[] = [];
    this.#at++;
    for (;;) {
      this.#skipLines();
      const letter = this.#letter();
      if (letter === ",") this.#fail("unexpected comma");
      if (letter === "]") break;
      items.push(this.#value());
      this.#skipLines();
      const next = this.#letter();
      if (next === "]") break;
      if (next !== ",") {
        this.#fail(`expected a comma (',') or array terminator (']'), but got ${next === "" ? "end of file" : `'${next}'`}`);
      }
      this.#at++;
    }
    this.#at++;
    return items;
  }

  #inlineTable(): GoMap {
    const table: GoMap = new Map();
    const context = this.#current;
    this.#at++;
    for (;;) {
      this.#skipLines();
      const letter = this.#letter();
      if (letter === ",") this.#fail("unexpected comma");
      if (letter === "}") break;
      this.#keyValue(table, context);
      this.#skipLines();
      const next = this.#letter();
      if (next === "}") break;
      if (next !== ",") {
        this.#fail(`expected a comma or an inline table terminator '}', but got ${next === "" ? "end of file" : `'${next}'`} instead`);
      }
      this.#at++;
    }
    this.#at++;
    this.#close(table);
    return table;
  }

  /** Nothing may be added to a table in braces, nor to those in it. */
  #close(table: GoMap): void {
    this.#origins.set(table, "inline");
    for (const value of table.values()) if (value instanceof Map) this.#close(value);
  }

  #raw(): string {
    const start = ++this.#at;
    for (;;) {
      const letter = this.#letter();
      if (letter === "") this.#fail(`unexpected EOF; expected "'"`);
      if (letter === "\n" || letter === "\r") this.#fail("strings cannot contain newlines");
      if (letter === "'") break;
      this.#at += letter.length;
    }
    return this.#text.slice(start, this.#at++);
  }

  #basic(): string {
    let text = "";
    this.#at++;
    for (;;) {
      const letter = this.#letter();
      if (letter === "") this.#fail(`unexpected EOF; expected '"'`);
      if (letter === "\n" || letter === "\r") this.#fail("strings cannot contain newlines");
      if (letter === '"') break;
      if (letter === "\\") text += this.#escape();
      else {
        text += letter;
        this.#at += letter.length;
      }
    }
    this.#at++;
    return text;
  }

  /** A text within three quotes. */
  #long(mark: string): string {
    this.#at += 3;
    if (this.#text[this.#at] === "\r" && this.#text[this.#at + 1] === "\n") this.#at++;
    if (this.#text[this.#at] === "\n") this.#at++;
    let text = "";
    for (;;) {
      const letter = this.#letter();
      if (letter === "") this.#fail(`unexpected EOF; expected ${mark === '"' ? `'"""'` : `"'''"`}`);
      if (letter === mark && this.#text.startsWith(mark.repeat(3), this.#at)) {
        const end = this.#text.slice(this.#at);
        const marks = (mark === '"' ? /^"+/ : /^'+/).exec(end)?.[0].length ?? 3;
        if (marks > 5) this.#fail(mark === '"' ? `unexpected '""""""'` : `unexpected "''''''"`);
        this.#at += marks;
        return text + mark.repeat(marks - 3);
      }
      if (letter === "\\" && mark === '"') {
        const fold = /^\\[ \t]*\r?\n[ \t\r\n]*/.exec(this.#text.slice(this.#at));
        if (fold !== null) this.#at += fold[0].length;
        else text += this.#escape();
        continue;
      }
      text += letter;
      this.#at += letter.length;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const length = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
    if (length === 0) this.#fail(`invalid escape in string '\\${letter}'`, this.#at + 2);
    const hex = this.#text.slice(this.#at + 2, this.#at + 2 + length);
    if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < length) {
      const word = length === 2 ? "two" : length === 4 ? "four" : "eight";
      this.#fail(
        `expected ${word} hexadecimal digits after '\\${letter}', but got ${quote(this.#text.slice(this.#at, this.#at + 2 + length))} instead`,
      );
    }
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      this.#fail(`Escaped character '\\${letter.toLowerCase()}${hex}' is not valid UTF-8.`);
    }
    this.#at += 2 + length;
    return String.fromCodePoint(code);
  }

  // Numbers and times.

  #number(): GoValue {
    const rest = this.#text.slice(this.#at, this.#at + 400);
    const time = /^\d+[-:][-:0-9Tt .Zz+]*/.exec(rest)?.[0].trim();
    if (time !== undefined) {
      this.#at += time.length;
      return this.#time(time);
    }
    const word = /^[-+]?(?:inf|nan|0[xX][0-9a-fA-F_]*|0o[0-7_]*|0b[01_]*|[0-9_]+(?:[0-9_.eE]|(?<=[eE])[-+])*)/.exec(rest)?.[0] ?? "";
    if (word === "") this.#fail(`expected a digit but got ${this.#shown(rest[1] ?? "")}`);
    if (/^[-+]0[box]/.test(word)) this.#fail(`cannot use sign with non-decimal numbers: '${word.slice(0, 3)}'`);
    this.#at += word.length;
    const isFloat = /^[-+]?(?:inf|nan)/.test(word) || (!/^0[xX]/.test(word) && /[.eE]/.test(word));
    return isFloat ? this.#float(word) : this.#integer(word);
  }

  #integer(word: string): GoValue {
    if (!hasGoodUnderscores(word)) this.#fail(`Invalid integer ${quote(word)}: underscores must be surrounded by digits`);
    if (/^0[0-9_]/.test(word) || /^[-+]0./.test(word)) this.#fail(`Invalid integer ${quote(word)}: cannot have leading zeroes`);
    try {
      return int64(parseInteger(word, 0, 64));
    } catch (error) {
      if (error instanceof GoError) this.#fail(`${word} is out of range for int64`);
      throw error;
    }
  }

  #float(word: string): GoValue {
    if (!word.split(/[.eE]/).every((part) => part === "" || hasGoodUnderscores(part))) {
      this.#fail(`Invalid float ${quote(word)}: underscores must be surrounded by digits`);
    }
    if (/^0[0-9_]/.test(word) || /^[-+]0[0-9_]/.test(word)) this.#fail(`Invalid float ${quote(word)}: cannot have leading zeroes`);
    if (/\.(?![0-9])/.test(word)) this.#fail(`Invalid float ${quote(word)}: '.' must be followed by one or more digits`);
    const plain = word.replaceAll("_", "").replace(/^[-+]nan$/, "nan");
    try {
      return parseFloat64(plain);
    } catch (error) {
      if (error instanceof GoError) this.#fail(`Invalid float value: ${quote(word)}`);
      throw error;
    }
  }

  #time(word: string): GoValue {
    const text = word.replace(/[t ]/, "T").replace("z", "Z");
    for (const [layout, name] of TIME_FORMS) {
      try {
        const time = parseTime(layout, text, name === undefined ? UTC : fixedZone(name, 0));
        if (!/^(?:\d{4}-\d\d-\d\d)?T?(?:\d\d:\d\d)?/.test(text) || /(?:^|[-:T])\d(?:[-:T]|$)/.test(text)) break;
        return timeValue(time);
      } catch (error) {
        if (!(error instanceof GoError)) throw error;
      }
    }
    return this.#fail(`invalid datetime: ${quote(text)}`);
  }
}

const TIME_FORMS: readonly (readonly [layout: string, zone: string | undefined])[] = [
  ["2006-01-02T15:04:05.999999999Z07:00", undefined],
  ["2006-01-02T15:04:05.999999999", "datetime-local"],
  ["2006-01-02", "date-local"],
  ["15:04:05.999999999", "time-local"],
  ["2006-01-02T15:04Z07:00", undefined],
  ["2006-01-02T15:04", "datetime-local"],
  ["15:04", "time-local"],
];

function hasGoodUnderscores(word: string): boolean {
  if (/^[-+]?(?:inf|nan)$/.test(word)) return true;
  return !/(?:^|[^0-9a-fA-F])_|_(?:$|[^0-9a-fA-F])/.test(word);
}

function nameOf(key: readonly string[]): string {
  return key.map(keyText).join(".");
}

const ESCAPES = new Map([
  ["e", "\x1b"],
  ["b", "\b"],
  ["t", "\t"],
  ["n", "\n"],
  ["f", "\f"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
]);
