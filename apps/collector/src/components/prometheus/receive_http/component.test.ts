import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import snappy from "snappy";
import { encode, protos } from "../../../../../../tests/destinations/protos.ts";
import { FakeClock } from "../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { RECENT_TURN_MS } from "../../../signals/prometheus/recent-series.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { component } from "./component.ts";
import { messageOf } from "./content-type.ts";

const NOW = 1_700_000_000_000;
const local = 'http {\n listen_address = "127.0.0.1"\n listen_port = 0\n}\n';
const both = 'accepted_remote_write_protobuf_messages = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]\n';
const v2 = { "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" };

/** `a{b="1"} 2 @3`: time in milliseconds after `NOW`. */
function parse(line: string) {
  const {
    name = "",
    labels = "",
    value = "",
    at = "",
  } = /^(?<name>\w*)(\{(?<labels>.*)\})? (?<value>\S+) @(?<at>-?\d+)$/.exec(line)?.groups ?? {};
  const pairs = [...labels.matchAll(/(\w+)="(\w*)"/g)].map(([, key = "", text = ""]) => [key, text] as const);
  return {
    labels: name === "" ? pairs : [["__name__", name] as const, ...pairs],
    sample: { value: String(Buffer.from(new Float64Array([Number(value)]).buffer).readBigUInt64LE()), timestamp: NOW + Number(at) },
  };
}

function request(...lines: string[]): Buffer {
  const timeseries = lines.map(parse).map(({ labels, sample }) => ({
    labels: labels.map(([name, value]) => ({ name, value })),
    samples: [sample],
    histograms: [],
    exemplars: [],
  }));
  return snappy.compressSync(Buffer.from(encode(protos.remoteWrite1, { timeseries }))) as Buffer;
}

function request2(...lines: string[]): Buffer {
  const symbols = [""];
  const ref = (text: string) => (symbols.includes(text) ? symbols.indexOf(text) : symbols.push(text) - 1);
  const timeseries = lines.map(parse).map(({ labels, sample }) => ({
    labelsRefs: labels.flatMap(([name, value]) => [ref(name), ref(value)]),
    samples: [{ ...sample, startTimestamp: 0 }],
    histograms: [],
    exemplars: [],
    metadata: { type: 1, helpRef: ref("Help."), unitRef: 0 },
  }));
  return snappy.compressSync(Buffer.from(encode(protos.remoteWrite2, { symbols, timeseries }))) as Buffer;
}

