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

/** Templates that can call each other by name. Parse once, execute many times. */
export class TemplateSet {
  readonly #trees: Map<string, Tree>;
  readonly #options: TemplateOptions;

  constructor(options: TemplateOptions = {}, trees: Iterable<readonly [string, Tree]> = []) {
    this.#options = options;
    this.#trees = new Map(trees);
  }

  /**
   * Adds a text under a name, and everything that it defines. A later definition replaces an earlier one unless it is empty.
   * Throws `GoError` with Go's text; nothing is added then.
   */
  parse(name: string, text: string): void {
    const { functions, leftDelimiter, rightDelimiter } = this.#options;
    const trees = parseTrees(name, text, {
      leftDelimiter: leftDelimiter || "{{",
      rightDelimiter: rightDelimiter || "}}",
      isFunction: (word) => functions?.has(word) === true || BUILTINS.has(word),
    });
    for (const [treeName, tree] of trees) {
      if (this.#trees.has(treeName) && isEmptyTree(tree.root)) continue;
      this.#trees.set(treeName, tree);
    }
  }

  /** The same templates in a set of their own: what is parsed there stays there. */
  clone(): TemplateSet {
    return new TemplateSet(this.#options, this.#trees);
  }

  has(name: string): boolean {
    return this.#trees.has(name);
  }

  names(): string[] {
    return [...this.#trees.keys()];
  }

  /** Runs one of the templates. Throws `GoError` with Go's text. */
  execute(name: string, data: GoValue, options: ExecuteOptions = {}): string {
    return executeTree({ trees: this.#trees, functions: this.#options.functions ?? NO_FUNCTIONS }, name, data, options);
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
