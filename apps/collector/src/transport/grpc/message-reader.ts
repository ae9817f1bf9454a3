import type { BufferPool } from "../../bytes/buffer-pool.ts";
import { type GrpcStatus, grpcStatus } from "../grpc-status.ts";

const prefixBytes = 5;

/**
 * Puts together the one message of a unary call, from pieces straight into a buffer of its own:
 *
 *   compressed (1)  length (4)  message
 */
export class MessageReader {
  /** As it was sent; complete once `isComplete`. Its memory is nobody else's. */
  message: Buffer = noBytes;
  isCompressed = false;
  isComplete = false;
  /** Why the message can't be taken; nothing that follows is read. */
  problem: GrpcStatus | undefined = undefined;

  readonly #maxBytes: number;
  readonly #reserve: (bytes: number) => boolean;
  readonly #memory: BufferPool | undefined;
  #prefixFilled = 0;
  #length = 0;
  #filled = 0;

  /** `reserve` is asked for memory before it is taken, from `memory` where that is given. */
  constructor(maxBytes: number, reserve: (bytes: number) => boolean, memory?: BufferPool) {
    this.#maxBytes = maxBytes;
    this.#reserve = reserve;
    this.#memory = memory;
  }

  /** True where something has come. */
  get hasBegun(): boolean {
    return this.#prefixFilled > 0;
  }

  push(chunk: Buffer, start: number, end: number): void {
    if (this.problem !== undefined) return;
    let at = start;
    if (this.#prefixFilled < prefixBytes) {
      at = this.#readPrefix(chunk, start, end);
      if (this.#prefixFilled < prefixBytes || this.problem !== undefined) return;
    } else if (at < end && this.isComplete) {
      this.problem = grpcStatus("INTERNAL", "a unary call has one message, more came");
      return;
    }
    const taken = Math.min(end - at, this.#length - this.#filled);
    if (taken > 0) {
      chunk.copy(this.message, this.#filled, at, at + taken);
      this.#filled += taken;
    }
    if (this.#filled === this.#length) {
      this.isComplete = true;
      if (at + taken < end) this.problem = grpcStatus("INTERNAL", "a unary call has one message, more came");
    }
  }

  #readPrefix(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (this.#prefixFilled < prefixBytes && at < end) {
      const byte = chunk[at++] ?? 0;
      if (this.#prefixFilled === 0) {
        if (byte > 1) {
          this.problem = grpcStatus("INTERNAL", `grpc: received unexpected payload format ${byte}`);
          return at;
        }
        this.isCompressed = byte === 1;
      } else {
        this.#length = this.#length * 256 + byte;
      }
      this.#prefixFilled++;
    }
    if (this.#prefixFilled < prefixBytes) return at;
    if (this.#length > this.#maxBytes)
      this.problem = grpcStatus("RESOURCE_EXHAUSTED", `grpc: received message larger than max (${this.#length} vs. ${this.#maxBytes})`);
    else if (this.#length > 0 && !this.#reserve(this.#length))
      this.problem = grpcStatus("RESOURCE_EXHAUSTED", "the memory for data in flight is used up, try again later", retryMs);
    else if (this.#length > 0) this.message = this.#memory?.take(this.#length) ?? Buffer.allocUnsafeSlow(this.#length);
    return at;
  }
}

const noBytes = Buffer.alloc(0);
const retryMs = 1000;
