import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../tests/fuzz-time.ts";
import { FakeClock } from "../../component/clock.ts";
import { Http2Connection, type Http2Listener } from "./connection.ts";
import { encodeHeaders } from "./hpack-encoder.ts";
import { clientPreface, writeFrameHead } from "./protocol.ts";
import type { Http2Stream, StreamReceiver } from "./stream.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const F = { DATA: 0, HEADERS: 1, PRIORITY: 2, RST: 3, SETTINGS: 4, PING: 6, GOAWAY: 7, WINDOW: 8, CONTINUATION: 9 } as const;
const names = ["DATA", "HEADERS", "PRIORITY", "RST", "SETTINGS", "PUSH", "PING", "GOAWAY", "WINDOW", "CONTINUATION"];

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  writeFrameHead(head, 0, payload.length, type, flags, stream);
  return Buffer.concat([head, payload]);
}

const word = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
};

const request = encodeHeaders([":method", "POST", ":scheme", "http", ":path", "/", ":authority", "a"]);
const ask = (stream: number, flags = 0x5) => frame(F.HEADERS, flags, stream, request);
const hello = Buffer.concat([clientPreface, frame(F.SETTINGS, 0, 0)]);

interface Peer {
  readonly socket: Socket;
  /** "GOAWAY 11", "RST 1 7", "HEADERS 1", … of the frames that came since the last look, but for those of the beginning. */
  frames(): string[];
  /** Resolves when the server has closed. */
  readonly closed: Promise<unknown>;
}

/** A server's connection whose streams are given to `opened`, and a raw socket to it. */
async function serve(
  opened: Http2Listener["opened"],
  maxConcurrentStreams = 100,
): Promise<{ peer: Peer; connection: () => Http2Connection; clock: FakeClock }> {
  const clock = new FakeClock();
  let made: Http2Connection | undefined;
  const server = createServer((socket) => {
    made = new Http2Connection(socket, { role: "server", maxConcurrentStreams, maxHeaderListBytes: 8192, clock }, { opened });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  closing.push(() => {
    socket.destroy();
    server.close();
  });
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
  });
  socket.on("error", () => {});
  const closed = once(socket, "close");
  await once(socket, "connect");
  const frames = () => {
    const found: string[] = [];
    while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
      const payload = received.subarray(9, 9 + received.readUIntBE(0, 3));
      const type = received[3] ?? 0;
      const stream = received.readUInt32BE(5);
      const detail =
        type === F.GOAWAY
          ? ` ${payload.readUInt32BE(4)}`
          : type === F.RST
            ? ` ${payload.readUInt32BE(0)}`
            : type === F.DATA
              ? ` ${payload.length}`
              : "";
      found.push(`${names[type]}${stream > 0 ? ` ${stream}` : ""}${detail}`);
      received = received.subarray(9 + payload.length);
    }
    return found.filter((line) => line !== "SETTINGS" && line !== "WINDOW");
  };
  return {
    peer: { socket, frames, closed },
    connection: () => {
      if (made === undefined) throw new Error("nobody has connected");
      return made;
    },
    clock,
  };
}

const ignoring: StreamReceiver = { headers() {}, data() {}, ended() {}, broken() {} };

/** Answers every request with "ok" once it has ended. */
function answering(connection: () => Http2Connection, body: Buffer = Buffer.from("ok")): NonNullable<Http2Listener["opened"]> {
  return (stream, _, isEnded) => {
    const answer = () => {
      connection().sendHeaders(stream, encodeHeaders([":status", "200"]), false);
      connection().sendData(stream, [body], undefined);
    };
    if (isEnded) queueMicrotask(answer);
    return { ...ignoring, ended: answer };
  };
}

async function answeringServer(body?: Buffer, maxConcurrentStreams?: number) {
  let connection = (): Http2Connection => {
    throw new Error("nobody has connected");
  };
  const made = await serve((stream, block, isEnded) => answering(() => connection(), body)(stream, block, isEnded), maxConcurrentStreams);
  connection = made.connection;
  return made;
}

/** The frames that come until the connection is closed by the server. */
async function untilClosed(peer: Peer): Promise<string[]> {
  await peer.closed;
  return peer.frames();
}

async function next(peer: Peer, count = 1): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < 2000 && found.length < count; i++) {
    await turn();
    found.push(...peer.frames());
  }
  return found;
}

