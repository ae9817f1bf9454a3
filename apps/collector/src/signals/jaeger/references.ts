import type { SpanDraft, SpanValue } from "../otlp/write/span.ts";
import { asText } from "./attributes.ts";

const references: readonly ReadonlyMap<string, SpanValue>[] = [
  new Map([["opentracing.ref_type", "child_of"]]),
  new Map([["opentracing.ref_type", "follows_from"]]),
];

/** Adds a log as an event, whose name is its field `event`; changes `fields`. */
export function addLog(span: SpanDraft, low: number, high: number, fields: Map<string, SpanValue>): void {
  const name = fields.get("event");
  if (name !== undefined) fields.delete("event");
  span.addEvent(low, high, asText(name), fields);
}

/** How many bytes `References` keeps of each. */
const REFERENCE_BYTES = 25;
export const CHILD_OF = 0;
export const FOLLOWS_FROM = 1;

/** A span's references, of which one may be its parent and the others become links. */
export class References {
  /** trace id 16, span id 8, type 1, one after the other. */
  #bytes = Buffer.alloc(REFERENCE_BYTES * 4);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Begins a reference of zeros and returns its memory: trace id 16, span id 8, type 1. */
  add(): Buffer {
    const start = this.#count++ * REFERENCE_BYTES;
    if (start + REFERENCE_BYTES > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    return this.#bytes.fill(0, start, start + REFERENCE_BYTES).subarray(start, start + REFERENCE_BYTES);
  }

  /** The span id of the parent among them: the first child_of within the trace, else the first follows_from. */
  parent(traceId: Uint8Array): Uint8Array | undefined {
    let follows: Uint8Array | undefined;
    for (let i = 0; i < this.#count; i++) {
      const reference = this.#at(i);
      if (reference.compare(traceId, 0, 16, 0, 16) !== 0) continue;
      if (reference[24] === CHILD_OF) return reference.subarray(16, 24);
      if (reference[24] === FOLLOWS_FROM) follows ??= reference.subarray(16, 24);
    }
    return follows;
  }

  /** Writes all but the one to the parent as links. */
  addLinks(span: SpanDraft, parentId: Uint8Array): void {
    for (let i = 0; i < this.#count; i++) {
      const reference = this.#at(i);
      const isChild = reference[24] === CHILD_OF;
      if (isChild && reference.compare(parentId, 0, 8, 16, 24) === 0) continue;
      span.addLink(reference, "", references[isChild ? 0 : 1] as ReadonlyMap<string, SpanValue>);
    }
  }

  #at(index: number): Buffer {
    return this.#bytes.subarray(index * REFERENCE_BYTES, (index + 1) * REFERENCE_BYTES);
  }
}
