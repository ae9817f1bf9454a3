// Whole-process CPU of a server and of a client of unary calls, ours and node:http2's: `node grpc.bench.ts [message bytes] [calls]`.
// 60,000 bytes are an export request of 100 spans. Each side runs in a process of its own.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { grpcClient } from "./grpc-client.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, startGrpcServer } from "./grpc-server.ts";

const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const warmUpCalls = 500;
const atOnce = 8;
const { log } = testContext();

interface Cost {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

async function main(): Promise<void> {
  const [bytes = 60_000, calls = 20_000] = process.argv.slice(2).map(Number);
  console.log(`${calls} calls of ${bytes} bytes, ${atOnce} at once; CPU-s per million spans of 600 bytes`);
  for (const [server, client] of [
    ["own", "own"],
    ["node", "own"],
    ["own", "node"],
    ["node", "node"],
  ] as const) {
    const serving = fork(import.meta.filename, ["server", server]);
    const [port] = await once(serving, "message");
    const calling = fork(import.meta.filename, ["client", client, String(port), String(bytes), String(calls)]);
    await once(calling, "message");
    serving.send("measure");
    calling.send("measure");
    await once(calling, "message");
    const [spent, received] = await Promise.all([costOf(calling), costOf(serving)]);
    const perMillion = (cost: Cost) => ((cost.cpuSeconds / ((calls * bytes) / 600)) * 1e6).toFixed(2);
    console.log(
      `server ${server.padEnd(4)} ${perMillion(received)}, ${received.peakMiB.toFixed(0)} MiB   client ${client.padEnd(4)} ${perMillion(spent)}, ${spent.peakMiB.toFixed(0)} MiB`,
    );
  }
}

async function costOf(child: ChildProcess): Promise<Cost> {
  child.send("stop");
  const [cost] = await once(child, "message");
  child.kill();
  return cost;
}

/** Answers the parent's "measure" and "stop". */
function measured(): void {
  let base = process.cpuUsage();
  process.on("message", (word) => {
    if (word === "measure") base = process.cpuUsage();
    if (word !== "stop") return;
    const { user, system } = process.cpuUsage(base);
    process.send?.({ cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 });
  });
}

async function serve(kind: string): Promise<void> {
  measured();
  if (kind === "own") {
    const server = await startGrpcServer({
      host: "127.0.0.1",
      port: 0,
      methods: { [path]: { maxMessageBytes: 64 << 20, handle: async () => new Uint8Array(0) } },
      limits: defaultGrpcLimits,
      keepalive: defaultGrpcKeepalive,
      clock: systemClock,
      log,
    });
    process.send?.(server.port);
    return;
  }
  const server = createServer({ settings: { initialWindowSize: 1 << 20 } });
  server.on("stream", (stream: ServerHttp2Stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      Buffer.concat(chunks);
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.alloc(5));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send?.((server.address() as AddressInfo).port);
}

async function drive(kind: string, port: number, bytes: number, calls: number): Promise<void> {
  measured();
  const call = kind === "own" ? ownCalls(port, bytes) : nodeCalls(port, bytes);
  for (let i = 0; i < warmUpCalls; i++) await call();
  const measuring = once(process, "message");
  process.send?.("warm");
  await measuring;
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  process.send?.("done");
}

function ownCalls(port: number, bytes: number): () => Promise<unknown> {
  const client = grpcClient({
    endpoint: `127.0.0.1:${port}`,
    tls: undefined,
    balancer: "pick_first",
    waitForReady: true,
    userAgent: "bench",
    maxResponseBytes: 1 << 20,
    clock: systemClock,
    log,
    environment: {},
  });
  const body = [Buffer.alloc(bytes / 2), Buffer.alloc(bytes / 2)];
  return () => client.unary(path, body, { timeoutMs: 30_000 });
}

function nodeCalls(port: number, bytes: number): () => Promise<unknown> {
  const session = connect(`http://127.0.0.1:${port}`);
  const body = Buffer.alloc(bytes + 5);
  body.writeUInt32BE(bytes, 1);
  return () => {
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
    stream.resume();
    stream.end(body);
    return once(stream, "close");
  };
}

const [role = "", kind = "", port = "", bytes = "", calls = ""] = process.argv.slice(2);
if (role === "server") await serve(kind);
else if (role === "client") await drive(kind, Number(port), Number(bytes), Number(calls));
else await main();