// Floods: what costs a client nothing must not cost the server much.
const floods: readonly (readonly [string, (i: number) => Buffer])[] = [
  ["pings", () => frame(F.PING, 0, 0, Buffer.alloc(8))],
  ["settings", () => frame(F.SETTINGS, 0, 0, Buffer.alloc(0))],
  ["streams that are reset at once", (i) => Buffer.concat([ask(2 * i + 1, 0x4), frame(F.RST, 0, 2 * i + 1, word(8))])],
  ["priorities", () => frame(F.PRIORITY, 0, 1, Buffer.from([0, 0, 0, 0, 0]))],
  ["unknown frames", () => frame(0xee, 0, 0, Buffer.alloc(10))],
  ["empty data", (i) => (i === 0 ? ask(1, 0x4) : frame(F.DATA, 0, 1))],
  ["widened windows", () => frame(F.WINDOW, 0, 0, word(1))],
  ["streams beyond the limit", (i) => ask(2 * i + 1, 0x4)],
];

for (const [name, one] of floods)
  test(`a flood of ${name} ends the connection`, async () => {
    const { peer } = await serve(() => ignoring, 10);
    peer.socket.write(hello);
    peer.socket.write(Buffer.concat(Array.from({ length: 4000 }, (_, i) => one(i))));
    assert.equal((await untilClosed(peer)).at(-1), "GOAWAY 11");
  });

test("a client that asks on and on without reading the answers is cut off", async () => {
  let connection = (): Http2Connection => {
    throw new Error("nobody has connected");
  };
  const answer = encodeHeaders([":status", "404", "why", "x".repeat(8000)]);
  const made = await serve((stream) => {
    queueMicrotask(() => connection().sendHeaders(stream, answer, true));
    return ignoring;
  });
  connection = made.connection;
  made.peer.socket.pause();
  made.peer.socket.write(hello);
  for (let i = 0; i < 20_000; i += 100) {
    if (i > 0 && !connection().isOpen) return;
    made.peer.socket.write(Buffer.concat(Array.from({ length: 100 }, (_, j) => ask(2 * (i + j) + 1))));
    await turn();
    await turn();
  }
  assert.fail("160 MB of answers wait to be read");
});

test("a header block that does not end is cut off, in few frames or many", async () => {
  for (const size of [0, 1000]) {
    const { peer } = await serve(() => ignoring);
    peer.socket.write(hello);
    peer.socket.write(frame(F.HEADERS, 0x1, 1, Buffer.alloc(size)));
    peer.socket.write(Buffer.concat(Array.from({ length: 100 }, () => frame(F.CONTINUATION, 0, 1, Buffer.alloc(size)))));
    assert.equal((await untilClosed(peer)).at(-1), "GOAWAY 11");
  }
});

test("honest work is never taken for a flood", async () => {
  const { peer } = await answeringServer();
  peer.socket.write(hello);
  for (let i = 0; i < 6000; i += 100) {
    const calls = Array.from({ length: 100 }, (_, j) => Buffer.concat([ask(2 * (i + j) + 1), frame(F.PING, 0, 0, Buffer.alloc(8))]));
    peer.socket.write(Buffer.concat(calls));
    let answers = 0;
    while (answers < 300) answers += (await next(peer)).length;
  }
  peer.socket.write(frame(F.PING, 0, 0, Buffer.alloc(8)));
  assert.deepEqual(await next(peer), ["PING"]);
});

test("a second of calm forgives some nuisance", async () => {
  const { peer, clock } = await serve(() => ignoring);
  peer.socket.write(hello);
  const pings = (count: number) => Buffer.concat(Array.from({ length: count }, () => frame(F.PING, 0, 0, Buffer.alloc(8))));
  peer.socket.write(pings(1900));
  assert.equal((await next(peer, 1900)).length, 1900);
  await clock.advance(2000);
  peer.socket.write(pings(500));
  const later = await next(peer, 500);
  assert.equal(later.length, 500, String(later.at(-1)));
});

test("data waits for the windows of the stream and of the connection", async () => {
  const { peer } = await answeringServer(Buffer.alloc(100_000));
  // An initial window of 10 bytes.
  peer.socket.write(Buffer.concat([clientPreface, frame(F.SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 0, 10])), ask(1)]));
  assert.deepEqual(await next(peer, 2), ["HEADERS 1", "DATA 1 10"]);
  peer.socket.write(frame(F.WINDOW, 0, 1, word(5)));
  assert.deepEqual(await next(peer), ["DATA 1 5"]);
  // All windows of streams grow with the setting; then the connection's 65,535 bytes bound the rest.
  peer.socket.write(frame(F.SETTINGS, 0, 0, Buffer.from([0, 4, 0, 15, 0, 0])));
  assert.deepEqual(await next(peer, 4), ["DATA 1 16384", "DATA 1 16384", "DATA 1 16384", "DATA 1 16368"]);
  peer.socket.write(frame(F.WINDOW, 0, 0, word(1_000_000)));
  assert.deepEqual(await next(peer, 3), ["DATA 1 16384", "DATA 1 16384", "DATA 1 1697"]);
});