/** `{__name__="a", b="1"}` as `a{b="1"}`. */
function short(labels: string): string {
  return labels.replace(/^\{__name__="(\w*)"(, )?/, "$1{").replace("{}", "");
}

async function run(t: { after(fn: () => Promise<void>): void }, extra = "", budgetBytes?: number) {
  const lines: string[] = [];
  const metadata: string[] = [];
  const state: { refusal?: DeliveryError; pressure?: DeliveryError } = {};
  const sink = capsuleOf("storage.Appendable", {
    async consume(batch: SampleBatch) {
      if (state.refusal !== undefined) throw state.refusal;
      for (let row = 0; row < batch.count; row++)
        lines.push(`${short(batch.table.textOf(batch.series[row] ?? 0))} ${batch.values[row]} @${(batch.timestamps[row] ?? 0) - NOW}`);
      for (const { family, type, help } of batch.metadata?.metadata ?? []) metadata.push(`${family} ${type} ${help}`);
    },
    pressure: () => state.pressure,
  });
  const decode = (text: string) => decodeText(component, `forward_to = [sink]\n${text}`, { sink });
  const clock = new FakeClock(NOW);
  const context = testContext({ id: "prometheus.receive_http.a", clock, ...(budgetBytes !== undefined && { budgetBytes }) });
  const running = await component.create(context, decode(local + extra));
  await running.start();
  t.after(async () => running.stop(AbortSignal.timeout(1000)));
  const info = () => running.debugInfo?.() as { http: string; known_series: number };
  return {
    lines,
    metadata,
    state,
    context,
    clock,
    running,
    info,
    update: async (text: string) => running.update(decode(text)),
    async post(body: Uint8Array | string, headers: Record<string, string> = {}, path = "/api/v1/metrics/write") {
      const response = await fetch(`http://${info().http}${path}`, { method: "POST", body: body as string, headers });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
  };
}

test("samples of version 1 are handed on before the request is answered", async (t) => {
  const receiver = await run(t);
  const answer = await receiver.post(request('up{b="1",a=""} 2 @3', "other 4 @5"), {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("x-prometheus-remote-write-samples-written"), null);
  assert.deepEqual(receiver.lines, ['up{b="1"} 2 @3', "other 4 @5"]);
  assert.equal(receiver.context.metric("prometheus_forwarded_samples_total"), 2);
  assert.equal(
    receiver.context.metric("prometheus_receive_http_request_duration_seconds_count", {
      route: "api_v1_metrics_write",
      status_code: "204",
    }),
    1,
  );
});

test("samples of version 2 are taken where that is accepted, and the answer counts them", async (t) => {
  const receiver = await run(t, `${both}append_metadata = true\nenable_type_and_unit_labels = true`);
  const answer = await receiver.post(request2("up_total 2 @3"), v2);
  assert.equal(answer.status, 204);
  assert.deepEqual(receiver.lines, ['up_total{__type__="counter"} 2 @3']);
  assert.deepEqual(receiver.metadata, ["up_total counter Help."]);
  const written = (what: string) => answer.headers.get(`x-prometheus-remote-write-${what}-written`);
  assert.deepEqual([written("samples"), written("histograms"), written("exemplars")], ["1", "0", "0"]);
});

test("of version 2 what is sound is taken and the answer names the rest", async (t) => {
  const receiver = await run(t, both);
  const answer = await receiver.post(request2("good 1 @0", '{no="name"} 2 @0', "late 3 @700000"), v2);
  assert.equal(answer.status, 400);
  assert.match(answer.text, /invalid metric name or labels, got \{no="name"\}\n.*too far in the future for series \{__name__="late"\}/);
  assert.equal(answer.headers.get("x-prometheus-remote-write-samples-written"), "1");
  assert.deepEqual(receiver.lines, ["good 1 @0"]);
  assert.equal(receiver.context.metric("prometheus_api_remote_write_invalid_labels_samples_total"), 1);
});

test("of version 1 series with invalid labels are left out and counted; a sample from the future refuses all", async (t) => {
  const receiver = await run(t);
  assert.equal((await receiver.post(request("good 1 @0", '{no="name"} 2 @0', 'twice{a="1",a="2"} 3 @0'))).status, 204);
  assert.deepEqual(receiver.lines.splice(0), ["good 1 @0"]);
  assert.equal(receiver.context.metric("prometheus_api_remote_write_invalid_labels_samples_total"), 2);
  assert.equal(receiver.context.logged.filter(({ level }) => level === "warn").length, 1);
  const answer = await receiver.post(request("good 1 @0", "late 3 @700000"));
  assert.equal(answer.status, 400);
  assert.match(answer.text, /out of bounds: timestamp is too far in the future for series \{__name__="late"\}/);
  assert.deepEqual(receiver.lines, []);
});

test("what is no remote write request is refused with its reason", async (t) => {
  const receiver = await run(t);
  const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
  const cases: [Uint8Array | string, Record<string, string>, number, RegExp][] = [
    [request("a 1 @0"), { "content-encoding": "gzip" }, 415, /only snappy is acceptable/],
    [request("a 1 @0"), { "content-type": "application/json" }, 415, /expected application\/x-protobuf/],
    [
      request2("a 1 @0"),
      v2,
      415,
      /io\.prometheus\.write\.v2\.Request protobuf message is not accepted by this server; only accepts prometheus\.WriteRequest/,
    ],
    ["nonsense", {}, 400, /snappy/],
    [bomb, {}, 400, /33554432 are allowed/],
    [snappy.compressSync("nonsense") as Buffer, {}, 400, /protobuf/],
    ["", {}, 400, /snappy/],
    ["x".repeat(33 * 1024 * 1024), {}, 413, /33554432/],
  ];
  for (const [body, headers, status, message] of cases) {
    const answer = await receiver.post(body, { "content-type": "application/x-protobuf", ...headers });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, message);
  }
  assert.deepEqual(receiver.lines, []);
  assert.equal((await receiver.post("", {}, "/api/v1/write")).status, 404);
  assert.equal((await fetch(`http://${receiver.info().http}/api/v1/metrics/write`)).status, 405);
});

test("back-pressure is answered with 503, before the body is read where it is known", async (t) => {
  const receiver = await run(t, both);
  receiver.state.pressure = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 2500 });
  const { hostname, port } = new URL(`http://${receiver.info().http}`);
  const socket = connect(Number(port), hostname);
  socket.write("POST /api/v1/metrics/write HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{");
  const head = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  socket.destroy();
  assert.match(head, /^HTTP\/1\.1 503/);
  assert.match(head, /retry-after: 3/i);
  delete receiver.state.pressure;
  for (const [error, status] of [
    [new DeliveryError("later", { retryable: true, reason: "x" }), 503],
    [new DeliveryError("never", { retryable: false, reason: "x" }), 400],
    [new Error("our fault"), 500],
  ] as const) {
    receiver.state.refusal = error as DeliveryError;
    const answer = await receiver.post(request2("up 2 @3"), v2);
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("x-prometheus-remote-write-samples-written"), "0");
  }
});

