/** Smaller buffers are not worth keeping, larger ones too rare. */
const SMALLEST = 4 * 1024;
const LARGEST = 4 * 1024 * 1024;

/**
 * Buffers that are used again and again: memory that the process has touched already costs a fraction of fresh pages. Who takes one gives it
 * back once nothing refers to it any more, or drops it, which is safe: it is then collected like any other.
 */
export class BufferPool {
  readonly #maxBytes: number;
  /** By the power of two that is their size. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  #freeBytes = 0;

  /** Keeps up to `maxBytes` for later use. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A buffer of exactly `size` bytes with any content. */
  take(size: number): Buffer {
    if (size > LARGEST) return Buffer.allocUnsafeSlow(size);
    const room = roomFor(size);
    const kept = this.#free.get(room)?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(room).subarray(0, size);
    this.#freeBytes -= room;
    return Buffer.from(kept, 0, size);
  }

  /** Takes back what `take` gave, whole. */
  give({ buffer }: Uint8Array): void {
    const room = buffer.byteLength;
    if (room > LARGEST || !(buffer instanceof ArrayBuffer) || this.#freeBytes + room > this.#maxBytes) return;
    const free = this.#free.get(room);
    if (free === undefined) this.#free.set(room, [buffer]);
    else free.push(buffer);
    this.#freeBytes += room;
  }
}

function roomFor(size: number): number {
  return size <= SMALLEST ? SMALLEST : 2 ** (32 - Math.clz32(size - 1));
}
