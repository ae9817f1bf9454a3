/** Bytes appended one after the other into memory that grows; what was appended stays at its offset. */
export class ByteArena {
  /** Valid up to `length`; replaced when it grows, so not to be kept across an append. */
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Copies `source` from `start` to `end` and returns the offset at which it now lies. */
  append(source: Uint8Array, start = 0, end: number = source.length): number {
    const size = end - start;
    const offset = this.reserve(size);
    const { bytes } = this;
    if (size <= 32) for (let i = 0; i < size; i++) bytes[offset + i] = source[start + i] as number;
    else bytes.set(source.subarray(start, end), offset);
    return offset;
  }

  /** Appends text as UTF-8 and returns its offset; it ends at `length`. */
  appendText(text: string): number {
    const size = Buffer.byteLength(text, "utf8");
    const offset = this.reserve(size);
    Buffer.from(this.bytes.buffer, this.bytes.byteOffset + offset, size).write(text, "utf8");
    return offset;
  }

  /** Makes room for `size` bytes, counts them as appended and returns their offset; the caller fills them. */
  reserve(size: number): number {
    const offset = this.length;
    const needed = offset + size;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, needed));
      larger.set(this.bytes.subarray(0, offset));
      this.bytes = larger;
    }
    this.length = needed;
    return offset;
  }

  /** Forgets everything; memory above `keepBytes` is given back. */
  clear(keepBytes: number = Number.POSITIVE_INFINITY): void {
    this.length = 0;
    if (this.bytes.length > keepBytes) this.bytes = Buffer.allocUnsafeSlow(keepBytes);
  }
}
