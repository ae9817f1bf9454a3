import { compileRegexp, elementsOf, entriesOf, GoError, type GoMap, type GoValue, type Regexp, rawOf } from "@invar/go-compat";
import { formatProblem } from "./formats.ts";
import { listed, localized, type Problem, quoted } from "./problem.ts";
import { childOf, REFERENCES, type Resource, resolveReference, type Schema } from "./schema-document.ts";

export interface ValidateOptions {
  /** Formats count in every draft; otherwise only before 2019. */
  readonly assertsFormats: boolean;
}

/** What is wrong with a value; nothing when the schema accepts it. Throws `GoError` for a schema that makes no sense. */
export function validate(schema: Schema, value: GoValue, options: ValidateOptions): readonly Problem[] {
  const problem = new Validation(options, schema, value, [], undefined, 0, false, new Set(), new Set()).run();
  if (problem === undefined) return [];
  return problem.kind === "group" ? problem.causes : [problem];
}

/** Follows every schema that can be reached and resolves its references and patterns. Throws `GoError` for the first that cannot be. */
export function checkReferences(schema: Schema): void {
  const { document } = schema.resource;
  const isLocal = document.references.every(({ from, to }) => isKnown(from, to));
  if (isLocal) return;
  const seen = new Set<Schema>([schema]);
  for (const current of seen) for (const next of reachableFrom(current)) seen.add(next);
}

/** Whether a reference leads to a place of the same document that exists and holds a schema. */
function isKnown(from: Resource, to: string): boolean {
  if (!to.startsWith("#/") || from.pointer !== "" || from.document.resources.size > 1) return false;
  const start = /^#\/(?:\$defs|definitions)\/([^/%~]+)$/.exec(to);
  const root = from.document.root;
  const definitions = root instanceof Map ? root.get(to.split("/")[1] as string) : undefined;
  return start !== null && definitions instanceof Map && definitions.has(start[1] as string);
}

function reachableFrom(schema: Schema): Schema[] {
  const { value, resource } = schema;
  if (!(value instanceof Map)) return [];
  const found: Schema[] = [];
  for (const keyword of REFERENCES) {
    const reference = value.get(keyword);
    if (typeof reference === "string") found.push(resolveReference(resource, reference));
  }
  if (resource.draft < 2019 && found.length > 0) return found;
  for (const keyword of SCHEMA_KEYWORDS) {
    const given = value.get(keyword);
    if (MAPS_OF_SCHEMAS.has(keyword)) {
      if (!(given instanceof Map)) continue;
      for (const [name, part] of given) if (!Array.isArray(part)) found.push(childOf(schema, keyword, name));
    } else if (Array.isArray(given)) given.forEach((_, index) => void found.push(childOf(schema, keyword, `${index}`)));
    else if (given instanceof Map) found.push(childOf(schema, keyword));
  }
  return found;
}

const MAPS_OF_SCHEMAS = new Set(["properties", "patternProperties", "dependencies", "dependentSchemas"]);
const SCHEMA_KEYWORDS = (
  "allOf anyOf oneOf not items additionalItems prefixItems properties patternProperties additionalProperties dependencies contains " +
  "propertyNames if then else dependentSchemas unevaluatedItems unevaluatedProperties"
).split(" ");

// Said of a value by whoever asks only whether there is a problem.
const SOME_PROBLEM: Problem = { path: [], text: "", kind: "plain", causes: [] };
// Deeper values or schemas end here instead of at the end of our stack.
const MAX_DEPTH = 1_000;

/** The schemas that led here, for cycles and dynamic references. */
interface Scope {
  readonly schema: Schema;
  readonly parent: Scope | undefined;
  /** The same for schemas of the same value. */
  readonly valueDepth: number;
  readonly depth: number;
}

