import { InternTable } from "../../../bytes/intern-table.ts";
import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";

/** A field of our own in a queued TimeSeries: what is known of the series' metric, for remote write 2. Receivers of version 1 skip it. */
export const METADATA_FIELD = 15;

/**
 * Turns queued fragments, which are remote write 1, into one request of remote write 2: every text is sent once, in a table that the
 * series refer to.
 */
export function toVersion2(fragments: readonly Uint8Array[]): Uint8Array {
  let bytes = 0;
  for (const fragment of fragments) bytes += fragment.length;
  return new Version2Writer(bytes).convert(fragments);
}

class Version2Writer {
  readonly #symbols = new InternTable(256);
  readonly #series: ProtobufWriter;
  readonly #refs = new ProtobufWriter(256);
  readonly #top = new ProtobufReader();
  readonly #part = new ProtobufReader();
  readonly #label = new ProtobufReader();
  readonly #inner = new ProtobufReader();

  constructor(expectedBytes: number) {
    this.#series = new ProtobufWriter(Math.max(expectedBytes, 1024));
    // The format demands that the first symbol is empty.
    this.#symbols.intern(new Uint8Array(0));
  }

  convert(fragments: readonly Uint8Array[]): Uint8Array {
    for (const fragment of fragments) {
      const top = this.#top.reset(fragment);
      while (top.next()) if (top.field === 1) this.#addSeries(fragment, top.start, top.stop);
    }
    const request = new ProtobufWriter(this.#symbols.byteLength + this.#symbols.size * 3 + this.#series.length);
    for (let id = 0; id < this.#symbols.size; id++)
      request.copy(4, this.#symbols.bytes, this.#symbols.startOf(id), this.#symbols.endOf(id));
    request.raw(this.#series.bytes, 0, this.#series.length);
    return request.take(0);
  }

  #addSeries(bytes: Uint8Array, start: number, end: number): void {
    const writer = this.#series;
    const series = writer.begin(5, end - start);
    const part = this.#part.reset(bytes, start, end);
    const refs = this.#refs;
    refs.clear();
    let hasLabels = true;
    while (part.next()) {
      if (part.field === 1) {
        this.#addLabelRefs(part);
        continue;
      }
      // Labels come first in our own fragments.
      if (hasLabels) writer.copy(1, refs.bytes, 0, refs.length);
      hasLabels = false;
      if (part.field === 2) writer.copy(2, bytes, part.start, part.stop);
      else if (part.field === 4) writer.copy(3, bytes, part.start, part.stop);
      else if (part.field === 3) this.#addExemplar(part);
      else if (part.field === METADATA_FIELD) this.#addMetadata(part);
    }
    writer.finish(series);
  }

  #addLabelRefs(of: ProtobufReader): void {
    const label = this.#label.reset(of.bytes, of.start, of.stop);
    let name = 0;
    let value = 0;
    while (label.next()) {
      if (label.wire !== WIRE_BYTES) throw new MalformedInput("a label's name or value is no text");
      const symbol = this.#symbols.intern(label.bytes, label.start, label.stop);
      if (label.field === 1) name = symbol;
      else if (label.field === 2) value = symbol;
    }
    this.#refs.varint(name);
    this.#refs.varint(value);
  }

  #addExemplar(of: ProtobufReader): void {
    const writer = this.#series;
    const exemplar = writer.begin(4, of.stop - of.start);
    const inner = this.#inner.reset(of.bytes, of.start, of.stop);
    this.#refs.clear();
    while (inner.next()) if (inner.field === 1) this.#addLabelRefs(inner);
    if (this.#refs.length > 0) writer.copy(1, this.#refs.bytes, 0, this.#refs.length);
    inner.reset(of.bytes, of.start, of.stop);
    while (inner.next()) if (inner.field !== 1) writer.raw(of.bytes, inner.tagStart, inner.stop);
    writer.finish(exemplar);
  }

  #addMetadata(of: ProtobufReader): void {
    const writer = this.#series;
    const metadata = writer.begin(5);
    const inner = this.#inner.reset(of.bytes, of.start, of.stop);
    while (inner.next()) {
      if (inner.field === 1) writer.uint(1, inner.unsigned());
      else if (inner.field === 2) writer.uint(3, this.#symbols.intern(inner.bytes, inner.start, inner.stop));
      else if (inner.field === 3) writer.uint(4, this.#symbols.intern(inner.bytes, inner.start, inner.stop));
    }
    writer.finish(metadata);
  }
}
