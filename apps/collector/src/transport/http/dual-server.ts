import {
  createServer as createHttp1,
  type Server as Http1Server,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

export interface Http2Settings {
  /** Requests under way on one connection. */
  readonly maxConcurrentStreams: number;
  /** Of a frame that clients may send; 0: the platform's. */
  readonly maxFrameBytes?: number;
  /** What a client may send ahead of what is read, on a stream; 0: the platform's. */
  readonly streamWindowBytes?: number;
  readonly connectionWindowBytes?: number;
  /** A client of whom nothing was heard for so long is asked whether it is there, and given up where it does not answer in time; 0: never. */
  readonly pingAfterMs?: number;
  readonly pingTimeoutMs?: number;
  /** Of HPACK's tables, that of the client and ours. */
  readonly headerTableBytes?: number;
  /** Connections without requests are closed after so long; 0: never. */
  readonly idleTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

export interface DualServerOptions {
  /** With TLS the client chooses by ALPN; without, by how it begins. */
  readonly tls: TlsOptions | undefined;
  readonly http1: ServerOptions;
  readonly http2: Http2Settings;
  /** How long a client may take for its first bytes. */
  readonly firstBytesMs: number;
  /** A connection that may go on, whichever protocol it speaks; false destroys it. */
  accept(socket: Socket): boolean;
}

/** One port for HTTP/1.1 and HTTP/2. */
export interface DualServer {
  /** To be told where to listen. */
  readonly listener: Server;
  readonly http1: Http1Server;
  /** Both kinds of requests as one: what HTTP/2's have is what HTTP/1's have, as far as servers here use it. */
  onRequest(event: "request" | "checkContinue", handle: Handle): void;
  /** Takes no more connections and ends those that are idle; resolves when all are gone. */
  close(): Promise<void>;
  closeAllConnections(): void;
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** RFC 9113, 3.4: no method of HTTP/1 begins like this. */
const preface = Buffer.from("PRI * HTTP/2.0");

export function createDualServer(options: DualServerOptions): DualServer {
  const { tls, firstBytesMs } = options;
  const http1 = createHttp1(options.http1);
  const handlers: [event: "request" | "checkContinue", handle: Handle][] = [];
  let http2: Promise<Http2Server> | undefined;
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const openHttp2 = async (): Promise<Http2Server> => {
    const server = await http2Server(options.http2);
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
      // What a broken client leaves is its own affair.
      session.on("error", () => {});
    });
    for (const [event, handle] of handlers) server.on(event, handle as unknown as (...args: unknown[]) => void);
    return server;
  };
  const speakHttp2 = async (socket: Socket): Promise<void> => {
    http2 ??= openHttp2();
    const server = await http2;
    if (!socket.destroyed) server.emit("connection", socket);
  };
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };
  const listener: Server =
    tls === undefined
      ? createTcpServer((socket) => {
          take(socket);
          if (!options.accept(socket)) socket.destroy();
          else void chooseByFirstBytes(socket, firstBytesMs, http1, speakHttp2);
        })
      : createTlsServer({ ...tls, ALPNProtocols: ["h2", "http/1.1"] });
  if (tls !== undefined) {
    listener.on("connection", take);
    listener.on("secureConnection", (socket: TLSSocket) => {
      if (!options.accept(socket)) socket.destroy();
      else if (socket.alpnProtocol === "h2") void speakHttp2(socket);
      else http1.emit("connection", socket);
    });
  }
  // It never listens itself: without this its limits on slow clients would not be looked after.
  http1.emit("listening");
  return {
    listener,
    http1,
    onRequest(event, handle) {
      http1.on(event, handle);
      handlers.push([event, handle]);
    },
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      http1.close(() => {});
      for (const session of sessions) session.close();
      await closed;
    },
    closeAllConnections() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Loaded with the first connection that wants it: the platform's part for HTTP/2 costs as much time at the start as a tenth of the program. */
async function http2Server({
  connectionWindowBytes = 0,
  pingAfterMs = 0,
  pingTimeoutMs = 0,
  maxConcurrentStreams,
  maxFrameBytes,
  streamWindowBytes,
  headerTableBytes,
  idleTimeoutMs,
  maxHeaderBytes,
}: Http2Settings): Promise<Http2Server> {
  const { createServer } = await import("node:http2");
  const server = createServer({
    maxHeaderListPairs: 256,
    settings: {
      maxConcurrentStreams,
      maxHeaderListSize: maxHeaderBytes,
      enablePush: false,
      ...((maxFrameBytes ?? 0) > 0 && { maxFrameSize: maxFrameBytes }),
      ...((streamWindowBytes ?? 0) > 0 && { initialWindowSize: streamWindowBytes }),
      ...(headerTableBytes !== undefined && { headerTableSize: headerTableBytes }),
    },
  });
  server.on("session", (session) => {
    if (idleTimeoutMs > 0) session.setTimeout(idleTimeoutMs, () => session.close());
    if (connectionWindowBytes > 0) session.setLocalWindowSize(connectionWindowBytes);
    if (pingAfterMs > 0) keepAsking(session, pingAfterMs, pingTimeoutMs);
  });
  server.on("sessionError", () => {});
  return server;
}

function keepAsking(session: ServerHttp2Session, afterMs: number, timeoutMs: number): void {
  let bytes = -1;
  const timer = setInterval(() => {
    const read = session.socket.bytesRead;
    if (read !== bytes || session.destroyed) {
      bytes = read;
      return;
    }
    const giveUp = setTimeout(() => session.destroy(), timeoutMs);
    session.ping(() => clearTimeout(giveUp));
  }, afterMs);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

async function chooseByFirstBytes(
  socket: Socket,
  ms: number,
  http1: Http1Server,
  speakHttp2: (socket: Socket) => Promise<void>,
): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), ms);
  timer.unref();
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = await firstPiece(socket);
    if (piece === undefined) break;
    pieces.push(piece);
    const seen = Buffer.concat(pieces);
    const begins = seen.subarray(0, preface.length);
    const isLikeHttp2 = begins.equals(preface.subarray(0, begins.length));
    if (isLikeHttp2 && seen.length < preface.length) continue;
    clearTimeout(timer);
    socket.unshift(seen);
    if (isLikeHttp2) return speakHttp2(socket);
    http1.emit("connection", socket);
    socket.resume();
    return;
  }
  clearTimeout(timer);
}

/** Undefined where the client has gone. */
function firstPiece(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const onData = (piece: Buffer) => {
      socket.pause();
      socket.off("close", onClose);
      resolve(piece);
    };
    const onClose = () => resolve(undefined);
    socket.once("data", onData).once("close", onClose);
    socket.resume();
  });
}
