import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectHttp2, createServer as createHttp2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { BufferPool } from "../bytes/buffer-pool.ts";
import { type Clock, FakeClock, systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { Budget } from "../delivery/budget.ts";
import type { Authentication } from "./authentication.ts";
import { decodeMessage, encodeMessage } from "./grpc/status-headers.ts";
import { parseTarget } from "./grpc/target.ts";
import { parseTimeout, timeoutText } from "./grpc/timeout.ts";
import { type GrpcClient, type GrpcClientOptions, type GrpcResponse, grpcClient } from "./grpc-client.ts";
import {
  defaultGrpcKeepalive,
  defaultGrpcLimits,
  type GrpcExchange,
  type GrpcMethod,
  type GrpcServer,
  type GrpcServerOptions,
  startGrpcServer,
} from "./grpc-server.ts";
import { grpcCodeName, grpcStatus, retryAfterMsOf } from "./grpc-status.ts";
import { testAuthority } from "./tls/test-certificates.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const echoPath = "/test.Service/Echo";
const echo: GrpcMethod = { maxMessageBytes: 1_000_000, handle: async (message) => message };

async function serve(methods: Record<string, GrpcMethod>, options: Partial<GrpcServerOptions> = {}): Promise<GrpcServer> {
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    methods,
    limits: defaultGrpcLimits,
    keepalive: defaultGrpcKeepalive,
    clock: systemClock,
    log: testContext().log,
    ...options,
  });
  closing.push(() => server.close(AbortSignal.abort()));
  return server;
}

function client(endpoint: string, options: Partial<GrpcClientOptions> = {}): GrpcClient {
  const made = grpcClient({
    endpoint,
    tls: undefined,
    balancer: "round_robin",
    waitForReady: false,
    userAgent: "Invar/test",
    maxResponseBytes: 1_000_000,
    clock: systemClock,
    log: testContext().log,
    environment: {},
    ...options,
  });
  closing.push(() => made.close(AbortSignal.abort()));
  return made;
}

const at = (server: { host: string; port: number }) => `${server.host}:${server.port}`;

/** "OK text", or the code and message. */
function said({ status, body }: GrpcResponse): string {
  return `${grpcCodeName(status.code)} ${status.code === 0 ? Buffer.from(body ?? "") : status.message}`.trim();
}

async function call(from: GrpcClient, text: string, path = echoPath, timeoutMs = 10_000): Promise<string> {
  return said(await from.unary(path, [Buffer.from(text)], { timeoutMs }));
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a message goes and comes, whole or in pieces, small or beyond every window", async () => {
  const server = await serve({ [echoPath]: { ...echo, maxMessageBytes: 16_000_000 } });
  const one = client(at(server), { maxResponseBytes: 16_000_000 });
  assert.equal(await call(one, "hello"), "OK hello");
  assert.equal(await call(one, ""), "OK");
  const large = Buffer.alloc(8_000_000, "0123456789");
  const pieces = [large.subarray(0, 7), large.subarray(7, 7), large.subarray(7, 4_000_000), large.subarray(4_000_000)];
  const { status, body } = await one.unary(echoPath, pieces, { timeoutMs: 30_000 });
  assert.equal(status.code, 0);
  assert.ok(large.equals(body ?? Buffer.alloc(0)));
});

test("many calls at the same time keep apart", async () => {
  const slow: GrpcMethod = {
    maxMessageBytes: 1000,
    async handle(message) {
      for (let i = 0; i < message.length % 7; i++) await turn();
      return message;
    },
  };
  const server = await serve({ [echoPath]: slow });
  const one = client(at(server));
  const texts = Array.from({ length: 300 }, (_, i) => "x".repeat(i) + i);
  assert.deepEqual(
    await Promise.all(texts.map((text) => call(one, text))),
    texts.map((text) => `OK ${text}`),
  );
  assert.equal(server.connections, 1);
});

for (const compression of ["gzip", "zstd", "snappy", "deflate"])
  test(`messages packed with ${compression} are unpacked`, async () => {
    const server = await serve({ [echoPath]: echo });
    assert.equal(await call(client(at(server), { compression }), "packed ".repeat(1000)), `OK ${"packed ".repeat(1000).trim()}`);
  });

