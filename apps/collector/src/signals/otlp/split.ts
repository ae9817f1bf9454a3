import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { ItemCursor, leadsOn, RESOURCE } from "./item-cursor.ts";

export interface Halves {
  readonly head: readonly Uint8Array[];
  readonly tail: readonly Uint8Array[];
}

/**
 * Divides a chunk: its first `items` items, and the rest. Parents that are cut through are in both halves, with their resource, scope
 * or metric fields. Only the resource that is cut through is copied; all others share the chunk's memory.
 */
export function splitChunk(signal: Signal, chunk: Uint8Array, items: number): Halves {
  const cursor = new ItemCursor(signal).reset(chunk);
  for (let i = 0; i <= items; i++) if (!cursor.next()) return { head: nonEmpty([chunk]), tail: [] };
  return cut(cursor);
}

/**
 * Divides a chunk so that its first part takes at most `bytes`, or holds a single item where that alone is larger; `headItems` tells how
 * many items it holds.
 */
export function splitChunkBySize(signal: Signal, chunk: Uint8Array, bytes: number): Halves & { readonly headItems: number } {
  const cursor = new ItemCursor(signal).reset(chunk);
  let items = 0;
  while (cursor.next()) {
    // Lengths of cut parents may take fewer bytes than before, never more.
    if (cursor.end > bytes && items > 0) {
      const halves = cut(cursor);
      return fits(halves, bytes) ? { ...halves, headItems: items } : splitBefore(signal, chunk, bytes, items);
    }
    items++;
  }
  if (chunk.length > bytes && items > 1) return splitBefore(signal, chunk, bytes, items);
  return { head: nonEmpty([chunk]), tail: [], headItems: items };
}

/** Fields behind the cut (a schema URL) came into the head as well: it holds the most items, fewer than these, with which it fits. */
function splitBefore(signal: Signal, chunk: Uint8Array, bytes: number, items: number): Halves & { readonly headItems: number } {
  let [most, tooMany] = [1, items];
  while (most + 1 < tooMany) {
    const middle = (most + tooMany) >> 1;
    if (fits(splitChunk(signal, chunk, middle), bytes)) most = middle;
    else tooMany = middle;
  }
  return { ...splitChunk(signal, chunk, most), headItems: most };
}

function fits({ head }: Halves, bytes: number): boolean {
  return head.reduce((sum, part) => sum + part.length, 0) <= bytes;
}

/** Divides before the item on which the cursor stands. */
function cut(cursor: ItemCursor): Halves {
  const { bytes } = cursor;
  const [resource] = cursor.levels as readonly [ProtobufReader];
  if (cursor.entered <= RESOURCE)
    return { head: nonEmpty([bytes.subarray(0, resource.tagStart)]), tail: [bytes.subarray(resource.tagStart)] };
  return {
    head: nonEmpty([bytes.subarray(0, resource.tagStart), part(cursor, true)]),
    tail: nonEmpty([part(cursor, false), bytes.subarray(resource.stop)]),
  };
}

/** The resource that is cut through, up to the current item or from it on. */
function part(cursor: ItemCursor, isHead: boolean): Uint8Array {
  const { bytes, levels } = cursor;
  const [resource] = levels as readonly [ProtobufReader];
  const share = isHead ? cursor.start - resource.start : resource.stop - cursor.start;
  const writer = new ProtobufWriter(share + 1024);
  const fields = new ProtobufReader();
  const writeLevel = (level: number): void => {
    const parent = levels[level - 1] as ProtobufReader;
    const child = levels[level] as ProtobufReader;
    const mark = writer.begin(parent.field, share);
    // What lies before the current child, the child itself, and what lies behind: fields that are no children go into both halves.
    copyFields(level, parent.start, child.tagStart, isHead);
    const isWhole = level === cursor.last || cursor.entered <= level + 1;
    if (!isWhole) writeLevel(level + 1);
    else if (!isHead) writer.raw(bytes, child.tagStart, child.stop);
    copyFields(level, child.stop, parent.stop, !isHead);
    writer.finish(mark);
  };
  const copyFields = (level: number, start: number, end: number, withChildren: boolean): void => {
    if (withChildren) {
      writer.raw(bytes, start, end);
      return;
    }
    fields.reset(bytes, start, end);
    while (fields.next()) if (!leadsOn(level, fields.field)) writer.raw(bytes, fields.tagStart, fields.stop);
  };
  writeLevel(RESOURCE);
  return writer.toBytes();
}

function nonEmpty(chunks: readonly Uint8Array[]): Uint8Array[] {
  return chunks.filter((chunk) => chunk.length > 0);
}
