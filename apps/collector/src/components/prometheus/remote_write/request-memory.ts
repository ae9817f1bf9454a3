/** Pieces of memory that are kept for the next request. */
const KEPT = 8;
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Memory in which requests are put together before they are compressed, used again and again: a new piece for each would make the garbage
 * collector run for it, which costs more than the copy.
 */
export class RequestMemory {
  readonly #free: Buffer[] = [];

  /** The pieces as one, until `give` takes the memory back. */
  join(pieces: readonly Uint8Array[]): Buffer {
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    const last = this.#free.pop();
    const memory = last !== undefined && last.length >= bytes ? last : Buffer.allocUnsafeSlow(Math.max(64 * 1024, Math.ceil(bytes * 1.25)));
    let at = 0;
    for (const piece of pieces) {
      memory.set(piece, at);
      at += piece.length;
    }
    return memory.subarray(0, bytes);
  }

  give(joined: Buffer): void {
    if (this.#free.length < KEPT && joined.buffer.byteLength <= KEPT_BYTES) this.#free.push(Buffer.from(joined.buffer));
  }
}