test("errors carry their code, their text in any script, and when to come again", async () => {
  const server = await serve({ [echoPath]: { ...echo, handle: async () => grpcStatus("RESOURCE_EXHAUSTED", "voll: 100 % ✓", 2500) } });
  const { status } = await client(at(server)).unary(echoPath, [], { timeoutMs: 1000 });
  assert.deepEqual([status.code, status.message, retryAfterMsOf(status)], [8, "voll: 100 % ✓", 2500]);
});

test("what is not served, not readable or too large is refused with the code for it", async () => {
  const server = await serve({ [echoPath]: { ...echo, maxMessageBytes: 100 } });
  const one = client(at(server));
  assert.equal(await call(one, "", "/test.Service/Other"), "UNIMPLEMENTED unknown method Other for service test.Service");
  assert.equal(await call(one, "", "/other.Service/Echo"), "UNIMPLEMENTED unknown service other.Service");
  assert.equal(await call(one, "", "/toString"), 'UNIMPLEMENTED malformed method name: "/toString"');
  assert.equal(await call(one, "x".repeat(101)), "RESOURCE_EXHAUSTED grpc: received message larger than max (101 vs. 100)");
  assert.equal(await call(one, "x".repeat(100)), `OK ${"x".repeat(100)}`);
  const packed = client(at(server), { compression: "gzip" });
  assert.match(await call(packed, "x".repeat(101)), /^RESOURCE_EXHAUSTED .*after decompression larger than max 100/);
  const short = client(at(server), { maxResponseBytes: 5 });
  assert.match(await call(short, "123456"), /^RESOURCE_EXHAUSTED .*larger than max \(6 vs. 5\)/);
});

test("push-back is answered before the message has come", async () => {
  let handled = 0;
  const method: GrpcMethod = {
    maxMessageBytes: 10_000_000,
    pressure: (who) => (who.metadata.get("tenant") === "full" ? grpcStatus("UNAVAILABLE", "later") : undefined),
    async handle() {
      handled++;
      return Buffer.from("taken");
    },
  };
  const server = await serve({ [echoPath]: method });
  const one = client(at(server), { maxResponseBytes: 100 });
  const large = [Buffer.alloc(5_000_000)];
  assert.equal(said(await one.unary(echoPath, large, { timeoutMs: 10_000, headers: { tenant: "full" } })), "UNAVAILABLE later");
  assert.equal(handled, 0);
  assert.equal(said(await one.unary(echoPath, large, { timeoutMs: 10_000, headers: { tenant: "other" } })), "OK taken");
});

test("messages count in the budget until they are answered, and without room are pushed back", async () => {
  const budget = new Budget(1000);
  const held: (() => void)[] = [];
  const method: GrpcMethod = {
    maxMessageBytes: 10_000,
    handle: (message) => new Promise((resolve) => held.push(() => resolve(message.subarray(0, 1)))),
  };
  const server = await serve({ [echoPath]: method }, { budget });
  const one = client(at(server));
  const first = call(one, "x".repeat(600));
  while (held.length === 0) await turn();
  assert.equal(budget.usedBytes, 600);
  const second = await one.unary(echoPath, [Buffer.alloc(600)], { timeoutMs: 1000 });
  assert.deepEqual([second.status.code, retryAfterMsOf(second.status)], [8, 1000]);
  held.pop()?.();
  assert.equal(await first, "OK x");
  assert.equal(budget.usedBytes, 0);
});

test("a message's memory is used again once its method says that nothing refers to it, a compressed one's at once", async () => {
  const places: ArrayBufferLike[] = [];
  const method: GrpcMethod = {
    maxMessageBytes: 1_000_000,
    memory: new BufferPool(1_000_000),
    async handle(message, _, recycle) {
      places.push(message.buffer);
      const answer = Buffer.from(message);
      if (answer.toString("latin1", 0, 4) !== "keep") recycle();
      return answer;
    },
  };
  const server = await serve({ [echoPath]: method });
  const plain = client(at(server));
  const packing = client(at(server), { compression: "gzip" });
  const comesBack = async (from: GrpcClient, text: string) => assert.ok((await call(from, text)) === `OK ${text}`, text.slice(0, 9));
  for (const text of ["keep this", "one", "two"]) await comesBack(plain, text.padEnd(5000, "x"));
  assert.notEqual(places[0], places[1]);
  assert.equal(places[1], places[2]);
  for (const text of ["three", "four"]) await comesBack(packing, text.padEnd(5000, "y"));
});

