import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { FakeClock, systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { Budget } from "../delivery/budget.ts";
import type { Authentication } from "./authentication.ts";
import { type HttpExchange, type HttpRoute, type HttpServer, type HttpServerOptions, startHttpServer } from "./http-server.ts";
import { testAuthority } from "./tls/test-certificates.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const limits = {
  maxBodyBytes: 1000,
  maxConnections: 0,
  readTimeoutMs: 0,
  headerTimeoutMs: 60_000,
  writeTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAlive: true,
};

const echo: HttpRoute = {
  methods: ["POST"],
  handle: ({ method, path, query, contentType, body, bodyBytes }) => ({
    status: 200,
    body: `${method} ${path} ${query} ${contentType} ${body.length}:${bodyBytes} ${Buffer.concat(body)}`,
  }),
};

async function start(routes: Record<string, HttpRoute>, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes,
    encodings: ["", "gzip"],
    limits,
    clock: systemClock,
    log: testContext().log,
    ...options,
  });
  closing.push(() => server.close(AbortSignal.abort()));
  return server;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: string | Buffer;
}

interface Got {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

async function send(server: HttpServer, path: string, { method = "POST", headers = {}, body = "" }: Sent = {}): Promise<Got> {
  const request = httpRequest({ host: server.host, port: server.port, path, method, headers, agent: false });
  request.on("error", () => {});
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const piece of response) text += piece;
  return { status: response.statusCode, headers: response.headers, text };
}

/** "status text" of an answer. */
async function outcome(server: HttpServer, path: string, sent?: Sent): Promise<string> {
  const { status, text } = await send(server, path, sent);
  return `${status} ${text.trim()}`;
}

/** All that comes back for these bytes until the server closes, or until `enough`. */
async function raw(server: HttpServer, bytes: string, enough = ""): Promise<string> {
  const socket = connect(server.port, server.host);
  socket.on("error", () => {});
  socket.write(bytes);
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (data) => {
      text += data;
      if (enough !== "" && text.includes(enough)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
  });
}

test("hands the parts of a request to its route", async () => {
  const server = await start({ "/a": echo });
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  assert.equal(await outcome(server, "/a?b=c", { headers, body: "hello" }), "200 POST /a b=c application/json 1:5 hello");
  assert.equal(await outcome(server, "/a"), "200 POST /a   0:0");
});

test("refuses paths, methods and encodings that are not served", async () => {
  const server = await start({ "/a": echo });
  assert.equal(await outcome(server, "/b"), "404 404 page not found");
  assert.equal(await outcome(server, "/toString"), "404 404 page not found");
  const wrong = await send(server, "/a", { method: "GET" });
  assert.deepEqual([wrong.status, wrong.headers.allow, wrong.text], [405, "POST", "405 method not allowed, supported: [POST]\n"]);
  assert.equal(await outcome(server, "/a", { headers: { "content-encoding": "br" }, body: "x" }), "400 unsupported Content-Encoding: br");
});

test("unpacks bodies, and leaves them to routes that want them as sent", async () => {
  const server = await start({ "/a": echo, "/raw": { ...echo, encodings: [] } });
  const packed = { headers: { "content-encoding": "gzip" }, body: gzipSync("unpacked") };
  assert.equal(await outcome(server, "/a", packed), "200 POST /a   1:8 unpacked");
  assert.match(await outcome(server, "/raw", packed), new RegExp(`1:${packed.body.length} `));
  assert.equal(await outcome(server, "/a", { headers: { "content-encoding": "identity" }, body: "x" }), "200 POST /a   1:1 x");
  assert.match(await outcome(server, "/a", { headers: { "content-encoding": "gzip" }, body: "no gzip" }), /^400 not valid gzip data/);
});

test("bodies over the limit are refused, announced or not, packed or not", async () => {
  const server = await start({ "/a": echo, "/small": { ...echo, maxBodyBytes: 5 } });
  const long = "x".repeat(1001);
  assert.match(await outcome(server, "/a", { body: long }), /^413 http: request body too large/);
  assert.match(await outcome(server, "/a", { headers: { "transfer-encoding": "chunked" }, body: long }), /^413/);
  assert.match(await outcome(server, "/a", { headers: { "content-encoding": "gzip" }, body: gzipSync(long) }), /^413/);
  assert.match(await outcome(server, "/small", { body: "123456" }), /^413/);
  assert.match(await outcome(server, "/a", { body: "x".repeat(1000) }), /^200/);
});

