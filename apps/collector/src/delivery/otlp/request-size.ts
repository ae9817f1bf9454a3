import type { OtlpBatch } from "../../signals/otlp/batch.ts";
import { ItemCursor } from "../../signals/otlp/item-cursor.ts";
import { splitChunk, splitChunkBySize } from "../../signals/otlp/split.ts";
import type { SendingQueueArguments } from "./arguments.ts";

export interface Part {
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

/** Divides a batch so that no part is larger than the `batch` block allows. */
export function partsOf(batch: OtlpBatch, limits: SendingQueueArguments["batch"]): readonly Part[] {
  const whole = [{ chunks: batch.chunks, items: batch.items }];
  if (limits === undefined || limits.max_size === 0) return whole;
  const isBytes = limits.sizer === "bytes";
  if ((isBytes ? batch.bytes : batch.items) <= limits.max_size) return whole;
  return isBytes ? partsByBytes(batch, limits.max_size) : partsByItems(batch, limits.max_size);
}

function partsByItems({ signal, chunks }: OtlpBatch, maxItems: number): Part[] {
  const parts: Part[] = [];
  let open: Uint8Array[] = [];
  let openItems = 0;
  const close = () => {
    if (openItems > 0) parts.push({ chunks: open, items: openItems });
    open = [];
    openItems = 0;
  };
  for (const chunk of chunks) {
    let rest: readonly Uint8Array[] = [chunk];
    for (let at = 0; at < rest.length; ) {
      const current = rest[at] as Uint8Array;
      const items = itemsIn(signal, current);
      if (openItems + items <= maxItems) {
        open.push(current);
        openItems += items;
        at++;
      } else {
        const { head, tail } = splitChunk(signal, current, maxItems - openItems);
        open.push(...head);
        openItems = maxItems;
        rest = [...tail, ...rest.slice(at + 1)];
        at = 0;
      }
      if (openItems === maxItems) close();
    }
  }
  close();
  return parts;
}

function partsByBytes({ signal, chunks }: OtlpBatch, maxBytes: number): Part[] {
  const parts: Part[] = [];
  for (const chunk of chunks) {
    const rest: Uint8Array[] = [chunk];
    for (let current = rest.shift(); current !== undefined; current = rest.shift()) {
      const { head, tail, headItems } = splitChunkBySize(signal, current, maxBytes);
      if (headItems > 0) parts.push({ chunks: head, items: headItems });
      rest.unshift(...tail);
    }
  }
  return parts;
}

function itemsIn(signal: OtlpBatch["signal"], chunk: Uint8Array): number {
  const cursor = new ItemCursor(signal).reset(chunk);
  let items = 0;
  while (cursor.next()) items++;
  return items;
}
