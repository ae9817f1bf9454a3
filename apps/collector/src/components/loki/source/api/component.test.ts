import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import snappy from "snappy";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { compileRules } from "../../../../relabel/rules.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { batchOf, linesOf } from "../../../../signals/loki/notation.ts";
import { encodeStreams } from "../../../../signals/loki/push-encode.ts";
import { grpcClient } from "../../../../transport/grpc-client.ts";
import { component } from "./component.ts";

const local = 'http {\n listen_address = "127.0.0.1"\n listen_port = 0\n}\nuse_incoming_timestamp = true\n';

async function run(t: { after(fn: () => Promise<void>): void }, extra: string, names: Record<string, ReturnType<typeof capsuleOf>> = {}) {
  const lines: string[] = [];
  const state: { refusal?: DeliveryError; pressure?: DeliveryError; gate?: Promise<void> } = {};
  const sink = capsuleOf("loki.LogsReceiver", {
    async consume(batch: LogBatch) {
      await state.gate;
      if (state.refusal !== undefined) throw state.refusal;
      lines.push(...linesOf(batch));
    },
    pressure: () => state.pressure,
  });
  const decode = (text: string) => decodeText(component, `forward_to = [sink]\n${text}`, { sink, ...names });
  const context = testContext({ id: "loki.source.api.a", clock: systemClock });
  const running = await component.create(context, decode(extra));
  await running.start();
  t.after(async () => running.stop(AbortSignal.timeout(1000)));
  const listening = () => running.debugInfo?.() as { http: string; grpc?: string };
  return {
    lines,
    state,
    context,
    running,
    listening,
    update: async (text: string) => running.update(decode(text)),
    async post(path: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
      const response = await fetch(`http://${listening().http}${path}`, { method: "POST", body: body as string, headers });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
  };
}

function push(...lines: string[]): Buffer {
  const batch = batchOf(lines);
  const fragments = encodeStreams(batch, (stream) => Buffer.from(batch.streams[stream]?.text ?? ""), 1 << 20);
  return Buffer.concat(fragments.map(({ payload }) => payload));
}

const packed = (...lines: string[]) => snappy.compressSync(push(...lines)) as Buffer;
const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json; charset=utf-8" };
const jsonBody = '{"streams":[{"stream":{"a":"b"},"values":[["1500000000","x",{"m":"1"}]]}]}';

test("push requests in protobuf and JSON are taken, packed in every way", async (t) => {
  const api = await run(t, local);
  const line = '{a="b"} @1.5 x # m="1"';
  const cases: [string, Uint8Array | string, Record<string, string>][] = [
    ["/loki/api/v1/push", packed(line), protobuf],
    ["/api/v1/push", packed(line), { ...protobuf, "content-encoding": "snappy" }],
    ["/api/v1/push", gzipSync(packed(line)), { ...protobuf, "content-encoding": "gzip" }],
    ["/api/v1/push", jsonBody, json],
    ["/api/v1/push", gzipSync(jsonBody), { ...json, "content-encoding": "gzip" }],
    ["/api/v1/push", deflateSync(jsonBody), { ...json, "content-encoding": "deflate" }],
    ["/api/v1/push", deflateRawSync(jsonBody), { ...json, "content-encoding": "deflate" }],
  ];
  for (const [path, body, headers] of cases) {
    assert.equal((await api.post(path, body, headers)).status, 204, JSON.stringify(headers));
    assert.deepEqual(api.lines.splice(0), [line], JSON.stringify(headers));
  }
  assert.equal(api.context.metric("loki_source_api_entries_written"), cases.length);
  assert.equal(api.context.metric("loki_source_api_request_duration_seconds_count", { route: "api_v1_push", status_code: "204" }), 6);
  assert.equal(await (await fetch(`http://${api.listening().http}/ready`)).text(), "ready");
});

test("lines get labels, rules, the tenant of the request, and the time of now", async (t) => {
  const rules = compileRules(
    decodeRules([
      { action: "drop", source_labels: ["a"], regex: "drop" },
      { action: "replace", source_labels: ["__path__"], target_label: "path" },
    ]),
  );
  const text = `${local.replace("true", "false")}labels = { fixed = "1", __path__ = "p" }\nrelabel_rules = rules`;
  const api = await run(t, text, { rules: capsuleOf("relabel.Rules", rules) });
  const before = Date.now() / 1000;
  await api.post("/api/v1/push", packed('{a="b", __meta="x"} @1 one', '{a="drop"} @1 no', '{a="b", __meta="x"} @1 one'), {
    ...protobuf,
    "x-scope-orgid": "team",
  });
  assert.deepEqual(
    api.lines.map((line) => line.replace(/@\S+/, "@")),
    ['{__tenant_id__="team", a="b", fixed="1", path="p"} @ one', '{__tenant_id__="team", a="b", fixed="1", path="p"} @ one'],
  );
  const times = api.lines.map((line) => /@(\S+)/.exec(line)?.[1] ?? "");
  assert.notEqual(times[0], times[1]);
  assert.ok(times.every((time) => Number(time) >= before - 1 && Number(time) < before + 60));
  assert.equal(api.context.metric("loki_source_api_streams_dropped_total"), 1);
});

test("raw bodies become a line a line", async (t) => {
  const api = await run(t, `${local}labels = { job = "raw" }`);
  assert.equal((await api.post("/loki/api/v1/raw", 'one\r\n\n{"two":2}\nlast', { "x-scope-orgid": "t" })).status, 204);
  assert.deepEqual(
    api.lines.map((line) => line.replace(/@\S+/, "@")),
    ['{__tenant_id__="t", job="raw"} @ one', '{__tenant_id__="t", job="raw"} @ {"two":2}', '{__tenant_id__="t", job="raw"} @ last'],
  );
});

test("bad requests are refused with the reason, and good streams beside bad ones are taken", async (t) => {
  const api = await run(t, `${local}max_send_message_size = "2KiB"`);
  const cases: [Uint8Array | string, Record<string, string>, number, RegExp][] = [
    ["nonsense", protobuf, 400, /snappy/],
    [snappy.compressSync("nonsense") as Buffer, protobuf, 400, /protobuf/],
    ["{", json, 400, /json/],
    [jsonBody, { ...json, "content-encoding": "br" }, 400, /Content-Encoding "br" not supported/],
    [gzipSync(`{"streams":[],"x":"${"y".repeat(3000)}"}`), { ...json, "content-encoding": "gzip" }, 413, /2048/],
    ["x".repeat(3000), json, 413, /2048/],
    [deflateRawSync("x".repeat(3000)), { ...json, "content-encoding": "deflate" }, 400, /deflate/],
  ];
  for (const [body, headers, status, message] of cases) {
    const answer = await api.post("/api/v1/push", body, headers);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, message);
  }
  assert.deepEqual(api.lines, []);
  const good = push('{a="b"} @1 good');
  const bad = Buffer.from(push('{a="b"} @1 bad').toString("latin1").replace('{a="b"}', '{a="b"!'), "latin1");
  const answer = await api.post("/api/v1/push", snappy.compressSync(Buffer.concat([bad, good])) as Buffer, protobuf);
  assert.equal(answer.status, 400);
  assert.match(answer.text, /expected "," or "}" at character 7/);
  assert.deepEqual(api.lines, ['{a="b"} @1 good']);
  assert.equal((await api.post("/nowhere", "")).status, 404);
  assert.equal((await fetch(`http://${api.listening().http}/api/v1/push`)).status, 405);
});

