import type { Socket } from "node:net";
import type { Clock } from "../../component/clock.ts";
import { FrameReader } from "./frame-reader.ts";
import { headerProblem, headerValue } from "./header-rules.ts";
import { type HeaderBlock, HpackDecoder } from "./hpack-decoder.ts";
import { emptyTable } from "./hpack-encoder.ts";
import { Output } from "./output.ts";
import {
  ConnectionError,
  clientPreface,
  defaultMaxFrame,
  defaultWindow,
  errorCodes,
  flags,
  frameHeadBytes,
  frameTypes,
  maxWindow,
  settings,
  writeFrameHead,
} from "./protocol.ts";
import { Http2Stream, type PendingData, type StreamReceiver } from "./stream.ts";

export interface Http2Options {
  readonly role: "server" | "client";
  readonly maxConcurrentStreams: number;
  readonly maxHeaderListBytes: number;
  /** How much is gathered before it is written; undefined: as much as is good. */
  readonly writeBufferBytes?: number;
  readonly clock: Clock;
}

/** Told of what happens on a connection. */
export interface Http2Listener {
  /** The client has opened a stream; `isEnded`: it sends nothing more. Who takes it returns its receiver. Servers only. */
  opened?(stream: Http2Stream, block: HeaderBlock, isEnded: boolean): StreamReceiver;
  /** The other side wants to know whether we are there. */
  pinged?(): void;
  /** The other side answers our ping. */
  ponged?(): void;
  /** The first settings have come: streams may be opened. */
  ready?(): void;
  /** The other side takes no more streams; those above `lastStream` were not looked at and are broken after this call. */
  goingAway?(code: number, message: string): void;
  /** A stream is done, with all that was sent on it. */
  streamDone?(): void;
  /** The connection is over; its streams were broken before. */
  closed?(reason: string): void;
}

/** Windows are widened in large steps: they bound what may be on its way, and memory is bounded elsewhere. */
const streamWindow = 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;
/** So much data goes to the socket at a time, in as many frames as it takes. */
const maxWriteBytes = 256 * 1024;
/** Up to here data is copied behind its frame's head; more goes from where it lies. */
const maxCopiedBytes = 4096;
const maxHeaderBlockFrames = 32;
/** An other side that does not read gets nothing more. */
const maxWaitingBytes = 4 * 1024 * 1024;
const lingerMs = 1000;

/** Which frames that do no work are taken: so many at once, so many less for each second and for each stream that did some. */
const maxNuisance = 2000;
const nuisanceForgivenPerSecond = 400;
const nuisanceForgivenPerStream = 20;
const resetNuisance = 10;

/** How the last streams ended, by their number: needed to tell a late frame from a wrong one. */
const never = 0;
const open = 1;
const endedByBoth = 2;
const endedByUs = 3;
const remembered = 1024;

/**
 * One HTTP/2 connection (RFC 9113) of either role. It reads frames, keeps windows and limits, and writes; what requests mean is the
 * streams' receivers' matter.
 */
export class Http2Connection {
  readonly socket: Socket;
  /** When something was last read, by the clock's `monotonic`. */
  lastReadAt: number;
  /** Set while the connection can still be written to. */
  isOpen = true;
  /** The other side or we have said that no more streams are taken. */
  isGoingAway = false;
  /** How many streams the other side takes at the same time. */
  maxRemoteStreams = Number.POSITIVE_INFINITY;
  readonly streams = new Map<number, Http2Stream>();

  readonly #options: Http2Options;
  readonly #listener: Http2Listener;
  readonly #isServer: boolean;
  readonly #reader: FrameReader;
  readonly #hpack: HpackDecoder;
  readonly #output: Output;
  #prefaceFilled = 0;
  #hasSettings = false;

  #lastStream = 0;
  #nextStream = 1;
  readonly #history = new Uint8Array(remembered);

  #sendWindow = defaultWindow;
  #initialSendWindow = defaultWindow;
  #maxSendFrame = defaultMaxFrame;
  readonly #blocked = new Set<Http2Stream>();
  #receiveWindow = connectionWindow;
  #received = 0;
  #mustSayTableEmpty = false;

  #dataStream: Http2Stream | undefined;
  #dataEnds = false;
  #headerStream = 0;
  #headerEnds = false;
  #headerFragments: Buffer[] = [];
  #headerBytes = 0;

