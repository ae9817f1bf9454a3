import type { GoFunction, GoValue } from "@invar/go-compat";
import { BUILTINS } from "./builtins.ts";
import { type ExecuteOptions, executeTree } from "./execute.ts";
import { isEmptyTree, parseTrees, type Tree } from "./parser.ts";

export type FunctionTable = ReadonlyMap<string, GoFunction>;

export interface TemplateOptions {
  /** Beside the built-in ones, which they may replace. */
  readonly functions?: FunctionTable;
  /** Default `{{` and `}}`. */
  readonly leftDelimiter?: string;
  readonly rightDelimiter?: string;
}

/** The templates of one text, by name. They can be added to any set with the same functions. */
export type ParsedTemplates = ReadonlyMap<string, Tree>;

/** Parses a text under a name, and everything that it defines. Throws `GoError` with Go's text. */
export function parseText(name: string, text: string, options: TemplateOptions = {}): ParsedTemplates {
  const { functions, leftDelimiter, rightDelimiter } = options;
  return parseTrees(name, text, {
    leftDelimiter: leftDelimiter || "{{",
    rightDelimiter: rightDelimiter || "}}",
    isFunction: (word) => functions?.has(word) === true || BUILTINS.has(word),
  });
}

/** Templates that can call each other by name. Parse once, execute many times. */
export class TemplateSet {
  readonly #trees = new Map<string, Tree>();
  readonly #options: TemplateOptions;
  readonly #below: TemplateSet | undefined;

  constructor(options: TemplateOptions = {}, below?: TemplateSet) {
    this.#options = options;
    this.#below = below;
  }

  /**
   * Adds a text under a name, and everything that it defines. A later definition replaces an earlier one unless it is empty.
   * Throws `GoError` with Go's text; nothing is added then.
   */
  parse(name: string, text: string): void {
    this.add(parseText(name, text, this.#options));
  }

  /** The same for what was parsed before. */
  add(parsed: ParsedTemplates): void {
    for (const [name, tree] of parsed) {
      if (this.has(name) && isEmptyTree(tree.root)) continue;
      this.#trees.set(name, tree);
    }
  }

  /** A set of its own over this one: it has the same templates, and what is parsed there stays there. */
  clone(): TemplateSet {
    return new TemplateSet(this.#options, this);
  }

  get(name: string): Tree | undefined {
    return this.#trees.get(name) ?? this.#below?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  names(): string[] {
    return [...new Set([...(this.#below?.names() ?? []), ...this.#trees.keys()])];
  }

  /** Runs one of the templates. Throws `GoError` with Go's text. */
  execute(name: string, data: GoValue, options: ExecuteOptions = {}): string {
    return executeTree({ trees: this, functions: this.#options.functions ?? NO_FUNCTIONS }, name, data, options);
  }
}

const NO_FUNCTIONS: FunctionTable = new Map();

/** A set with one text in it. */
export function parseTemplate(name: string, text: string, options: TemplateOptions = {}): TemplateSet {
  const set = new TemplateSet(options);
  set.parse(name, text);
  return set;
}

/** Runs a template of the set: the last step of Go's `template.Execute`. */
export function execute(set: TemplateSet, name: string, data: GoValue, options: ExecuteOptions = {}): string {
  return set.execute(name, data, options);
}
