import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { StreamLabels } from "../../signals/loki/stream-labels.ts";
import { Receipt } from "../../signals/receipt.ts";
import { decompressBzip2 } from "./bzip2.ts";
import { decodingOf, endOfFirstLine, endOfLastLine } from "./encoding.ts";
import type { FileSink } from "./file-sink.ts";
import type { FilePosition } from "./open-file.ts";
import { CHUNK_BYTES, LineTime, MAX_LINE_BYTES, type ReadSlot } from "./read-slot.ts";

export type CompressionFormat = "gz" | "z" | "bz2";

export interface CompressedFileOptions {
  readonly path: string;
  readonly labels: StreamLabels;
  readonly encoding: string;
  readonly format: CompressionFormat;
  readonly initialDelayMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: FileSink;
  readonly positions: readonly FilePosition[];
  save(positions: readonly FilePosition[]): void;
}

/**
 * Reads a compressed file once, to its end, and again from where it stopped only when the file has changed. Positions count the uncompressed
 * bytes.
 */
export class CompressedFile {
  readonly path: string;
  readonly #options: CompressedFileOptions;
  readonly #time = new LineTime();
  readonly #firstSeenMs: number;
  #offset: number;
  #committed: number;
  #outstanding: { end: number; isSettled: boolean }[] = [];
  #identity: FilePosition["file"];
  #readAs: { ino: number; size: number; mtimeMs: number } | undefined;
  size = 0;
  lines = 0;
  isOpen = false;

  constructor(options: CompressedFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#firstSeenMs = options.clock.now();
    const known = options.positions.at(-1);
    this.#offset = this.#committed = known?.offset ?? 0;
    this.#identity = known?.file;
  }

  get readOffset(): number {
    return this.#offset;
  }

  get committedOffset(): number {
    return this.#committed;
  }

  /** For another that goes on in this one's place. */
  get readPositions(): readonly FilePosition[] {
    return this.positions.map((position) => ({ ...position, offset: this.#offset }));
  }

  get positions(): readonly FilePosition[] {
    return [{ offset: this.#committed, ...(this.#identity === undefined ? {} : { file: this.#identity }) }];
  }

  looksUnchanged(): boolean {
    return false;
  }

  async step(slot: ReadSlot): Promise<boolean> {
    if (this.#options.clock.now() - this.#firstSeenMs < this.#options.initialDelayMs) return false;
    const stats = await stat(this.path).catch(() => undefined);
    if (stats === undefined || !stats.isFile() || this.#wasRead(stats)) return false;
    // What was read of another file does not count for this one. `length` 0 stands for "not compared by content".
    if (this.#identity !== undefined && (this.#identity.ino !== stats.ino || this.#identity.dev !== stats.dev))
      this.#offset = this.#committed = 0;
    this.#identity = { dev: stats.dev, ino: stats.ino, length: 0, crc: 0 };
    this.#readAs = { ino: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs };
    this.size = stats.size;
    this.isOpen = true;
    try {
      await this.#readAll(slot);
    } catch (error) {
      this.#options.log.error("failed to tail file", { path: this.path, err: String(error) });
    } finally {
      this.isOpen = false;
    }
    return false;
  }

  #wasRead(stats: Stats): boolean {
    const read = this.#readAs;
    return read !== undefined && read.ino === stats.ino && read.size === stats.size && read.mtimeMs === stats.mtimeMs;
  }

  async #readAll(slot: ReadSlot): Promise<void> {
    slot.recycle();
    let pending: Buffer = Buffer.alloc(0);
    let decoding = decodingOf(this.#options.encoding, new Uint8Array(0)).decoding;
    let position = 0;
    let isSkipping = false;
    for await (const chunk of this.#content()) {
      let bytes = chunk as Buffer;
      if (position === 0) {
        const found = decodingOf(this.#options.encoding, bytes.subarray(0, 4));
        decoding = found.decoding;
        position = found.skip;
        bytes = bytes.subarray(found.skip);
      }
      const start = position - pending.length;
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      position += bytes.length;
      const end = endOfLastLine(pending, decoding.newline);
      if (end > 0) {
        const from = isSkipping ? endOfFirstLine(pending, decoding.newline) : 0;
        isSkipping = false;
        await this.#send(slot, pending.subarray(Math.max(from, Math.min(end, this.#offset - start)), end), start + end, decoding.decode);
        pending = pending.subarray(end);
      }
      if (pending.length >= MAX_LINE_BYTES) {
        if (!isSkipping) {
          this.#options.sink.truncated(this.path);
          await this.#send(slot, pending.subarray(0, MAX_LINE_BYTES), position, decoding.decode);
        }
        isSkipping = true;
        pending = Buffer.alloc(0);
      }
    }
    if (pending.length > 0 && !isSkipping && position > this.#offset)
      await this.#send(slot, pending.subarray(Math.max(0, this.#offset - (position - pending.length))), position, decoding.decode);
  }

  #content(): AsyncIterable<Uint8Array> | Readable {
    const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
    if (this.#options.format === "bz2") return decompressBzip2(file);
    const inflate = this.#options.format === "gz" ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflate({ chunkSize: CHUNK_BYTES });
    file.on("error", (error) => inflate.destroy(error));
    inflate.on("close", () => file.destroy());
    return file.pipe(inflate);
  }

  async #send(slot: ReadSlot, lines: Buffer, end: number, decode: ((bytes: Uint8Array) => Buffer) | undefined): Promise<void> {
    if (lines.length === 0) return;
    slot.recycle();
    const text = decode === undefined ? lines : decode(lines);
    let rows = slot.split(text, text.length);
    const rest = text.lastIndexOf(10) + 1;
    if (rest < text.length) slot.addLine(rows++, rest, text.length);
    this.#offset = end;
    const receipt = this.#receiptUpTo(end);
    const createdMs = this.#options.clock.now();
    this.#time.advance(createdMs);
    const batch = slot.batch(text, rows, { labels: this.#options.labels, time: this.#time, createdMs, receipt });
    this.lines += rows;
    await this.#options.sink.send(batch, this.path);
    batch.release();
    receipt.settle();
  }

  #receiptUpTo(end: number): Receipt {
    const mark = { end, isSettled: false };
    this.#outstanding.push(mark);
    return new Receipt(() => {
      mark.isSettled = true;
      while (this.#outstanding[0]?.isSettled === true) this.#committed = (this.#outstanding.shift() as { end: number }).end;
      this.#options.save(this.positions);
    });
  }
}