test("a call whose client goes away gives its memory back", async () => {
  const budget = new Budget(1_000_000);
  const server = await serve({ [echoPath]: echo }, { budget });
  const session = connectHttp2(`http://${at(server)}`);
  session.on("error", () => {});
  const stream = session.request({ ":method": "POST", ":path": echoPath, "content-type": "application/grpc", te: "trailers" });
  stream.on("error", () => {});
  stream.write(Buffer.from([0, 0, 0, 0x10, 0, 1, 2, 3]));
  while (budget.usedBytes === 0) await turn();
  assert.equal(budget.usedBytes, 4096);
  session.destroy();
  while (budget.usedBytes > 0) await turn();
});

test("what a handler throws is INTERNAL and leaves the connection alone", async () => {
  const context = testContext();
  const bad: GrpcMethod = { ...echo, handle: () => Promise.reject(new Error("secret detail")) };
  const server = await serve({ [echoPath]: echo, "/test.Service/Bad": bad }, { log: context.log });
  const one = client(at(server));
  assert.equal(await call(one, "", "/test.Service/Bad"), "INTERNAL internal error");
  assert.match(JSON.stringify(context.logged), /secret detail/);
  assert.equal(await call(one, "still there"), "OK still there");
});

test("clients that are not let in hear so, those let in are known to the method", async () => {
  const auth = {
    authenticate: async (metadata: { get(name: string): string | undefined }): Promise<Authentication> =>
      metadata.get("authorization") === "ok" ? { granted: true, attributes: { user: "u" } } : { granted: false, message: "not you" },
  };
  const who: GrpcMethod = {
    ...echo,
    handle: async (_, caller) =>
      Buffer.from(`${caller.attributes?.user} ${caller.address} ${caller.metadata.get(":authority")} ${caller.metadata.get("user-agent")}`),
  };
  const server = await serve({ [echoPath]: who }, { auth });
  assert.equal(await call(client(at(server)), "x".repeat(1000)), "UNAUTHENTICATED not you");
  const known = client(at(server), { headers: { authorization: "ok" }, authority: "the.authority" });
  assert.equal(await call(known, ""), "OK u 127.0.0.1 the.authority Invar/test");
});

test("credentials are added to each call, and none are sent without TLS that need it", async () => {
  const server = await serve({ [echoPath]: { ...echo, handle: async (_, { metadata }) => Buffer.from(`${metadata.get("x-token")}`) } });
  let turns = 0;
  const auth = {
    requiresTls: false,
    authenticate: ({ headers }: { headers: Map<string, string> }) => void headers.set("x-token", `t${++turns}`),
  };
  const one = client(at(server), { auth });
  assert.deepEqual([await call(one, ""), await call(one, "")], ["OK t1", "OK t2"]);
  assert.throws(() => client(at(server), { auth: { ...auth, requiresTls: true } }), /the credentials require transport level security/);
  const failing = { requiresTls: false, authenticate: () => Promise.reject(new Error("no token")) };
  assert.equal(await call(client(at(server), { auth: failing }), ""), "UNAVAILABLE credentials can't be had: no token");
});

test("calls end at their deadline, or when they are aborted, and tell the server", async () => {
  const clock = new FakeClock();
  const stuck: GrpcMethod = { ...echo, handle: () => new Promise(() => {}) };
  const seen: GrpcExchange[] = [];
  const server = await serve({ [echoPath]: stuck }, { observe: (exchange) => seen.push(exchange) });
  const one = client(at(server), { clock });
  const waiting = call(one, "", echoPath, 5000);
  for (let i = 0; i < 50; i++) await turn();
  await clock.advance(5000);
  assert.equal(await waiting, "DEADLINE_EXCEEDED no answer within 5000 ms");
  const abort = new AbortController();
  const aborted = one.unary(echoPath, [], { timeoutMs: 0, signal: abort.signal });
  await turn();
  abort.abort();
  assert.equal(said(await aborted), "CANCELLED the call was aborted");
});

