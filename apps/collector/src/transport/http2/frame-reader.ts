import { ConnectionError, errorCodes, flags, frameHeadBytes, frameTypes } from "./protocol.ts";

/** Takes what a `FrameReader` finds. May throw `ConnectionError`. */
export interface FrameHandler {
  /** A whole frame, but for DATA. `payload` is valid during the call. */
  frame(type: number, flagBits: number, stream: number, payload: Buffer): void;
  /** A DATA frame begins; `length` is all that counts for windows, padding included. */
  dataBegins(stream: number, flagBits: number, length: number): void;
  /** A piece of its data, without padding; the chunk is the socket's. */
  data(chunk: Buffer, start: number, end: number): void;
  dataEnds(): void;
}

/**
 * Finds frames in the chunks that a socket gives. Data is handed on from the chunk where it lies; other frames are put together where they
 * cross chunks, up to `maxFrameBytes`.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxFrameBytes: number;
  readonly #head = Buffer.allocUnsafeSlow(frameHeadBytes);
  #headFilled = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes of the current frame that are still to come. */
  #left = 0;
  #inFrame = false;
  /** Of a frame that crosses chunks. */
  #payload: Buffer | undefined;
  #payloadFilled = 0;
  /** Bytes at the end of a DATA frame that say nothing; -1: their number comes first and is not known yet. */
  #padding = 0;

  constructor(handler: FrameHandler, maxFrameBytes: number) {
    this.#handler = handler;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Throws what the handler throws, and `ConnectionError` for a frame that is too long; nothing may be pushed after that. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || (this.#inFrame && this.#left === 0)) {
      if (!this.#inFrame) at = this.#readHead(chunk, at);
      else if (this.#type === frameTypes.DATA) at = this.#readData(chunk, at);
      else at = this.#readPayload(chunk, at);
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    let head: Buffer = chunk;
    let from = at;
    let next = at + frameHeadBytes;
    if (this.#headFilled > 0 || next > chunk.length) {
      const taken = Math.min(frameHeadBytes - this.#headFilled, chunk.length - at);
      for (let i = 0; i < taken; i++) this.#head[this.#headFilled + i] = chunk[at + i] ?? 0;
      this.#headFilled += taken;
      if (this.#headFilled < frameHeadBytes) return chunk.length;
      this.#headFilled = 0;
      head = this.#head;
      from = 0;
      next = at + taken;
    }
    const length = ((head[from] ?? 0) << 16) | ((head[from + 1] ?? 0) << 8) | (head[from + 2] ?? 0);
    this.#type = head[from + 3] ?? 0;
    this.#flags = head[from + 4] ?? 0;
    // The first bit is reserved and must be ignored.
    this.#stream =
      (((head[from + 5] ?? 0) & 0x7f) << 24) | ((head[from + 6] ?? 0) << 16) | ((head[from + 7] ?? 0) << 8) | (head[from + 8] ?? 0);
    if (length > this.#maxFrameBytes)
      throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, `a frame of ${length} bytes came, ${this.#maxFrameBytes} are allowed`);
    this.#left = length;
    this.#inFrame = true;
    if (this.#type === frameTypes.DATA) {
      this.#handler.dataBegins(this.#stream, this.#flags, length);
      this.#padding = (this.#flags & flags.PADDED) !== 0 ? -1 : 0;
    }
    return next;
  }

  #readData(chunk: Buffer, at: number): number {
    let start = at;
    if (this.#padding < 0) {
      if (this.#left === 0) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "a padded frame has no padding length");
      this.#padding = chunk[start++] ?? 0;
      this.#left--;
      if (this.#padding > this.#left) throw new ConnectionError(errorCodes.PROTOCOL_ERROR, "a frame has more padding than bytes");
    }
    const taken = Math.min(this.#left, chunk.length - start);
    const dataBytes = Math.min(taken, Math.max(this.#left - this.#padding, 0));
    if (dataBytes > 0) this.#handler.data(chunk, start, start + dataBytes);
    this.#left -= taken;
    if (this.#left === 0) {
      this.#inFrame = false;
      this.#handler.dataEnds();
    }
    return start + taken;
  }

  #readPayload(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at);
    if (this.#payload === undefined && taken === this.#left) {
      this.#end(chunk.subarray(at, at + taken));
      return at + taken;
    }
    this.#payload ??= Buffer.allocUnsafe(this.#left);
    this.#payload.set(chunk.subarray(at, at + taken), this.#payloadFilled);
    this.#payloadFilled += taken;
    this.#left -= taken;
    if (this.#left === 0) {
      const payload = this.#payload;
      this.#payload = undefined;
      this.#payloadFilled = 0;
      this.#end(payload);
    }
    return at + taken;
  }

  #end(payload: Buffer): void {
    this.#inFrame = false;
    this.#left = 0;
    this.#handler.frame(this.#type, this.#flags, this.#stream, payload);
  }
}
