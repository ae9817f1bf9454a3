import {
  type Attribute,
  type Block,
  type Body,
  blockName,
  type Diagnostic,
  EvaluationError,
  type Expression,
  type Source,
  type Span,
  type Value,
} from "@invar/alloy-syntax";
import type { ArgumentShape, BlockSchema, Report, Schema, Stability, TypeShape } from "./arguments.ts";
import { clash, convert } from "./convert.ts";
import { didYouMean } from "./did-you-mean.ts";
import { locate } from "./locate.ts";

/** What an expression is worth now. Before the start some values are not known: of those only the type may be. */
export type Evaluated = { readonly known: Value } | { readonly unknown: TypeShape | undefined };

export interface DecodeContext {
  readonly source: Source;
  /** Throws `EvaluationError` where the expression can't be evaluated. */
  evaluate(expression: Expression): Evaluated;
  /** The least stability that the user allows. */
  readonly stability: Stability;
  readonly diagnostics: Diagnostic[];
}

/** A body after decoding; without `args` where a finding or a value that is not known yet prevents it. */
export interface DecodedBody {
  readonly args: Readonly<Record<string, unknown>> | undefined;
}

type Checked = Schema & { readonly check?: (args: never, report: Report) => void };

/**
 * Decodes what stands between the braces of a component or block by its schema, and adds every finding to the context. `at` is where a missing
 * argument is reported: the block's name. What is written without any name is decoded once, however often it is asked for.
 */
export function decodeBody(schema: Checked, body: Body, at: Span, context: DecodeContext): DecodedBody {
  return decode(schema, body, at, context);
}

interface Decoded extends DecodedBody {
  /** Nothing in it depends on other values, and nothing was found in it. */
  readonly isConstant: boolean;
}

function decode(schema: Checked, body: Body, at: Span, context: DecodeContext): Decoded {
  const kept = constants.get(body)?.get(schema);
  if (kept !== undefined && kept.stability === context.stability) return kept.decoded;
  const found = context.diagnostics.length;
  const decoding = new Decoding(schema, body, at, context);
  const args = decoding.decode();
  const isConstant = decoding.isConstant && args !== undefined && context.diagnostics.length === found;
  const decoded: Decoded = { args, isConstant };
  if (isConstant) {
    const ofBody = constants.get(body) ?? new WeakMap();
    constants.set(body, ofBody.set(schema, { stability: context.stability, decoded }));
    freeze(args);
  }
  return decoded;
}

/** A configuration is checked before it is run, and evaluated again when what it refers to changes. */
const constants = new WeakMap<Body, WeakMap<Checked, { readonly stability: Stability; readonly decoded: Decoded }>>();

/** Whether something of this stability may be used where `allowed` is the least that is allowed. */
export function permits(allowed: Stability, stability: Stability): boolean {
  return stabilityOrder.indexOf(stability) >= stabilityOrder.indexOf(allowed);
}

const stabilityOrder: readonly Stability[] = ["experimental", "public-preview", "generally-available"];

class Decoding {
  readonly #schema: Checked;
  readonly #body: Body;
  readonly #at: Span;
  readonly #context: DecodeContext;
  readonly #decoded: Record<string, unknown> = Object.create(null);
  readonly #places = new Map<string, Span>();
  isConstant = true;
  #complete = true;

  constructor(schema: Checked, body: Body, at: Span, context: DecodeContext) {
    this.#schema = schema;
    this.#body = body;
    this.#at = at;
    this.#context = context;
  }

  decode(): Record<string, unknown> | undefined {
    const { ordered } = this.#schema;
    for (const [name, block] of entriesOf(this.#schema.blocks)) if (block.occurs === "many") this.#decoded[name] = [];
    if (ordered !== undefined) this.#decoded[ordered.into] = [];
    for (const statement of this.#body) {
      if (statement.kind === "attribute") this.#attribute(statement);
      else this.#block(statement);
    }
    this.#absent();
    if (this.#complete && this.#schema.check !== undefined) {
      this.#schema.check(this.#decoded as never, (message, place) => {
        if (typeof place === "object")
          this.#error("argument.invalid", message, locate(this.#body, place, this.#context.source) ?? this.#at, place.hint);
        else this.#error("argument.invalid", message, (place === undefined ? undefined : this.#places.get(place)) ?? this.#at);
      });
    }
    return this.#complete ? this.#decoded : undefined;
  }

