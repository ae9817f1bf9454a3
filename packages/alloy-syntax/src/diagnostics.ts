import type { Diagnostic, Source } from "./diagnostic.ts";

const LIMIT = 1000;

/** Collects the errors of one source, a thousand at most, so that a hostile text cannot fill the memory. */
export class Diagnostics {
  readonly #source: Source;
  readonly #list: Diagnostic[] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether all further errors are dropped. */
  get isFull(): boolean {
    return this.#list.length > LIMIT;
  }

  error(code: string, message: string, start: number, end: number, hint?: string): void {
    if (this.isFull) return;
    const place = { severity: "error" as const, source: this.#source, span: { start, end } };
    if (this.#list.length < LIMIT) this.#list.push({ ...place, code, message, ...(hint === undefined ? {} : { hint }) });
    else this.#list.push({ ...place, code: "syntax.too-many", message: `there are more than ${LIMIT} errors: the rest is not shown` });
  }

  /** All of them in the order of the text. */
  sorted(): Diagnostic[] {
    return this.#list.sort((a, b) => a.span.start - b.span.start);
  }
}
