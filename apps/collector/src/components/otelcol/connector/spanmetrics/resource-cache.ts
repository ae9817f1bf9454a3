/** Entries by key, of which the ones used least recently leave above a size; what left is still found and listed until `forgetEvicted`. */
export class ResourceCache<Entry> {
  readonly #size: number;
  readonly #left: (entry: Entry) => void;
  readonly #recent = new Map<string, Entry>();
  readonly #evicted = new Map<string, Entry>();

  /** `left` is told of every entry that is gone for good. */
  constructor(size: number, left: (entry: Entry) => void) {
    this.#size = size;
    this.#left = left;
  }

  get(key: string): Entry | undefined {
    const entry = this.#recent.get(key);
    if (entry !== undefined) {
      this.#recent.delete(key);
      this.#recent.set(key, entry);
      return entry;
    }
    const evicted = this.#evicted.get(key);
    if (evicted === undefined) return undefined;
    this.#evicted.delete(key);
    this.set(key, evicted);
    return evicted;
  }

  set(key: string, entry: Entry): void {
    this.#recent.set(key, entry);
    if (this.#recent.size <= this.#size) return;
    for (const [oldest, leaving] of this.#recent) {
      this.#recent.delete(oldest);
      this.#evicted.set(oldest, leaving);
      return;
    }
  }

  get size(): number {
    return this.#recent.size + this.#evicted.size;
  }

  *entries(): Generator<readonly [key: string, entry: Entry]> {
    yield* this.#recent;
    yield* this.#evicted;
  }

  delete(key: string): void {
    const entry = this.#recent.get(key);
    if (entry === undefined) return;
    this.#recent.delete(key);
    this.#left(entry);
  }

  forgetEvicted(): void {
    for (const entry of this.#evicted.values()) this.#left(entry);
    this.#evicted.clear();
  }

  clear(): void {
    for (const entry of this.#recent.values()) this.#left(entry);
    this.#recent.clear();
    this.forgetEvicted();
  }
}
