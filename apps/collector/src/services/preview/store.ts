import type { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { jsonFromProtobuf } from "../../signals/otlp/protobuf-to-json.ts";
import { requests } from "../../signals/otlp/schema.ts";

/** What the preview keeps at most, whatever comes in. */
const keptMs = 10 * 60_000;
const keptBytes = 16 * 1024 * 1024;
const keptSeries = 20_000;
const pointsASeries = 60;

export type PreviewSignal = "traces" | "metrics" | "logs";

interface Chunk {
  readonly atMs: number;
  readonly bytes: Uint8Array;
  readonly signal: PreviewSignal;
}

export interface PreviewSeries {
  readonly labels: string;
  /** Newest last: time in milliseconds, value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PreviewLine {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly labels: string;
  readonly line: string;
}

/** Keeps the last minutes of what a preview backend received, within fixed bounds; the oldest goes first. */
export class PreviewStore {
  readonly totals: Record<PreviewSignal, number> = { traces: 0, metrics: 0, logs: 0 };
  readonly #otlp: Chunk[] = [];
  #otlpBytes = 0;
  readonly #series = new Map<string, [number, number][]>();
  readonly #lines: PreviewLine[] = [];
  #lineBytes = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A whole export request, which the store keeps. */
  addOtlp(signal: PreviewSignal, bytes: Uint8Array, items: number): void {
    this.totals[signal] += items;
    this.#otlp.push({ atMs: this.#now(), bytes, signal });
    this.#otlpBytes += bytes.length;
    while (this.#otlp.length > 1 && (this.#otlpBytes > keptBytes || this.#isOld(this.#otlp[0]?.atMs))) {
      this.#otlpBytes -= this.#otlp.shift()?.bytes.length ?? 0;
    }
  }

  addSample(labels: string, timeMs: number, value: number): void {
    this.totals.metrics++;
    let points = this.#series.get(labels);
    if (points === undefined) points = [];
    else this.#series.delete(labels);
    // Set again: the map's order is that of the last sample.
    this.#series.set(labels, points);
    points.push([timeMs, value]);
    if (points.length > pointsASeries) points.shift();
    for (const [key, oldest] of this.#series) {
      if (this.#series.size <= keptSeries && !this.#isOld(oldest.at(-1)?.[0])) break;
      this.#series.delete(key);
    }
  }

  addLine(line: PreviewLine): void {
    this.totals.logs++;
    this.#lines.push(line);
    this.#lineBytes += line.line.length;
    while (this.#lines.length > 1 && this.#lineBytes > keptBytes) this.#lineBytes -= this.#lines.shift()?.line.length ?? 0;
  }

  /** The newest export requests of a signal as OTLP/JSON, newest first. */
  otlp(signal: PreviewSignal, limit: number): unknown[] {
    const found: unknown[] = [];
    for (let i = this.#otlp.length - 1; i >= 0 && found.length < limit; i--) {
      const chunk = this.#otlp[i];
      if (chunk?.signal === signal) found.push(JSON.parse(jsonFromProtobuf(requests[signal], [chunk.bytes])));
    }
    return found;
  }

  /** Series whose labels contain `match`. */
  series(match: string, limit: number): PreviewSeries[] {
    const found: PreviewSeries[] = [];
    for (const [labels, points] of this.#series) {
      if (found.length >= limit) break;
      if (labels.includes(match)) found.push({ labels, points });
    }
    return found;
  }

  /** Lines that contain `match` in text or labels, newest first. */
  lines(match: string, limit: number): PreviewLine[] {
    const found: PreviewLine[] = [];
    for (let i = this.#lines.length - 1; i >= 0 && found.length < limit; i--) {
      const line = this.#lines[i];
      if (line !== undefined && (line.line.includes(match) || line.labels.includes(match))) found.push(line);
    }
    return found;
  }

  #isOld(atMs: number | undefined): boolean {
    return atMs !== undefined && atMs < this.#now() - keptMs;
  }
}

/** The text of the current field. */
export function textOf(reader: ProtobufReader): string {
  return Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, reader.stop - reader.start).toString("utf8");
}
