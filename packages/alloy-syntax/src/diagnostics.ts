import type { Diagnostic, Source } from "./diagnostic.ts";

const LIMIT = 1000;

/** Collects the errors of one source; beyond a thousand it counts only, so that a hostile text cannot fill the memory. */
export class Diagnostics {
  readonly #source: Source;
  readonly #list: Diagnostic[] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  get isFull(): boolean {
    return this.#list.length >= LIMIT;
  }

  error(code: string, message: string, start: number, end: number, hint?: string): void {
    if (this.isFull) return;
    const found: Diagnostic = { severity: "error", code, message, source: this.#source, span: { start, end } };
    this.#list.push(hint === undefined ? found : { ...found, hint });
  }

  /** All of them in the order of the text. */
  sorted(): Diagnostic[] {
    return this.#list.sort((a, b) => a.span.start - b.span.start);
  }
}
