const newline = 10;

/** Puts lines together that come in pieces. A line longer than allowed is an error: nobody sends objects of that size. */
export class LineSplitter {
  readonly #mostBytes: number;
  readonly #take: (line: string) => void;
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  constructor(mostBytes: number, take: (line: string) => void) {
    this.#mostBytes = mostBytes;
    this.#take = take;
  }

  push(piece: Uint8Array): void {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      this.#keep(piece.subarray(start, end));
      const line = Buffer.concat(this.#rest, this.#restBytes).toString("utf8");
      this.#rest = [];
      this.#restBytes = 0;
      start = end + 1;
      if (line !== "") this.#take(line);
    }
    if (start < piece.length) this.#keep(piece.subarray(start));
  }

  #keep(part: Uint8Array): void {
    this.#restBytes += part.length;
    if (this.#restBytes > this.#mostBytes) throw new Error(`a line is longer than ${this.#mostBytes} bytes`);
    this.#rest.push(part);
  }
}
