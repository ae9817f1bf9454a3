import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import { testAuthority } from "../tls/test-certificates.ts";
import { createDualServer } from "./dual-server.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(secure = false) {
  const authority = testAuthority();
  const { cert, key } = authority.issue("localhost");
  const server = createDualServer({
    tls: secure ? { cert, key } : undefined,
    http1: { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50, keepAliveTimeout: 5000 },
    http2: { maxConcurrentStreams: 10, idleTimeoutMs: 5000, maxHeaderBytes: 16384 },
    firstBytesMs: 300,
    accept: () => true,
  });
  server.onRequest("request", (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => response.end(`${request.httpVersion} ${request.method} ${request.url} ${Buffer.concat(pieces)}`));
  });
  await new Promise<void>((resolve) => server.listener.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return server.close();
  });
  return { server, port: (server.listener.address() as AddressInfo).port, ca: authority.ca };
}

async function overHttp1(port: number, body: string, ca?: string): Promise<string> {
  const options = { host: "127.0.0.1", port, path: "/x", method: "POST", agent: false };
  const request = ca === undefined ? httpRequest(options) : httpsRequest({ ...options, ca, servername: "localhost" });
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const piece of response) text += piece;
  return text;
}

async function overHttp2(port: number, bodies: readonly string[], ca?: string): Promise<string[]> {
  const session =
    ca === undefined
      ? connectHttp2(`http://127.0.0.1:${port}`)
      : connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: "localhost" });
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const stream = session.request({ ":method": "POST", ":path": "/x" });
      stream.end(body);
      let text = "";
      for await (const piece of stream) text += piece;
      return text;
    }),
  );
  session.close();
  return answers;
}

const large = "x".repeat(300_000);

test("one port speaks HTTP/1.1 and HTTP/2 in the clear, by how the client begins", async () => {
  const { port } = await start();
  assert.equal(await overHttp1(port, "a"), "1.1 POST /x a");
  assert.equal(await overHttp1(port, large), `1.1 POST /x ${large}`);
  assert.deepEqual(await overHttp2(port, ["a", "b", large]), ["2.0 POST /x a", "2.0 POST /x b", `2.0 POST /x ${large}`]);
});

test("one port speaks both over TLS, by ALPN", async () => {
  const { port, ca } = await start(true);
  assert.equal(await overHttp1(port, large, ca), `1.1 POST /x ${large}`);
  assert.deepEqual(await overHttp2(port, ["a", large], ca), ["2.0 POST /x a", `2.0 POST /x ${large}`]);
});

/** All that comes back until the server closes. */
function talk(port: number, write: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  write(socket);
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => resolve(text));
  });
}

test("the beginning may come byte by byte, and several requests at once", async () => {
  const { port } = await start();
  const bytes =
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\naPOST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nb";
  const answer = await talk(port, async (socket) => {
    for (const byte of bytes.slice(0, 5)) {
      socket.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    socket.write(bytes.slice(5));
  });
  assert.match(answer, /1\.1 POST \/x a.*1\.1 POST \/x b/s);
});

test("clients that say nothing, stop in the middle or talk nonsense are let go", async () => {
  const { port } = await start();
  assert.equal(await talk(port, () => {}), "");
  assert.equal(await talk(port, (socket) => socket.write("PRI * HT")), "");
  assert.match(await talk(port, (socket) => socket.write("POST /x HTTP/1.1\r\nHo")), /408/);
  assert.match(await talk(port, (socket) => socket.write("nonsense\r\n\r\n")), /400/);
  await talk(port, (socket) =>
    socket.write("PRI * HTTP/2.0\r\n\r\nnonsense\r\n\r\nnonsense that is no frame at all, for sure and long enough"),
  );
});

test("closing lets the request under way end", async () => {
  const { server, port } = await start();
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":method": "POST", ":path": "/x" });
  stream.write("a");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = server.close();
  stream.end("b");
  let text = "";
  for await (const piece of stream) text += piece;
  assert.equal(text, "2.0 POST /x ab");
  await closed;
  session.destroy();
});
