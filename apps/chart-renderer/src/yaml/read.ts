import { compareTexts, formatFloat, GoError, type GoMap, type GoValue, quote } from "@invar/go-compat";
import { resolvePlain } from "./plain-scalar.ts";
import {
  ALIAS,
  ANCHOR,
  BLOCK_END,
  BLOCK_ENTRY,
  BLOCK_MAPPING_START,
  BLOCK_SEQUENCE_START,
  DIRECTIVE,
  DOCUMENT_END,
  DOCUMENT_START,
  FLOW_ENTRY,
  FLOW_MAPPING_END,
  FLOW_MAPPING_START,
  FLOW_SEQUENCE_END,
  FLOW_SEQUENCE_START,
  KEY,
  SCALAR,
  Scanner,
  STREAM_END,
  TAG,
  type Token,
  UNDEFINED_HANDLE,
  VALUE,
  yamlError,
} from "./scan.ts";

/** Told of each key and list element of the document while it is read; `path` is reused: copy what is kept. Lines count from 1. */
export type OnPlace = (path: readonly string[], line: number, isDuplicate: boolean) => void;

/** Reads the first document as Go's sigs.k8s.io/yaml does: through JSON, so all numbers are float64. Throws `GoError`. */
export function readYaml(text: string, onPlace?: OnPlace): GoValue {
  return new Reader(text, onPlace).document();
}

/** The same where a mapping is expected: nothing is an empty one. */
export function readYamlMap(text: string, onPlace?: OnPlace): GoMap {
  const value = readYaml(text, onPlace);
  if (value instanceof Map) return value;
  if (value === null) return new Map();
  throw new GoError(unmarshalProblem(value, "map[string]interface {}"));
}

/** The same where a list is expected. */
export function readYamlList(text: string): GoValue[] {
  const value = readYaml(text);
  if (Array.isArray(value)) return value;
  if (value === null) return [];
  throw new GoError(unmarshalProblem(value, "[]interface {}"));
}