test("without a server a call fails at once with the reason, or waits if it shall", async () => {
  const server = await serve({ [echoPath]: echo });
  const endpoint = at(server);
  await closing.pop()?.();
  assert.match(await call(client(endpoint), ""), /^UNAVAILABLE connection error: 127.0.0.1:\d+: connect ECONNREFUSED/);
  const clock = new FakeClock();
  const patient = client(endpoint, { waitForReady: true, clock });
  const waiting = call(patient, "late", echoPath, 60_000);
  for (let i = 0; i < 20; i++) await turn();
  await serve({ [echoPath]: echo }, { port: server.port });
  // The wait before the next attempt passes.
  for (let i = 0; i < 20; i++) {
    await clock.advance(100);
    await turn();
  }
  assert.equal(await waiting, "OK late");
  const gone = call(client("127.0.0.1:1", { waitForReady: true, clock }), "", echoPath, 5000);
  for (let i = 0; i < 20; i++) await turn();
  await clock.advance(5000);
  assert.match(await gone, /^DEADLINE_EXCEEDED no answer within 5000 ms: connection error: .*ECONNREFUSED/);
  assert.match(await call(client("name.invalid:1"), ""), /^UNAVAILABLE name resolver error: /);
});

test("a broken connection fails its calls and is made again", async () => {
  const server = await serve({
    [echoPath]: { ...echo, handle: async (message) => (message.length > 0 ? message : new Promise(() => {})) },
  });
  const sockets: Socket[] = [];
  const relay = createTcpServer((socket) => {
    const upstream = connect(server.port, server.host);
    sockets.push(socket);
    socket.pipe(upstream).pipe(socket);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  const one = client(`127.0.0.1:${await listening(relay)}`);
  assert.equal(await call(one, "one"), "OK one");
  const cut = call(one, "");
  await turn();
  await turn();
  sockets[0]?.destroy();
  assert.match(await cut, /^UNAVAILABLE the connection broke: /);
  assert.equal(await call(one, "two"), "OK two");
  assert.equal(sockets.length, 2);
});

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("a server that stops lets calls end, and clients go over to its successor without losing one", async () => {
  const held: (() => void)[] = [];
  const method: GrpcMethod = { ...echo, handle: (message) => new Promise((resolve) => held.push(() => resolve(message))) };
  const server = await serve({ [echoPath]: method });
  const one = client(at(server));
  const first = call(one, "first");
  while (held.length === 0) await turn();
  const stopped = server.close(AbortSignal.timeout(5000));
  const successor = await serve({ [echoPath]: echo }, { port: server.port });
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(await call(one, "second"), "OK second");
  held.pop()?.();
  assert.equal(await first, "OK first");
  await stopped;
  assert.equal(successor.connections, 1);
});

test("a server that must stop now cuts calls off", async () => {
  const server = await serve({ [echoPath]: { ...echo, handle: () => new Promise(() => {}) } });
  const waiting = call(client(at(server)), "x");
  for (let i = 0; i < 20; i++) await turn();
  const deadline = new AbortController();
  const stopped = server.close(deadline.signal);
  deadline.abort();
  await stopped;
  assert.match(await waiting, /^UNAVAILABLE/);
});

test("calls beyond what the server takes at the same time wait for their turn", async () => {
  let running = 0;
  let most = 0;
  const method: GrpcMethod = {
    ...echo,
    async handle(message) {
      most = Math.max(most, ++running);
      for (let i = 0; i < 5; i++) await turn();
      running--;
      return message;
    },
  };
  const server = await serve({ [echoPath]: method }, { limits: { ...defaultGrpcLimits, maxConcurrentStreams: 3 } });
  const one = client(at(server));
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => call(one, String(i))));
  assert.deepEqual(
    answers,
    Array.from({ length: 50 }, (_, i) => `OK ${i}`),
  );
  assert.ok(most <= 3, `${most} at the same time`);
});

test("round_robin takes all addresses in turn, pick_first stays with the first that answers", async () => {
  const seen: string[] = [];
  const named = (name: string): GrpcMethod => ({
    ...echo,
    async handle(message) {
      seen.push(name);
      return message;
    },
  });
  const [a, b] = [await serve({ [echoPath]: named("a") }), await serve({ [echoPath]: named("b") })];
  const endpoint = `ipv4:127.0.0.1:1,${at(a)},${at(b)}`;
  const robin = client(endpoint, { waitForReady: true });
  while (a.connections + b.connections < 2) await turn();
  for (let i = 0; i < 20; i++) await turn();
  for (let i = 0; i < 4; i++) await call(robin, "x");
  assert.equal(seen.splice(0).sort().join(""), "aabb");
  const first = client(endpoint, { balancer: "pick_first" });
  for (let i = 0; i < 4; i++) assert.equal(await call(first, "x"), "OK x");
  assert.equal(seen.join(""), "aaaa");
});

