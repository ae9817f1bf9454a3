import { randomFillSync } from "node:crypto";
import { PARENT_ID, SPAN_ID } from "../../signals/otlp/write/span.ts";

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** What a span inherits: trace id and parent's span id in 24 bytes, and whether the trace is kept. */
export interface ParentSpan {
  readonly ids: Uint8Array;
  readonly isSampled: boolean;
}

/** Fills with random bytes from `start` to `end`. */
export function fillRandom(ids: Buffer, start: number, end: number): void {
  if (used + end - start > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(ids, start, used, used + end - start);
  used += end - start;
}

/** `00-<trace>-<span>-01`. */
export function formatTraceparent(ids: Buffer, isSampled: boolean): string {
  return `00-${ids.toString("hex", 0, SPAN_ID)}-${ids.toString("hex", SPAN_ID, PARENT_ID)}-0${isSampled ? 1 : 0}`;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined where the text is no `traceparent`: the span then begins a trace. */
export function parseTraceparent(text: string): ParentSpan | undefined {
  const [, version, trace = "", span = "", flags = "", more] = pattern.exec(text.trim()) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(trace) || /^0+$/.test(span)) return undefined;
  return { ids: Buffer.from(trace + span, "hex"), isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
