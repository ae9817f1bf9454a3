/**
 * The memory that data in flight may take in this process, all components together. Receivers ask before they read a body; queues in memory
 * hold their share until delivery.
 */
export class Budget {
  readonly limitBytes: number;
  #usedBytes = 0;
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Takes `bytes` of the budget; false, and nothing taken, where it would be exceeded. */
  reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Takes `bytes` that exist already, beyond the limit if need be, so that what is asked next is refused. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#usedBytes < 0) throw new Error(`${-this.#usedBytes} bytes more were released than taken`);
  }
}