class Validation {
  readonly #options: ValidateOptions;
  readonly #schema: Schema;
  readonly #value: GoValue;
  readonly #path: readonly string[];
  readonly #scope: Scope;
  readonly #isYesNo: boolean;
  readonly #problems: Problem[] = [];
  /** What no keyword has looked at yet, where someone asks. */
  readonly openKeys: Set<string>;
  readonly openItems: Set<number>;

  constructor(
    options: ValidateOptions,
    schema: Schema,
    value: GoValue,
    path: readonly string[],
    parent: Scope | undefined,
    valueDepth: number,
    isYesNo: boolean,
    openKeys: Set<string>,
    openItems: Set<number>,
  ) {
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) throw new GoError("the schema nests deeper than 1000 levels");
    this.#options = options;
    this.#schema = schema;
    this.#value = value;
    this.#path = path;
    this.#scope = { schema, parent, valueDepth, depth };
    this.#isYesNo = isYesNo;
    this.openKeys = openKeys;
    this.openItems = openItems;
    this.#addOpen();
  }

  #addOpen(): void {
    const { value } = this.#schema;
    if (!(value instanceof Map)) return;
    const entries = entriesOf(this.#value);
    if (entries !== undefined && value.has("unevaluatedProperties")) for (const key of entries.keys()) this.openKeys.add(String(key));
    const elements = elementsOf(this.#value);
    if (elements !== undefined && value.has("unevaluatedItems")) elements.forEach((_, index) => void this.openItems.add(index));
  }

  /** The one problem, a group of them, or none. */
  run(): Problem | undefined {
    const schema = this.#schema.value;
    if (schema === false) return this.#problem("false schema");
    if (!(schema instanceof Map) || schema.size === 0) return undefined;
    if (this.#isCycle()) return this.#problem(`both schemas resolve to ${JSON.stringify(this.#schema.pointer)} causing reference cycle`);
    const { draft } = this.#schema.resource;
    const reference = schema.get("$ref");
    if (draft < 2019 && typeof reference === "string") return this.#reference(resolveReference(this.#schema.resource, reference));
    const first = this.#general(schema);
    if (first !== undefined) return first;
    if (typeof reference === "string") this.#add(this.#reference(resolveReference(this.#schema.resource, reference)));
    const entries = entriesOf(this.#value);
    const elements = elementsOf(this.#value);
    const raw = rawOf(this.#value);
    if (entries !== undefined) this.#object(schema, entries as ReadonlyMap<string, GoValue>);
    else if (elements !== undefined) this.#array(schema, elements);
    else if (typeof raw === "string") this.#string(schema, raw);
    else if (typeof raw === "number" || typeof raw === "bigint") this.#number(schema, Number(raw));
    if (this.#problems.length === 0 || !this.#isYesNo) {
      if (draft >= 2019) this.#dynamicReferences(schema);
      this.#combinations(schema);
      if (draft >= 2019) this.#unevaluated(schema, entries as ReadonlyMap<string, GoValue> | undefined, elements);
    }
    if (this.#problems.length <= 1) return this.#problems[0];
    return { path: this.#path, text: "validation failed", kind: "group", causes: this.#problems };
  }

  #isCycle(): boolean {
    const { schema, valueDepth } = this.#scope;
    for (let scope = this.#scope.parent; scope !== undefined && scope.valueDepth === valueDepth; scope = scope.parent) {
      if (scope.schema === schema) return true;
    }
    return false;
  }

  #problem(text: string, causes: readonly Problem[] = []): Problem {
    return this.#isYesNo ? SOME_PROBLEM : { path: this.#path, text, kind: "plain", causes };
  }

  #fail(text: string, causes?: readonly Problem[]): void {
    this.#problems.push(this.#problem(text, causes));
  }

  #add(problem: Problem | undefined): void {
    if (problem !== undefined) this.#problems.push(problem);
  }

  #self(schema: Schema, isYesNo = false): Problem | undefined {
    const keys = new Set(this.openKeys);
    const items = new Set(this.openItems);
    const { valueDepth } = this.#scope;
    const inner = new Validation(
      this.#options,
      schema,
      this.#value,
      this.#path,
      this.#scope,
      valueDepth,
      this.#isYesNo || isYesNo,
      keys,
      items,
    );
    const problem = inner.run();
    if (problem !== undefined) return problem;
    for (const key of this.openKeys) if (!keys.has(key)) this.openKeys.delete(key);
    for (const item of this.openItems) if (!items.has(item)) this.openItems.delete(item);
    return undefined;
  }

  #part(schema: Schema, value: GoValue, key: string): Problem | undefined {
    const depth = this.#scope.valueDepth + 1;
    const path = [...this.#path, key];
    return new Validation(this.#options, schema, value, path, this.#scope, depth, this.#isYesNo, new Set(), new Set()).run();
  }

  #child(...keys: readonly string[]): Schema {
    return childOf(this.#schema, ...keys);
  }

  // What holds for values of every type; the first problem ends it.

  #general(schema: GoMap): Problem | undefined {
    const type = typeOf(this.#value);
    const types = typesOf(schema.get("type") ?? null);
    if (types.length > 0 && !types.includes(type) && !(types.includes("integer") && isInteger(this.#value))) {
      return this.#problem(`got ${type}, want ${types.join(" or ")}`);
    }
    const { draft } = this.#schema.resource;
    const constant = draft >= 6 ? schema.get("const") : undefined;
    if (constant !== undefined && !isEqual(this.#value, constant)) {
      return this.#problem(isCollection(constant) ? "'const' failed" : `value must be ${shown(constant)}`);
    }
    const choices = schema.get("enum");
    if (Array.isArray(choices) && !choices.some((choice) => isEqual(this.#value, choice))) return this.#problem(enumText(choices));
    const format = schema.get("format");
    if (typeof format === "string" && (this.#options.assertsFormats || draft < 2019)) {
      const raw = rawOf(this.#value);
      const problem = typeof raw === "string" ? formatProblem(format, raw) : undefined;
      if (problem !== undefined) return this.#problem(`${quoted(raw as string)} is not valid ${format}: ${problem}`);
    }
    return undefined;
  }

  #reference(target: Schema): Problem | undefined {
    const problem = this.#self(target);
    if (problem === undefined || this.#isYesNo) return problem;
    const causes = problem.kind === "group" ? problem.causes : [problem];
    return { path: this.#path, text: "validation failed", kind: "reference", causes };
  }

  #dynamicReferences(schema: GoMap): void {
    const recursive = schema.get("$recursiveRef");
    if (typeof recursive === "string" && this.#schema.resource.draft === 2019) {
      const target = resolveReference(this.#schema.resource, recursive);
      this.#add(this.#reference(isRecursiveAnchor(target) ? this.#outermost(isRecursiveAnchor, target) : target));
    }
    const dynamic = schema.get("$dynamicRef");
    if (typeof dynamic !== "string" || this.#schema.resource.draft < 2020) return;
    const target = resolveReference(this.#schema.resource, dynamic);
    const anchor = dynamic.split("#")[1] ?? "";
    const isDynamic = target.value instanceof Map && anchor !== "" && target.value.get("$dynamicAnchor") === anchor;
    this.#add(this.#reference(isDynamic ? this.#dynamicTarget(anchor, target) : target));
  }

  #outermost(isWanted: (root: Schema) => boolean, fallback: Schema): Schema {
    let found = fallback;
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.parent) {
      const { resource } = scope.schema;
      const root = resolveReference(resource, "#");
      if (isWanted(root)) found = root;
    }
    return found;
  }

  #dynamicTarget(anchor: string, fallback: Schema): Schema {
    let found = fallback;
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.parent) {
      const { resource } = scope.schema;
      if (resource.dynamicAnchors.has(anchor)) found = resolveReference(resource, `#${anchor}`);
    }
    return found;
  }

  // Objects.

  #object(schema: GoMap, entries: ReadonlyMap<string, GoValue>): void {
    const least = wholeNumber(schema, "minProperties");
    if (least !== undefined && entries.size < least) this.#fail(`minProperties: got ${localized(entries.size)}, want ${localized(least)}`);
    const most = wholeNumber(schema, "maxProperties");
    if (most !== undefined && entries.size > most) this.#fail(`maxProperties: got ${localized(entries.size)}, want ${localized(most)}`);
    const missing = missingOf(entries, schema.get("required"));
    if (missing.length > 0) this.#fail(`missing ${missing.length === 1 ? "property" : "properties"} ${listed(missing)}`);
    if (this.#isYesNo && this.#problems.length > 0) return;
    this.#dependencies(entries, schema.get("dependencies"), "dependencies");
    this.#properties(schema, entries);
    const { draft } = this.#schema.resource;
    if (draft === 4) return;
    if (schema.has("propertyNames")) this.#names(entries);
    if (draft < 2019) return;
    this.#dependencies(entries, schema.get("dependentSchemas"), "dependentSchemas");
    this.#dependencies(entries, schema.get("dependentRequired"), "dependentRequired");
  }

  #dependencies(entries: ReadonlyMap<string, GoValue>, given: GoValue | undefined, keyword: string): void {
    if (!(given instanceof Map)) return;
    for (const [name, needs] of given) {
      if (!entries.has(name)) continue;
      if (Array.isArray(needs)) {
        const missing = missingOf(entries, needs);
        if (missing.length > 0) this.#fail(`properties ${listed(missing)} required, if ${quoted(name)} exists`);
      } else this.#add(this.#self(this.#child(keyword, name)));
    }
  }

  #properties(schema: GoMap, entries: ReadonlyMap<string, GoValue>): void {
    const properties = schema.get("properties");
    const patterns = schema.get("patternProperties");
    const known = properties instanceof Map ? properties : undefined;
    const matchers = patterns instanceof Map ? [...patterns.keys()].map((pattern) => [pattern, regexpOf(pattern)] as const) : [];
    const others = schema.get("additionalProperties");
    const refused: string[] = [];
    for (const [name, value] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (this.#isYesNo && this.#problems.length > 0) return;
      let isEvaluated = false;
      if (known?.has(name) === true) {
        isEvaluated = true;
        this.#add(this.#part(this.#child("properties", name), value, name));
      }
      for (const [pattern, matcher] of matchers) {
        if (!matcher.test(name)) continue;
        isEvaluated = true;
        this.#add(this.#part(this.#child("patternProperties", pattern), value, name));
      }
      if (!isEvaluated && others !== undefined) {
        isEvaluated = true;
        if (others === false) refused.push(name);
        else if (others !== true) this.#add(this.#part(this.#child("additionalProperties"), value, name));
      }
      if (isEvaluated) this.openKeys.delete(name);
    }
    if (refused.length > 0) this.#fail(`additional properties ${listed(refused)} not allowed`);
  }

  #names(entries: ReadonlyMap<string, GoValue>): void {
    const schema = this.#child("propertyNames");
    for (const name of [...entries.keys()].sort()) {
      // Names are checked on their own: their problems have no path.
      const problem = new Validation(this.#options, schema, name, [], undefined, 0, false, new Set(), new Set()).run();
      if (problem !== undefined) this.#fail(`invalid propertyName ${quoted(name)}`, problem.kind === "group" ? problem.causes : [problem]);
    }
  }

  // Arrays.

  #array(schema: GoMap, items: readonly GoValue[]): void {
    const least = wholeNumber(schema, "minItems");
    if (least !== undefined && items.length < least) this.#fail(`minItems: got ${localized(items.length)}, want ${localized(least)}`);
    const most = wholeNumber(schema, "maxItems");
    if (most !== undefined && items.length > most) this.#fail(`maxItems: got ${localized(items.length)}, want ${localized(most)}`);
    if (schema.get("uniqueItems") === true) {
      const pair = equalPair(items);
      if (pair !== undefined) this.#fail(`items at ${localized(pair[0])} and ${localized(pair[1])} are equal`);
    }
    if (this.#schema.resource.draft < 2020) this.#itemsBefore2020(schema, items);
    else this.#items(schema, items);
    if (schema.has("contains") && this.#schema.resource.draft >= 6) this.#contains(schema, items);
  }

  #itemsBefore2020(schema: GoMap, items: readonly GoValue[]): void {
    const given = schema.get("items");
    let evaluated = 0;
    if (Array.isArray(given)) {
      evaluated = Math.min(items.length, given.length);
      for (let at = 0; at < evaluated; at++) this.#add(this.#part(this.#child("items", `${at}`), items[at] as GoValue, `${at}`));
      const others = schema.get("additionalItems");
      if (others === false && evaluated !== items.length) {
        this.#fail(`last ${localized(items.length - evaluated)} additionalItem(s) not allowed`);
      } else if (others instanceof Map) {
        for (let at = evaluated; at < items.length; at++) {
          this.#add(this.#part(this.#child("additionalItems"), items[at] as GoValue, `${at}`));
        }
      }
      if (others !== undefined) evaluated = items.length;
    } else if (given !== undefined) {
      items.forEach((item, at) => void this.#add(this.#part(this.#child("items"), item, `${at}`)));
      evaluated = items.length;
    }
    for (let at = 0; at < evaluated; at++) this.openItems.delete(at);
  }

  #items(schema: GoMap, items: readonly GoValue[]): void {
    const first = schema.get("prefixItems");
    const evaluated = Array.isArray(first) ? Math.min(first.length, items.length) : 0;
    for (let at = 0; at < evaluated; at++) {
      this.#add(this.#part(this.#child("prefixItems", `${at}`), items[at] as GoValue, `${at}`));
      this.openItems.delete(at);
    }
    if (!schema.has("items")) return;
    for (let at = evaluated; at < items.length; at++) {
      this.#add(this.#part(this.#child("items"), items[at] as GoValue, `${at}`));
      this.openItems.delete(at);
    }
  }

  #contains(schema: GoMap, items: readonly GoValue[]): void {
    const problems: Problem[] = [];
    const matched: number[] = [];
    items.forEach((item, at) => {
      const problem = this.#part(this.#child("contains"), item, `${at}`);
      if (problem !== undefined) problems.push(problem);
      else {
        matched.push(at);
        if (this.#schema.resource.draft >= 2020) this.openItems.delete(at);
      }
    });
    const isCounted = this.#schema.resource.draft >= 2019;
    const least = isCounted ? wholeNumber(schema, "minContains") : undefined;
    if (least !== undefined) {
      const wanted = `min ${localized(least)} items required to match contains schema, but`;
      if (matched.length < least) {
        this.#fail(
          matched.length === 0 ? `${wanted} none matched` : `${wanted} matched ${localized(matched.length)} items at ${matched.join(" ")}`,
          problems,
        );
      }
    } else if (matched.length === 0) this.#fail("no items match contains schema", problems);
    const most = isCounted ? wholeNumber(schema, "maxContains") : undefined;
    if (most === undefined || matched.length <= most) return;
    this.#fail(
      `max ${localized(most)} items required to match contains schema, but matched ${localized(matched.length)} items at ${matched.join(" ")}`,
    );
  }

  // Texts and numbers.

  #string(schema: GoMap, text: string): void {
    const least = wholeNumber(schema, "minLength");
    const most = wholeNumber(schema, "maxLength");
    const length = least === undefined && most === undefined ? 0 : [...text].length;
    if (least !== undefined && length < least) this.#fail(`minLength: got ${localized(length)}, want ${localized(least)}`);
    if (most !== undefined && length > most) this.#fail(`maxLength: got ${localized(length)}, want ${localized(most)}`);
    const pattern = schema.get("pattern");
    if (typeof pattern === "string" && !regexpOf(pattern).test(text)) {
      this.#fail(`${quoted(text)} does not match pattern ${quoted(pattern)}`);
    }
  }

  #number(schema: GoMap, value: number): void {
    const check = (keyword: string, limit: GoValue | undefined, isBroken: (limit: number) => boolean): void => {
      if (typeof limit === "number" && isBroken(limit)) this.#fail(`${keyword}: got ${localized(value)}, want ${localized(limit)}`);
    };
    const bound = (keyword: string, strict: string, isOver: (limit: number) => boolean): void => {
      // In draft 4 the strict keyword is a switch.
      const isStrict = schema.get(strict) === true;
      if (!isStrict) check(keyword, schema.get(keyword), isOver);
      check(strict, isStrict ? schema.get(keyword) : schema.get(strict), (limit) => value === limit || isOver(limit));
    };
    bound("minimum", "exclusiveMinimum", (limit) => value < limit);
    bound("maximum", "exclusiveMaximum", (limit) => value > limit);
    check("multipleOf", schema.get("multipleOf"), (limit) => !isMultiple(value, limit));
  }

  // Schemas of schemas.

  #combinations(schema: GoMap): void {
    const { draft } = this.#schema.resource;
    if (schema.has("not") && this.#self(this.#child("not"), true) === undefined) this.#fail("'not' failed");
    const all = this.#listed(schema, "allOf").flatMap((part) => this.#self(part) ?? []);
    if (all.length > 0) this.#fail("'allOf' failed", all);
    const any = this.#listed(schema, "anyOf");
    if (any.length > 0) this.#anyOf(any);
    const one = this.#listed(schema, "oneOf");
    if (one.length > 0) this.#oneOf(one);
    if (draft < 7 || !schema.has("if")) return;
    const branch = this.#self(this.#child("if"), true) === undefined ? "then" : "else";
    if (schema.has(branch)) this.#add(this.#self(this.#child(branch)));
  }

  #listed(schema: GoMap, keyword: string): Schema[] {
    const given = schema.get(keyword);
    return Array.isArray(given) ? given.map((_, index) => this.#child(keyword, `${index}`)) : [];
  }

  #anyOf(parts: readonly Schema[]): void {
    const problems: Problem[] = [];
    let isMatched = false;
    for (const part of parts) {
      const problem = this.#self(part);
      if (problem !== undefined) problems.push(problem);
      else {
        isMatched = true;
        // The others count too where someone asks what was looked at.
        if (this.openKeys.size === 0 && this.openItems.size === 0) break;
      }
    }
    if (!isMatched) this.#fail("'anyOf' failed", problems);
  }

  #oneOf(parts: readonly Schema[]): void {
    const problems: Problem[] = [];
    let matched = -1;
    for (const [index, part] of parts.entries()) {
      const problem = this.#self(part, matched >= 0);
      if (problem !== undefined) {
        if (matched < 0) problems.push(problem);
      } else if (matched < 0) matched = index;
      else {
        this.#fail(`'oneOf' failed, subschemas ${localized(matched)}, ${localized(index)} matched`);
        break;
      }
    }
    if (matched < 0) this.#fail("'oneOf' failed, none matched", problems);
  }

  #unevaluated(schema: GoMap, entries: ReadonlyMap<string, GoValue> | undefined, elements: readonly GoValue[] | undefined): void {
    if (entries !== undefined && schema.has("unevaluatedProperties")) {
      for (const name of [...this.openKeys].sort()) {
        this.#add(this.#part(this.#child("unevaluatedProperties"), entries.get(name) as GoValue, name));
      }
      this.openKeys.clear();
    }
    if (elements === undefined || !schema.has("unevaluatedItems")) return;
    for (const at of this.openItems) this.#add(this.#part(this.#child("unevaluatedItems"), elements[at] as GoValue, `${at}`));
    this.openItems.clear();
  }
}

function isRecursiveAnchor({ value }: Schema): boolean {
  return value instanceof Map && value.get("$recursiveAnchor") === true;
}

const TYPES = ["null", "boolean", "number", "integer", "string", "array", "object"];

function typesOf(given: GoValue): string[] {
  const names = Array.isArray(given) ? given : [given];
  return TYPES.filter((type) => names.includes(type));
}

function typeOf(value: GoValue): string {
  if (value === null) return "null";
  if (entriesOf(value) !== undefined) return "object";
  if (elementsOf(value) !== undefined) return "array";
  const raw = rawOf(value);
  return typeof raw === "boolean" || typeof raw === "string" ? typeof raw : "number";
}

function isInteger(value: GoValue): boolean {
  const raw = rawOf(value);
  return typeof raw === "bigint" || (typeof raw === "number" && Number.isInteger(raw));
}

function isCollection(value: GoValue): boolean {
  return value instanceof Map || Array.isArray(value);
}

/** Equal as JSON: 1 and 1.0 are the same number. */
function isEqual(a: GoValue, b: GoValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (type === "object") {
    const left = entriesOf(a) as ReadonlyMap<string, GoValue>;
    const right = entriesOf(b) as ReadonlyMap<string, GoValue>;
    return left.size === right.size && [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key) as GoValue));
  }
  if (type === "array") {
    const left = elementsOf(a) as readonly GoValue[];
    const right = elementsOf(b) as readonly GoValue[];
    return left.length === right.length && left.every((value, at) => isEqual(value, right[at] as GoValue));
  }
  const left = rawOf(a);
  const right = rawOf(b);
  return type === "number" ? Number(left) === Number(right) : left === right;
}