  #nuisance = 0;
  #nuisanceAt: number;

  constructor(socket: Socket, options: Http2Options, listener: Http2Listener) {
    this.socket = socket;
    this.#options = options;
    this.#listener = listener;
    this.#isServer = options.role === "server";
    this.#reader = new FrameReader(this, defaultMaxFrame);
    this.#hpack = new HpackDecoder(options.maxHeaderListBytes);
    this.#output = new Output(socket, options.writeBufferBytes);
    this.lastReadAt = options.clock.monotonic();
    this.#nuisanceAt = this.lastReadAt;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => this.#pump());
    socket.on("error", (error: NodeJS.ErrnoException) => this.#over(error.code ?? error.message));
    socket.on("end", () => this.#over("the other side closed the connection"));
    socket.on("close", () => this.#over("the connection is closed"));
    // What is small is gathered here already; TCP must not wait for more.
    socket.setNoDelay(true);
    // A socket that came through a tunnel is paused.
    socket.resume();
    // A server waits for the client's preface: whoever speaks something else gets an answer that he understands.
    if (!this.#isServer) this.#begin();
  }

  /** Opens a stream with these headers, which end it where `isEnded`. Clients only, and only while the other side takes streams. */
  request(block: Buffer, isEnded: boolean, receiver: StreamReceiver): Http2Stream {
    const stream = new Http2Stream(this.#nextStream, this.#initialSendWindow, streamWindow);
    this.#nextStream += 2;
    stream.receiver = receiver;
    this.streams.set(stream.id, stream);
    this.#remember(stream.id, open);
    this.sendHeaders(stream, block, isEnded);
    return stream;
  }

  /** False: a client must not open another stream here. */
  get takesStreams(): boolean {
    return this.isOpen && !this.isGoingAway && this.streams.size < this.maxRemoteStreams && this.#nextStream < maxWindow - 2;
  }

  sendHeaders(stream: Http2Stream, block: Buffer, isEnded: boolean): void {
    if (!this.isOpen || stream.localEnded) return;
    const prefix = this.#mustSayTableEmpty ? emptyTable : undefined;
    this.#mustSayTableEmpty = false;
    const whole = prefix === undefined ? block : Buffer.concat([prefix, block]);
    for (let at = 0; at === 0 || at < whole.length; at += this.#maxSendFrame) {
      const length = Math.min(whole.length - at, this.#maxSendFrame);
      const isLast = at + length === whole.length;
      const { buffer, offset } = this.#output.reserve(frameHeadBytes + length);
      const type = at === 0 ? frameTypes.HEADERS : frameTypes.CONTINUATION;
      const bits = (isLast ? flags.END_HEADERS : 0) | (isEnded && at === 0 ? flags.END_STREAM : 0);
      buffer.set(whole.subarray(at, at + length), writeFrameHead(buffer, offset, length, type, bits, stream.id));
    }
    if (isEnded) this.#endLocal(stream);
  }

  /** Sends data, which ends the stream, or goes before `trailers`, which do. The pieces are read as windows allow. */
  sendData(stream: Http2Stream, pieces: readonly Uint8Array[], trailers: Buffer | undefined): void {
    if (!this.isOpen || stream.localEnded) return;
    let left = 0;
    for (const piece of pieces) left += piece.length;
    stream.pending = { pieces, index: 0, offset: 0, left, trailers };
    this.#sendPending(stream);
  }

  /** Ends a stream at once; its receiver hears nothing more. */
  reset(stream: Http2Stream, code: number): void {
    if (!this.streams.has(stream.id)) return;
    this.#writeReset(stream.id, code);
    stream.receiver = undefined;
    this.#forget(stream, stream.remoteEnded ? endedByBoth : endedByUs);
  }

  ping(): void {
    if (!this.isOpen) return;
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + 8);
    buffer.fill(0x69, writeFrameHead(buffer, offset, 8, frameTypes.PING, 0, 0), offset + frameHeadBytes + 8);
  }

  /** Says that no more streams are taken; those that are open go on. */
  goAway(code: number, message: string): void {
    if (!this.isOpen) return;
    this.isGoingAway = true;
    const text = Buffer.from(message, "latin1").subarray(0, 1024);
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + 8 + text.length);
    const at = writeFrameHead(buffer, offset, 8 + text.length, frameTypes.GOAWAY, 0, 0);
    buffer.writeUInt32BE(this.#lastStream, at);
    buffer.writeUInt32BE(code, at + 4);
    buffer.set(text, at + 8);
  }

  /** Writes what is left and closes; streams that are open are broken. */
  close(reason: string): void {
    if (!this.isOpen) return;
    this.#output.flush();
    this.socket.end();
    const cancel = this.#options.clock.after(lingerMs, () => this.socket.destroy());
    this.socket.once("close", cancel);
    this.#over(reason);
  }

  // Beginning

  #begin(): void {
    if (!this.#isServer) this.#output.write(clientPreface);
    const values: [number, number][] = [
      [settings.INITIAL_WINDOW_SIZE, streamWindow],
      [settings.MAX_HEADER_LIST_SIZE, this.#options.maxHeaderListBytes],
      this.#isServer ? [settings.MAX_CONCURRENT_STREAMS, this.#options.maxConcurrentStreams] : [settings.ENABLE_PUSH, 0],
    ];
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + values.length * 6);
    let at = writeFrameHead(buffer, offset, values.length * 6, frameTypes.SETTINGS, 0, 0);
    for (const [setting, value] of values) {
      buffer.writeUInt16BE(setting, at);
      buffer.writeUInt32BE(value, at + 2);
      at += 6;
    }
    this.#writeWindowUpdate(0, connectionWindow - defaultWindow);
    this.#output.flush();
  }

  #read(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.lastReadAt = this.#options.clock.monotonic();
    try {
      const rest = this.#isServer && this.#prefaceFilled < clientPreface.length ? this.#readPreface(chunk) : chunk;
      this.#reader.push(rest);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error.code, error.message);
    }
  }

  #readPreface(chunk: Buffer): Buffer {
    const length = Math.min(clientPreface.length - this.#prefaceFilled, chunk.length);
    const expected = clientPreface.subarray(this.#prefaceFilled, this.#prefaceFilled + length);
    if (chunk.compare(expected, 0, length, 0, length) !== 0) {
      // Somebody speaks HTTP/1 to this port.
      const isHttp1 = this.#prefaceFilled === 0 && /^[A-Z]{3,7} [^ ]+ HTTP\/1/.test(chunk.toString("latin1", 0, 200));
      if (isHttp1) {
        this.#output.write(Buffer.from(http1Answer));
        this.close("the client speaks HTTP/1");
        return noBytes;
      }
      this.#begin();
      throw new ConnectionError(errorCodes.PROTOCOL_ERROR, "the connection does not begin with HTTP/2's preface");
    }
    this.#prefaceFilled += length;
    if (this.#prefaceFilled === clientPreface.length) this.#begin();
    return chunk.subarray(length);
  }

  // Frames

  frame(type: number, flagBits: number, id: number, payload: Buffer): void {
    if (!this.isOpen) return;
    if (this.#headerStream !== 0 && type !== frameTypes.CONTINUATION)
      throw protocolError("a header block was interrupted by another frame");
    if (!this.#hasSettings && type !== frameTypes.SETTINGS) throw protocolError("the first frame was not SETTINGS");
    switch (type) {
      case frameTypes.HEADERS:
        this.#onHeaders(flagBits, id, payload);
        break;
      case frameTypes.CONTINUATION:
        this.#onContinuation(flagBits, id, payload);
        break;
      case frameTypes.SETTINGS:
        this.#onSettings(flagBits, id, payload);
        break;
      case frameTypes.WINDOW_UPDATE:
        this.#onWindowUpdate(id, payload);
        break;
      case frameTypes.PING:
        this.#onPing(flagBits, id, payload);
        break;
      case frameTypes.RST_STREAM:
        this.#onReset(id, payload);
        break;
      case frameTypes.GOAWAY:
        this.#onGoAway(id, payload);
        break;
      case frameTypes.PRIORITY:
        this.#onPriority(id, payload);
        break;
      case frameTypes.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE, which was not permitted");
      default:
        this.#count(1);
    }
  }

  dataBegins(id: number, flagBits: number, length: number): void {
    this.#dataStream = undefined;
    if (!this.isOpen) return;
    if (this.#headerStream !== 0) throw protocolError("a header block was interrupted by DATA");
    if (!this.#hasSettings) throw protocolError("the first frame was not SETTINGS");
    if (id === 0) throw protocolError("DATA without a stream");
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0) throw new ConnectionError(errorCodes.FLOW_CONTROL_ERROR, "more data than the connection's window allows");
    this.#received += length;
    if (this.#received >= connectionWindow / 2) {
      this.#writeWindowUpdate(0, this.#received);
      this.#receiveWindow += this.#received;
      this.#received = 0;
    }
    if (length === 0) this.#count(1);
    const stream = this.streams.get(id);
    if (stream === undefined || stream.remoteEnded) {
      this.#onLateData(id, stream);
      return;
    }
    if (!stream.hasHeaders) throw protocolError("DATA before the headers");
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) {
      this.#breakStream(stream, errorCodes.FLOW_CONTROL_ERROR, "more data than the stream's window allows");
      return;
    }
    stream.received += length;
    this.#dataStream = stream;
    this.#dataEnds = (flagBits & flags.END_STREAM) !== 0;
    if (stream.received >= streamWindow / 2 && !this.#dataEnds) {
      this.#writeWindowUpdate(id, stream.received);
      stream.receiveWindow += stream.received;
      stream.received = 0;
    }
  }

  data(chunk: Buffer, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === undefined) return;
    if (stream.announcedLeft >= 0) {
      stream.announcedLeft -= end - start;
      if (stream.announcedLeft < 0) {
        this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "more data than content-length says");
        return;
      }
    }
    stream.receiver?.data(chunk, start, end);
  }

  dataEnds(): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    if (stream !== undefined && this.#dataEnds && this.streams.has(stream.id)) this.#endRemote(stream);
  }

  #onLateData(id: number, stream: Http2Stream | undefined): void {
    if (stream !== undefined || this.#recall(id) === endedByBoth) {
      if (stream === undefined) throw new ConnectionError(errorCodes.STREAM_CLOSED, "DATA on a closed stream");
      this.#breakStream(stream, errorCodes.STREAM_CLOSED, "DATA after the end of the stream");
      return;
    }
    // On its way while we ended the stream.
    if (this.#recall(id) === endedByUs) {
      this.#count(1);
      return;
    }
    throw protocolError("DATA on a stream that was never opened");
  }

  #onHeaders(flagBits: number, id: number, payload: Buffer): void {
    if (id === 0) throw protocolError("HEADERS without a stream");
    let start = 0;
    let end = payload.length;
    if ((flagBits & flags.PADDED) !== 0) {
      end -= payload[0] ?? 0;
      start = 1;
    }
    if ((flagBits & flags.PRIORITY) !== 0) {
      if (payload.length < start + 5) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "HEADERS too short for its priority");
      // A stream can't depend on itself.
      if ((payload.readUInt32BE(start) & 0x7fffffff) === id) throw protocolError("a stream that depends on itself");
      start += 5;
    }
    if (start > end) throw protocolError("HEADERS with more padding than bytes");
    this.#headerStream = id;
    this.#headerEnds = (flagBits & flags.END_STREAM) !== 0;
    const fragment = payload.subarray(start, end);
    if ((flagBits & flags.END_HEADERS) !== 0) {
      this.#onHeaderBlock(fragment);
      return;
    }
    // Kept beyond this call.
    this.#headerFragments = [Buffer.from(fragment)];
    this.#headerBytes = fragment.length;
    this.#limitHeaderBlock();
  }

  #onContinuation(flagBits: number, id: number, payload: Buffer): void {
    if (this.#headerStream === 0 || id !== this.#headerStream) throw protocolError("CONTINUATION without its HEADERS");
    this.#headerFragments.push(Buffer.from(payload));
    this.#headerBytes += payload.length;
    this.#limitHeaderBlock();
    if ((flagBits & flags.END_HEADERS) === 0) return;
    const block = Buffer.concat(this.#headerFragments);
    this.#headerFragments = [];
    this.#headerBytes = 0;
    this.#onHeaderBlock(block);
  }

  #limitHeaderBlock(): void {
    if (this.#headerFragments.length > maxHeaderBlockFrames || this.#headerBytes > 2 * this.#options.maxHeaderListBytes + 4096)
      throw new ConnectionError(errorCodes.ENHANCE_YOUR_CALM, "a header block that does not end");
  }

  #onHeaderBlock(fragment: Buffer): void {
    const id = this.#headerStream;
    this.#headerStream = 0;
    const block = this.#hpack.decode(fragment);
    const stream = this.streams.get(id);
    if (stream !== undefined) {
      this.#onMoreHeaders(stream, block);
      return;
    }
    if (!this.#isServer) {
      if (this.#recall(id) === endedByUs) {
        this.#count(1);
        return;
      }
      throw new ConnectionError(errorCodes.STREAM_CLOSED, "HEADERS on a stream that is not open");
    }
    if (id % 2 === 0) throw protocolError("a client's stream with an even number");
    if (id <= this.#lastStream) {
      const past = this.#recall(id);
      if (past === endedByUs) {
        this.#count(1);
        return;
      }
      throw past === never
        ? protocolError("a stream with a lower number than one before")
        : new ConnectionError(errorCodes.STREAM_CLOSED, "HEADERS on a closed stream");
    }
    const firstSkipped = Math.max(this.#lastStream === 0 ? 1 : this.#lastStream + 2, id - 2 * remembered);
    for (let skipped = firstSkipped; skipped < id; skipped += 2) this.#remember(skipped, never);
    this.#lastStream = id;
    this.#open(id, block);
  }

  #open(id: number, block: HeaderBlock): void {
    if (this.#output.waitingBytes > maxWaitingBytes) throw new ConnectionError(errorCodes.ENHANCE_YOUR_CALM, "answers are not read");
    this.#remember(id, open);
    if (this.isGoingAway || this.streams.size >= this.#options.maxConcurrentStreams) {
      this.#count(1);
      this.#remember(id, this.#headerEnds ? endedByBoth : endedByUs);
      this.#writeReset(id, errorCodes.REFUSED_STREAM);
      return;
    }
    const stream = new Http2Stream(id, this.#initialSendWindow, streamWindow);
    stream.remoteEnded = this.#headerEnds;
    stream.hasHeaders = true;
    this.streams.set(id, stream);
    const problem = headerProblem(block, "request");
    if (problem !== undefined) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, problem);
      return;
    }
    const announced = headerValue(block.pairs, "content-length");
    if (announced !== undefined) stream.announcedLeft = /^\d{1,15}$/.test(announced) ? Number(announced) : -2;
    if (stream.announcedLeft === -2 || (this.#headerEnds && stream.announcedLeft > 0)) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "a content-length that is not the body's");
      return;
    }
    if (this.#listener.opened === undefined) throw new Error("a server's connection needs somebody who takes streams");
    stream.receiver = this.#listener.opened(stream, block, this.#headerEnds);
  }

  /** An answer's headers, or the trailers of either side. */
  #onMoreHeaders(stream: Http2Stream, block: HeaderBlock): void {
    if (stream.remoteEnded) {
      this.#breakStream(stream, errorCodes.STREAM_CLOSED, "HEADERS after the end of the stream");
      return;
    }
    const isAnswer = !this.#isServer && !stream.hasHeaders;
    const problem = block.isTooLong ? "more headers than allowed" : headerProblem(block, isAnswer ? "response" : "trailers");
    if (problem !== undefined) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, problem);
      return;
    }
    if (isAnswer) {
      const isInterim = headerValue(block.pairs, ":status")?.startsWith("1") === true;
      if (isInterim) {
        if (this.#headerEnds) this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "an interim answer that ends");
        else this.#count(1);
        return;
      }
      stream.hasHeaders = true;
    } else if (!this.#headerEnds) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "trailers that do not end the stream");
      return;
    }
    const ends = this.#headerEnds;
    stream.receiver?.headers(block);
    if (ends && this.streams.has(stream.id)) this.#endRemote(stream);
  }

  #onSettings(flagBits: number, id: number, payload: Buffer): void {
    if (id !== 0) throw protocolError("SETTINGS on a stream");
    if ((flagBits & flags.ACK) !== 0) {
      if (payload.length > 0) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "an acknowledgement with settings");
      if (!this.#hasSettings) throw protocolError("the first frame was an acknowledgement");
      return;
    }
    if (payload.length % 6 !== 0) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "SETTINGS of a wrong length");
    this.#count(1 + payload.length / 60);
    for (let at = 0; at < payload.length; at += 6) this.#onSetting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    const { buffer, offset } = this.#output.reserve(frameHeadBytes);
    writeFrameHead(buffer, offset, 0, frameTypes.SETTINGS, flags.ACK, 0);
    if (!this.#hasSettings) {
      this.#hasSettings = true;
      this.#listener.ready?.();
    }
    this.#pump();
  }

  #onSetting(setting: number, value: number): void {
    switch (setting) {
      case settings.HEADER_TABLE_SIZE:
        this.#mustSayTableEmpty = true;
        break;
      case settings.ENABLE_PUSH:
        if (value > 1 || (!this.#isServer && value !== 0)) throw protocolError("a wrong ENABLE_PUSH");
        break;
      case settings.MAX_CONCURRENT_STREAMS:
        this.maxRemoteStreams = value;
        break;
      case settings.INITIAL_WINDOW_SIZE: {
        if (value > maxWindow) throw new ConnectionError(errorCodes.FLOW_CONTROL_ERROR, "an initial window beyond the limit");
        const change = value - this.#initialSendWindow;
        this.#initialSendWindow = value;
        for (const stream of this.streams.values()) {
          stream.sendWindow += change;
          if (stream.sendWindow > maxWindow) throw new ConnectionError(errorCodes.FLOW_CONTROL_ERROR, "a window beyond the limit");
        }
        break;
      }
      case settings.MAX_FRAME_SIZE:
        if (value < defaultMaxFrame || value > 0xffffff) throw protocolError("a wrong MAX_FRAME_SIZE");
        this.#maxSendFrame = value;
        break;
    }
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "WINDOW_UPDATE of a wrong length");
    const increment = payload.readUInt32BE(0) & 0x7fffffff;
    if (id === 0) {
      if (increment === 0) throw protocolError("a window widened by nothing");
      this.#sendWindow += increment;
      if (this.#sendWindow > maxWindow)
        throw new ConnectionError(errorCodes.FLOW_CONTROL_ERROR, "the connection's window beyond the limit");
      if (this.#blocked.size === 0) this.#count(1);
      this.#pump();
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) throw protocolError("WINDOW_UPDATE on a stream that was never opened");
      this.#count(1);
      return;
    }
    if (increment === 0) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "a window widened by nothing");
      return;
    }
    stream.sendWindow += increment;
    if (stream.sendWindow > maxWindow) {
      this.#breakStream(stream, errorCodes.FLOW_CONTROL_ERROR, "the stream's window beyond the limit");
      return;
    }
    if (stream.pending === undefined) this.#count(1);
    else this.#sendPending(stream);
  }

