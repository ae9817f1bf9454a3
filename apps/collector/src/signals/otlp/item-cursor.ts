import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { Signal } from "./batch.ts";
import { isMetricData, metricData, resourceLevel, scopeLevel } from "./fields.ts";

// The levels of a request, each in its reader: the reader of a level stands on the message of the next one.
//
//   REQUEST -> resources (field 1) -> SCOPES (field 2) -> ITEMS (field 2): spans or log records
//                                                         METRICS (field 2) -> DATA (5, 7, 9, 10, 11) -> POINTS (field 1)
export const REQUEST = 0;
export const RESOURCE = 1;
export const SCOPE = 2;
export const METRIC = 3;
export const DATA = 4;

/**
 * Goes through the spans, log records or data points of one chunk, in order and in place. After `next` the current item lies in `bytes` from
 * `start` to `end`; `entered` tells which of its parents are new since the item before.
 */
export class ItemCursor {
  readonly signal: Signal;
  /** One reader a level, standing on the field that leads to the item. */
  readonly levels: readonly ProtobufReader[];
  readonly #last: number;
  /** Read for the parts of parents. */
  readonly #parts = new ProtobufReader();
  #level = 0;
  bytes: Uint8Array = new Uint8Array(0);
  /** The outermost level whose message is another one than at the item before: RESOURCE, SCOPE, METRIC, DATA, or one more where none is. */
  entered = 0;

  readonly #leaving: ((level: number) => void) | undefined;

  /** `leaving` is called whenever the message of a level has been gone through, before its reader stands elsewhere. */
  constructor(signal: Signal, leaving?: (level: number) => void) {
    this.signal = signal;
    this.#leaving = leaving;
    this.#last = signal === "metrics" ? DATA : SCOPE;
    this.levels = Array.from({ length: this.#last + 1 }, () => new ProtobufReader());
  }

  reset(chunk: Uint8Array): this {
    this.bytes = chunk;
    this.#level = 0;
    this.levels[0]?.reset(chunk);
    return this;
  }

  /** Moves to the next item, or returns false. */
  next(): boolean {
    this.entered = this.#last + 1;
    for (;;) {
      const level = this.#level;
      const reader = this.levels[level] as ProtobufReader;
      if (!reader.next()) {
        if (level === 0) return false;
        this.#leaving?.(level);
        this.#level = level - 1;
      } else if (leadsOn(level, reader.field)) {
        if (level === this.#last) return true;
        this.#level = level + 1;
        if (this.#level < this.entered) this.entered = this.#level;
        (this.levels[this.#level] as ProtobufReader).reset(this.bytes, reader.start, reader.stop);
      }
    }
  }

  /** The innermost level, whose fields the items are. */
  get last(): number {
    return this.#last;
  }

  get start(): number {
    return (this.levels[this.#last] as ProtobufReader).start;
  }

  get end(): number {
    return (this.levels[this.#last] as ProtobufReader).stop;
  }

  /** Of a data point: the field of Metric in which it lies, which tells its type. */
  get pointKind(): number {
    return this.signal === "metrics" ? (this.levels[METRIC] as ProtobufReader).field : 0;
  }

  /** Reads the Resource of the current item: afterwards `partStart` and `partEnd` are its content, an empty one where it is absent. */
  resource(): void {
    this.part(RESOURCE, resourceLevel.resource);
  }

  scope(): void {
    this.part(SCOPE, scopeLevel.scope);
  }

  partStart = 0;
  partEnd = 0;

  /** Looks up a field of the current item's parent at a level, wherever it lies; the last one counts. */
  part(level: number, field: number): void {
    const parent = this.levels[level - 1] as ProtobufReader;
    const parts = this.#parts.reset(this.bytes, parent.start, parent.stop);
    this.partStart = this.partEnd = parent.stop;
    while (parts.next())
      if (parts.field === field) {
        this.partStart = parts.start;
        this.partEnd = parts.stop;
      }
  }
}

/** Whether a field of the message of a level leads to items. */
export function leadsOn(level: number, field: number): boolean {
  switch (level) {
    case REQUEST:
      return field === 1;
    case METRIC:
      return isMetricData(field);
    case DATA:
      return field === metricData.points;
    default:
      return field === 2;
  }
}
