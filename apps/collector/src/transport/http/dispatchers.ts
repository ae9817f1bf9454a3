import { isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from "undici";
import type { Clock } from "../../component/clock.ts";
import type { TlsClient } from "../tls/contexts.ts";
import type { Http2Ping, HttpClientOptions } from "./client.ts";
import { HttpError } from "./error.ts";
import { rotatingLookup } from "./rotating-lookup.ts";

/** Connections to the hosts themselves. */
export function direct(options: HttpClientOptions, tls: TlsClient): Dispatcher {
  const { clock, http2, http2Ping, rotateAddresses = false, readBufferBytes = 0, writeBufferBytes = 0 } = options;
  const base = {
    timeout: connectTimeoutMs,
    allowH2: http2,
    ...(rotateAddresses && { lookup: rotatingLookup() }),
    ...(readBufferBytes > 0 && { readableHighWaterMark: readBufferBytes, highWaterMark: undefined }),
    ...(writeBufferBytes > 0 && { writableHighWaterMark: writeBufferBytes, highWaterMark: undefined }),
  };
  const plain = buildConnector(base);
  return new Agent({
    ...common(options),
    connect: (target, callback) => {
      if (target.protocol !== "https:") {
        plain(target, callback);
        return;
      }
      // Made anew for each connection, so that it has the certificates of now; the URL's host is verified whatever the Host header says.
      const current = tls.options();
      const servername = current.servername ?? (isIP(target.hostname) === 0 ? target.hostname : undefined);
      buildConnector({ ...base, ...current })({ ...target, servername }, (...outcome) => {
        const [, socket] = outcome;
        if (http2Ping !== undefined && socket !== null && (socket as TLSSocket).alpnProtocol === "h2") watch(socket, http2Ping, clock);
        callback(...outcome);
      });
    },
  });
}

/** Connections that a proxy makes for us. */
export function through(options: HttpClientOptions, client: TlsClient, proxy: URL, isSecure: boolean): Dispatcher {
  const usesTls = isSecure || proxy.protocol === "https:";
  const tls = usesTls ? client.options() : undefined;
  return new ProxyAgent({
    ...common(options),
    uri: proxy.href.replace(/^socks5h:/, "socks5:"),
    headers: { ...options.proxy?.connectHeaders },
    proxyTunnel: false,
    connectTimeout: connectTimeoutMs,
    ...(tls !== undefined && { requestTls: tls as buildConnector.BuildOptions, proxyTls: tls as buildConnector.BuildOptions }),
  });
}

function common({ idleTimeoutMs, http2, http2Ping, maxConnectionsPerHost = 0 }: HttpClientOptions) {
  return {
    // Our own timers decide, so that one request has one deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: Math.max(idleTimeoutMs, 1),
    keepAliveMaxTimeout: Math.max(idleTimeoutMs, 1),
    allowH2: http2,
    pingInterval: http2Ping?.idleMs ?? 0,
    ...(maxConnectionsPerHost > 0 && { connections: maxConnectionsPerHost }),
  };
}

/** undici pings as often as it is told; whoever sends nothing back within the time for it is given up. */
function watch(socket: Socket, { idleMs, timeoutMs }: Http2Ping, clock: Clock): void {
  if (idleMs <= 0) return;
  let seen = socket.bytesRead;
  const look = () => {
    if (socket.bytesRead === seen) {
      socket.destroy(new HttpError("closed", `the server did not answer a ping within ${timeoutMs} ms`));
      return;
    }
    seen = socket.bytesRead;
    cancel = clock.after(idleMs, look);
  };
  let cancel = clock.after(idleMs + timeoutMs, look);
  socket.once("close", () => cancel());
}

const connectTimeoutMs = 10_000;
