import {
  type Attribute,
  asArray,
  asBool,
  asCapsule,
  asInteger,
  asNumber,
  asObject,
  asOptionalSecret,
  asSecret,
  asString,
  type Block,
  type Body,
  blockName,
  Capsule,
  type Diagnostic,
  EvaluationError,
  type Expression,
  mismatch,
  nearest,
  type Source,
  type Span,
  type Value,
} from "@invar/alloy-syntax";
import { parseDurationMs } from "@invar/go-compat";
import type { ArgumentShape, BlockSchema, Schema, Stability, TypeShape } from "./arguments.ts";
import { parseByteSize } from "./byte-size.ts";

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

type Checked = Schema & { readonly check?: (args: never, report: (message: string, at?: string) => void) => void };

/**
 * Decodes what stands between the braces of a component or block by its schema, and adds every finding to the context. `at` is where a missing
 * argument is reported: the block's name.
 */
export function decodeBody(schema: Checked, body: Body, at: Span, context: DecodeContext): DecodedBody {
  const decoding = new Decoding(schema, body, at, context);
  return { args: decoding.decode() };
}

/** The hint for a name that is not known, where one of the candidates is near. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const near = nearest(name, candidates);
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}

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
  #complete = true;

  constructor(schema: Checked, body: Body, at: Span, context: DecodeContext) {
    this.#schema = schema;
    this.#body = body;
    this.#at = at;
    this.#context = context;
  }

  decode(): Record<string, unknown> | undefined {
    const { ordered } = this.#schema;
    for (const [name, block] of Object.entries(this.#schema.blocks ?? {})) if (block.occurs === "many") this.#decoded[name] = [];
    if (ordered !== undefined) this.#decoded[ordered.into] = [];
    for (const statement of this.#body) {
      if (statement.kind === "attribute") this.#attribute(statement);
      else this.#block(statement);
    }
    this.#absent();
    if (this.#complete && this.#schema.check !== undefined) {
      this.#schema.check(this.#decoded as never, (message, place) => {
        this.#error("argument.invalid", message, (place === undefined ? undefined : this.#places.get(place)) ?? this.#at);
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
    const { args } = decodeBody(insideOf(schema), block.body, nameSpan, this.#context);
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
    for (const [name, argument] of Object.entries(this.#schema.arguments ?? {})) {
      if (this.#places.has(name)) continue;
      if (argument.required) this.#error("argument.missing", `missing required attribute ${JSON.stringify(name)}`, this.#at);
      else this.#decoded[name] = argument.default === undefined ? undefined : convert(argument.type, argument.default);
    }
    for (const [name, block] of Object.entries(this.#schema.blocks ?? {})) {
      if (this.#places.has(name)) continue;
      if (block.occurs === "once") this.#error("block.missing", `missing required block ${JSON.stringify(name)}`, this.#at);
      else if (block.occurs === "maybe") this.#decoded[name] = undefined;
      else if (block.occurs === "assumed") {
        const { args } = decodeBody(insideOf(block), [], this.#at, this.#context);
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
      const evaluated = this.#context.evaluate(expression);
      if ("known" in evaluated) return convert(type, evaluated.known);
      this.#complete = false;
      if (evaluated.unknown !== undefined) this.#agree(type, evaluated.unknown, expression);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const blamed = error.span ?? expression;
      this.#error(error.code, blame(type, this.#context.source, blamed, error.message), blamed, error.hint);
    }
    return notKnown;
  }

  /** A value that is not known yet has at least the type of the export that it comes from. */
  #agree(wanted: TypeShape, given: TypeShape, at: Span): void {
    if ((wanted.kind === "list" && given.kind === "list") || (wanted.kind === "map" && given.kind === "map")) {
      this.#agree(wanted.of, given.of, at);
      return;
    }
    if (wanted.kind === "any" || given.kind === "any") return;
    const fits =
      wanted.kind === "capsule" && given.kind === "capsule"
        ? wanted.capsule === given.capsule
        : group(wanted) === group(given) || (group(wanted) === "text" && group(given) === "number");
    if (!fits) this.#error("value.type", `expected ${typeText(wanted)}, got ${typeText(given)}`, at);
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

