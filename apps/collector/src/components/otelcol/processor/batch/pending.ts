import type { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { ItemCursor } from "../../../../signals/otlp/item-cursor.ts";
import { splitChunk } from "../../../../signals/otlp/split.ts";
import type { Receipt } from "../../../../signals/receipt.ts";

/** What one sender handed in: done when every part of it was taken further on. */
export class Handed {
  readonly receipt: Receipt | undefined;
  readonly isAcknowledged: boolean;
  readonly #settle: (error: DeliveryError | undefined) => void;
  #parts = 1;
  #error: DeliveryError | undefined;

  /** `isAcknowledged`: its sender has been told that we have it. */
  constructor(receipt: Receipt | undefined, isAcknowledged: boolean, settle: (error: DeliveryError | undefined) => void) {
    this.receipt = receipt;
    this.isAcknowledged = isAcknowledged;
    this.#settle = settle;
  }

  /** One more part is on its way. */
  began(): void {
    this.#parts++;
  }

  /** A part was taken, or refused with an error; one that may be tried again outweighs one that may not. */
  ended(error?: DeliveryError): void {
    if (error !== undefined && (this.#error === undefined || error.retryable)) this.#error = error;
    if (--this.#parts === 0) this.#settle(this.#error);
  }
}

/** What is sent on as one batch. */
export interface Taken {
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  readonly bytes: number;
  /** Whose data it holds; each is to be told once with `ended`. */
  readonly from: readonly Handed[];
  /** Some of its senders have been told that we have it. */
  readonly isAcknowledged: boolean;
  /** Whose memory it shares. */
  readonly sources: readonly OtlpBatch[];
}

interface Entry {
  chunks: readonly Uint8Array[];
  items: number;
  readonly handed: Handed;
  readonly source: OtlpBatch;
}

/** Data that waits to be sent on, in the order in which it came. */
export class Pending {
  readonly #signal: Signal;
  #entries: Entry[] = [];
  items = 0;

  constructor(signal: Signal) {
    this.#signal = signal;
  }

  /** Who handed something in and waits. */
  get senders(): number {
    return this.#entries.length;
  }

  add(batch: OtlpBatch, handed: Handed): void {
    this.#entries.push({ chunks: batch.chunks, items: batch.items, handed, source: batch });
    this.items += batch.items;
  }

  /** Takes the first `maxItems` items out, cutting through a request where need be; 0: everything. */
  take(maxItems: number): Taken {
    const limit = maxItems === 0 ? Number.POSITIVE_INFINITY : maxItems;
    const chunks: Uint8Array[] = [];
    const from: Handed[] = [];
    const sources: OtlpBatch[] = [];
    let items = 0;
    let whole = 0;
    for (const entry of this.#entries) {
      if (items + entry.items > limit) {
        const count = limit - items;
        if (count > 0) {
          chunks.push(...cutOff(this.#signal, entry, count));
          entry.handed.began();
          from.push(entry.handed);
          sources.push(entry.source);
          items = limit;
        }
        break;
      }
      for (const chunk of entry.chunks) chunks.push(chunk);
      from.push(entry.handed);
      sources.push(entry.source);
      items += entry.items;
      whole++;
    }
    this.#entries = this.#entries.slice(whole);
    this.items -= items;
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    return { chunks, items, bytes, from, sources, isAcknowledged: from.some((handed) => handed.isAcknowledged) };
  }
}

/** Takes the first `count` items out of an entry that has more. */
function cutOff(signal: Signal, entry: Entry, count: number): Uint8Array[] {
  const head: Uint8Array[] = [];
  const tail: Uint8Array[] = [];
  let missing = count;
  for (const chunk of entry.chunks) {
    if (missing === 0) {
      tail.push(chunk);
      continue;
    }
    const items = entry.chunks.length === 1 ? entry.items : itemsIn(signal, chunk);
    if (items <= missing) {
      head.push(chunk);
      missing -= items;
      continue;
    }
    const halves = splitChunk(signal, chunk, missing);
    head.push(...halves.head);
    tail.push(...halves.tail);
    missing = 0;
  }
  entry.chunks = tail;
  entry.items -= count;
  return head;
}

function itemsIn(signal: Signal, chunk: Uint8Array): number {
  const cursor = new ItemCursor(signal).reset(chunk);
  let items = 0;
  while (cursor.next()) items++;
  return items;
}
