import type { Socket } from "node:net";

const poolBytes = 16 * 1024;
/** What a connection begins with: many say little. */
const firstPoolBytes = 1024;
/** Data waits while the socket holds more than this. */
const highWaterBytes = 1024 * 1024;

/** Gathers small frames and writes them together at the end of the event loop's turn. */
export class Output {
  readonly #socket: Socket;
  readonly #maxPoolBytes: number;
  #poolBytes = firstPoolBytes;
  #buffer = noBuffer;
  #start = 0;
  #end = 0;
  #isScheduled = false;
  readonly #flushLater = () => {
    this.#isScheduled = false;
    this.flush();
  };

  /** `gatherBytes`: so much is gathered at most; undefined: as much as is good. */
  constructor(socket: Socket, gatherBytes: number | undefined) {
    this.#socket = socket;
    this.#maxPoolBytes = Math.max(Math.min(gatherBytes ?? poolBytes, poolBytes), firstPoolBytes);
  }

  /** Room for `bytes`, at `offset`, which the caller fills at once. */
  reserve(bytes: number): { readonly buffer: Buffer; readonly offset: number } {
    if (this.#end + bytes > this.#buffer.length) {
      this.flush();
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(this.#poolBytes, bytes));
      this.#poolBytes = Math.min(this.#poolBytes * 2, this.#maxPoolBytes);
      this.#start = 0;
      this.#end = 0;
    }
    const offset = this.#end;
    this.#end += bytes;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#flushLater);
    }
    return { buffer: this.#buffer, offset };
  }

  /** Writes a large piece after all that was reserved before. */
  write(data: Buffer): void {
    this.flush();
    if (this.#socket.writable) this.#socket.write(data);
  }

  /** Begins a list of pieces that are written together, without a copy. */
  beginMany(): void {
    this.flush();
    this.#socket.cork();
  }

  add(piece: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(piece);
  }

  endMany(): void {
    this.#socket.uncork();
  }

  flush(): void {
    if (this.#end === this.#start) return;
    const piece = this.#buffer.subarray(this.#start, this.#end);
    this.#start = this.#end;
    if (this.#socket.writable) this.#socket.write(piece);
  }

  /** The other side does not read what it is sent. */
  get isFull(): boolean {
    return this.#socket.writableLength > highWaterBytes;
  }

  get waitingBytes(): number {
    return this.#socket.writableLength + this.#end - this.#start;
  }
}

const noBuffer = Buffer.alloc(0);
