import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { type Fault, type FaultMode, readFaultMode } from "./fault.ts";
import { answerGrpc } from "./grpc.ts";
import { answerHttp } from "./http.ts";
import { type Credentials, Intake, type RequestRecord, type Stats } from "./intake.ts";
import type { Items, Signal } from "./items.ts";
import type { SequenceSet } from "./sequence-set.ts";

export type DestinationOptions = {
  /** Serves TLS; with `clientCa` a certificate signed by it is asked of the client. PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  readonly credentials?: Credentials;
  /** How many items of each signal are kept for `received`; all are counted. Default 100,000. */
  readonly keep?: number;
  /** 0, the default: any free one. */
  readonly port?: number;
  readonly grpcPort?: number;
  /** Where it listens, and what its URLs say; default loopback. */
  readonly address?: string;
};

/** Plays the backends on loopback: OTLP over HTTP and gRPC, remote write 1 and 2, Loki push. Works with `await using`. */
export type Destination = AsyncDisposable & {
  /** Base address, for OTLP over HTTP as it is. */
  readonly url: string;
  readonly remoteWriteUrl: string;
  readonly lokiUrl: string;
  /** `127.0.0.1:PORT`, as the endpoint of a gRPC exporter. */
  readonly grpcUrl: string;
  stats(): Stats;
  /** The items that were taken, in order of arrival. */
  received<S extends Signal>(signal: S): Items[S];
  /** The sequence numbers (`seq=N` in a name, body or line; label or attribute `seq`) of one signal. */
  sequences(signal: Signal): SequenceSet;
  readonly requests: readonly RequestRecord[];
  /** Puts another behaviour in force: a mode, its name (`"503"`), or a `Fault` with all its settings. */
  fault(fault: Fault | FaultMode | `${number}`): void;
  /** Resolves when the statistics satisfy the condition; rejects with them when the time is up. */
  until(condition: (stats: Stats) => boolean, withinMs?: number): Promise<Stats>;
  /** Closes the ports and every connection; what arrived can still be asked for. */
  stop(): Promise<void>;
};

export async function startDestination({
  tls,
  credentials,
  keep = 100_000,
  port = 0,
  grpcPort = 0,
  address = "127.0.0.1",
}: DestinationOptions = {}): Promise<Destination> {
  const intake = new Intake(keep, credentials);
  const listener: RequestListener = (request, response) => {
    answerHttp(intake, request, response).catch((error: unknown) => fail(error, () => response.destroy()));
  };
  const secure = tls && {
    cert: tls.cert,
    key: tls.key,
    ...(tls.clientCa && { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  };
  const http = secure ? createHttpsServer(secure, listener) : createServer(listener);
  const grpc: Http2Server | Http2SecureServer = secure ? createSecureServer(secure) : createHttp2Server();
  grpc.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // A client that goes away mid-call is part of what is tested, and so is not an error here.
    stream.on("error", () => stream.destroy());
    answerGrpc(intake, stream, headers, () => reset(grpcConnections, stream.session?.socket.remotePort)).catch((error: unknown) =>
      fail(error, () => stream.destroy()),
    );
  });
  const [httpConnections, grpcConnections] = [connectionsOf(http), connectionsOf(grpc)];
  const [httpAddress, grpcAddress] = [await listen(http, address, port), await listen(grpc, address, grpcPort)];
  const url = `${secure ? "https" : "http"}://${httpAddress}`;
  const stop = async () => {
    await Promise.all([close(http, httpConnections), close(grpc, grpcConnections)]);
  };

  // A request that the client broke off ends its handler early; anything else is a fault of this program and must be seen.
  function fail(error: unknown, hangUp: () => void): void {
    hangUp();
    if (!isBrokenOff(error)) throw error;
  }

  return {
    url,
    remoteWriteUrl: `${url}/api/v1/write`,
    lokiUrl: `${url}/loki/api/v1/push`,
    grpcUrl: grpcAddress,
    stats: () => intake.stats(),
    received: (signal) => intake.ledger.kept[signal],
    sequences: (signal) => intake.ledger.sequences[signal],
    requests: intake.records,
    fault: (fault) => intake.faults.set(typeof fault === "object" ? fault : { mode: readFaultMode(String(fault)) }),
    until: (condition, withinMs = 30_000) => until(intake, condition, withinMs),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function until(intake: Intake, condition: (stats: Stats) => boolean, withinMs: number): Promise<Stats> {
  const { promise, resolve, reject } = Promise.withResolvers<Stats>();
  const look = () => {
    const stats = intake.stats();
    if (condition(stats)) resolve(stats);
  };
  const forget = intake.onChange(look);
  const timer = setTimeout(
    () => reject(new Error(`not within ${withinMs} ms: ${condition}; the destination has ${JSON.stringify(intake.stats())}`)),
    withinMs,
  );
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    forget();
  });
}

function isBrokenOff(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  return ["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ERR_HTTP2_INVALID_STREAM", "ERR_HTTP2_STREAM_ERROR", "ABORT_ERR"].includes(code);
}

function connectionsOf(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return sockets;
}

/** HTTP/2 lets nobody touch a session's socket, so the connection is found by the client's port. */
function reset(sockets: ReadonlySet<Socket>, remotePort: number | undefined): void {
  for (const socket of sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy();
}

async function listen(server: Server, address: string, port: number): Promise<string> {
  server.listen(port, address);
  await once(server, "listening");
  return `${address}:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
