import { read } from "node:fs";
import { LogBatch } from "../../signals/loki/log-batch.ts";
import type { StreamLabels } from "../../signals/loki/stream-labels.ts";
import type { Receipt } from "../../signals/receipt.ts";

/** Bytes that are read at once: large enough that calls cost little, small enough that all slots together do. */
export const CHUNK_BYTES = 256 * 1024;
/** A longer line is cut, and counted. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

const FIRST_ROWS = 4096;

/**
 * Memory for one read under way. A few slots serve all files: a file that is not being read keeps no buffer, since a line that is not complete is
 * read again from its start. What a batch still holds is left to it and replaced.
 */
export class ReadSlot {
  // Empty until the first file is read: a source whose files are absent costs nothing.
  buffer: Buffer = Buffer.alloc(0);
  start = new Uint32Array(0);
  end = new Uint32Array(0);
  #seconds = new Float64Array(0);
  #nanos = new Uint32Array(0);
  #stream = new Uint32Array(0);
  #isHeld = false;

  /** Fills the buffer from this place of the file. Resolves to the number of bytes, fewer than the buffer at the end of the file. */
  async fill(descriptor: number, position: number): Promise<number> {
    let filled = 0;
    while (filled < this.buffer.length) {
      const count = await readAt(descriptor, this.buffer, filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  /** Makes room for a line that is longer than the buffer; false where the line is too long for any. */
  grow(): boolean {
    if (this.buffer.length >= MAX_LINE_BYTES) return false;
    this.buffer = Buffer.allocUnsafeSlow(Math.min(this.buffer.length * 4, MAX_LINE_BYTES));
    return true;
  }

  /** Notes the lines of `text` up to `to`, each without its "\n" or "\r\n"; what follows the last "\n" is no line yet. Returns their number. */
  split(text: Buffer, to: number): number {
    let rows = 0;
    let from = 0;
    for (let newline = text.indexOf(10); newline >= 0 && newline < to; newline = text.indexOf(10, from)) {
      this.addLine(rows++, from, newline > from && text[newline - 1] === 13 ? newline - 1 : newline);
      from = newline + 1;
    }
    return rows;
  }

  addLine(row: number, from: number, to: number): void {
    if (row === this.start.length) this.#growRows();
    this.start[row] = from;
    this.end[row] = to;
  }

  /** The batch of the lines noted before. Lines get times one nanosecond apart, from `time` on, so that equal lines stay two. */
  batch(text: Buffer, rows: number, options: { labels: StreamLabels; time: LineTime; createdMs: number; receipt: Receipt }): LogBatch {
    const { labels, time, createdMs, receipt } = options;
    for (let row = 0; row < rows; row++) {
      this.#seconds[row] = time.seconds;
      this.#nanos[row] = time.nanos;
      time.step();
    }
    this.#isHeld = true;
    return new LogBatch({
      rows,
      streams: [labels],
      stream: this.#stream,
      seconds: this.#seconds,
      nanos: this.#nanos,
      start: this.start,
      end: this.end,
      text,
      createdMs,
      receipt,
      whenFree: () => {
        this.#isHeld = false;
      },
    });
  }

  /** Readies the slot for the next file. */
  recycle(): void {
    if (this.#isHeld || this.start.length === 0) this.#renew(Math.max(this.start.length, FIRST_ROWS));
    else if (this.buffer.length > CHUNK_BYTES) this.buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  #renew(rows: number): void {
    this.start = new Uint32Array(rows);
    this.end = new Uint32Array(rows);
    this.#seconds = new Float64Array(rows);
    this.#nanos = new Uint32Array(rows);
    // All zero, and never written: several batches may have it.
    if (this.#stream.length !== rows) this.#stream = new Uint32Array(rows);
    this.#isHeld = false;
    this.buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  #growRows(): void {
    const rows = this.start.length * 2;
    this.start = longer(this.start, rows);
    this.end = longer(this.end, rows);
    this.#seconds = new Float64Array(rows);
    this.#nanos = new Uint32Array(rows);
    this.#stream = new Uint32Array(rows);
  }
}

/** Times for lines that never repeat or go back. */
export class LineTime {
  seconds = 0;
  nanos = 0;

  /** Moves on to now, unless it is there already. */
  advance(nowMs: number): void {
    const seconds = Math.floor(nowMs / 1000);
    const nanos = Math.floor((nowMs - seconds * 1000) * 1_000_000);
    if (seconds < this.seconds || (seconds === this.seconds && nanos <= this.nanos)) return;
    this.seconds = seconds;
    this.nanos = nanos;
  }

  step(): void {
    if (++this.nanos < 1_000_000_000) return;
    this.nanos = 0;
    this.seconds++;
  }
}

function readAt(descriptor: number, buffer: Buffer, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, offset, buffer.length - offset, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function longer(column: Uint32Array<ArrayBuffer>, rows: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(rows);
  larger.set(column);
  return larger;
}
