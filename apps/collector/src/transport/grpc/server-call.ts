import type { Span } from "../../component/tracing.ts";
import { CompressionError } from "../compression/error.ts";
import { decompress, type Encoding } from "../compression.ts";
import { type GrpcStatus, grpcCodes, grpcStatus } from "../grpc-status.ts";
import type { Http2Connection } from "../http2/connection.ts";
import { headerValue } from "../http2/header-rules.ts";
import type { HeaderBlock } from "../http2/hpack-decoder.ts";
import { encodeHeaders } from "../http2/hpack-encoder.ts";
import type { Http2Stream, StreamReceiver } from "../http2/stream.ts";
import { RequestClient } from "../request-client.ts";
import { callSpan, endCallSpan, isServerFault } from "./call-span.ts";
import { acceptedEncodings, grpcEncodings } from "./encodings.ts";
import { MessageReader } from "./message-reader.ts";
import type { GrpcMethod, GrpcServerOptions } from "./server-options.ts";
import { answerHeaders, okTrailers, onlyTrailers } from "./status-headers.ts";
import { parseTimeout } from "./timeout.ts";

/** What a call needs of its connection. */
export interface CallSurroundings {
  readonly options: GrpcServerOptions;
  readonly connection: Http2Connection;
  readonly address: string;
  /** A call is over: answered, or given up by the client and handled to the end. */
  callDone(call: ServerCall): void;
  /** Something was sent that does work, which forgives pings. */
  sent(): void;
}

/** One unary call on the server's side. */
export class ServerCall implements StreamReceiver {
  readonly #surroundings: CallSurroundings;
  readonly #stream: Http2Stream;
  readonly #startedAt: number;
  readonly #pairs: readonly string[];
  readonly #client: RequestClient;
  #path = "";
  #method: GrpcMethod | undefined;
  #httpRefusal: HttpRefusal | undefined;
  #encoding: Encoding | undefined;
  #reader: MessageReader | undefined;
  /** By the clock's `monotonic`: when a piece last came. */
  progressAt: number;
  #reservedBytes = 0;
  #isAdmitted = false;
  #isAnswered = false;
  #hasEnded = false;
  #isDone = false;
  #isHandling = false;
  /** By the clock's `monotonic`: when the client no longer wants an answer. */
  #deadlineAt = Number.POSITIVE_INFINITY;
  #span: Span | undefined;

  constructor(surroundings: CallSurroundings, stream: Http2Stream, block: HeaderBlock) {
    this.#surroundings = surroundings;
    this.#stream = stream;
    this.#pairs = block.pairs;
    this.#client = new RequestClient(surroundings.address, block.pairs);
    this.#startedAt = surroundings.options.clock.monotonic();
    this.progressAt = this.#startedAt;
  }

  /** The request's message has not come whole yet. */
  get isWaiting(): boolean {
    return !this.#hasEnded && !this.#isAnswered;
  }

  /** The client has given up by now. */
  isOverdue(now: number): boolean {
    return now >= this.#deadlineAt && !this.#isAnswered;
  }

  /** Looks at the headers; `isEnded`: no message follows. */
  begin(isTooLong: boolean, isEnded: boolean): void {
    const refusal = isTooLong ? grpcStatus("RESOURCE_EXHAUSTED", "the request's headers are longer than allowed") : this.#refusal();
    const { tracer } = this.#surroundings.options;
    if (tracer?.isOn === true) this.#span = callSpan(tracer, "server", this.#path, headerValue(this.#pairs, "traceparent"));
    if (refusal !== undefined) {
      if ("code" in refusal) this.#answerStatus(refusal);
      else this.#httpRefusal = refusal;
      if (isEnded) this.ended();
      return;
    }
    const { budget, auth } = this.#surroundings.options;
    const reserve = (bytes: number) => {
      if (budget !== undefined && !budget.reserve(bytes)) return false;
      this.#reservedBytes += budget === undefined ? 0 : bytes;
      return true;
    };
    this.#reader = new MessageReader(this.#method?.maxMessageBytes ?? 0, reserve, this.#method?.memory);
    if (auth === undefined) this.#admit();
    else void this.#authenticate();
    if (isEnded) this.ended();
  }

