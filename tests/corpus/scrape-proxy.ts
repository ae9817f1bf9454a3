import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { testAuthority } from "../../apps/collector/src/transport/tls/test-certificates.ts";

/** A proxy behind which every target of the world answers a scrape; what is for loopback it passes on. */
export interface ScrapeProxy {
  readonly url: string;
  /** The addresses that were asked for, with their paths: `http://10.0.0.1:8080/metrics`. */
  readonly asked: ReadonlySet<string>;
  close(): Promise<void>;
}

export async function startScrapeProxy(page: string): Promise<ScrapeProxy> {
  const asked = new Set<string>();
  const connections = new Set<Socket>();
  const answer = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(page);

  const tls = createTlsServer(testAuthority().issue("kubernetes"), (request, response) => {
    asked.add(`https://${request.headers.host}${request.url}`);
    answer(response);
  });
  const proxy = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://nobody");
    if (url.hostname === "127.0.0.1") return passOn(request, response, url);
    asked.add(url.href);
    answer(response);
  });
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    const [host = "", port = ""] = (request.url ?? "").split(/:(?=\d+$)/);
    const onward = connect(host === "127.0.0.1" ? Number(port) : (tls.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    // Either side may hang up at any time.
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  for (const server of [proxy, tls]) {
    server.on("connection", (socket: Socket) => {
      connections.add(socket);
      socket.on("close", () => connections.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const server of [proxy, tls]) server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const onward = httpRequest(url, { method: request.method ?? "GET", headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
