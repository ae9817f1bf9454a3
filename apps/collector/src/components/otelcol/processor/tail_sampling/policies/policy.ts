import type { ItemCursor } from "../../../../../signals/otlp/item-cursor.ts";

/** What a policy says of a trace: `dropped` overrules all others. */
export type Decision = "sampled" | "not_sampled" | "dropped";

/** A trace that is decided about. */
export interface TraceView {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly spans: number;
  /** A whole request with all its spans. */
  readonly chunk: Uint8Array;
  /** Goes through the spans; begun anew by who uses it. */
  readonly cursor: ItemCursor;
}

/** Looks at one trace after the other. Throws where it can't tell. */
export type Policy = (trace: TraceView) => Decision;

export const sampledIf = (condition: boolean): Decision => (condition ? "sampled" : "not_sampled");