test("back-pressure is answered before the body is read", async (t) => {
  const api = await run(t, local);
  api.state.pressure = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 2500 });
  const { hostname, port } = new URL(`http://${api.listening().http}`);
  const socket = connect(Number(port), hostname);
  socket.write("POST /api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{");
  const head = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  socket.destroy();
  assert.match(head, /^HTTP\/1\.1 429/);
  assert.match(head, /retry-after: 3/i);
  delete api.state.pressure;
  api.state.refusal = new DeliveryError("never", { retryable: false, reason: "x" });
  assert.equal((await api.post("/api/v1/push", jsonBody, json)).status, 400);
});

test("a push is answered once every queue behind has its lines", async (t) => {
  const api = await run(t, local);
  const { promise, resolve } = Promise.withResolvers<void>();
  api.state.gate = promise;
  let status: number | undefined;
  const answered = api.post("/loki/api/v1/push", jsonBody, json).then((answer) => {
    status = answer.status;
  });
  // Time enough for an answer that does not wait.
  await fetch(`http://${api.listening().http}/ready`).then((ready) => ready.text());
  await new Promise((done) => setTimeout(done, 50));
  assert.deepEqual([status, api.context.metric("loki_source_api_entries_written")], [undefined, 0]);
  resolve();
  await answered;
  assert.deepEqual([status, api.context.metric("loki_source_api_entries_written")], [204, 1]);
});

test("gRPC pushes are taken where the block is written", async (t) => {
  const api = await run(t, `${local}grpc {\n listen_address = "127.0.0.1"\n}`);
  assert.notEqual(api.listening().grpc, undefined);
  const client = grpcClient(clientOptions(api.listening().grpc ?? ""));
  const answer = await client.unary("/logproto.Pusher/Push", [push('{a="b"} @1 x')], { timeoutMs: 5000 });
  assert.equal(answer.status.code, 0);
  const refused = await client.unary("/logproto.Pusher/Push", [Uint8Array.of(0x0a, 9)], { timeoutMs: 5000 });
  assert.equal(refused.status.code, 3);
  assert.deepEqual(api.lines, ['{a="b"} @1 x']);
  await client.close(AbortSignal.abort());
});

test("an update keeps the port where it can, moves where it must, and stays where it can't", async (t) => {
  const api = await run(t, local);
  const first = api.listening().http;
  await api.update(`${local}labels = { new = "1" }`);
  assert.equal(api.listening().http, first);
  await api.post("/api/v1/push", jsonBody, json);
  assert.deepEqual(api.lines.splice(0), ['{a="b", new="1"} @1.5 x # m="1"']);
  const other = await run(t, local);
  const taken = new URL(`http://${other.listening().http}`).port;
  await assert.rejects(api.update(local.replace("listen_port = 0", `listen_port = ${taken}`)), /address already in use/);
  assert.equal((await api.post("/api/v1/push", jsonBody, json)).status, 204);
});

test("wrong arguments are refused", () => {
  for (const [text, message] of [
    ['graceful_shutdown_timeout = "0s"', /graceful_shutdown_timeout must be greater than 0/],
    ["http {\n listen_port = 70000\n}", /70000 is no port/],
  ] as const)
    assert.match(tryDecodeText(component, `forward_to = []\n${text}`).diagnostics[0]?.message ?? "", message);
});

function decodeRules(rules: Record<string, unknown>[]): Parameters<typeof compileRules>[0] {
  const defaults = {
    action: "replace",
    source_labels: undefined,
    separator: ";",
    regex: "(.*)",
    modulus: 0,
    target_label: "",
    replacement: "$1",
  };
  return rules.map((rule) => ({ ...defaults, ...rule })) as unknown as Parameters<typeof compileRules>[0];
}

function clientOptions(endpoint: string) {
  return {
    endpoint,
    tls: undefined,
    balancer: "pick_first",
    waitForReady: true,
    userAgent: "test",
    maxResponseBytes: 1024,
    clock: systemClock,
    log: testContext().log,
  } as const;
}
