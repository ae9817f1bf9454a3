import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { Clock } from "../../../../component/clock.ts";
import type { Logger } from "../../../../component/context.ts";
import { listenError } from "../../../../transport/address.ts";
import { TlsServer } from "../../../../transport/tls/contexts.ts";
import type { TlsServerSettings } from "../../../../transport/tls/settings.ts";
import type { SyslogIntake } from "./intake.ts";
import type { SyslogListener } from "./listen.ts";
import type { SenderNames } from "./sender-names.ts";

export interface TcpOptions {
  readonly host: string | undefined;
  readonly port: number;
  readonly idleMs: number;
  readonly tls: TlsServerSettings | undefined;
  readonly intake: SyslogIntake;
  readonly names: SenderNames;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Listens for streams of messages. Rejects where it can't. */
export async function listenForStreams(options: TcpOptions): Promise<SyslogListener> {
  const { host, port, log, clock } = options;
  const tls = options.tls === undefined ? undefined : new TlsServer(options.tls, clock, log);
  const open = new Map<Socket, Promise<void>>();
  let isClosing = false;
  const accept = (socket: Socket) => {
    if (isClosing) return void socket.destroy();
    const reading = read(socket, options).finally(() => open.delete(socket));
    open.set(socket, reading);
  };
  const handshakes = new Set<Socket>();
  let server: Server;
  if (tls === undefined) server = createPlainServer(accept);
  else {
    const secure = createTlsServer(tls.options(), accept);
    secure.on("tlsClientError", (error) => log.warn("error initializing syslog stream", { err: error.message }));
    secure.on("connection", (socket: Socket) => {
      handshakes.add(socket);
      socket.once("close", () => handshakes.delete(socket));
    });
    server = secure;
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", (error) => log.error("the listener for messages failed", { err: error.message }));
  const unfollow = tls?.follow(server as unknown as Parameters<TlsServer["follow"]>[0]);
  const bound = server.address() as AddressInfo;
  return {
    host: bound.address,
    port: bound.port,
    async close(deadline) {
      isClosing = true;
      unfollow?.();
      server.close();
      const left = [...open.values()];
      // What was read is handed on; no more is read.
      for (const socket of [...open.keys(), ...handshakes]) socket.destroy();
      await Promise.race([Promise.all(left), aborted(deadline)]);
    },
  };
}

/** Reads a connection to its end. While messages wait to be taken no more are read, so that the sender waits too. */
async function read(socket: Socket, { intake, names, idleMs }: TcpOptions): Promise<void> {
  const ip = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const frames = intake.frames();
  socket.on("error", () => {});
  if (idleMs > 0) socket.setTimeout(idleMs, () => socket.destroy());
  const sender = { ip, host: await names.of(ip) };
  try {
    for await (const bytes of socket) await intake.take(frames, bytes as Buffer, sender);
    await intake.take(frames, undefined, sender);
  } catch (error) {
    // Only what the sender wrote is worth a message: connections that break are none of ours.
    if (error instanceof MalformedInput) intake.wrong(error.message, ip);
  } finally {
    socket.destroy();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
