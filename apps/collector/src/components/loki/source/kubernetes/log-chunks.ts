import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { parsedTime, parseRfc3339 } from "../../../../signals/loki/rfc3339.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { ResumeFilter } from "./resume-point.ts";

const newline = 10;
/** A longer line is cut: its rest is left out. */
export const mostLineBytes = 4 * 1024 * 1024;

/** Takes the bytes of a log stream, which cut lines anywhere, and gives the lines that have become whole. */
export class LogChunks {
  readonly #labels: StreamLabels;
  readonly #filter: ResumeFilter;
  readonly #now: () => number;
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  /** Lines that were cut. */
  cut = 0;

  constructor(labels: StreamLabels, filter: ResumeFilter, now: () => number) {
    this.#labels = labels;
    this.#filter = filter;
    this.#now = now;
  }

  /** The new lines in a piece of the stream. */
  take(piece: Uint8Array): LogBatchBuilder {
    const builder = new LogBatchBuilder();
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      if (this.#restBytes === 0) this.#add(builder, piece, start, end);
      else {
        this.#keep(piece.subarray(start, end));
        this.#flush(builder);
      }
      start = end + 1;
    }
    // The piece's memory is not ours beyond this call.
    if (start < piece.length) this.#keep(piece.slice(start));
    return builder;
  }

  /** What the stream ended with, without an end of line. */
  end(): LogBatchBuilder {
    const builder = new LogBatchBuilder();
    if (this.#restBytes > 0) this.#flush(builder);
    return builder;
  }

  #keep(part: Uint8Array): void {
    const room = mostLineBytes - this.#restBytes;
    if (part.length > room) this.cut++;
    if (room <= 0) return;
    const kept = part.length > room ? part.subarray(0, room) : part;
    this.#rest.push(kept);
    this.#restBytes += kept.length;
  }

  #flush(builder: LogBatchBuilder): void {
    const line = Buffer.concat(this.#rest, this.#restBytes);
    this.#rest = [];
    this.#restBytes = 0;
    this.#add(builder, line, 0, line.length);
  }

  /** A line begins with the time at which the runtime took it. */
  #add(builder: LogBatchBuilder, bytes: Uint8Array, start: number, end: number): void {
    const blank = bytes.indexOf(32, start);
    const timeEnd = blank < 0 || blank > end ? end : blank;
    let from = Math.min(timeEnd + 1, end);
    if (!parseRfc3339(bytes, start, timeEnd)) {
      const ms = this.#now();
      parsedTime.seconds = Math.floor(ms / 1000);
      parsedTime.nanos = Math.floor((ms % 1000) * 1e6);
      from = start;
    }
    const { seconds, nanos } = parsedTime;
    if (this.#filter.passes(seconds, nanos)) builder.addBytes(this.#labels, seconds, nanos, bytes, from, end);
  }
}
