import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { LabelCursor, sortedLabels, writeLabels } from "../label-encoding.ts";
import type { SeriesTable } from "../series-table.ts";
import type { LabelSource } from "./encode.ts";

/** The labels of series with some more, which a series that has them already keeps as they are. Merged while they are copied: no second copy is kept. */
export class WithExternalLabels implements LabelSource {
  readonly #table: SeriesTable;
  readonly #added: readonly { readonly name: Buffer; readonly encoded: Buffer }[];
  readonly #addedBytes: number;
  readonly #cursor = new LabelCursor();

  constructor(table: SeriesTable, external: Readonly<Record<string, string>>) {
    this.#table = table;
    const { names, values } = sortedLabels(Object.entries(external));
    this.#added = names.map((name, i) => {
      const writer = new ProtobufWriter(64);
      writeLabels(writer, { names: [name], values: [values[i] ?? ""] });
      return { name: Buffer.from(name), encoded: Buffer.from(writer.toBytes()) };
    });
    this.#addedBytes = this.#added.reduce((total, { encoded }) => total + encoded.length, 0);
  }

  maxLengthOf(series: number): number {
    return this.#table.lengthOf(series) + this.#addedBytes;
  }

  copyTo(series: number, target: Buffer, at: number): number {
    const slab = this.#table.slabOf(series);
    let from = this.#table.offsetOf(series);
    const end = from + this.#table.lengthOf(series);
    const cursor = this.#cursor.reset(slab, from, end);
    const added = this.#added;
    let next = 0;
    let written = at;
    while (next < added.length && cursor.next()) {
      for (; next < added.length; next++) {
        const { name, encoded } = added[next] as { name: Buffer; encoded: Buffer };
        const compared = compareName(name, slab, cursor.nameStart, cursor.nameEnd);
        if (compared > 0) break;
        if (compared === 0) continue;
        slab.copy(target, written, from, cursor.start);
        written += cursor.start - from;
        from = cursor.start;
        encoded.copy(target, written);
        written += encoded.length;
      }
    }
    slab.copy(target, written, from, end);
    written += end - from;
    for (; next < added.length; next++) {
      const { encoded } = added[next] as { encoded: Buffer };
      encoded.copy(target, written);
      written += encoded.length;
    }
    return written;
  }
}

function compareName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  const shorter = Math.min(name.length, end - start);
  for (let i = 0; i < shorter; i++) {
    const difference = (name[i] as number) - (bytes[start + i] as number);
    if (difference !== 0) return difference;
  }
  return name.length - (end - start);
}
