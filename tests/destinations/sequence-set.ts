/** Sequence numbers seen: tells loss from duplication. One bit a number. */
export class SequenceSet {
  #bits = new Uint32Array(1024);
  #highest = -1;
  #unique = 0;
  #duplicates = 0;

  add(sequence: number): void {
    if (!Number.isSafeInteger(sequence) || sequence < 0 || sequence >= limit)
      throw new Error(`sequence number ${sequence} is out of range`);
    const word = Math.floor(sequence / 32);
    if (word >= this.#bits.length) this.#grow(word + 1);
    const bit = 1 << (sequence % 32);
    const before = this.#bits[word] ?? 0;
    if ((before & bit) !== 0) {
      this.#duplicates++;
      return;
    }
    this.#bits[word] = before | bit;
    this.#unique++;
    if (sequence > this.#highest) this.#highest = sequence;
  }

  /** Missing counts the gaps below the highest number seen. */
  counts(): { readonly unique: number; readonly duplicates: number; readonly missing: number } {
    return { unique: this.#unique, duplicates: this.#duplicates, missing: this.#highest + 1 - this.#unique };
  }

  has(sequence: number): boolean {
    return ((this.#bits[Math.floor(sequence / 32)] ?? 0) & (1 << (sequence % 32))) !== 0;
  }

  /** The numbers below `end` that never came, the first `most` of them. */
  gaps(end: number, most = 20): number[] {
    const gaps: number[] = [];
    for (let sequence = 0; sequence < end && gaps.length < most; sequence++) if (!this.has(sequence)) gaps.push(sequence);
    return gaps;
  }

  #grow(words: number): void {
    const larger = new Uint32Array(Math.max(words, this.#bits.length * 2));
    larger.set(this.#bits);
    this.#bits = larger;
  }
}

const limit = 2 ** 31;