test("TLS is spoken both ways, and its names are checked", async () => {
  const authority = testAuthority();
  const own = authority.issue("localhost");
  const settings = { systemCas: false, minVersion: "TLSv1.2", maxVersion: "TLSv1.3", reloadMs: undefined } as const;
  const server = await serve(
    { [echoPath]: echo },
    {
      tls: {
        ...settings,
        cert: { text: own.cert },
        key: { text: own.key },
        clientAuth: "RequireAndVerifyClientCert",
        clientCa: { text: authority.ca },
      },
    },
  );
  const me = authority.issue("me");
  const tls = { ...settings, ca: { text: authority.ca }, cert: { text: me.cert }, key: { text: me.key }, verify: true };
  const endpoint = `localhost:${server.port}`;
  assert.equal(await call(client(endpoint, { tls }), "secret"), "OK secret");
  assert.equal(await call(client(at(server), { tls, authority: "localhost:1" }), "by its authority"), "OK by its authority");
  assert.match(await call(client(at(server), { tls }), ""), /^UNAVAILABLE .*altnames/i);
  const stranger = testAuthority().issue("me");
  const unknown = { ...tls, cert: { text: stranger.cert }, key: { text: stranger.key } };
  assert.match(await call(client(endpoint, { tls: unknown }), ""), /^UNAVAILABLE/);
  assert.match(await call(client(endpoint), ""), /^UNAVAILABLE/);
});

test("a Unix socket serves as well", async () => {
  const folder = mkdtempSync(join(tmpdir(), "invar-grpc-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "socket");
  await serve({ [echoPath]: echo }, { path });
  assert.equal(await call(client(`unix://${path}`), "local"), "OK local");
});

test("a proxy from the environment is gone through", async () => {
  const server = await serve({ [echoPath]: echo });
  const asked: string[] = [];
  const proxy = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (head: Buffer) => {
      asked.push(head.toString("latin1").split("\r\n", 1)[0] ?? "");
      if (asked.length === 1) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const upstream = connect(server.port, server.host);
      upstream.on("error", () => {});
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
  });
  const environment = { HTTPS_PROXY: `http://127.0.0.1:${await listening(proxy)}` };
  const endpoint = "somewhere.example:4317";
  assert.match(
    await call(client(endpoint, { environment }), ""),
    /^UNAVAILABLE .*did not connect to somewhere.example:4317: it answered 403/,
  );
  assert.equal(await call(client(endpoint, { environment }), "through"), "OK through");
  assert.equal(asked[1], "CONNECT somewhere.example:4317 HTTP/1.1");
});

test("clients that ping more often than the policy allows are cut off", async () => {
  const server = await serve({ [echoPath]: echo });
  const session = connectHttp2(`http://${at(server)}`);
  session.on("error", () => {});
  let farewell = "";
  session.on("goaway", (code: number, _: number, data?: Buffer) => {
    farewell = `${code} ${data}`;
  });
  await once(session, "connect");
  for (let i = 0; i < 6 && !session.closed && !session.destroyed; i++) {
    session.ping(() => {});
    await turn();
  }
  if (!session.destroyed) await once(session, "close");
  assert.equal(farewell, "11 too_many_pings");
});

/** Lets time pass for both sides, a second at a time. */
async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await clock.advance(1000);
    for (let j = 0; j < 5; j++) await turn();
  }
}

