import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { writeFamilyMetadata, writeSeriesMetadata } from "../../../signals/prometheus/remote-write/metadata.ts";
import type { Metadata, SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import type { SeriesTable } from "../../../signals/prometheus/series-table.ts";

/** More families than this are not remembered. */
const MAX_FAMILIES = 100_000;

/** What scrapes have told of metrics, to be sent again and again: receivers forget it. */
export class KnownMetadata {
  readonly #families = new Map<string, Metadata>();
  readonly #bySeries = new Map<number, { readonly encoded: Uint8Array; sentMs: number }>();
  readonly #unwatch: () => void;

  constructor(table: SeriesTable) {
    this.#unwatch = table.watch((id) => this.#bySeries.delete(id));
  }

  /** Takes what the batch brings; by series only where they are sent so. */
  take(batch: SampleBatch, bySeries: boolean): void {
    for (const [row, metadata] of batch.metadata?.metadata.entries() ?? []) {
      if (this.#families.size < MAX_FAMILIES || this.#families.has(metadata.family)) this.#families.set(metadata.family, metadata);
      if (!bySeries) continue;
      const writer = new ProtobufWriter(64);
      writeSeriesMetadata(writer, metadata);
      this.#bySeries.set(batch.metadata?.series[row] as number, { encoded: writer.toBytes(), sentMs: Number.NEGATIVE_INFINITY });
    }
  }

  /** What is to go with a sample of the series now, for remote write 2. */
  dueFor(series: number, nowMs: number, intervalMs: number): Uint8Array | undefined {
    const known = this.#bySeries.get(series);
    if (known === undefined || nowMs - known.sentMs < intervalMs) return undefined;
    known.sentMs = nowMs;
    return known.encoded;
  }

  get isEmpty(): boolean {
    return this.#families.size === 0;
  }

  /** All families as fragments of WriteRequests (remote write 1), at most `most` each. */
  requests(most: number): { readonly payload: Uint8Array; readonly items: number }[] {
    const requests: { payload: Uint8Array; items: number }[] = [];
    const writer = new ProtobufWriter(4096);
    let items = 0;
    const close = () => {
      if (items > 0) requests.push({ payload: writer.toBytes(), items });
      writer.clear();
      items = 0;
    };
    for (const metadata of this.#families.values()) {
      writeFamilyMetadata(writer, metadata);
      if (++items >= most) close();
    }
    close();
    return requests;
  }

  close(): void {
    this.#unwatch();
  }
}
