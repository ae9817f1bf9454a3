/**
 * Finds which of many keywords are in a text, in one pass over its bytes: an automaton of all keywords (Aho and Corasick), whose steps are looked up
 * by state and class of byte. Letters of ASCII are taken in lower case.
 */
export class KeywordScan {
  /** By byte; 0 for bytes that are in no keyword. */
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  /** `state * classes + class` → state. */
  readonly #next: Int32Array;
  /** By state: the keywords that end there. */
  readonly #found: (readonly number[] | undefined)[];

  /** Keywords are told by their places; an empty one is in every text, and is not told. */
  constructor(keywords: readonly string[]) {
    const bytes = keywords.map((keyword) => Buffer.from(keyword));
    let classes = 1;
    for (const keyword of bytes)
      for (const byte of keyword)
        if (this.#classOf[byte] === 0) {
          this.#classOf[byte] = classes++;
        }
    for (let upper = 0x41; upper <= 0x5a; upper++) this.#classOf[upper] = this.#classOf[upper + 0x20] as number;
    this.#classes = classes;
    const states = bytes.reduce((sum, keyword) => sum + keyword.length, 1);
    this.#next = new Int32Array(states * classes);
    this.#found = new Array<readonly number[] | undefined>(states).fill(undefined);
    this.#finish(this.#addAll(bytes));
  }

  /** Calls back for each keyword that is found, as often as it is. */
  scan(bytes: Uint8Array, start: number, end: number, onFound: (keyword: number) => void): void {
    const classOf = this.#classOf;
    const next = this.#next;
    const found = this.#found;
    const classes = this.#classes;
    let state = 0;
    for (let at = start; at < end; at++) {
      state = next[state * classes + (classOf[bytes[at] as number] as number)] as number;
      const keywords = found[state];
      if (keywords !== undefined) for (const keyword of keywords) onFound(keyword);
    }
  }

  #addAll(keywords: readonly Buffer[]): number {
    let states = 1;
    for (const [place, keyword] of keywords.entries()) {
      if (keyword.length === 0) continue;
      let state = 0;
      for (const byte of keyword) {
        const step = state * this.#classes + (this.#classOf[byte] as number);
        if (this.#next[step] === 0) this.#next[step] = states++;
        state = this.#next[step] as number;
      }
      this.#found[state] = [...(this.#found[state] ?? []), place];
    }
    return states;
  }

  /** Fills in where to go on when no keyword goes on: with the longest end of what was read that begins another. */
  #finish(states: number): void {
    const classes = this.#classes;
    const fallback = new Int32Array(states);
    const queue: number[] = [];
    for (let each = 1; each < classes; each++) if (this.#next[each] !== 0) queue.push(this.#next[each] as number);
    for (let at = 0; at < queue.length; at++) {
      const state = queue[at] as number;
      const other = fallback[state] as number;
      const inherited = this.#found[other];
      if (inherited !== undefined) this.#found[state] = [...(this.#found[state] ?? []), ...inherited];
      for (let each = 0; each < classes; each++) {
        const step = state * classes + each;
        const child = this.#next[step] as number;
        if (child === 0) this.#next[step] = this.#next[other * classes + each] as number;
        else {
          fallback[child] = this.#next[other * classes + each] as number;
          queue.push(child);
        }
      }
    }
  }
}