test("connections end when they are idle or old, and clients that stand still are given up", async () => {
  const clock = new FakeClock();
  const idle = await serve({ [echoPath]: echo }, { clock, keepalive: { ...defaultGrpcKeepalive, maxConnectionIdleMs: 10_000 } });
  const old = await serve({ [echoPath]: echo }, { clock, keepalive: { ...defaultGrpcKeepalive, maxConnectionAgeMs: 10_000 } });
  const strict = await serve({ [echoPath]: echo }, { clock });
  for (const server of [idle, old]) {
    const session = connectHttp2(`http://${at(server)}`);
    closing.push(() => session.destroy());
    await once(session, "remoteSettings");
    const ended = once(session, "goaway");
    await pass(clock, 12);
    assert.equal((await ended)[0], 0);
  }
  const silent = connect(strict.port, strict.host);
  silent.on("error", () => {});
  await once(silent, "connect");
  while (strict.connections === 0) await turn();
  await turn();
  await pass(clock, 22);
  while (strict.connections > 0) await turn();
  const session = connectHttp2(`http://${at(strict)}`);
  closing.push(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": echoPath, "content-type": "application/grpc", te: "trailers" });
  stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
  const answered = once(stream, "response");
  for (let i = 0; i < 20; i++) await turn();
  await pass(clock, 62);
  const [headers] = (await answered) as [IncomingHttpHeaders];
  assert.equal(headers["grpc-status"], "4");
});

test("a side that no longer answers pings is given up by the other", async () => {
  const clock = new FakeClock();
  const server = await serve({ [echoPath]: echo }, { clock, keepalive: { ...defaultGrpcKeepalive, timeMs: 10_000, timeoutMs: 5000 } });
  // A client that introduces itself and then falls silent.
  const dead = connect(server.port, server.host);
  dead.on("error", () => {});
  dead.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]));
  await once(dead, "data");
  await pass(clock, 17);
  while (server.connections > 0) await turn();
  // A server that introduces itself and then falls silent.
  const mute = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  });
  const keepalive = { timeMs: 10_000, timeoutMs: 5000, withoutStream: false };
  const one = client(`127.0.0.1:${await listening(mute)}`, { clock, keepalive });
  const waiting = call(one, "x", echoPath, 0);
  for (let i = 0; i < 30; i++) await turn();
  await pass(clock, 17);
  assert.match(await waiting, /^UNAVAILABLE .*keepalive ping failed/);
});

/** One call to a server of another make. */
async function foreign(respond: (stream: ServerHttp2Stream) => void, clock: Clock = systemClock): Promise<string> {
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.resume();
    stream.on("end", () => respond(stream));
  });
  const port = await listening(server);
  const one = client(`127.0.0.1:${port}`, { clock });
  const answer = await call(one, "x");
  await one.close(AbortSignal.abort());
  return answer;
}

const message = (text: string | Buffer, packed = 0) => {
  const prefix = Buffer.alloc(5);
  prefix[0] = packed;
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
};

function answering(
  headers: Record<string, string | number>,
  body: Buffer,
  trailers: Record<string, string>,
): (stream: ServerHttp2Stream) => void {
  return (stream) => {
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.respond({ ":status": 200, "content-type": "application/grpc", ...headers }, { waitForTrailers: true });
    stream.end(body);
  };
}

test("answers of other makes are understood, and those that are none become the status for it", async () => {
  assert.equal(await foreign(answering({}, message("yes"), { "grpc-status": "0" })), "OK yes");
  assert.equal(await foreign(answering({ "grpc-encoding": "gzip" }, message(gzipSync("packed"), 1), { "grpc-status": "0" })), "OK packed");
  assert.equal(await foreign(answering({}, message(""), { "grpc-status": "5", "grpc-message": "not%20here%" })), "NOT_FOUND not here%");
  assert.equal(
    await foreign((stream) =>
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "7" }, { endStream: true }),
    ),
    "PERMISSION_DENIED",
  );
  assert.match(await foreign(answering({}, Buffer.alloc(0), { "grpc-status": "0" })), /^INTERNAL .*without a message/);
  assert.match(await foreign(answering({}, Buffer.concat([message("a"), message("b")]), { "grpc-status": "0" })), /^INTERNAL .*more came/);
  assert.match(await foreign(answering({}, message("a"), {})), /^UNKNOWN .*without a grpc-status/);
  assert.equal(
    await foreign((stream) => {
      stream.respond({ ":status": 503, "content-type": "text/html" });
      stream.end("<html>");
    }),
    "UNAVAILABLE unexpected HTTP status code received from server: 503",
  );
  assert.match(await foreign((stream) => stream.close(8)), /^CANCELLED stream terminated/);
  assert.match(await foreign((stream) => stream.close(11)), /^RESOURCE_EXHAUSTED stream terminated/);
  let refusals = 0;
  const refusing = (stream: ServerHttp2Stream) => {
    if (refusals++ === 0) stream.close(7);
    else answering({}, message("at last"), { "grpc-status": "0" })(stream);
  };
  assert.equal(await foreign(refusing), "OK at last");
});