test("windows are widened while data is taken", async () => {
  const { peer } = await serve(() => ignoring);
  peer.socket.write(hello);
  peer.socket.write(Buffer.concat([ask(1, 0x4), ask(3, 0x4)]));
  // Three times what the window of a stream is at first.
  const full = frame(F.DATA, 0, 1, Buffer.alloc(16_384));
  peer.socket.write(Buffer.concat(Array.from({ length: 200 }, () => full)));
  await turn();
  peer.socket.write(frame(F.PING, 0, 0, Buffer.alloc(8)));
  const seen = await next(peer, 5);
  assert.ok(seen.includes("WINDOW 1"));
  assert.ok(!seen.some((line) => line.startsWith("GOAWAY") || line.startsWith("RST")));
});

test("a stream whose server answers early is ended without error, and what is still on its way is let go", async () => {
  let connection = (): Http2Connection => {
    throw new Error("nobody has connected");
  };
  const made = await serve((stream: Http2Stream) => {
    queueMicrotask(() => connection().sendHeaders(stream, encodeHeaders([":status", "413"]), true));
    return ignoring;
  });
  connection = made.connection;
  const { peer } = made;
  peer.socket.write(Buffer.concat([hello, ask(1, 0x4)]));
  assert.deepEqual(await next(peer, 2), ["HEADERS 1", "RST 1 0"]);
  peer.socket.write(
    Buffer.concat([
      frame(F.DATA, 0, 1, Buffer.alloc(100)),
      frame(F.DATA, 1, 1),
      frame(F.WINDOW, 0, 1, word(5)),
      frame(F.RST, 0, 1, word(8)),
      frame(F.PING, 0, 0, Buffer.alloc(8)),
    ]),
  );
  assert.deepEqual(await next(peer), ["PING"]);
});

test("streams opened after the farewell are refused, those before go on", async () => {
  const { peer, connection } = await answeringServer();
  peer.socket.write(Buffer.concat([hello, ask(1, 0x4)]));
  await turn();
  await turn();
  connection().goAway(0, "bye");
  assert.deepEqual(await next(peer), ["GOAWAY 0"]);
  peer.socket.write(Buffer.concat([ask(3), frame(F.DATA, 1, 1)]));
  assert.deepEqual((await next(peer, 3)).sort(), ["DATA 1 2", "HEADERS 1", "RST 3 7"]);
});

test("a table of another size is answered by saying that ours is empty", async () => {
  const { peer } = await answeringServer();
  let first: Buffer = Buffer.alloc(0);
  peer.socket.on("data", (data: Buffer) => {
    first = Buffer.concat([first, data]);
  });
  peer.socket.write(Buffer.concat([clientPreface, frame(F.SETTINGS, 0, 0, Buffer.from([0, 1, 0, 0, 0, 0])), ask(1), ask(3)]));
  const seen = await next(peer, 4);
  assert.deepEqual(seen, ["HEADERS 1", "DATA 1 2", "HEADERS 3", "DATA 3 2"]);
  assert.ok(first.includes(Buffer.from([0, 0, 2, 1, 4, 0, 0, 0, 1, 0x20, 0x88])));
  assert.ok(first.includes(Buffer.from([0, 0, 1, 1, 4, 0, 0, 0, 3, 0x88])));
});

