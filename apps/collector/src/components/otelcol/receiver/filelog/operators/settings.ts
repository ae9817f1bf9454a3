import { compileRegexp, parseDurationMs, type Regexp } from "@invar/go-compat";
import { compileExpression, type Expression } from "../expr/expression.ts";
import { type Field, parseField } from "../field.ts";

/** What users write: objects whose numbers are bigints or doubles. */
export type Plain = null | boolean | string | number | bigint | readonly Plain[] | { readonly [key: string]: Plain };

const byteUnits: Readonly<Record<string, number>> = { kb: 1000, kib: 1024, mb: 1e6, mib: 1024 ** 2, gb: 1e9, gib: 1024 ** 3 };

/** Reads the arguments of one operator, and notes what is wrong with them. */
export class Settings {
  readonly #values: Readonly<Record<string, Plain>>;
  readonly #where: string;
  readonly #report: (message: string) => void;
  readonly #seen = new Set<string>();

  constructor(values: Readonly<Record<string, Plain>>, where: string, report: (message: string) => void) {
    this.#values = values;
    this.#where = where;
    this.#report = report;
  }

  get where(): string {
    return this.#where;
  }

  wrong(message: string): void {
    this.#report(`${this.#where}: ${message}`);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  value(name: string): Plain | undefined {
    this.#seen.add(name);
    return this.#values[name] ?? undefined;
  }

  text(name: string, otherwise = ""): string {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") return value ?? otherwise;
    if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return String(value);
    this.wrong(`${name} must be a string`);
    return otherwise;
  }

  required(name: string): string {
    if (!this.has(name)) this.wrong(`missing required argument ${name}`);
    return this.text(name);
  }

  bool(name: string, otherwise = false): boolean {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value ?? otherwise;
    if (value === "true" || value === "false") return value === "true";
    this.wrong(`${name} must be true or false`);
    return otherwise;
  }

  number(name: string, otherwise: number): number {
    const value = this.value(name);
    if (value === undefined) return otherwise;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : typeof value === "bigint" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number) && number >= 0) return number;
    this.wrong(`${name} must be a number that is not negative`);
    return otherwise;
  }

  /** `5s`. */
  durationMs(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === "") return otherwise;
    try {
      return parseDurationMs(text);
    } catch (error) {
      this.wrong(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  }

  /** `1MiB`, or a number of bytes. */
  size(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === "") return otherwise;
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(|b|kb|kib|mb|mib|gb|gib)$/i.exec(text) ?? [];
    if (number !== undefined) return Number(number) * (byteUnits[(unit ?? "").toLowerCase()] ?? 1);
    this.wrong(`${name} must be a size such as 1MiB`);
    return otherwise;
  }

  texts(name: string): string[] {
    const value = this.value(name);
    if (value === undefined) return [];
    const list = Array.isArray(value) ? value : [value];
    if (list.every((each) => typeof each === "string")) return list as string[];
    this.wrong(`${name} must be a list of strings`);
    return [];
  }

  field(name: string, otherwise: string): Field {
    return this.parsedField(name, this.text(name, otherwise));
  }

  /** Reads a text as a field; the argument's name is for the finding. */
  parsedField(name: string, text: string): Field {
    const parsed = parseField(text);
    if (typeof parsed !== "string") return parsed;
    this.wrong(`${name}: ${parsed}`);
    return { root: "body", keys: [], text: "body" };
  }

  requiredField(name: string): Field {
    if (!this.has(name)) this.wrong(`missing required argument ${name}`);
    return this.field(name, "body");
  }

  optionalField(name: string): Field | undefined {
    return this.has(name) ? this.field(name, "body") : undefined;
  }

  regexp(name: string): Regexp {
    const pattern = this.required(name);
    try {
      return compileRegexp(pattern);
    } catch (error) {
      this.wrong(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return compileRegexp("");
    }
  }

  expression(name: string): Expression | undefined {
    if (!this.has(name)) return undefined;
    const compiled = compileExpression(this.text(name));
    if (typeof compiled !== "string") return compiled;
    this.wrong(`failed to compile expression '${this.text(name)}': ${compiled}`);
    return undefined;
  }

  /** The settings inside an object; undefined where there is none. */
  nested(name: string): Settings | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (isObject(value)) return new Settings(value, `${this.#where} ${name}`, this.#report);
    this.wrong(`${name} must be an object`);
    return undefined;
  }

  nestedList(name: string): Settings[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every(isObject))
      return value.map((each, i) => new Settings(each as Readonly<Record<string, Plain>>, `${this.#where} ${name}[${i}]`, this.#report));
    this.wrong(`${name} must be a list of objects`);
    return [];
  }

  object(name: string): Readonly<Record<string, Plain>> {
    const value = this.value(name);
    if (value === undefined) return {};
    if (isObject(value)) return value;
    this.wrong(`${name} must be an object`);
    return {};
  }

  /** Notes arguments that nobody asked for. */
  finish(): void {
    for (const name of Object.keys(this.#values)) if (!this.#seen.has(name)) this.wrong(`unknown argument ${name}`);
  }
}

export function isObject(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