function insideOf(schema: BlockSchema): Checked {
  if (schema.inside === undefined) return schema;
  const check = schema.check === undefined ? {} : { check: schema.check };
  return { ...schema.inside(), ...check };
}

/** The expression at fault in front of the sentence, as the incumbent words it; not where its text may be a secret. */
function blame(type: TypeShape, source: Source, span: Span, message: string): string {
  if (!message.startsWith("should be ")) return message;
  if (type.kind === "secret" || type.kind === "optional_secret") return `value ${message}`;
  const text = source.text.slice(span.start, span.end);
  return `${text.length <= 60 ? text : `${text.slice(0, 57)}...`} ${message}`;
}

/** One value as the type wants it. Throws `EvaluationError`. */
export function convert(type: TypeShape, value: Value): unknown {
  switch (type.kind) {
    case "string":
      return asString(value);
    case "bool":
      return asBool(value);
    case "float":
      return asNumber(value);
    case "int": {
      const number = Number(asInteger(value));
      if (type.min !== undefined && number < type.min) throw new EvaluationError("value.range", `${number} must be at least ${type.min}`);
      if (type.max !== undefined && number > type.max) throw new EvaluationError("value.range", `${number} must be at most ${type.max}`);
      return number;
    }
    case "duration":
      return durationOf(value);
    case "bytes":
      return byteSizeOf(value);
    case "enum": {
      const text = asString(value);
      if (type.values.includes(text)) return text;
      const allowed = type.values.map((allowedValue) => JSON.stringify(allowedValue)).join(", ");
      throw new EvaluationError(
        "value.choice",
        `unknown value ${JSON.stringify(text)}, must be one of ${allowed}`,
        undefined,
        didYouMean(text, type.values),
      );
    }
    case "secret":
      return asSecret(value);
    case "optional_secret":
      return asOptionalSecret(value);
    case "any":
      return value;
    case "list": {
      const items = asArray(value).map((item) => convert(type.of, item));
      return type.of.kind === "capsule" ? items.filter((item) => item !== null) : items;
    }
    case "map": {
      const object: Record<string, unknown> = Object.create(null);
      for (const [key, item] of Object.entries(asObject(value))) object[key] = convert(type.of, item);
      return object;
    }
    case "capsule":
      if (value instanceof Capsule && value.type !== type.capsule)
        throw new EvaluationError("value.type", `expected ${typeText(type)}, got capsule(${JSON.stringify(value.type)})`);
      return asCapsule(value, type.capsule)?.value ?? null;
    default:
      return type satisfies never;
  }
}

function durationOf(value: Value): number {
  // Alloy reads a duration from text alone; a number has no unit.
  if (typeof value !== "string") throw mismatch("duration", value);
  try {
    return parseDurationMs(value);
  } catch (error) {
    throw new EvaluationError(
      "value.duration",
      error instanceof Error ? error.message : String(error),
      undefined,
      'write a duration as "90s" or "1m30s"',
    );
  }
}

function byteSizeOf(value: Value): number {
  if (typeof value === "bigint" || typeof value === "number") return Number(value);
  const size = parseByteSize(asString(value));
  if (size === undefined)
    throw new EvaluationError(
      "value.bytes",
      `${JSON.stringify(value)} is not a number of bytes`,
      undefined,
      'write a size as "5MiB" or "512KiB"',
    );
  return size;
}

function group(type: TypeShape): string {
  switch (type.kind) {
    case "string":
    case "enum":
    case "duration":
    case "bytes":
    case "secret":
    case "optional_secret":
      return "text";
    case "int":
    case "float":
      return "number";
    case "list":
    case "map":
    case "bool":
    case "any":
    case "capsule":
      return type.kind;
    default:
      return type satisfies never;
  }
}

/** A type as messages and the reference name it: `list(capsule("otelcol.Consumer"))`. */
export function typeText(type: TypeShape): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.of)})`;
    case "map":
      return `map(${typeText(type.of)})`;
    case "capsule":
      return `capsule(${JSON.stringify(type.capsule)})`;
    case "enum":
      return "string";
    case "int":
    case "float":
      return "number";
    default:
      return type.kind;
  }
}