test("a request that unpacks to more than the memory that is left waits", async (t) => {
  const receiver = await run(t, "", 100_000);
  const large = snappy.compressSync(Buffer.alloc(200_000)) as Buffer;
  const answer = await receiver.post(large);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "1");
  assert.equal(receiver.context.budget.usedBytes, 0);
  assert.equal((await receiver.post(new Uint8Array(150_000))).status, 503);
});

test("series are known while they come, and forgotten later and at the end", async (t) => {
  const receiver = await run(t);
  await receiver.post(request("one 1 @0", "two 1 @0"));
  assert.equal(receiver.info().known_series, 2);
  await receiver.clock.advance(RECENT_TURN_MS);
  await receiver.post(request("one 2 @1"));
  await receiver.clock.advance(RECENT_TURN_MS);
  assert.equal(receiver.info().known_series, 1);
  await receiver.running.stop(AbortSignal.timeout(1000));
  assert.equal(receiver.context.budget.usedBytes, 0);
});

test("an update keeps the port where it can, and stays where it can't listen", async (t) => {
  const receiver = await run(t);
  const first = receiver.info().http;
  await receiver.update(local + both);
  assert.equal(receiver.info().http, first);
  assert.equal((await receiver.post(request2("a 1 @0"), v2)).status, 204);
  const other = await run(t);
  const taken = new URL(`http://${other.info().http}`).port;
  await assert.rejects(receiver.update(local.replace("listen_port = 0", `listen_port = ${taken}`)), /address already in use/);
  assert.equal((await receiver.post(request("a 1 @0"))).status, 204);
});

test("HTTP/2 is spoken where the block says so, with a client that begins with it", async (t) => {
  const receiver = await run(t);
  const post = async () => {
    const session = connectHttp2(`http://${receiver.info().http}`);
    session.on("error", () => {});
    const stream = session.request({ ":method": "POST", ":path": "/api/v1/metrics/write", "content-type": "application/x-protobuf" });
    stream.end(request("up 2 @3"));
    const [headers] = await once(stream, "response").catch(() => [{ ":status": 0 }]);
    session.destroy();
    return headers[":status"];
  };
  assert.equal(await post(), 0);
  await receiver.update(local.replace("}", ' http2 {\n  enabled = true\n  read_idle_timeout = "1s"\n }\n}'));
  assert.equal(await post(), 204);
  assert.equal((await receiver.post(request("up 4 @5"))).status, 204);
  assert.deepEqual(receiver.lines, ["up 2 @3", "up 4 @5"]);
});

test("what is experimental asks for that stability only where it is switched on", () => {
  const findings = (text: string) =>
    tryDecodeText(component, `forward_to = []\n${text}`, {}, "generally-available").diagnostics.map(({ message }) => message);
  assert.deepEqual(findings("append_metadata = false"), []);
  assert.match(findings("append_metadata = true")[0] ?? "", /"append_metadata" is at stability level "experimental"/);
  assert.match(findings(both)[0] ?? "", /stability level "experimental"/);
  assert.match(findings("accepted_remote_write_protobuf_messages = []")[0] ?? "", /must not be empty/);
  assert.match(
    findings('accepted_remote_write_protobuf_messages = ["x"]')[0] ?? "",
    /unsupported protocol version "x": valid values are "prometheus.WriteRequest" and "io.prometheus.write.v2.Request"/,
  );
});

test("the content type says which message a body is", () => {
  const cases: [string | undefined, RegExp][] = [
    [undefined, /^prometheus.WriteRequest$/],
    ["application/x-protobuf", /^prometheus.WriteRequest$/],
    ["application/x-protobuf; proto=prometheus.WriteRequest", /^prometheus.WriteRequest$/],
    ["application/x-protobuf;proto=io.prometheus.write.v2.Request", /^io.prometheus.write.v2.Request$/],
    ["application/x-protobuf;charset=utf-8", /^prometheus.WriteRequest$/],
    ["application/x-protobuf;proto", /key-values/],
    ["application/x-protobuf;proto=x", /unknown type for remote write protobuf message x/],
    ["text/plain", /expected application\/x-protobuf/],
  ];
  for (const [text, expected] of cases) {
    const message = messageOf(text);
    assert.match("name" in message ? message.name : message.finding, expected);
  }
});
