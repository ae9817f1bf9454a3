import type { HeaderBlock } from "./hpack-decoder.ts";

/** Takes what the other side sends on a stream. None of these may throw. */
export interface StreamReceiver {
  /** Headers and trailers of an answer, or trailers of a request. */
  headers(block: HeaderBlock): void;
  /** A piece of data; the chunk is the socket's and valid during the call. */
  data(chunk: Buffer, start: number, end: number): void;
  /** The other side has sent all. */
  ended(): void;
  /** The stream is over before its time. `isUnprocessed`: the other side has not looked at it, and it may be sent again. */
  broken(reason: StreamBreak): void;
}

export interface StreamBreak {
  /** Of RFC 9113; undefined: the connection broke. */
  readonly code: number | undefined;
  readonly message: string;
  readonly isUnprocessed: boolean;
}

/** What is left to send on a stream. */
export interface PendingData {
  readonly pieces: readonly Uint8Array[];
  index: number;
  offset: number;
  left: number;
  /** Sent after the data; undefined: the data ends the stream. */
  readonly trailers: Buffer | undefined;
}

/** A stream's state; `Http2Connection` alone changes it. */
export class Http2Stream {
  readonly id: number;
  receiver: StreamReceiver | undefined;
  sendWindow: number;
  /** What the other side may still send. */
  receiveWindow: number;
  /** Received since the window was last widened. */
  received = 0;
  localEnded = false;
  remoteEnded = false;
  pending: PendingData | undefined = undefined;
  /** What `content-length` announces is still to come; -1: nothing is announced. */
  announcedLeft = -1;
  /** The first headers have come. */
  hasHeaders = false;

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }
}