test("a client that goes on sending after a refusal sees the answer, and is cut off in the end", async () => {
  const server = await start({ "/a": echo });
  const endless = "0\r\n".padStart(70_000, "x");
  const text = await raw(server, `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n${endless}`);
  assert.match(text, /^HTTP\/1.1 413 /);
  assert.match(text, /connection: close/i);
});

test("push-back is answered before the body is sent", async () => {
  let permitted = 0;
  const route: HttpRoute = {
    ...echo,
    pressure: (client) =>
      client.metadata.get("x-tenant") === "full" ? { status: 429, headers: { "retry-after": "7" }, body: "later" } : undefined,
  };
  const server = await start({ "/a": route });
  const ask = async (tenant: string) => {
    const headers = { expect: "100-continue", "x-tenant": tenant, "content-length": 4 };
    const request = httpRequest({ host: server.host, port: server.port, path: "/a", method: "POST", headers, agent: false });
    request.on("continue", () => {
      permitted++;
      request.end("body");
    });
    request.flushHeaders();
    const [response] = await once(request, "response");
    response.resume();
    request.destroy();
    return `${response.statusCode} ${response.headers["retry-after"]}`;
  };
  assert.equal(await ask("full"), "429 7");
  assert.equal(permitted, 0);
  assert.equal(await ask("other"), "200 undefined");
  assert.equal(permitted, 1);
});

test("bodies count in the budget until they are answered, and without room are pushed back", async () => {
  const budget = new Budget(100);
  const held: (() => void)[] = [];
  const route: HttpRoute = { methods: ["POST"], handle: () => new Promise((resolve) => held.push(() => resolve({ status: 200 }))) };
  const server = await start({ "/a": route }, { budget });
  const first = send(server, "/a", { body: "x".repeat(60) });
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(budget.usedBytes, 60);
  for (const headers of [{ "x-none": "" }, { "transfer-encoding": "chunked" }] as Record<string, string>[]) {
    const { status, headers: answered } = await send(server, "/a", { headers, body: "x".repeat(60) });
    assert.deepEqual([status, answered["retry-after"]], [429, "1"]);
  }
  held.pop()?.();
  assert.equal((await first).status, 200);
  assert.equal(budget.usedBytes, 0);
});

