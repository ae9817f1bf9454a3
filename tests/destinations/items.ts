/** What a destination understood of what it was sent. 64-bit times are bigint, identifiers are hexadecimal text. */
export type Items = {
  spans: Span[];
  points: Point[];
  logRecords: LogRecord[];
  samples: Sample[];
  exemplars: Exemplar[];
  metadata: MetricMetadata[];
  lines: Line[];
};

export type Signal = keyof Items;
export type Attributes = Readonly<Record<string, unknown>>;
export type Labels = Readonly<Record<string, string>>;
export type Scope = { readonly name: string; readonly version: string; readonly attributes: Attributes };

type FromOtlp = { readonly resource: Attributes; readonly scope: Scope; readonly attributes: Attributes };

export type Span = FromOtlp & {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly events: readonly { readonly timeUnixNano: bigint; readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: number; readonly message: string };
};

export type LogRecord = FromOtlp & {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: unknown;
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
};

export type Point = FromOtlp & {
  readonly metric: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: "gauge" | "sum" | "histogram" | "exponentialHistogram" | "summary";
  readonly temporality: number;
  readonly isMonotonic: boolean;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  /** Of gauges and sums; integers come as bigint. */
  readonly value?: number | bigint;
  /** The data point as it was decoded, 64-bit integers as text. */
  readonly data: Readonly<Record<string, unknown>>;
};

export type Sample = {
  readonly version: 1 | 2;
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly startTimestampMs: number;
  /** Absent for a native histogram. The bits of a staleness marker are kept: see `isStale`. */
  readonly value?: number;
  readonly isStale: boolean;
  readonly histogram?: Readonly<Record<string, unknown>>;
};

export type Exemplar = { readonly series: Labels; readonly labels: Labels; readonly value: number; readonly timestampMs: number };

export type MetricMetadata = { readonly metric: string; readonly type: number; readonly help: string; readonly unit: string };

export type Line = {
  /** The stream's labels as they were sent: `{app="shop", pod="cart-1"}`. */
  readonly stream: string;
  readonly labels: Labels;
  readonly timestampNs: bigint;
  readonly line: string;
  readonly structuredMetadata: Labels;
  readonly tenant: string;
};

export function noItems(): Items {
  return { spans: [], points: [], logRecords: [], samples: [], exemplars: [], metadata: [], lines: [] };
}

/** Input that a destination refuses as a real one does: with 400. */
export class BadRequest extends Error {}
