import { type GoMap, type GoValue, int64 } from "@invar/go-compat";
import { decodeJson } from "@invar/go-template";
import { ChartError } from "../chart/chart.ts";

export type SetKind = "set" | "set-string" | "set-json" | "set-file" | "set-literal";

/** Writes `a.b[0]=c,d={e,f}` into the values, as the flag of that name does. Throws `ChartError`. */
export function applySet(kind: SetKind, expression: string, values: GoMap, readFile: (path: string) => string): void {
  const convert = (text: string): GoValue => (kind === "set" ? typed(text) : kind === "set-file" ? readFile(text) : text);
  new SetParser(kind, expression, convert).apply(values);
}

const MAX_INDEX = 65_536;
const MAX_NESTING = 30;

class SetParser {
  readonly #kind: SetKind;
  readonly #text: string;
  readonly #convert: (text: string) => GoValue;
  #at = 0;

  constructor(kind: SetKind, text: string, convert: (text: string) => GoValue) {
    this.#kind = kind;
    this.#text = text;
    this.#convert = convert;
  }

  apply(values: GoMap): void {
    while (this.#at < this.#text.length) this.#key(values, 0);
  }

  /** Reads up to one of the letters; `stop` is "" at the end. A backslash takes the next letter as it is. */
  #until(stops: string): { text: string; stop: string } {
    let text = "";
    while (this.#at < this.#text.length) {
      const letter = this.#text[this.#at++] as string;
      if (stops.includes(letter)) return { text, stop: letter };
      if (letter === "\\" && this.#kind !== "set-literal") {
        text += this.#text[this.#at++] ?? "";
      } else text += letter;
    }
    return { text, stop: "" };
  }

  #key(target: GoMap, nesting: number): void {
    const { text: key, stop } = this.#until(this.#kind === "set-literal" ? "=[." : "=[,.");
    switch (stop) {
      case "":
        if (key === "") return;
        throw new ChartError(`key ${JSON.stringify(key)} has no value`);
      case ",":
        throw new ChartError(`key ${JSON.stringify(key)} has no value (cannot end with ,)`);
      case "[": {
        const index = this.#index();
        const list = target.get(key);
        if (list !== undefined && !Array.isArray(list)) throw new ChartError(`unable to parse key: ${JSON.stringify(key)} is not a list`);
        put(target, key, this.#item(list ?? [], index, nesting));
        return;
      }
      case "=":
        put(target, key, this.#value());
        return;
      default: {
        if (nesting + 1 > MAX_NESTING) {
          throw new ChartError(`value name nested level is greater than maximum supported nested level of ${MAX_NESTING}`);
        }
        const given = target.get(key);
        if (given !== undefined && !(given instanceof Map))
          throw new ChartError(`unable to parse key: ${JSON.stringify(key)} is not a map`);
        const inner: GoMap = given ?? new Map();
        this.#key(inner, nesting + 1);
        if (inner.size === 0) throw new ChartError(`key map ${JSON.stringify(key)} has no value`);
        put(target, key, inner);
      }
    }
  }

  #index(): number {
    const { text, stop } = this.#until("]");
    if (stop === "") throw new ChartError("error parsing index: EOF");
    const index = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(index)) throw new ChartError(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (index < 0) throw new ChartError(`negative ${index} index not allowed`);
    if (index > MAX_INDEX) throw new ChartError(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
    return index;
  }

  #item(list: readonly GoValue[], index: number, nesting: number): GoValue[] {
    const items = [...list];
    while (items.length <= index) items.push(null);
    const { text, stop } = this.#until("[.=");
    if (text !== "") throw new ChartError(`unexpected data at end of array index: ${JSON.stringify(text)}`);
    const given = items[index];
    if (stop === "=") items[index] = this.#value();
    else if (stop === "[") items[index] = this.#item(Array.isArray(given) ? given : [], this.#index(), nesting);
    else if (stop === ".") {
      const inner: GoMap = given instanceof Map ? given : new Map();
      this.#key(inner, nesting);
      items[index] = inner;
    }
    return items;
  }

  #value(): GoValue {
    if (this.#kind === "set-json") return this.#json();
    if (this.#kind === "set-literal") return this.#until("").text;
    if (this.#kind !== "set-file" && this.#text[this.#at] === "{") return this.#list();
    return this.#convert(this.#until(",").text);
  }

  #list(): GoValue {
    this.#at++;
    const items: GoValue[] = [];
    for (;;) {
      const { text, stop } = this.#until(",}");
      if (stop === "") throw new ChartError("list must terminate with '}'");
      items.push(this.#convert(text));
      if (stop === "}") break;
    }
    if (this.#text[this.#at] === ",") this.#at++;
    return items;
  }

  #json(): GoValue {
    const start = this.#at;
    const end = endOfJson(this.#text, start);
    this.#at = end;
    while (/[\s]/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (this.#text[this.#at] === ",") this.#at++;
    const source = this.#text.slice(start, end).trim();
    return source === "" ? null : decodeJson(source);
  }
}

/** Where a JSON value ends that another `key=value` may follow. */
function endOfJson(text: string, start: number): number {
  let depth = 0;
  let isText = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (isText) {
      if (letter === "\\") at++;
      else if (letter === '"') isText = false;
    } else if (letter === '"') isText = true;
    else if (letter === "{" || letter === "[") depth++;
    else if (letter === "}" || letter === "]") depth--;
    else if (letter === "," && depth === 0) return at;
  }
  return text.length;
}

function put(target: GoMap, key: string, value: GoValue): void {
  if (key !== "") target.set(key, value);
}

function typed(text: string): GoValue {
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (text === "0" || /^[-+]?[1-9]\d*$|^[-+]\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ""));
    if (BigInt.asIntN(64, value) === value) return int64(value);
  }
  return text;
}