test("a body that breaks off gives its share of the budget back", async () => {
  const budget = new Budget(100);
  const server = await start({ "/a": echo }, { budget });
  const socket = connect(server.port, server.host);
  socket.write("POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nhalf");
  while (budget.usedBytes === 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  while (budget.usedBytes > 0) await new Promise((resolve) => setImmediate(resolve));
});

test("clients that are not let in get 401 before anything else, those let in are known to the route", async () => {
  const auth = {
    authenticate: async (metadata: { get(name: string): string | undefined }): Promise<Authentication> =>
      metadata.get("Authorization") === "ok" ? { granted: true, attributes: { user: "u" } } : { granted: false, message: "not you" },
  };
  const who: HttpRoute = {
    methods: ["GET"],
    handle: ({ client }) => ({ status: 200, body: `${client.attributes?.user} ${client.address}` }),
  };
  const server = await start({ "/a": who }, { auth });
  assert.equal(await outcome(server, "/nowhere", { method: "GET" }), "401 not you");
  assert.equal(await outcome(server, "/a", { method: "GET", headers: { authorization: "ok" } }), "200 u 127.0.0.1");
});

test("refusals take the protocol's form", async () => {
  const server = await start(
    {},
    { refuse: ({ status, message, contentType }) => ({ status, headers: { "content-type": contentType }, body: `<${message}>` }) },
  );
  const { headers, text } = await send(server, "/x", { headers: { "content-type": "application/json" } });
  assert.deepEqual([headers["content-type"], text], ["application/json", "<404 page not found>"]);
});

test("what a route throws is a 500 and leaves the others alone", async () => {
  const failing: HttpRoute = {
    methods: ["POST"],
    handle: () => {
      throw new Error("secret detail");
    },
  };
  const context = testContext();
  const server = await start({ "/bad": failing, "/a": echo }, { log: context.log });
  assert.equal(await outcome(server, "/bad"), "500 internal error");
  assert.match(JSON.stringify(context.logged), /secret detail/);
  assert.match(await outcome(server, "/a"), /^200/);
});

test("what is no HTTP, or has too long a head, is answered and closed", async () => {
  const server = await start({ "/a": echo });
  assert.match(await raw(server, "\x16\x03\x01\x02\x00\x01\x00"), /^HTTP\/1.1 400 /);
  assert.match(await raw(server, "POST /a HTTP/1.1\r\n\r\n"), /^HTTP\/1.1 400 /);
  assert.match(await raw(server, `GET /a HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(70_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
  assert.match(
    await raw(server, "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    /^HTTP\/1.1 400 /,
  );
});

test("a head that does not end, and a request that takes too long, are given up", async () => {
  const slowHead = await start({ "/a": echo }, { limits: { ...limits, headerTimeoutMs: 100 } });
  assert.match(await raw(slowHead, "POST /a HTTP/1.1\r\nhost: x\r\n"), /^HTTP\/1.1 408 /);
  const slowBody = await start({ "/a": echo }, { limits: { ...limits, readTimeoutMs: 100 } });
  assert.match(await raw(slowBody, "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhal"), /^HTTP\/1.1 408 /);
});

test("connections beyond the limit are closed, kept ones serve on", async () => {
  const server = await start({ "/a": echo }, { limits: { ...limits, maxConnections: 1 } });
  const socket = connect(server.port, server.host);
  await once(socket, "connect");
  while (server.connections === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await raw(server, "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"), "");
  socket.write("POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
  const [data] = await once(socket, "data");
  assert.match(String(data), /^HTTP\/1.1 200 /);
  socket.destroy();
});

test("connections are kept or not, as told", async () => {
  const twice = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nxPOST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\ny";
  const keeping = await start({ "/a": echo });
  assert.match(await raw(keeping, twice, "1:1 y"), /1:1 x[\s\S]*1:1 y/);
  const closingOne = await start({ "/a": echo }, { limits: { ...limits, keepAlive: false } });
  assert.doesNotMatch(await raw(closingOne, twice), /1:1 y/);
});

test("stops listening at once and lets requests end until the deadline", async () => {
  const held: (() => void)[] = [];
  const route: HttpRoute = { methods: ["POST"], handle: () => new Promise((resolve) => held.push(() => resolve({ status: 200 }))) };
  for (const patient of [true, false]) {
    const server = await start({ "/a": route });
    const answer = send(server, "/a", { body: "x" }).then(
      ({ status, headers }) => `${status} ${headers.connection}`,
      () => "cut off",
    );
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.inflightRequests, 1);
    const deadline = new AbortController();
    const closed = server.close(deadline.signal);
    await assert.rejects(once(connect(server.port, server.host), "connect"));
    if (patient) held.pop()?.();
    else deadline.abort();
    await closed;
    if (patient) assert.equal(await answer, "200 close");
    held.length = 0;
  }
});

test("an answer that its client does not read is given up", async () => {
  const clock = new FakeClock();
  const huge: HttpRoute = { methods: ["POST"], handle: () => ({ status: 200, body: Buffer.alloc(50_000_000) }) };
  const server = await start({ "/a": huge }, { clock });
  const socket = connect(server.port, server.host);
  socket.on("error", () => {});
  socket.pause();
  socket.write("POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
  while (server.connections === 0 || server.inflightRequests > 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.advance(30_000);
  while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
});

test("pages of allowed origins may read answers, and learn so beforehand", async () => {
  const cors = { allowedOrigins: ["https://*.example.com"], allowedHeaders: ["X-Mine"], exposedHeaders: ["X-Out"], maxAgeSeconds: 60 };
  const server = await start({ "/a": echo }, { cors });
  const ask = async (origin: string, wanted: string, method = "POST") => {
    const headers = { origin, "access-control-request-method": method, "access-control-request-headers": wanted };
    const { status, headers: answered } = await send(server, "/a", { method: "OPTIONS", headers });
    return `${status} ${answered["access-control-allow-origin"]} ${answered["access-control-allow-headers"]} ${answered["access-control-max-age"]}`;
  };
  assert.equal(await ask("https://a.example.com", "x-mine, content-type"), "204 https://a.example.com x-mine, content-type 60");
  assert.equal(await ask("https://a.example.com", "x-other"), "204 undefined undefined undefined");
  assert.equal(await ask("https://a.example.com", "", "DELETE"), "204 undefined undefined undefined");
  assert.equal(await ask("https://example.com", ""), "204 undefined undefined undefined");
  const { headers } = await send(server, "/a", { headers: { origin: "https://A.example.com" } });
  assert.deepEqual(
    [
      headers["access-control-allow-origin"],
      headers["access-control-expose-headers"],
      headers["access-control-allow-credentials"],
      headers.vary,
    ],
    ["https://A.example.com", "X-Out", "true", "Origin"],
  );
  const open = await start({ "/a": echo }, { cors: { ...cors, allowedOrigins: ["*"] } });
  assert.equal((await send(open, "/a", { headers: { origin: "http://any" } })).headers["access-control-allow-origin"], "*");
});

test("tells of each exchange", async () => {
  const seen: HttpExchange[] = [];
  const server = await start({ "/a": echo }, { observe: (exchange) => seen.push(exchange) });
  await send(server, "/a", { body: "four" });
  await send(server, "/b");
  assert.deepEqual(
    seen.map(({ method, path, status, requestBytes, responseBytes }) => `${method} ${path} ${status} ${requestBytes} ${responseBytes}`),
    ["POST /a 200 4 18", "POST /b 404 0 19"],
  );
});

test("speaks TLS, and refuses clients whose certificate it does not trust", async () => {
  const authority = testAuthority();
  const own = authority.issue("localhost", "127.0.0.1");
  const tls = {
    cert: { text: own.cert },
    key: { text: own.key },
    clientCa: { text: authority.ca },
    clientAuth: "VerifyClientCertIfGiven",
    systemCas: false,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    reloadMs: undefined,
  } as const;
  const server = await start({ "/a": echo }, { tls });
  const status = async (certificate: { cert?: string; key?: string }) => {
    const request = httpsRequest({
      host: server.host,
      port: server.port,
      path: "/a",
      method: "POST",
      ca: authority.ca,
      agent: false,
      ...certificate,
    });
    request.end();
    return once(request, "response").then(
      ([response]) => response.resume().statusCode,
      () => "refused",
    );
  };
  assert.equal(await status({}), 200);
  assert.equal(await status(authority.issue("me")), 200);
  assert.equal(await status(testAuthority("stranger").issue("me")), "refused");
});

test("says when the address is taken", async () => {
  const server = await start({});
  await assert.rejects(start({}, { port: server.port }), { message: `listen tcp 127.0.0.1:${server.port}: bind: address already in use` });
});

test("requests over HTTP/2 are answered as those over HTTP/1.1, with the same limits, and count the same", async () => {
  const seen: HttpExchange[] = [];
  const budget = new Budget(5000);
  const server = await start(
    { "/a": echo },
    {
      http2: { maxConcurrentStreams: 5, idleTimeoutMs: 5000, maxHeaderBytes: 16384 },
      budget,
      observe: (exchange) => void seen.push(exchange),
    },
  );
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  closing.unshift(() => session.destroy());
  const post = async (path: string, body: Buffer, headers: Record<string, string> = {}) => {
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
    stream.on("error", () => {});
    stream.end(body);
    const [answer] = await once(stream, "response");
    let text = "";
    for await (const piece of stream) text += piece;
    return `${answer[":status"]} ${text.trim()}`;
  };
  assert.equal(await post("/a?b=c", Buffer.from("hello"), { "content-type": "text/plain" }), "200 POST /a b=c text/plain 1:5 hello");
  assert.equal(await post("/a", gzipSync("packed"), { "content-encoding": "gzip" }), "200 POST /a   1:6 packed");
  assert.equal(await post("/nowhere", Buffer.alloc(0)), "404 404 page not found");
  assert.match(await post("/a", Buffer.alloc(2000)), /^413 /);
  assert.match(await post("/a", Buffer.alloc(100_000)), /^413 /);
  assert.deepEqual(
    seen.map(({ method, path, status }) => `${method} ${path} ${status}`),
    ["POST /a 200", "POST /a 200", "POST /nowhere 404", "POST /a 413", "POST /a 413"],
  );
  assert.equal(budget.usedBytes, 0);
});
