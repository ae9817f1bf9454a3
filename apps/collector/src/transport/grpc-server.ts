import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, type TLSSocket } from "node:tls";
import { listenError } from "./address.ts";
import { ServerConnection } from "./grpc/server-connection.ts";
import type { GrpcServerOptions } from "./grpc/server-options.ts";
import { TlsServer } from "./tls/contexts.ts";

export {
  defaultGrpcKeepalive,
  defaultGrpcLimits,
  type GrpcExchange,
  type GrpcMethod,
  type GrpcServerKeepalive,
  type GrpcServerLimits,
  type GrpcServerOptions,
} from "./grpc/server-options.ts";

export interface GrpcServer {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Stops listening, tells clients to go elsewhere (GOAWAY), and resolves once the calls under way are answered or `deadline` is aborted. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Listens. Rejects where it can't. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, port, path, clock, log, limits } = options;
  const tls = options.tls === undefined ? undefined : new TlsServer(options.tls, clock, log);
  const connections = new Set<ServerConnection>();
  let sockets = 0;
  const accept = (socket: Socket) => {
    const connection = new ServerConnection(socket, options, () => connections.delete(connection));
    connections.add(connection);
  };
  const reading = options.readBufferBytes === undefined ? {} : { highWaterMark: options.readBufferBytes };
  const listener: Server =
    tls === undefined ? createServer(reading, accept) : createSecureServer({ ...reading, ...tls.options(), ALPNProtocols: ["h2"] });
  if (tls !== undefined)
    listener.on("secureConnection", (socket: TLSSocket) => {
      if (tls.refusal(socket) === undefined) accept(socket);
      else socket.destroy();
    });
  listener.on("connection", (socket: Socket) => {
    sockets++;
    socket.on("error", () => {}).once("close", () => sockets--);
    if (limits.maxConnections > 0 && sockets > limits.maxConnections) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error) => reject(listenError(error, path ?? host, port)));
    listener.listen(path === undefined ? { host, port } : { path }, resolve);
  });
  listener.on("error", (error) => log.error("the gRPC server's listener failed", { err: error.message }));
  const unfollow = tls?.follow(listener as unknown as Parameters<TlsServer["follow"]>[0]);
  let cancelTick = () => {};
  const tick = () => {
    const now = clock.monotonic();
    for (const connection of connections) connection.tick(now);
    cancelTick = clock.after(tickMs, tick);
  };
  cancelTick = clock.after(tickMs, tick);
  const bound = listener.address() as AddressInfo | string;
  return {
    host: typeof bound === "string" ? bound : bound.address,
    port: typeof bound === "string" ? 0 : bound.port,
    get connections() {
      return sockets;
    },
    async close(deadline) {
      unfollow?.();
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const connection of connections) connection.drain("graceful_stop");
      const abort = () => {
        for (const connection of connections) connection.cutOff();
      };
      deadline.addEventListener("abort", abort, { once: true });
      if (deadline.aborted) abort();
      await closed;
      deadline.removeEventListener("abort", abort);
      cancelTick();
    },
  };
}

const tickMs = 1000;
