/** A stretch of one source text, as offsets in UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A named text that positions refer to. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A finding in a user's text. Collected and returned, never thrown. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, for filters and docs: `syntax.unexpected-token`, `reference.unknown`, `argument.missing`. */
  readonly code: string;
  readonly message: string;
  readonly source: Source;
  readonly span: Span;
  /** What to write instead, when it is known: a nearest name, a missing line. */
  readonly hint?: string;
}

/** Thrown only inside evaluation, caught at the expression that is evaluated; `span` is the smallest expression at fault. */
export class EvaluationError extends Error {
  readonly code: string;
  span: Span | undefined;
  readonly hint: string | undefined;
  constructor(code: string, message: string, span?: Span, hint?: string) {
    super(message);
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}
