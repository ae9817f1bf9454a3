export type SpanKind = "internal" | "server" | "client";

/** One step of the process's own work, as traces show it. */
export interface Span {
  /** What tells others whose child their work is (W3C Trace Context). */
  readonly traceparent: string;
  set(key: string, value: string | number | boolean): void;
  /** The step is over; a text says why it failed. */
  end(problem?: string): void;
}

/** Traces of the process's own work, as the `tracing` block wants them. Callers ask `isOn` first, so that nothing is spent where it is off. */
export interface Tracer {
  readonly isOn: boolean;
  /** Whether requests to others carry the `traceparent` of their span. */
  readonly sendsTraceparent: boolean;
  /** Begins a span: a child of `parent`, which may be the `traceparent` that a request came with, or the first of a trace. */
  start(name: string, kind: SpanKind, parent?: Span | string): Span;
}

const noSpan: Span = { traceparent: "", set() {}, end() {} };

/** Traces nothing. */
export const noTracer: Tracer = { isOn: false, sendsTraceparent: false, start: () => noSpan };