  #onPing(flagBits: number, id: number, payload: Buffer): void {
    if (id !== 0) throw protocolError("PING on a stream");
    if (payload.length !== 8) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "PING of a wrong length");
    if ((flagBits & flags.ACK) !== 0) {
      this.#listener.ponged?.();
      return;
    }
    this.#count(1);
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + 8);
    buffer.set(payload, writeFrameHead(buffer, offset, 8, frameTypes.PING, flags.ACK, 0));
    this.#listener.pinged?.();
  }

  #onReset(id: number, payload: Buffer): void {
    if (id === 0) throw protocolError("RST_STREAM without a stream");
    if (payload.length !== 4) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "RST_STREAM of a wrong length");
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) throw protocolError("RST_STREAM on a stream that was never opened");
      this.#count(1);
      return;
    }
    // Opening streams only to reset them costs us more than the sender.
    if (this.#isServer) this.#count(resetNuisance);
    const code = payload.readUInt32BE(0);
    const { receiver } = stream;
    stream.receiver = undefined;
    this.#forget(stream, endedByBoth);
    receiver?.broken({ code, message: "the other side reset the stream", isUnprocessed: code === errorCodes.REFUSED_STREAM });
  }

  #onGoAway(id: number, payload: Buffer): void {
    if (id !== 0) throw protocolError("GOAWAY on a stream");
    if (payload.length < 8) throw new ConnectionError(errorCodes.FRAME_SIZE_ERROR, "GOAWAY of a wrong length");
    this.isGoingAway = true;
    const lastStream = payload.readUInt32BE(0) & 0x7fffffff;
    const code = payload.readUInt32BE(4);
    const message = payload.toString("latin1", 8, 1024);
    this.#listener.goingAway?.(code, message);
    if (this.#isServer) return;
    for (const stream of [...this.streams.values()]) {
      if (stream.id <= lastStream) continue;
      const { receiver } = stream;
      stream.receiver = undefined;
      this.#forget(stream, endedByUs);
      receiver?.broken({ code, message: `the other side goes away: ${message}`, isUnprocessed: true });
    }
  }

  #onPriority(id: number, payload: Buffer): void {
    if (id === 0) throw protocolError("PRIORITY without a stream");
    this.#count(1);
    const stream = this.streams.get(id);
    const problem =
      payload.length !== 5
        ? errorCodes.FRAME_SIZE_ERROR
        : (payload.readUInt32BE(0) & 0x7fffffff) === id
          ? errorCodes.PROTOCOL_ERROR
          : undefined;
    if (problem === undefined) return;
    if (stream !== undefined) this.#breakStream(stream, problem, "a wrong PRIORITY");
    else this.#writeReset(id, problem);
  }

  // Sending

  #sendPending(stream: Http2Stream): void {
    const { pending } = stream;
    if (pending === undefined) return;
    while (pending.left > 0) {
      const allowed = Math.min(pending.left, this.#sendWindow, stream.sendWindow, maxWriteBytes);
      if (allowed <= 0 || this.#output.isFull) {
        this.#blocked.add(stream);
        return;
      }
      this.#writeData(stream, allowed, allowed === pending.left && pending.trailers === undefined);
    }
    this.#blocked.delete(stream);
    stream.pending = undefined;
    if (pending.trailers !== undefined) this.sendHeaders(stream, pending.trailers, true);
    else this.#endLocal(stream);
  }

  #writeData(stream: Http2Stream, bytes: number, ends: boolean): void {
    const { pending } = stream;
    if (pending === undefined) return;
    const frames = Math.ceil(bytes / this.#maxSendFrame);
    const heads = bytes > maxCopiedBytes ? Buffer.allocUnsafe(frames * frameHeadBytes) : undefined;
    if (heads !== undefined) this.#output.beginMany();
    for (let left = bytes, frame = 0; left > 0; frame++) {
      const length = Math.min(left, this.#maxSendFrame);
      left -= length;
      const bits = ends && left === 0 ? flags.END_STREAM : 0;
      if (heads === undefined) {
        const { buffer, offset } = this.#output.reserve(frameHeadBytes + length);
        this.#copyData(pending, length, buffer, writeFrameHead(buffer, offset, length, frameTypes.DATA, bits, stream.id));
      } else {
        const start = frame * frameHeadBytes;
        const end = writeFrameHead(heads, start, length, frameTypes.DATA, bits, stream.id);
        this.#output.add(heads.subarray(start, end));
        this.#passData(pending, length);
      }
    }
    if (heads !== undefined) this.#output.endMany();
    pending.left -= bytes;
    this.#sendWindow -= bytes;
    stream.sendWindow -= bytes;
  }

  /** Copies the next `length` bytes: for a few, one write of the socket costs more than the copy. */
  #copyData(pending: PendingData, length: number, target: Buffer, from: number): void {
    let at = from;
    for (let missing = length; missing > 0; ) {
      const taken = takeData(pending, missing);
      target.set(taken, at);
      at += taken.length;
      missing -= taken.length;
    }
  }

  /** Hands the next `length` bytes to the socket where they lie. */
  #passData(pending: PendingData, length: number): void {
    for (let missing = length; missing > 0; ) {
      const taken = takeData(pending, missing);
      this.#output.add(taken);
      missing -= taken.length;
    }
  }

  #pump(): void {
    for (const stream of this.#blocked) {
      if (this.#sendWindow <= 0 || this.#output.isFull) return;
      this.#sendPending(stream);
    }
  }

  #writeWindowUpdate(id: number, increment: number): void {
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + 4);
    buffer.writeUInt32BE(increment, writeFrameHead(buffer, offset, 4, frameTypes.WINDOW_UPDATE, 0, id));
  }

  #writeReset(id: number, code: number): void {
    if (!this.isOpen) return;
    const { buffer, offset } = this.#output.reserve(frameHeadBytes + 4);
    buffer.writeUInt32BE(code, writeFrameHead(buffer, offset, 4, frameTypes.RST_STREAM, 0, id));
  }

  // Ends of streams and of the connection

  #endLocal(stream: Http2Stream): void {
    stream.localEnded = true;
    if (this.#isServer) this.#forgive();
    if (stream.remoteEnded) this.#forget(stream, endedByBoth);
    // A server that has answered needs nothing more of the request.
    else if (this.#isServer) this.reset(stream, errorCodes.NO_ERROR);
  }

  #endRemote(stream: Http2Stream): void {
    if (stream.announcedLeft > 0) {
      this.#breakStream(stream, errorCodes.PROTOCOL_ERROR, "less data than content-length says");
      return;
    }
    stream.remoteEnded = true;
    if (!this.#isServer) this.#forgive();
    const { receiver } = stream;
    if (stream.localEnded) this.#forget(stream, endedByBoth);
    else if (!this.#isServer) this.#stopSending(stream);
    receiver?.ended();
  }

  /** A server may answer before it has the whole request: the rest of it need not be sent. */
  #stopSending(stream: Http2Stream): void {
    this.#writeReset(stream.id, errorCodes.NO_ERROR);
    this.#forget(stream, endedByBoth);
  }

  #forget(stream: Http2Stream, how: number): void {
    this.streams.delete(stream.id);
    this.#blocked.delete(stream);
    stream.pending = undefined;
    stream.localEnded = true;
    this.#remember(stream.id, how);
    this.#listener.streamDone?.();
  }

  /** The other side broke the protocol on one stream. */
  #breakStream(stream: Http2Stream, code: number, message: string): void {
    this.#count(1);
    this.#writeReset(stream.id, code);
    const { receiver } = stream;
    stream.receiver = undefined;
    // What follows on it is late or wrong as the stream's end was.
    this.#forget(stream, stream.remoteEnded ? endedByBoth : endedByUs);
    if (this.#dataStream === stream) this.#dataStream = undefined;
    receiver?.broken({ code, message, isUnprocessed: false });
  }

  #fail(code: number, message: string): void {
    this.goAway(code, message);
    this.close(message);
  }

  #over(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.end();
    for (const stream of [...this.streams.values()]) {
      const { receiver } = stream;
      stream.receiver = undefined;
      this.#forget(stream, endedByUs);
      receiver?.broken({ code: undefined, message: reason, isUnprocessed: false });
    }
    this.#listener.closed?.(reason);
  }

  // What is remembered and counted

  #remember(id: number, how: number): void {
    this.#history[(id >>> 1) % remembered] = how;
  }

  /** `never` for streams that were skipped or not opened yet; what is long past counts as ended by us, which forgives most. */
  #recall(id: number): number {
    if (this.#isIdle(id)) return never;
    const newest = this.#isServer ? this.#lastStream : this.#nextStream - 2;
    return newest - id >= 2 * remembered ? endedByUs : (this.#history[(id >>> 1) % remembered] ?? never);
  }

  #isIdle(id: number): boolean {
    return this.#isServer ? id % 2 === 0 || id > this.#lastStream : id % 2 === 0 || id >= this.#nextStream;
  }

  #forgive(): void {
    this.#nuisance = Math.max(this.#nuisance - nuisanceForgivenPerStream, 0);
  }

  /** Counts a frame that does no work; too many end the connection. */
  #count(points: number): void {
    this.#nuisance += points;
    if (this.#output.waitingBytes > maxWaitingBytes) throw new ConnectionError(errorCodes.ENHANCE_YOUR_CALM, "answers are not read");
    if (this.#nuisance <= maxNuisance) return;
    const now = this.#options.clock.monotonic();
    this.#nuisance = Math.max(this.#nuisance - ((now - this.#nuisanceAt) / 1000) * nuisanceForgivenPerSecond, 0);
    this.#nuisanceAt = now;
    if (this.#nuisance > maxNuisance) throw new ConnectionError(errorCodes.ENHANCE_YOUR_CALM, "too many frames that do no work");
  }
}

/** The next bytes that are to be sent, from one piece, and at most `wanted`. */
function takeData(pending: PendingData, wanted: number): Uint8Array {
  const piece = pending.pieces[pending.index] ?? noBytes;
  const start = pending.offset;
  const end = Math.min(start + wanted, piece.length);
  if (end === piece.length) {
    pending.index++;
    pending.offset = 0;
  } else {
    pending.offset = end;
  }
  return start === 0 && end === piece.length ? piece : piece.subarray(start, end);
}

const noBytes = Buffer.alloc(0);
const http1Text = "This port speaks gRPC, which needs HTTP/2.\n";
const http1Answer = `HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\nContent-Length: ${http1Text.length}\r\nConnection: close\r\n\r\n${http1Text}`;

function protocolError(message: string): ConnectionError {
  return new ConnectionError(errorCodes.PROTOCOL_ERROR, message);
}