  data(chunk: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    if (reader === undefined || this.#isAnswered) return;
    this.progressAt = this.#surroundings.connection.lastReadAt;
    reader.push(chunk, start, end);
    if (reader.problem !== undefined) this.#answerStatus(reader.problem);
  }

  ended(): void {
    this.#hasEnded = true;
    if (this.#httpRefusal !== undefined) this.#answerHttp(this.#httpRefusal);
    this.#handleIfComplete();
  }

  /** Trailers of a request mean nothing in gRPC. */
  headers(): void {}

  broken(): void {
    // What is being handled goes on: nobody can take it back.
    if (this.#isAnswered || (this.#hasEnded && this.#isAdmitted)) return;
    this.#isAnswered = true;
    this.#finish(grpcCodes.CANCELLED, 0);
  }

  /** Answers without looking at the call. */
  refuse(status: GrpcStatus): void {
    this.#answerStatus(status);
  }

  /** The client stands still in the middle of its message. */
  giveUp(): void {
    this.#answerStatus(grpcStatus("DEADLINE_EXCEEDED", "the request's message did not come in time"));
  }

  /** The time that the client gave the call is over. */
  expire(): void {
    this.#answerStatus(grpcStatus("DEADLINE_EXCEEDED", "the time that the client gave the call is over"));
  }

  #refusal(): GrpcStatus | HttpRefusal | undefined {
    const contentType = headerValue(this.#pairs, "content-type") ?? "";
    if (!/^application\/grpc($|[+;])/.test(contentType))
      return {
        http: 415,
        text: `This server speaks gRPC: the content-type must be application/grpc, not "${contentType.slice(0, 100)}".\n`,
      };
    if (headerValue(this.#pairs, ":method") !== "POST") return { http: 405, text: "gRPC calls are made with POST.\n" };
    this.#path = headerValue(this.#pairs, ":path") ?? "";
    const { methods } = this.#surroundings.options;
    this.#method = Object.hasOwn(methods, this.#path) ? methods[this.#path] : undefined;
    if (this.#method === undefined) return grpcStatus("UNIMPLEMENTED", unknownMethod(this.#path, Object.keys(methods)));
    const timeout = headerValue(this.#pairs, "grpc-timeout");
    if (timeout !== undefined) {
      const timeoutMs = parseTimeout(timeout);
      if (timeoutMs === undefined) return grpcStatus("INTERNAL", `malformed grpc-timeout: "${timeout.slice(0, 20)}"`);
      this.#deadlineAt = this.#startedAt + timeoutMs;
    }
    const encoding = headerValue(this.#pairs, "grpc-encoding") ?? "identity";
    if (encoding === "identity") return undefined;
    this.#encoding = Object.hasOwn(grpcEncodings, encoding) ? grpcEncodings[encoding] : undefined;
    return this.#encoding === undefined
      ? grpcStatus("UNIMPLEMENTED", `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`)
      : undefined;
  }

  async #authenticate(): Promise<void> {
    const { auth, log } = this.#surroundings.options;
    try {
      const outcome = await auth?.authenticate(this.#client.metadata);
      if (this.#isAnswered) return;
      if (outcome?.granted !== true) {
        this.#answerStatus(grpcStatus("UNAUTHENTICATED", outcome?.message ?? "not authenticated"));
        return;
      }
      this.#client.attributes = outcome.attributes;
      this.#admit();
    } catch (error) {
      log.error("a call could not be authenticated", { method: this.#path, err: textOf(error) });
      this.#answerStatus(grpcStatus("INTERNAL", "internal error"));
    }
  }

  #admit(): void {
    const pushedBack = this.#method?.pressure?.(this.#client);
    if (pushedBack !== undefined) {
      this.#answerStatus(pushedBack);
      return;
    }
    this.#isAdmitted = true;
    this.#handleIfComplete();
  }

  #handleIfComplete(): void {
    const reader = this.#reader;
    if (!this.#hasEnded || !this.#isAdmitted || this.#isAnswered || reader === undefined) return;
    if (!reader.isComplete) this.#answerStatus(grpcStatus("INTERNAL", "unexpected EOF: the request ended before its message"));
    else void this.#handle(reader);
  }

  async #handle(reader: MessageReader): Promise<void> {
    const method = this.#method;
    if (method === undefined) throw new Error("a call without a method got as far as its handler");
    this.#isHandling = true;
    try {
      const sent = reader.message;
      const recycle = () => method.memory?.give(sent);
      const message = reader.isCompressed ? await this.#unpack(sent, method.maxMessageBytes) : sent;
      if (message !== sent) recycle();
      const outcome =
        message instanceof Uint8Array ? await method.handle(message, this.#client, message === sent ? recycle : nothing) : message;
      const { maxSendBytes = Number.POSITIVE_INFINITY } = this.#surroundings.options.limits;
      if (!(outcome instanceof Uint8Array)) this.#answerStatus(outcome);
      else if (outcome.length <= maxSendBytes) this.#answer(outcome);
      else
        this.#answerStatus(
          grpcStatus("RESOURCE_EXHAUSTED", `grpc: trying to send message larger than max (${outcome.length} vs. ${maxSendBytes})`),
        );
    } catch (error) {
      this.#surroundings.options.log.error("a call could not be answered", { method: this.#path, err: textOf(error) });
      this.#answerStatus(grpcStatus("INTERNAL", "internal error"));
    } finally {
      this.#isHandling = false;
      if (this.#isDone) this.#release();
    }
  }

  /** Gives the memory back, once neither an answer nor a handler needs it. */
  #release(): void {
    this.#surroundings.options.budget?.release(this.#reservedBytes);
    this.#reservedBytes = 0;
    this.#surroundings.callDone(this);
  }

  async #unpack(packed: Uint8Array, maxBytes: number): Promise<Uint8Array | GrpcStatus> {
    if (this.#encoding === undefined) return grpcStatus("INTERNAL", "grpc: compressed flag set with identity or empty encoding");
    try {
      const message = await decompress(this.#encoding, [packed], Math.max(maxBytes, 1));
      const { budget } = this.#surroundings.options;
      budget?.take(message.length);
      this.#reservedBytes += budget === undefined ? 0 : message.length;
      return message;
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      if (error.kind === "too_large")
        return grpcStatus("RESOURCE_EXHAUSTED", `grpc: received message after decompression larger than max ${maxBytes}`);
      return grpcStatus("INTERNAL", `grpc: failed to decompress the received message: ${error.message}`);
    }
  }

  #answer(message: Uint8Array): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { connection } = this.#surroundings;
    connection.sendHeaders(this.#stream, answerHeaders, false);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    connection.sendData(this.#stream, [prefix, message], okTrailers);
    this.#finish(grpcCodes.OK, message.length);
  }

  #answerStatus(status: GrpcStatus): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const more = status.code === grpcCodes.UNIMPLEMENTED ? ["grpc-accept-encoding", acceptedEncodings] : [];
    this.#surroundings.connection.sendHeaders(this.#stream, onlyTrailers(status, more), true);
    this.#finish(status.code, 0);
  }

  /** For who does not speak gRPC at all. */
  #answerHttp({ http, text }: HttpRefusal): void {
    this.#isAnswered = true;
    const { connection } = this.#surroundings;
    const body = Buffer.from(text);
    const head = encodeHeaders([":status", String(http), "content-type", "text/plain", "content-length", String(body.length)]);
    connection.sendHeaders(this.#stream, head, false);
    connection.sendData(this.#stream, [body], undefined);
    this.#finish(grpcCodes.INVALID_ARGUMENT, body.length);
  }

  #finish(code: number, responseBytes: number): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const { options } = this.#surroundings;
    const requestBytes = this.#reader?.message.length ?? 0;
    this.#reader = undefined;
    if (code === grpcCodes.OK) this.#surroundings.sent();
    if (this.#span !== undefined) endCallSpan(this.#span, code, isServerFault(code));
    // One that is handled still counts against what a client may have under way.
    if (!this.#isHandling) this.#release();
    options.observe?.({
      method: this.#path,
      code,
      seconds: (options.clock.monotonic() - this.#startedAt) / 1000,
      requestBytes,
      responseBytes,
      peerAddress: this.#surroundings.address,
    });
  }
}

const nothing = () => {};

/** The answer to who does not speak gRPC; it waits for the end of the request. */
interface HttpRefusal {
  readonly http: number;
  readonly text: string;
}

function unknownMethod(path: string, known: readonly string[]): string {
  const [, service = "", method = ""] = /^\/(.*)\/([^/]*)$/.exec(path) ?? [];
  if (service === "") return `malformed method name: "${path}"`;
  return known.some((one) => one.startsWith(`/${service}/`))
    ? `unknown method ${method} for service ${service}`
    : `unknown service ${service}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