  #attribute(attribute: Attribute): void {
    const name = attribute.name.text;
    const argument = this.#schema.arguments?.[name];
    if (argument === undefined) {
      const isBlock = this.#schema.blocks?.[name] !== undefined || this.#schema.ordered?.blocks[name] !== undefined;
      if (isBlock) this.#error("argument.is-block", `${JSON.stringify(name)} must be a block, but is used as an attribute`, attribute);
      else {
        const hint = didYouMean(name, Object.keys(this.#schema.arguments ?? {}));
        this.#error("argument.unknown", `unrecognized attribute name ${JSON.stringify(name)}`, attribute.name, hint);
      }
      return;
    }
    if (this.#places.has(name)) {
      this.#error("argument.repeated", `attribute ${JSON.stringify(name)} may only be provided once`, attribute);
      return;
    }
    this.#places.set(name, attribute);
    if (!this.#permitted("attribute", name, argument.stability, attribute.name)) return;
    if (argument.deprecated !== undefined)
      this.#warn("argument.deprecated", `${name} is deprecated: ${argument.deprecated}`, attribute.name);
    if (argument.withoutEffect !== undefined)
      this.#warn("argument.without-effect", `${name} has no effect: ${argument.withoutEffect}`, attribute.name);
    const value = this.#value(argument.type, attribute.value);
    if (value === notKnown) return;
    if (!this.#permitted("attribute", name, argument.stabilityOf?.(value as never), attribute.name)) return;
    this.#decoded[name] = value;
    this.#checkArgument(argument, value, attribute.value);
  }

  #checkArgument(argument: ArgumentShape, value: unknown, at: Span): void {
    const finding = argument.check?.(value as never);
    if (finding !== undefined) this.#error("argument.invalid", finding, at);
  }

  #block(block: Block): void {
    const name = blockName(block);
    const nameSpan = { start: block.start, end: block.name.at(-1)?.end ?? block.start };
    const { ordered } = this.#schema;
    const schema = this.#schema.blocks?.[name] ?? ordered?.blocks[name];
    if (schema === undefined) {
      if (this.#schema.arguments?.[name] !== undefined)
        this.#error("block.is-argument", `${JSON.stringify(name)} must be an attribute, but is used as a block`, nameSpan);
      else {
        const known = [...Object.keys(this.#schema.blocks ?? {}), ...Object.keys(ordered?.blocks ?? {})];
        this.#error("block.unknown", `unrecognized block name ${JSON.stringify(name)}`, nameSpan, didYouMean(name, known));
      }
      return;
    }
    if (!this.#permitted("block", name, schema.stability, nameSpan)) return;
    if (schema.deprecated !== undefined) this.#warn("block.deprecated", `${name} is deprecated: ${schema.deprecated}`, nameSpan);
    if (block.label === undefined && schema.labelled) {
      this.#error("block.label-missing", `block ${JSON.stringify(name)} requires non-empty label`, nameSpan);
      return;
    }
    if (block.label !== undefined && !schema.labelled) {
      this.#error("block.label-unexpected", `block ${JSON.stringify(name)} does not support specifying labels`, block.label);
      return;
    }
    const isOrdered = ordered?.blocks[name] === schema;
    if (!isOrdered && schema.occurs !== "many" && this.#places.has(name)) {
      this.#error("block.repeated", `block ${JSON.stringify(name)} may only be specified once`, nameSpan);
      return;
    }
    this.#places.set(name, nameSpan);
    const { args, isConstant } = decode(insideOf(schema), block.body, nameSpan, this.#context);
    this.isConstant &&= isConstant;
    if (args === undefined) {
      this.#complete = false;
      return;
    }
    const labelled = block.label === undefined ? args : Object.assign(Object.create(null), args, { label: block.label.text });
    if (isOrdered && ordered !== undefined) (this.#decoded[ordered.into] as unknown[]).push({ block: name, args: labelled });
    else if (schema.occurs === "many") (this.#decoded[name] as unknown[]).push(labelled);
    else this.#decoded[name] = labelled;
  }

  #absent(): void {
    for (const [name, argument] of entriesOf(this.#schema.arguments)) {
      if (this.#places.has(name)) continue;
      if (argument.required) this.#error("argument.missing", `missing required attribute ${JSON.stringify(name)}`, this.#at);
      else this.#decoded[name] = defaultOf(argument);
    }
    for (const [name, block] of entriesOf(this.#schema.blocks)) {
      if (this.#places.has(name)) continue;
      if (block.occurs === "once") this.#error("block.missing", `missing required block ${JSON.stringify(name)}`, this.#at);
      else if (block.occurs === "maybe") this.#decoded[name] = undefined;
      else if (block.occurs === "assumed") {
        const { args } = decode(insideOf(block), nothingWritten, this.#at, this.#context);
        if (args === undefined) this.#complete = false;
        else this.#decoded[name] = args;
      }
    }
  }

  /** Literal lists and objects are converted item by item, so that a finding points at the item. */
  #value(type: TypeShape, expression: Expression): unknown {
    if (type.kind === "list" && expression.kind === "array") {
      const items = expression.items.map((item) => this.#value(type.of, item));
      return items.includes(notKnown) ? notKnown : items.filter((item) => item !== null || type.of.kind !== "capsule");
    }
    if (type.kind === "map" && expression.kind === "object") {
      const object: Record<string, unknown> = Object.create(null);
      for (const field of expression.fields) object[field.key.text] = this.#value(type.of, field.value);
      return Object.values(object).includes(notKnown) ? notKnown : object;
    }
    try {
      if (expression.kind === "literal") return convert(type, expression.value);
      this.isConstant = false;
      const evaluated = this.#context.evaluate(expression);
      if ("known" in evaluated) return convert(type, evaluated.known);
      this.#complete = false;
      const finding = evaluated.unknown === undefined ? undefined : clash(type, evaluated.unknown);
      if (finding !== undefined) this.#error("value.type", finding, expression);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const blamed = error.span ?? expression;
      this.#error(error.code, blame(type, this.#context.source, blamed, error.message), blamed, error.hint);
    }
    return notKnown;
  }

  #permitted(what: string, name: string, stability: Stability | undefined, at: Span): boolean {
    if (stability === undefined || permits(this.#context.stability, stability)) return true;
    this.#error(
      "stability",
      `${what} ${JSON.stringify(name)} is at stability level ${JSON.stringify(stability)}, which is below the minimum allowed stability level ${JSON.stringify(this.#context.stability)}. Use --stability.level command-line flag to enable ${JSON.stringify(stability)} features`,
      at,
    );
    return false;
  }

  #error(code: string, message: string, span: Span, hint?: string): void {
    this.#complete = false;
    this.#add("error", code, message, span, hint);
  }

  #warn(code: string, message: string, span: Span): void {
    this.#add("warning", code, message, span);
  }

  #add(severity: "error" | "warning", code: string, message: string, { start, end }: Span, hint?: string): void {
    const diagnostic = { severity, code, message, source: this.#context.source, span: { start, end } };
    this.#context.diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
  }
}

const notKnown = Symbol("not known");

/** What several share, none may change: lists and objects, all the way down. */
function freeze(value: unknown): unknown {
  const isPlain = Array.isArray(value) || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null);
  if (isPlain && !Object.isFrozen(value)) for (const item of Object.values(Object.freeze(value))) freeze(item);
  return value;
}

const nothingWritten: Body = [];

/** The schema inside a block: always the same one for the same block. */
function insideOf(schema: BlockSchema): Checked {
  if (schema.inside === undefined) return schema;
  const known = insides.get(schema);
  if (known !== undefined) return known;
  const check = schema.check === undefined ? {} : { check: schema.check };
  const inside = { ...schema.inside(), ...check };
  insides.set(schema, inside);
  return inside;
}

const insides = new WeakMap<BlockSchema, Checked>();

function defaultOf(argument: ArgumentShape): unknown {
  if (argument.default === undefined) return undefined;
  if (!defaults.has(argument)) defaults.set(argument, freeze(convert(argument.type, argument.default)));
  return defaults.get(argument);
}

const defaults = new WeakMap<ArgumentShape, unknown>();

function entriesOf<Item>(record: Readonly<Record<string, Item>> | undefined): readonly (readonly [string, Item])[] {
  if (record === undefined) return [];
  const known = entries.get(record) as readonly [string, Item][] | undefined;
  if (known !== undefined) return known;
  const found = Object.entries(record);
  entries.set(record, found);
  return found;
}

const entries = new WeakMap<object, readonly (readonly [string, unknown])[]>();

/** The expression at fault in front of the sentence, as the incumbent words it; not where its text may be a secret. */
function blame(type: TypeShape, source: Source, span: Span, message: string): string {
  if (!message.startsWith("should be ")) return message;
  if (type.kind === "secret" || type.kind === "optional_secret") return `value ${message}`;
  const text = source.text.slice(span.start, span.end);
  return `${text.length <= 60 ? text : `${text.slice(0, 57)}...`} ${message}`;
}
