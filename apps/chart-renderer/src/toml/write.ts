import { elementsOf, entriesOf, formatFloat, GoError, type GoValue, isFloatKind, rawOf, Typed, typeOf } from "@invar/go-compat";
import { timeText } from "@invar/go-template";

/** Writes a value as the encoder does that Helm uses. Throws `GoError` for what TOML cannot hold. */
export function writeToml(value: GoValue): string {
  if (value === null) throw new GoError("reflect: call of reflect.Value.Type on zero Value");
  const writer = new Writer();
  writer.encode([], value);
  return writer.out;
}

type Kind = "hash" | "arrayOfHashes" | "plain" | undefined;

class Writer {
  out = "";

  encode(key: readonly string[], given: GoValue): void {
    const value = pointed(given);
    if (value === null) return;
    switch (kindOf(value)) {
      case "hash":
        this.#table(key, value);
        return;
      case "arrayOfHashes":
        this.#tables(key, elementsOf(value) as readonly GoValue[]);
        return;
      default:
        this.#keyValue(key, value, false);
    }
  }

  #newLine(): void {
    if (this.out !== "") this.out += "\n";
  }

  #table(key: readonly string[], value: GoValue): void {
    if (key.length === 1) this.#newLine();
    if (key.length > 0) {
      this.out += `${indentOf(key)}[${key.map(keyText).join(".")}]`;
      this.#newLine();
    }
    this.#entries(key, value);
  }

  #tables(key: readonly string[], items: readonly GoValue[]): void {
    if (key.length === 0) throw new GoError("toml: top-level values must be Go maps or structs");
    for (const item of items) {
      const value = pointed(item);
      if (value === null) continue;
      this.#newLine();
      this.out += `${indentOf(key)}[[${key.map(keyText).join(".")}]]`;
      this.#newLine();
      this.#entries(key, value);
    }
  }

  #entries(key: readonly string[], value: GoValue): void {
    for (const [name, element] of sortedEntries(value)) this.encode([...key, name], element);
  }

  #keyValue(key: readonly string[], value: GoValue, isInline: boolean): void {
    if (key.length === 0) {
      this.#element(value);
      return;
    }
    this.out += `${isInline ? "" : indentOf(key)}${keyText(key.at(-1) as string)} = `;
    this.#element(value);
    if (!isInline) this.out += "\n";
  }

  #element(given: GoValue): void {
    const value = pointed(given);
    if (value === null) throw new GoError("reflect: call of reflect.Value.Interface on zero Value");
    const elements = value instanceof Uint8Array ? [...value].map(BigInt) : elementsOf(value);
    if (elements !== undefined) {
      this.out += "[";
      elements.forEach((element, index) => {
        if (index > 0) this.out += ", ";
        this.#element(element);
      });
      this.out += "]";
    } else if (entriesOf(value) !== undefined || typeOf(value).kind === "struct") this.#inlineTable(value);
    else this.out += scalar(value);
  }

  #inlineTable(value: GoValue): void {
    const time = timeText(value);
    if (time !== undefined) {
      this.out += time;
      return;
    }
    const entries = sortedEntries(value);
    this.out += "{";
    entries.forEach(([name, element], index) => {
      if (pointed(element) === null) return;
      this.#keyValue([name], element, true);
      if (index < entries.length - 1) this.out += ", ";
    });
    this.out += "}";
  }
}

function pointed(given: GoValue): GoValue {
  let value = given;
  while (value instanceof Typed && value.type.kind === "ptr") value = value.raw as GoValue;
  return value instanceof Typed && value.raw === null ? null : value;
}

function kindOf(value: GoValue): Kind {
  if (value === null) return undefined;
  if (timeText(value) !== undefined) return "plain";
  if (entriesOf(value) !== undefined || typeOf(value).kind === "struct") return "hash";
  if (typeOf(value).kind === "func") throw new GoError("unsupported type: func");
  const elements = value instanceof Uint8Array ? undefined : elementsOf(value);
  if (elements === undefined || elements.length === 0) return "plain";
  const kinds = elements.map((element) => {
    const kind = kindOf(pointed(element));
    if (kind === undefined) throw new GoError("toml: cannot encode array with nil element");
    return kind;
  });
  return kinds.every((kind) => kind === "hash") ? "arrayOfHashes" : "plain";
}

/** Plain values first: what follows a table's head belongs to it. */
function sortedEntries(value: GoValue): [string, GoValue][] {
  const entries = fieldsOf(value);
  // Fields of structs keep their order.
  const byName = entriesOf(value) === undefined ? entries : entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const isTable = ([, element]: [string, GoValue]): boolean => {
    const kind = kindOf(pointed(element));
    return kind === "hash" || kind === "arrayOfHashes";
  };
  return [...byName.filter((entry) => !isTable(entry)), ...byName.filter(isTable)];
}

function fieldsOf(value: GoValue): [string, GoValue][] {
  const entries = entriesOf(value);
  if (entries !== undefined) {
    if (value instanceof Typed && value.type.key?.kind !== "string")
      throw new GoError("toml: cannot encode a map with non-string key type");
    return [...entries].map(([key, element]) => [String(key), element]);
  }
  const raw = rawOf(value);
  if (!(raw instanceof Map)) return [];
  const names = value === null ? [] : (typeOf(value).fields ?? []);
  return names.flatMap((name): [string, GoValue][] => (raw.has(name) ? [[name, raw.get(name) as GoValue]] : []));
}

function scalar(value: Exclude<GoValue, null>): string {
  const raw = rawOf(value);
  if (typeof raw === "string") return quoted(raw);
  if (typeof raw === "boolean") return String(raw);
  const { kind, text } = typeOf(value);
  if (text !== undefined && value instanceof Typed) return quoted(text(value));
  if (typeof raw === "bigint") return String(raw);
  if (typeof raw !== "number" || !isFloatKind(kind)) throw new GoError(`unexpected type: ${typeOf(value).name}`);
  if (Number.isNaN(raw)) return "nan";
  if (!Number.isFinite(raw)) return raw < 0 ? "-inf" : "inf";
  const shown = formatFloat(raw, "g", -1, kind === "float32" ? 32 : 64);
  return /[e.]/.test(shown) ? shown : `${shown}.0`;
}

function indentOf(key: readonly string[]): string {
  return "  ".repeat(key.length - 1);
}

/** A key as it stands in TOML. */
export function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return `"${text.replace(/["\\\x00-\x1f\x7f]/g, escaped)}"`;
}

function escaped(letter: string): string {
  return ESCAPES.get(letter) ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const ESCAPES = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
]);