function equalPair(items: readonly GoValue[]): [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const [at, item] of items.entries()) {
    const key = canonical(item);
    const before = seen.get(key);
    if (before !== undefined) return [before, at];
    seen.set(key, at);
  }
  return undefined;
}

function canonical(value: GoValue): string {
  const entries = entriesOf(value) as ReadonlyMap<string, GoValue> | undefined;
  if (entries !== undefined)
    return `{${[...entries.keys()]
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(entries.get(key) as GoValue)}`)
      .join()}}`;
  const elements = elementsOf(value);
  if (elements !== undefined) return `[${elements.map(canonical).join()}]`;
  const raw = rawOf(value);
  return JSON.stringify(typeof raw === "bigint" ? Number(raw) : raw);
}

function enumText(choices: readonly GoValue[]): string {
  if (choices.some(isCollection)) return "'enum' failed";
  return choices.length === 1 ? `value must be ${shown(choices[0] as GoValue)}` : `value must be one of ${choices.map(shown).join(", ")}`;
}

function shown(value: GoValue): string {
  if (value === null) return "<nil>";
  return typeof value === "string" ? quoted(value) : String(rawOf(value));
}

function missingOf(entries: ReadonlyMap<string, GoValue>, names: GoValue | undefined): string[] {
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string" && !entries.has(name)) : [];
}

function wholeNumber(schema: GoMap, key: string): number | undefined {
  const value = schema.get(key);
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

/** Whether one decimal number divides another, without the error of binary fractions. */
function isMultiple(value: number, divisor: number): boolean {
  if (divisor === 0) return true;
  const scale = 10 ** Math.max(decimals(value), decimals(divisor));
  if (!Number.isFinite(scale)) return false;
  return BigInt(Math.round(value * scale)) % BigInt(Math.round(divisor * scale) || 1) === 0n;
}

function decimals(value: number): number {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  return Math.max(0, (mantissa.split(".")[1] ?? "").length - Number(exponent));
}

const regexps = new Map<string, Regexp>();
const MOST_REGEXPS = 1_000;

function regexpOf(pattern: string): Regexp {
  const known = regexps.get(pattern);
  if (known !== undefined) return known;
  const compiled = compileRegexp(pattern);
  if (regexps.size >= MOST_REGEXPS) regexps.clear();
  regexps.set(pattern, compiled);
  return compiled;
}