// What breaks one stream, and what breaks the connection.
const wrong: readonly (readonly [string, Buffer, string])[] = [
  ["DATA on a stream that was never opened", frame(F.DATA, 0, 5), "GOAWAY 1"],
  ["DATA without a stream", frame(F.DATA, 0, 0), "GOAWAY 1"],
  ["HEADERS on an even stream", ask(2), "GOAWAY 1"],
  ["a stream below the last", Buffer.concat([ask(5), ask(3)]), "GOAWAY 1"],
  ["CONTINUATION without HEADERS", frame(F.CONTINUATION, 4, 1), "GOAWAY 1"],
  ["a frame within a header block", Buffer.concat([frame(F.HEADERS, 1, 1, request), frame(F.PING, 0, 0, Buffer.alloc(8))]), "GOAWAY 1"],
  ["DATA within a header block", Buffer.concat([frame(F.HEADERS, 0, 1, request), frame(F.DATA, 0, 1)]), "GOAWAY 1"],
  ["RST_STREAM on an idle stream", frame(F.RST, 0, 9, word(0)), "GOAWAY 1"],
  ["a window widened by nothing", frame(F.WINDOW, 0, 0, word(0)), "GOAWAY 1"],
  ["a window beyond the limit", Buffer.concat([frame(F.WINDOW, 0, 0, word(0x7fffffff))]), "GOAWAY 3"],
  ["PING of a wrong length", frame(F.PING, 0, 0, Buffer.alloc(7)), "GOAWAY 6"],
  ["an initial window beyond the limit", frame(F.SETTINGS, 0, 0, Buffer.from([0, 4, 0x80, 0, 0, 0])), "GOAWAY 3"],
  ["a frame size below the least", frame(F.SETTINGS, 0, 0, Buffer.from([0, 5, 0, 0, 0x10, 0])), "GOAWAY 1"],
  ["a wrong header block", frame(F.HEADERS, 5, 1, Buffer.from([0x80])), "GOAWAY 9"],
  ["PUSH_PROMISE", frame(5, 4, 1, word(2)), "GOAWAY 1"],
  ["capitals in a name", frame(F.HEADERS, 5, 1, encodeHeaders(["A", "b"])), "RST 1 1"],
  ["a request without a path", frame(F.HEADERS, 5, 1, encodeHeaders([":method", "GET", ":scheme", "http"])), "RST 1 1"],
  [
    "more data than announced",
    Buffer.concat([
      frame(F.HEADERS, 4, 1, Buffer.concat([request, encodeHeaders(["content-length", "1"])])),
      frame(F.DATA, 1, 1, Buffer.alloc(2)),
    ]),
    "RST 1 1",
  ],
  [
    "less data than announced",
    Buffer.concat([
      frame(F.HEADERS, 4, 1, Buffer.concat([request, encodeHeaders(["content-length", "3"])])),
      frame(F.DATA, 1, 1, Buffer.alloc(2)),
    ]),
    "RST 1 1",
  ],
  ["trailers that do not end", Buffer.concat([ask(1, 4), frame(F.HEADERS, 4, 1, encodeHeaders(["a", "b"]))]), "RST 1 1"],
  ["DATA after the end", Buffer.concat([ask(1), frame(F.DATA, 0, 1)]), "RST 1 5"],
  ["no preface", Buffer.from("nonsense, and much of it, more than a preface is long"), "GOAWAY 1"],
];

for (const [name, bytes, expected] of wrong)
  test(`${name} is answered with ${expected}`, async () => {
    const { peer } = await serve(() => ignoring);
    peer.socket.write(name === "no preface" ? bytes : Buffer.concat([hello, bytes]));
    assert.deepEqual((await next(peer)).slice(0, 1), [expected]);
  });

test("the first frame must be SETTINGS", async () => {
  const { peer } = await serve(() => ignoring);
  peer.socket.write(Buffer.concat([clientPreface, ask(1)]));
  assert.deepEqual(await untilClosed(peer), ["GOAWAY 1"]);
});

test("no bytes make the server do anything but answer or close", async () => {
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(request, Buffer.alloc(8), word(1), word(0), Buffer.from([0, 4, 0, 0, 0, 1])),
  );
  const one = fc.record({
    type: fc.nat(10),
    flags: fc.nat(255),
    stream: fc.constantFrom(0, 1, 1, 3, 5, 2, 7, 0x7fffffff),
    payload: payloads,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), fc.nat(), async (frames, cut) => {
      const { peer, connection } = await answeringServer();
      const bytes = Buffer.concat([hello, ...frames.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload))]);
      const at = hello.length + (cut % (bytes.length - hello.length));
      peer.socket.write(bytes.subarray(0, at));
      await turn();
      peer.socket.write(bytes.subarray(at));
      for (let i = 0; i < 5; i++) await turn();
      // Alive, or gone with a reason: never stuck in between.
      const open = connection().streams.size;
      assert.ok(open <= frames.length);
      if (connection().isOpen) connection().close("the test is over");
      assert.equal(connection().streams.size, 0);
      peer.socket.destroy();
    }),
    fuzzParameters(),
  );
});