test("who does not speak gRPC is told so", async () => {
  const server = await serve({ [echoPath]: echo });
  const session = connectHttp2(`http://${at(server)}`);
  closing.push(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  assert.equal(headers[":status"], 415);
  const plain = connect(server.port, server.host);
  plain.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  let text = "";
  plain.on("data", (data) => {
    text += data;
  });
  await once(plain, "close");
  assert.match(text, /^HTTP\/1.1 505 [\s\S]*needs HTTP\/2/);
});

test("connections beyond the limit are closed", async () => {
  const server = await serve({ [echoPath]: echo }, { limits: { ...defaultGrpcLimits, maxConnections: 1 } });
  const one = client(at(server));
  assert.equal(await call(one, "in"), "OK in");
  assert.match(await call(client(at(server)), "out"), /^UNAVAILABLE/);
  assert.equal(await call(one, "still in"), "OK still in");
});

test("texts of status survive the way", () => {
  for (const text of ["", "plain", "100 %", "line\nline", "ünï ✓ 😀", "%41"]) assert.equal(decodeMessage(encodeMessage(text)), text);
  assert.equal(encodeMessage("a%b\n"), "a%25b%0A");
  assert.equal(decodeMessage("%zz%4"), "%zz%4");
});

const targets: readonly (readonly [string, string])[] = [
  ["host:4317", "host:4317"],
  ["http://host:4317", "host:4317"],
  ["https://host:4317/", "host:4317"],
  ["dns:///host:4317", "host:4317"],
  ["dns://8.8.8.8/host:4317", "host:4317"],
  ["passthrough:///host:4317", "host:4317"],
  ["[::1]:4317", "::1:4317"],
  ["host", "host:443"],
  ["ipv4:1.2.3.4:1,5.6.7.8:2", "1.2.3.4:1 5.6.7.8:2"],
  ["ipv6:[::1]:1", "::1:1"],
  ["tempo.svc:3200/api/v1/metrics", "tempo.svc:3200"],
  ["unix:///tmp/x", "/tmp/x"],
  ["unix:x", "x"],
  ["unix://", "unix socket path cannot be empty"],
  ["xds:///host", 'the scheme "xds" of "xds:///host" is none of dns, passthrough, unix, http, https'],
  ["host:port", '"port" in "host:port" must be a port from 0 to 65535'],
  [":4317", '":4317" names no host'],
];

for (const [text, expected] of targets)
  test(`the endpoint ${text} is ${expected}`, () => {
    const target = parseTarget(text);
    if (typeof target === "string") assert.equal(target, expected);
    else if (target.kind === "unix") assert.equal(target.path, expected);
    else if (target.kind === "name") assert.equal(`${target.host}:${target.port}`, expected);
    else assert.equal(target.addresses.map(({ host, port }) => `${host}:${port}`).join(" "), expected);
  });

test("a call whose time is over is answered, though it is still being handled, and its memory comes back when it is not", async () => {
  const clock = new FakeClock();
  const budget = new Budget(1_000_000);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow: GrpcMethod = { maxMessageBytes: 1000, handle: async (message) => gate.then(() => message) };
  const server = await serve({ [echoPath]: slow }, { clock, budget });
  const answer = call(client(at(server)), "text", echoPath, 60_000);
  while (budget.usedBytes === 0) await turn();
  await clock.advance(59_000);
  assert.ok(budget.usedBytes > 0);
  await clock.advance(2_000);
  assert.match(await answer, /^DEADLINE_EXCEEDED the time that the client gave the call is over/);
  assert.ok(budget.usedBytes > 0);
  open();
  while (budget.usedBytes > 0) await turn();
});

test("times of calls are read and written in the units that gRPC has", () => {
  for (const [text, ms] of [
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3000],
    ["4m", 4],
    ["5u", 0.005],
    ["6n", 0.000006],
    ["99999999S", 99_999_999_000],
  ] as const)
    assert.equal(parseTimeout(text), ms);
  for (const text of ["", "1", "m", "1s", "-1m", "123456789m", "1.5m"]) assert.equal(parseTimeout(text), undefined, text);
  for (const ms of [0.001, 1, 15_000, 100_000, 1e9, 1e13]) assert.ok((parseTimeout(timeoutText(ms)) ?? 0) >= Math.min(ms, 99_999_999_000));
});
