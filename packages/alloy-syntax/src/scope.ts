import type { Identifier } from "./ast.ts";
import type { Span } from "./diagnostic.ts";
import type { Value } from "./value.ts";

/** Where names come from while an expression is evaluated: the innermost scope that knows a name wins. */
export interface Scope {
  lookup(name: string): Value | undefined;
  readonly parent?: Scope;
}

/** The value of a name in the innermost scope that knows it. */
export function lookup(scope: Scope, name: string): Value | undefined {
  for (let current: Scope | undefined = scope; current !== undefined; current = current.parent) {
    const found = current.lookup(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A name used in an expression with the fields read from it: `local.file.token` in `local.file.token["x"].y`. */
export interface Reference extends Span {
  readonly path: readonly Identifier[];
}

/** What the standard library needs to know of the machine and the program. */
export interface Host {
  env(name: string): string | undefined;
  readonly hostname: string;
  /** Go's name of the operating system: `linux`, `darwin`, `windows`. */
  readonly os: string;
  /** Go's name of the architecture: `amd64`, `arm64`. */
  readonly arch: string;
  /** Of the collector: `v1.2.3`. */
  readonly version: string;
}
