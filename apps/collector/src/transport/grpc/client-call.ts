import { Metadata } from "../../signals/client-info.ts";
import { decompress } from "../compression.ts";
import { type GrpcStatus, grpcCodes, grpcStatus } from "../grpc-status.ts";
import type { Http2Connection } from "../http2/connection.ts";
import { headerValue } from "../http2/header-rules.ts";
import type { HeaderBlock } from "../http2/hpack-decoder.ts";
import { errorCodes } from "../http2/protocol.ts";
import type { Http2Stream, StreamBreak, StreamReceiver } from "../http2/stream.ts";
import { grpcEncodings } from "./encodings.ts";
import { MessageReader } from "./message-reader.ts";
import { statusOf } from "./status-headers.ts";

export interface CallOutcome {
  readonly status: GrpcStatus;
  readonly body: Uint8Array | undefined;
  readonly headers: Metadata;
  readonly trailers: Metadata;
  /** The server has not looked at the call: it may be made again without doubling anything. */
  readonly isUnprocessed: boolean;
}

/** One unary call on the client's side. */
export class ClientCall implements StreamReceiver {
  readonly #connection: Http2Connection;
  readonly #maxResponseBytes: number;
  readonly #reader: MessageReader;
  #stream: Http2Stream | undefined;
  #headers: readonly string[] = [];
  #trailers: readonly string[] = [];
  #httpStatus = 0;
  #isGrpc = false;
  #settle: (outcome: CallOutcome) => void = () => {};
  #isSettled = false;

  constructor(connection: Http2Connection, maxResponseBytes: number) {
    this.#connection = connection;
    this.#maxResponseBytes = maxResponseBytes;
    this.#reader = new MessageReader(maxResponseBytes, () => true);
  }

  /** Sends headers and message; settles once the answer is whole, the stream breaks or `signal` is aborted with the status for that. */
  run(block: Buffer, message: readonly Uint8Array[], signal: AbortSignal): Promise<CallOutcome> {
    return new Promise((resolve) => {
      const onAbort = () => {
        if (this.#stream !== undefined) this.#connection.reset(this.#stream, errorCodes.CANCEL);
        this.#end(signal.reason as GrpcStatus);
      };
      this.#settle = (outcome) => {
        signal.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#stream = this.#connection.request(block, false, this);
      this.#connection.sendData(this.#stream, message, undefined);
    });
  }

  headers(block: HeaderBlock): void {
    if (this.#httpStatus !== 0) {
      this.#trailers = block.pairs;
      return;
    }
    this.#headers = block.pairs;
    this.#httpStatus = Number(headerValue(block.pairs, ":status") ?? "0");
    this.#isGrpc = /^application\/grpc($|[+;])/.test(headerValue(block.pairs, "content-type") ?? "");
  }

  data(chunk: Buffer, start: number, end: number): void {
    if (!this.#isGrpc) return;
    this.#reader.push(chunk, start, end);
    if (this.#reader.problem === undefined) return;
    if (this.#stream !== undefined) this.#connection.reset(this.#stream, errorCodes.CANCEL);
    this.#end(this.#reader.problem);
  }

  ended(): void {
    // An answer without a message may consist of headers alone, which then are the trailers.
    const last = this.#trailers.length > 0 ? this.#trailers : this.#headers;
    const status = statusOf(last, this.#httpStatus);
    if (status.code !== grpcCodes.OK) this.#end(status);
    else if (!this.#reader.isComplete) this.#end(grpcStatus("INTERNAL", "the server answered OK without a message"));
    else void this.#endWithMessage(status);
  }

  broken({ code, message, isUnprocessed }: StreamBreak): void {
    this.#end(statusOfBreak(code, message), isUnprocessed);
  }

  async #endWithMessage(status: GrpcStatus): Promise<void> {
    if (!this.#reader.isCompressed) {
      this.#end(status, false, this.#reader.message);
      return;
    }
    const encoding = headerValue(this.#headers, "grpc-encoding") ?? "identity";
    const known = Object.hasOwn(grpcEncodings, encoding) ? grpcEncodings[encoding] : undefined;
    if (known === undefined) {
      this.#end(grpcStatus("INTERNAL", `the server's answer is packed in an unknown way: "${encoding}"`));
      return;
    }
    try {
      this.#end(status, false, await decompress(known, [this.#reader.message], this.#maxResponseBytes));
    } catch (error) {
      this.#end(grpcStatus("INTERNAL", error instanceof Error ? error.message : String(error)));
    }
  }

  #end(status: GrpcStatus, isUnprocessed = false, body?: Uint8Array): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settle({ status, body, headers: new Metadata(this.#headers), trailers: new Metadata(this.#trailers), isUnprocessed });
  }
}

function statusOfBreak(code: number | undefined, message: string): GrpcStatus {
  if (code === undefined) return grpcStatus("UNAVAILABLE", `the connection broke: ${message}`);
  const text = `stream terminated by RST_STREAM with error code ${code}: ${message}`;
  switch (code) {
    case errorCodes.REFUSED_STREAM:
      return grpcStatus("UNAVAILABLE", text);
    case errorCodes.CANCEL:
      return grpcStatus("CANCELLED", text);
    case errorCodes.ENHANCE_YOUR_CALM:
      return grpcStatus("RESOURCE_EXHAUSTED", text);
    case errorCodes.INADEQUATE_SECURITY:
      return grpcStatus("PERMISSION_DENIED", text);
    default:
      return grpcStatus("INTERNAL", text);
  }
}