/** Go's words for a value of the wrong type; `wanted` is a Go type. */
export function unmarshalProblem(value: Exclude<GoValue, null>, wanted: string, field = "value"): string {
  const target = field === "value" ? "Go value" : `Go struct field ${field}`;
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into ${target} of type ${wanted}`;
}

function jsonKind(value: Exclude<GoValue, null>): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value instanceof Map ? "object" : typeof value;
}

// Our stack is smaller than Go's, whose limit is 10,000.
const MAX_DEPTH = 1_000;

interface Anchor {
  value: GoValue;
  isMap: boolean;
  /** How many nodes it is made of, aliases expanded; 0 while it is being read. */
  size: number;
}

class Reader {
  readonly #scanner: Scanner;
  readonly #onPlace: OnPlace | undefined;
  readonly #path: string[] = [];
  readonly #anchors = new Map<string, Anchor>();
  #nodes = 0;
  #aliased = 0;
  #depth = 0;
  // Go reads the whole document before it looks at values, and all values before it makes JSON of them.
  #valueProblem: GoError | undefined;
  #jsonProblem: GoError | undefined;

  constructor(text: string, onPlace: OnPlace | undefined) {
    this.#scanner = new Scanner(text);
    this.#onPlace = onPlace;
  }

  document(): GoValue {
    const scanner = this.#scanner;
    while (scanner.peek().type === DOCUMENT_END) scanner.take();
    let token = scanner.peek();
    if (token.type === STREAM_END) return null;
    if (token.type === DIRECTIVE || token.type === DOCUMENT_START) {
      let hasVersion = false;
      for (; token.type === DIRECTIVE; token = scanner.peek()) {
        if (token.text === "YAML" && hasVersion) throw yamlError("found duplicate %YAML directive", token.line);
        hasVersion ||= token.text === "YAML";
        scanner.take();
      }
      if (token.type !== DOCUMENT_START) throw yamlError("did not find expected <document start>", token.line);
      scanner.take();
      token = scanner.peek();
    }
    if (token.type <= DOCUMENT_END) return null;
    const value = this.#node(true, false);
    // Go looks at what comes next, too.
    scanner.peek();
    const problem = this.#valueProblem ?? this.#jsonProblem;
    if (problem !== undefined) throw problem;
    return value;
  }

  #valueFails(problem: string): null {
    this.#valueProblem ??= yamlError(problem, 0);
    return null;
  }

  #jsonFails(problem: string): null {
    this.#jsonProblem ??= new GoError(`error converting YAML to JSON: ${problem}`);
    return null;
  }

  #node(isBlock: boolean, takesIndentless: boolean): GoValue {
    if (++this.#depth > MAX_DEPTH) throw yamlError("exceeded max depth of 10000", this.#scanner.peek().line);
    const value = this.#nodeWithin(isBlock, takesIndentless);
    this.#depth--;
    return value;
  }

  #nodeWithin(isBlock: boolean, takesIndentless: boolean): GoValue {
    const scanner = this.#scanner;
    let token = scanner.peek();
    if (token.type === ALIAS) {
      scanner.take();
      return this.#alias(token.text);
    }
    const first = token;
    let name: string | undefined;
    let tag = "";
    for (let round = 0; round < 2; round++) {
      if (token.type === ANCHOR && name === undefined) name = token.text;
      else if (token.type === TAG && tag === "") tag = this.#tag(token);
      else break;
      scanner.take();
      token = scanner.peek();
    }
    if (name === undefined) return this.#content(token, first, tag, isBlock, takesIndentless, false);
    const before = this.#nodes;
    const anchor: Anchor = { value: null, isMap: token.type === BLOCK_MAPPING_START || token.type === FLOW_MAPPING_START, size: 0 };
    this.#anchors.set(name, anchor);
    anchor.value = this.#content(token, first, tag, isBlock, takesIndentless, true);
    anchor.size = this.#nodes - before;
    return anchor.value;
  }

  #tag({ text, line }: Token): string {
    if (text.startsWith(UNDEFINED_HANDLE)) throw yamlError("found undefined tag handle", line);
    return text;
  }

  #content(token: Token, first: Token, tag: string, isBlock: boolean, takesIndentless: boolean, hasAnchor: boolean): GoValue {
    this.#count(1, false);
    if (takesIndentless && token.type === BLOCK_ENTRY) return this.#indentless();
    switch (token.type) {
      case SCALAR:
        this.#scanner.take();
        return this.#scalar(token.text, tag, (token.isPlain && tag === "") || tag === "!");
      case FLOW_SEQUENCE_START:
        return this.#flowSequence();
      case FLOW_MAPPING_START:
        return this.#flowMapping();
      case BLOCK_SEQUENCE_START:
        if (isBlock) return this.#blockSequence();
        break;
      case BLOCK_MAPPING_START:
        if (isBlock) return this.#blockMapping();
        break;
      default:
        break;
    }
    if (hasAnchor || tag !== "") return this.#scalar("", tag, tag === "" || tag === "!");
    return this.#fail("did not find expected node content", token.line, first.line);
  }

  /** The line of the problem, or of where the thing began when that is the first one. */
  #fail(problem: string, line: number, contextLine: number): never {
    throw yamlError(problem, line === 0 ? contextLine : line);
  }

  /** Nodes that aliases bring count more and more the larger the document gets. */
  #count(size: number, isAliased: boolean): void {
    this.#nodes += size;
    if (isAliased) this.#aliased += size;
    if (this.#aliased <= 100 || this.#nodes <= 1000) return;
    const share = Math.min(Math.max((this.#nodes - 400_000) / 3_600_000, 0), 1);
    if (this.#aliased / this.#nodes > 0.99 - 0.89 * share) throw yamlError("document contains excessive aliasing", 0);
  }

  #alias(name: string): GoValue {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw yamlError(`unknown anchor '${name}' referenced`, 0);
    if (anchor.size === 0) return this.#valueFails(`anchor '${name}' value contains itself`);
    this.#count(1, false);
    this.#count(anchor.size, true);
    return copied(anchor.value);
  }

  // Collections.

  #indentless(): GoValue[] {
    const items: GoValue[] = [];
    while (this.#scanner.peek().type === BLOCK_ENTRY) {
      const { line } = this.#scanner.take();
      const { type } = this.#scanner.peek();
      const isEmpty = type === BLOCK_ENTRY || type === KEY || type === VALUE || type === BLOCK_END;
      items.push(this.#item(items.length, line, isEmpty, true));
    }
    return items;
  }

  #item(index: number, line: number, isEmpty: boolean, isBlock: boolean): GoValue {
    if (isEmpty) return this.#empty();
    if (this.#onPlace === undefined) return this.#node(isBlock, false);
    this.#path.push(`${index}`);
    this.#onPlace(this.#path, line + 1, false);
    const value = this.#node(isBlock, false);
    this.#path.pop();
    return value;
  }

  #empty(): null {
    this.#count(1, false);
    return null;
  }

  #blockSequence(): GoValue[] {
    const start = this.#scanner.take();
    const items: GoValue[] = [];
    for (;;) {
      const token = this.#scanner.take();
      if (token.type === BLOCK_END) return items;
      if (token.type !== BLOCK_ENTRY) this.#fail("did not find expected '-' indicator", token.line, start.line);
      const { type } = this.#scanner.peek();
      items.push(this.#item(items.length, token.line, type === BLOCK_ENTRY || type === BLOCK_END, true));
    }
  }

  #blockMapping(): GoMap {
    const scanner = this.#scanner;
    const start = scanner.take();
    const map: GoMap = new Map();
    for (;;) {
      const token = scanner.peek();
      if (token.type === BLOCK_END) {
        scanner.take();
        return map;
      }
      if (token.type !== KEY) this.#fail("did not find expected key", token.line, start.line);
      scanner.take();
      const first = scanner.peek();
      const hasNoKey = first.type === KEY || first.type === VALUE || first.type === BLOCK_END;
      const isMerge = isMergeKey(first);
      const key = hasNoKey ? this.#empty() : this.#node(true, true);
      const isValue = scanner.peek().type === VALUE;
      if (isValue) scanner.take();
      const { type } = scanner.peek();
      const hasNoValue = !isValue || type === KEY || type === VALUE || type === BLOCK_END;
      this.#entry(map, key, first.line, isMerge, hasNoValue, true);
    }
  }

  #flowSequence(): GoValue[] {
    const scanner = this.#scanner;
    const start = scanner.take();
    const items: GoValue[] = [];
    for (let isFirst = true; ; isFirst = false) {
      let token = scanner.peek();
      if (token.type !== FLOW_SEQUENCE_END) {
        if (!isFirst) {
          if (token.type !== FLOW_ENTRY) this.#fail("did not find expected ',' or ']'", token.line, start.line);
          scanner.take();
          token = scanner.peek();
        }
        if (token.type === KEY) {
          items.push(this.#flowPair());
          continue;
        }
        if (token.type !== FLOW_SEQUENCE_END) {
          items.push(this.#item(items.length, token.line, false, false));
          continue;
        }
      }
      scanner.take();
      return items;
    }
  }

  /** `[a: b]`: a map of one entry. */
  #flowPair(): GoMap {
    const scanner = this.#scanner;
    scanner.take();
    this.#count(1, false);
    const map: GoMap = new Map();
    const first = scanner.peek();
    const hasNoKey = first.type === VALUE || first.type === FLOW_ENTRY || first.type === FLOW_SEQUENCE_END;
    const key = hasNoKey ? this.#empty() : this.#node(false, false);
    const isValue = scanner.peek().type === VALUE;
    if (isValue) scanner.take();
    const { type } = scanner.peek();
    this.#entry(map, key, first.line, isMergeKey(first), !isValue || type === FLOW_ENTRY || type === FLOW_SEQUENCE_END, false);
    return map;
  }

  #flowMapping(): GoMap {
    const scanner = this.#scanner;
    const start = scanner.take();
    const map: GoMap = new Map();
    for (let isFirst = true; ; isFirst = false) {
      let token = scanner.peek();
      if (token.type !== FLOW_MAPPING_END) {
        if (!isFirst) {
          if (token.type !== FLOW_ENTRY) this.#fail("did not find expected ',' or '}'", token.line, start.line);
          scanner.take();
          token = scanner.peek();
        }
        if (token.type !== FLOW_MAPPING_END) {
          this.#flowEntry(map, token);
          continue;
        }
      }
      scanner.take();
      return map;
    }
  }

  #flowEntry(map: GoMap, token: Token): void {
    const scanner = this.#scanner;
    if (token.type !== KEY) {
      const key = this.#node(false, false);
      // A key alone: a comma must follow, the caller sees to it.
      this.#entry(map, key, token.line, isMergeKey(token), true, false);
      return;
    }
    scanner.take();
    const first = scanner.peek();
    const hasNoKey = first.type === VALUE || first.type === FLOW_ENTRY || first.type === FLOW_MAPPING_END;
    const key = hasNoKey ? this.#empty() : this.#node(false, false);
    const isValue = scanner.peek().type === VALUE;
    if (isValue) scanner.take();
    const { type } = scanner.peek();
    this.#entry(map, key, first.line, isMergeKey(first), !isValue || type === FLOW_ENTRY || type === FLOW_MAPPING_END, false);
  }

  #entry(map: GoMap, key: GoValue, line: number, isMerge: boolean, isEmpty: boolean, isBlock: boolean): void {
    if (isMerge) {
      this.#merge(map, isEmpty ? this.#empty() : this.#node(isBlock, isBlock));
      return;
    }
    const name = typeof key === "string" ? key : this.#keyText(key);
    if (this.#onPlace !== undefined) {
      this.#path.push(name);
      this.#onPlace(this.#path, line + 1, map.has(name));
    }
    const value = isEmpty ? this.#empty() : this.#node(isBlock, isBlock);
    if (key === null)
      this.#jsonFails(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${value === null ? "<nil>" : goSyntax(value)}`);
    map.set(name, value);
    if (this.#onPlace !== undefined) this.#path.pop();
  }

  #keyText(key: Exclude<GoValue, string>): string {
    if (typeof key === "number") {
      return Number.isInteger(key) && Math.abs(key) < 2 ** 63 ? BigInt(key).toString() : formatFloat(key, "g", -1, 32);
    }
    if (key !== null && typeof key === "object") this.#valueFails(`invalid map key: ${goSyntax(key)}`);
    return String(key);
  }

  /** `<<`: its entries replace what stands before it and give way to what stands behind; of several maps, the first wins. */
  #merge(map: GoMap, value: GoValue): void {
    const sources = Array.isArray(value) ? [...value].reverse() : [value];
    for (const source of sources) {
      if (!(source instanceof Map)) {
        this.#valueFails("map merge requires map or sequence of maps as the value");
        return;
      }
      for (const [key, element] of source) map.set(key, element);
    }
  }

  #scalar(text: string, tag: string, isImplicit: boolean): GoValue {
    if (tag === "" || tag === "!") return isImplicit ? this.#resolved(text) : text;
    const name = tag.startsWith(LONG_TAG) ? tag.slice(LONG_TAG.length) : "";
    switch (name) {
      case "binary":
        return this.#binary(text);
      case "bool":
      case "int":
      case "float":
      case "null":
        return this.#tagged(text, name);
      default:
        return text;
    }
  }

  #resolved(text: string): GoValue {
    const value = resolvePlain(text);
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    return this.#jsonFails(`json: unsupported value: ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`);
  }

  #binary(text: string): GoValue {
    const plain = text.replace(/[\r\n]/g, "");
    const isBase64 = plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
    return isBase64 ? Buffer.from(plain, "base64").toString() : this.#valueFails("!!binary value contains invalid base64 data");
  }

  #tagged(text: string, tag: string): GoValue {
    const value = this.#resolved(text);
    const found = kindOf(value);
    if (found === tag || (tag === "float" && found === "int")) return value;
    return this.#valueFails(`cannot decode !!${found} \`${text}\` as a !!${tag}`);
  }
}

const LONG_TAG = "tag:yaml.org,2002:";

function kindOf(value: GoValue): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return typeof value === "boolean" ? "bool" : "str";
}

/** A value as Go's %#v prints it. */
function goSyntax(value: GoValue): string {
  if (value === null) return "interface {}(nil)";
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (value instanceof Map) {
    const entries = [...value].sort(([a], [b]) => compareTexts(a, b)).map(([key, element]) => `${quote(key)}:${goSyntax(element)}`);
    return `map[interface {}]interface {}{${entries.join(", ")}}`;
  }
  return typeof value === "string" ? quote(value) : String(value);
}

function isMergeKey({ type, text, isPlain }: Token): boolean {
  return type === SCALAR && isPlain && text === "<<";
}

/** What an alias stands for is a value of its own: writing into one does not change the other. */
function copied(value: GoValue): GoValue {
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Map) return new Map([...value].map(([key, element]) => [key, copied(element)]));
  return value;
}
