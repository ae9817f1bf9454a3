import { crc32 } from "node:zlib";
import { laneCount } from "./entry.ts";
import { codeOf, type QueueFile, type QueueFiles } from "./files.ts";
import { NewerFormatError } from "./newer-format-error.ts";
import { formatVersion } from "./segment-format.ts";

/** How far each lane of a queue has been delivered, and how far the log was written when this was noted. */
export interface Cursor {
  /** All records of a lane below its position here are done with. */
  readonly doneBelow: Float64Array;
  writtenEnd: number;
}

/**
 * Keeps a cursor in a file of fixed size, which is overwritten in place: that takes no room on a full disk. Two slots take turns, so that one is always
 * whole; the newer whole one counts. A slot is
 *
 *     0   4  "IVC1"                  8   6  generation, which grows by one with each write
 *     4   4  CRC-32 of what follows  14  6  end of the written log
 *                                    20  4  format version
 *                                    24     6 bytes a lane: done below
 */
export class CursorFile {
  readonly #file: QueueFile;
  readonly #bytes = Buffer.alloc(slotBytes);
  /** What `#bytes` says of each lane: few change from one write to the next. */
  readonly #filled = new Float64Array(laneCount);
  #generation: number;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(file: QueueFile, generation: number) {
    this.#file = file;
    this.#generation = generation;
  }

  /** Opens the file, and makes it where it is missing. `cursor` is undefined where no slot is whole. */
  static async open(files: QueueFiles, path: string): Promise<{ file: CursorFile; cursor: Cursor | undefined }> {
    const file = await files.open(path, "update");
    const bytes = Buffer.alloc(2 * slotStride);
    const size = await file.read(bytes, 0, bytes.byteLength, 0);
    const newest = newestSlot(bytes);
    // Room for both slots is taken now, while there is some.
    if (size < bytes.byteLength) await file.write(bytes, size, bytes.byteLength, size);
    return { file: new CursorFile(file, newest?.generation ?? 0), cursor: newest?.cursor };
  }

  /** The cursor in a file that is left as it is; undefined where there is none. */
  static async read(files: QueueFiles, path: string): Promise<Cursor | undefined> {
    let file: QueueFile;
    try {
      file = await files.open(path, "read");
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return undefined;
      throw thrown;
    }
    const bytes = Buffer.alloc(2 * slotStride);
    try {
      await file.read(bytes, 0, bytes.byteLength, 0);
    } finally {
      await file.close();
    }
    return newestSlot(bytes)?.cursor;
  }

  /** Writes the cursor as it is now, or as it is when a write under way has ended. Undefined: it is written already. */
  write(cursor: Cursor): Promise<void> | undefined {
    if (this.#writing === undefined) return this.#writeNow(cursor);
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#writeNow(cursor);
      });
    return this.#next;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#writing?.catch(() => {});
    await this.#file.close();
  }

  #fillSlot({ doneBelow, writtenEnd }: Cursor): void {
    const bytes = this.#bytes;
    bytes.writeUInt32LE(magic, 0);
    bytes.writeUIntLE(this.#generation, 8, 6);
    bytes.writeUIntLE(writtenEnd, 14, 6);
    bytes.writeUInt32LE(formatVersion, 20);
    for (let lane = 0; lane < laneCount; lane++) {
      const position = doneBelow[lane] ?? 0;
      if (position === this.#filled[lane]) continue;
      this.#filled[lane] = position;
      bytes.writeUIntLE(position, 24 + 6 * lane, 6);
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  }

  #writeNow(cursor: Cursor): Promise<void> | undefined {
    this.#generation++;
    this.#fillSlot(cursor);
    const writing = this.#file.write(this.#bytes, 0, slotBytes, (this.#generation % 2) * slotStride);
    if (writing === undefined) return undefined;
    this.#writing = writing.finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }
}

const slotBytes = 24 + 6 * laneCount;
/** Each slot in a page of its own. */
const slotStride = 4096;
const magic = Buffer.from("IVC1", "latin1").readUInt32LE(0);

function newestSlot(bytes: Buffer): { generation: number; cursor: Cursor } | undefined {
  const slots = [readSlot(bytes, 0), readSlot(bytes, slotStride)].filter((slot) => slot !== undefined);
  return slots.sort((a, b) => b.generation - a.generation)[0];
}

function readSlot(bytes: Buffer, at: number): { generation: number; cursor: Cursor } | undefined {
  const slot = bytes.subarray(at, at + slotBytes);
  if (slot.readUInt32LE(0) !== magic || slot.readUInt32LE(4) !== crc32(slot.subarray(8))) return undefined;
  const version = slot.readUInt32LE(20);
  if (version > formatVersion) throw new NewerFormatError("the queue's cursor", version, formatVersion);
  const doneBelow = new Float64Array(laneCount);
  for (let lane = 0; lane < laneCount; lane++) doneBelow[lane] = slot.readUIntLE(24 + 6 * lane, 6);
  return { generation: slot.readUIntLE(8, 6), cursor: { doneBelow, writtenEnd: slot.readUIntLE(14, 6) } };
}
