import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { createServer as createAlpnServer } from "node:tls";
import { FakeClock, systemClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { testAuthority } from "../tls/test-certificates.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpClientRequest } from "./client.ts";
import type { HttpErrorKind } from "./error.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://${await listening(createServer(listener))}`;
}

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    tls: undefined,
    followRedirects: true,
    http2: false,
    idleTimeoutMs: 10_000,
    clock: systemClock,
    log: testContext().log,
    environment: {},
    ...options,
  });
  closing.push(() => made.close());
  return made;
}

const get = (url: string, more: Partial<HttpClientRequest> = {}): HttpClientRequest => ({
  method: "GET",
  url,
  timeoutMs: 10_000,
  maxResponseBytes: 0,
  ...more,
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

/** "status body" of an answer, or the kind of the error. */
async function outcome(from: HttpClient, request: HttpClientRequest): Promise<string> {
  try {
    const { status, body } = await from.request(request);
    return `${status} ${Buffer.concat(body).toString()}`.trim();
  } catch (error) {
    return (error as { kind: HttpErrorKind }).kind;
  }
}

const echo: RequestListener = async (request: IncomingMessage, response: ServerResponse) => {
  response.end(`${request.method} ${request.url} ${request.headers["content-length"] ?? "-"} ${await bodyOf(request)}`);
};

test("sends a body in pieces with its length, and nothing where there is none", async () => {
  const url = await serve(echo);
  const pieces = ["one ", "two ", "three"].map((text) => Buffer.from(text));
  assert.equal(await outcome(client(), get(`${url}/a?b=c`, { method: "POST", body: pieces })), "200 POST /a?b=c 13 one two three");
  assert.equal(await outcome(client(), get(url, { method: "POST", body: pieces.slice(0, 1) })), "200 POST / 4 one");
  assert.equal(await outcome(client(), get(url, { method: "POST" })), "200 POST / 0");
  assert.equal(await outcome(client(), get(url)), "200 GET / -");
});

test("the request's headers win over the client's", async () => {
  const url = await serve((request, response) => void response.end(`${request.headers["user-agent"]} ${request.headers["x-a"]}`));
  const both = client({ headers: { "user-agent": "Invar/test", "x-a": "client" } });
  assert.equal(await outcome(both, get(url, { headers: { "x-a": "request" } })), "200 Invar/test request");
});

test("connections are kept and used again, unless told otherwise", async () => {
  let connections = 0;
  const server = createServer((_, response) => void response.end("ok"));
  server.on("connection", () => connections++);
  const url = `http://${await listening(server)}`;
  const keeping = client();
  for (let i = 0; i < 3; i++) await keeping.request(get(url));
  assert.equal(connections, 1);
  const closingOne = client({ keepAlive: false });
  for (let i = 0; i < 2; i++) await closingOne.request(get(url));
  assert.equal(connections, 3);
});

test("no more connections are kept than told", async () => {
  let connections = 0;
  const held: (() => void)[] = [];
  const server = createServer((_, response) => void held.push(() => response.end("ok")));
  server.on("connection", () => connections++);
  const url = `http://${await listening(server)}`;
  const one = client({ maxIdleConnectionsPerHost: 1 });
  for (const expected of [2, 3]) {
    const both = [one.request(get(url)), one.request(get(url))];
    while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of held.splice(0)) answer();
    await Promise.all(both);
    assert.equal(connections, expected);
  }
});

test("gives up when the time is over, whether connecting, waiting or reading", async () => {
  const clock = new FakeClock();
  const silent = `http://${await listening(createTcpServer(() => {}))}`;
  const slow = await serve((_, response) => void response.writeHead(200).write("half"));
  for (const url of [silent, slow]) {
    const waiting = outcome(client({ clock }), get(url, { timeoutMs: 5000 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(5000);
    assert.equal(await waiting, "timeout");
  }
});

test("ends when it is aborted, before or while it waits", async () => {
  const silent = `http://${await listening(createTcpServer(() => {}))}`;
  assert.equal(await outcome(client(), get(silent, { signal: AbortSignal.abort() })), "aborted");
  const abort = new AbortController();
  const waiting = outcome(client(), get(silent, { signal: abort.signal }));
  setImmediate(() => abort.abort());
  assert.equal(await waiting, "aborted");
});

test("an answer longer than allowed is an error, one of just that length is not", async () => {
  const url = await serve((_, response) => void response.end("12345"));
  assert.equal(await outcome(client(), get(url, { maxResponseBytes: 4 })), "too_large");
  assert.equal(await outcome(client(), get(url, { maxResponseBytes: 5 })), "200 12345");
});

test("says when nobody listens, when the name is unknown, and when the answer is no HTTP", async () => {
  const closed = await serve(() => {});
  await closing.pop()?.();
  assert.equal(await outcome(client(), get(closed)), "connection");
  assert.equal(await outcome(client(), get("http://name.invalid/")), "connection");
  const babbling = `http://${await listening(createTcpServer((socket) => void socket.end("SSH-2.0-OpenSSH\r\n\r\n")))}`;
  assert.equal(await outcome(client(), get(babbling)), "protocol");
});

test("what can do no harm is tried again when a kept connection turns out to be closed", async () => {
  const requests: string[] = [];
  const server = createTcpServer((socket) => {
    let answered = false;
    socket.on("data", (data) => {
      requests.push(data.toString().split(" ", 1)[0] ?? "");
      if (answered) return void socket.destroy();
      answered = true;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  const url = `http://${await listening(server)}`;
  const one = client();
  assert.deepEqual([await outcome(one, get(url)), await outcome(one, get(url))], ["200 ok", "200 ok"]);
  assert.equal(await outcome(one, get(url, { method: "POST", body: [Buffer.from("x")] })), "closed");
  assert.deepEqual(requests, ["GET", "GET", "GET", "POST"]);
});

test("redirects are followed as browsers do, ten at most, or not at all", async () => {
  const url = await serve(async (request, response) => {
    const status = Number(request.url?.slice(1, 4));
    if (status === 200) return void response.end(`${request.method} ${await bodyOf(request)}`);
    response.writeHead(status, { location: status === 302 && request.url === "/302loop" ? "/302loop" : "/200" }).end("moved");
  });
  const post = (path: string) => get(url + path, { method: "POST", body: [Buffer.from("data")] });
  assert.equal(await outcome(client(), post("/303")), "200 GET");
  assert.equal(await outcome(client(), post("/301")), "200 GET");
  assert.equal(await outcome(client(), post("/308")), "200 POST data");
  assert.equal(await outcome(client(), get(`${url}/302loop`)), "redirect");
  assert.equal(await outcome(client({ followRedirects: false }), get(`${url}/302`)), "302 moved");
});

test("credentials follow a redirect on the same host and never to another", async () => {
  const seen: string[] = [];
  const elsewhere = (
    await serve((request, response) => {
      seen.push(`elsewhere ${request.headers.authorization}`);
      response.end();
    })
  ).replace("127.0.0.1", "localhost");
  const url = await serve((request, response) => {
    seen.push(`here ${request.headers.authorization}`);
    response.writeHead(307, { location: request.url === "/" ? "/again" : elsewhere }).end();
  });
  const credentials = {
    requiresTls: true,
    authenticate: ({ headers }: { headers: Map<string, string> }) => void headers.set("authorization", "secret"),
  };
  await client({ credentials }).request(get(url));
  assert.deepEqual(seen, ["here secret", "here secret", "elsewhere undefined"]);
});

test("credentials that can't be had are an error of their own, and waiting for them has the request's time", async () => {
  const clock = new FakeClock();
  const failing = { requiresTls: false, authenticate: () => Promise.reject(new Error("no file")) };
  await assert.rejects(client({ credentials: failing }).request(get("http://localhost/")), { kind: "credentials", message: /no file/ });
  const stuck = { requiresTls: false, authenticate: () => new Promise<void>(() => {}) };
  const waiting = outcome(client({ credentials: stuck, clock }), get("http://localhost/", { timeoutMs: 1000 }));
  await clock.advance(1000);
  assert.equal(await waiting, "timeout");
});

test("cookies are kept and sent back where they belong", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/set")
      response.setHeader("set-cookie", ["a=1; Path=/", "b=2; Path=/deep", "c=3; Max-Age=0", "d=4; Domain=example.com", "e=5; Secure"]);
    response.end(request.headers.cookie ?? "none");
  });
  const jar = client({ cookies: true });
  assert.equal(await outcome(jar, get(`${url}/set`)), "200 none");
  assert.equal(await outcome(jar, get(`${url}/`)), "200 a=1");
  assert.equal(await outcome(jar, get(`${url}/deep/er`)), "200 b=2; a=1");
  assert.equal(await outcome(client(), get(`${url}/`)), "200 none");
});

const authority = testAuthority();
const certificate = authority.issue("localhost", "127.0.0.1");
const trusting = {
  ca: { text: authority.ca },
  systemCas: false,
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  verify: true,
  reloadMs: undefined,
} as const;

test("TLS servers are verified, by the URL's host and not by a Host header", async () => {
  const address = await listening(createTlsServer({ ...certificate }, (request, response) => void response.end(request.headers.host)));
  assert.equal(await outcome(client({ tls: trusting }), get(`https://${address}/`)), `200 ${address}`);
  assert.equal(
    await outcome(client({ tls: trusting }), get(`https://${address}/`, { headers: { host: "other.example" } })),
    "200 other.example",
  );
  assert.equal(await outcome(client(), get(`https://${address}/`)), "connection");
});

test("connections made with authorities that have changed are left", async () => {
  const clock = new FakeClock();
  const folder = mkdtempSync(join(tmpdir(), "invar-http-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "ca.pem");
  writeFileSync(file, authority.ca);
  const address = await listening(createTlsServer({ ...certificate }, (_, response) => void response.end("ok")));
  const one = client({ tls: { ...trusting, ca: { file }, reloadMs: 1000 }, clock });
  assert.equal(await outcome(one, get(`https://${address}/`)), "200 ok");
  writeFileSync(file, testAuthority("another").ca);
  assert.equal(await outcome(one, get(`https://${address}/`)), "200 ok");
  await clock.advance(1000);
  assert.equal(await outcome(one, get(`https://${address}/`)), "connection");
});

test("an HTTP/2 connection on which no ping is answered is given up for another", async () => {
  const clock = new FakeClock();
  let connections = 0;
  const mute = createAlpnServer({ ...certificate, ALPNProtocols: ["h2"] }, (socket) => {
    connections++;
    socket.on("error", () => {});
    socket.resume();
    // Empty settings, and then silence.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  });
  const address = await listening(mute);
  const one = client({ tls: trusting, http2: true, http2Ping: { idleMs: 10_000, timeoutMs: 5000 }, clock });
  const abort = new AbortController();
  const waiting = outcome(one, get(`https://${address}/`, { timeoutMs: 0, signal: abort.signal }));
  while (connections < 1) await new Promise((resolve) => setImmediate(resolve));
  while (connections < 2) await clock.advance(1000);
  abort.abort();
  assert.equal(await waiting, "aborted");
});

/** A proxy that notes what it is asked, and tunnels. */
async function proxy(log: string[]): Promise<string> {
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
    response.end("through the proxy");
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    log.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? "-"} ${request.headers["x-secret"] ?? "-"}`);
    if (request.headers["x-secret"] === "refuse") return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const [host, port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.pipe(upstream).pipe(socket);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  return listening(server);
}

test("plain requests go to the proxy whole, TLS goes through a tunnel with the headers for it", async () => {
  const log: string[] = [];
  const settings = { url: new URL(`http://user:pass@${await proxy(log)}`), connectHeaders: { "x-secret": "s" } };
  const secure = await listening(createTlsServer({ ...certificate }, (_, response) => void response.end("secure")));
  const through = client({ tls: trusting, proxy: settings });
  assert.equal(await outcome(through, get("http://plain.example/path?q")), "200 through the proxy");
  assert.equal(await outcome(through, get(`https://${secure}/`)), "200 secure");
  assert.deepEqual(log, ["GET http://plain.example/path?q Basic dXNlcjpwYXNz", `CONNECT ${secure} Basic dXNlcjpwYXNz s`]);
  const refused = client({ tls: trusting, proxy: { ...settings, connectHeaders: { "x-secret": "refuse" } } });
  assert.notEqual(await outcome(refused, get(`https://${secure}/`)), "200 secure");
});

test("excluded hosts are reached without the proxy", async () => {
  const log: string[] = [];
  const settings = { url: new URL(`http://${await proxy(log)}`), noProxy: "example.com" };
  const url = await serve(echo);
  assert.equal(await outcome(client({ proxy: settings }), get(url)), "200 GET / -");
  assert.deepEqual(log, []);
});

test("hands on a streamed answer piece by piece, reads no further while a piece is being taken, and knows no time limit once it has begun", async () => {
  const clock = new FakeClock();
  let send: ServerResponse | undefined;
  const url = await serve((_, response) => {
    send = response;
    response.write("one ");
  });
  const pieces: string[] = [];
  let release = () => {};
  const taken = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = Promise.withResolvers<void>();
  const receive = (piece: Uint8Array) => {
    pieces.push(Buffer.from(piece).toString());
    first.resolve();
    return pieces.length === 1 ? taken : undefined;
  };
  const answer = client({ clock }).request(get(url, { receive, timeoutMs: 1000, maxResponseBytes: 5 }));
  await first.promise;
  await clock.advance(60_000);
  send?.end("two three");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(pieces, ["one "]);
  release();
  const response = await answer;
  assert.deepEqual([pieces.join(""), response.status, response.body.length], ["one two three", 200, 0]);
});

test("a streamed answer that breaks off, or whose pieces are refused, fails once and is not asked for again", async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.write("begun");
    setTimeout(() => response.destroy(), 20);
  });
  await assert.rejects(client().request(get(url, { receive: () => {} })), { kind: "closed" });
  const refusing = () => {
    throw new Error("that is no line");
  };
  await assert.rejects(client().request(get(url, { receive: refusing })), /that is no line/);
  assert.equal(requests, 2);
});

test("an answer that is no success is kept whole where a stream was asked for", async () => {
  const url = await serve((_, response) => response.writeHead(403).end("no"));
  const pieces: Uint8Array[] = [];
  const response = await client().request(get(url, { receive: (piece) => void pieces.push(piece) }));
  assert.deepEqual([response.status, Buffer.concat(response.body).toString(), pieces.length], [403, "no", 0]);
});
