import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import snappy from "snappy";
import { systemClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { parseLabelText } from "../../../signals/loki/label-text.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { batchOf, linesOf } from "../../../signals/loki/notation.ts";
import { decodePushRequest } from "../../../signals/loki/push-decode.ts";
import { internLabels } from "../../../signals/loki/stream-labels.ts";
import { component } from "./component.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly lines: string[];
}

/** A Loki that answers with these statuses, then always with 204. */
async function loki(t: { after(fn: () => void): void }, ...statuses: number[]) {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = snappy.uncompressSync(Buffer.concat(chunks)) as Buffer;
      const batch = decodePushRequest(body, { createdMs: 0, labels: (text) => internLabels(parseLabelText(text)) });
      received.push({ headers: request.headers, lines: linesOf(batch) });
      const status = statuses.shift() ?? 204;
      response.writeHead(status, status === 429 ? { "retry-after": "0" } : {}).end(status >= 400 ? "because\nof it" : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/loki/api/v1/push` };
}

async function run(t: { after(fn: () => void): void }, text: string, options: { dataPath?: string; keep?: boolean } = {}) {
  const folder = options.dataPath ?? mkdtempSync(join(tmpdir(), "loki-write-"));
  if (options.keep !== true) t.after(() => rmSync(folder, { recursive: true, force: true }));
  const context = testContext({ id: "loki.write.a", clock: systemClock, dataPath: folder });
  const running = await component.create(context, decodeText(component, text));
  await running.start();
  const receiver = (context.exports.receiver as Capsule<Consumer<LogBatch>>).value;
  return {
    folder,
    context,
    running,
    send: (...lines: string[]) => receiver.consume(batchOf(lines)),
    receiver,
    stop: (deadline = AbortSignal.timeout(5000)) => Promise.resolve(running.stop(deadline)),
  };
}

async function until(isDone: () => boolean, what: string) {
  const end = Date.now() + 15_000;
  while (!isDone()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

const quick = 'batch_wait = "20ms"\nmin_backoff_period = "5ms"\nmax_backoff_period = "10ms"';
const host = (url: string) => new URL(url).host;

test("lines of several streams go out in one request, with external labels, without inner ones", async (t) => {
  const { received, url } = await loki(t);
  const write = await run(
    t,
    `endpoint {\n url = "${url}"\n headers = { "X-One" = "1" }\n ${quick}\n}\nexternal_labels = { cluster = "c", a = "outer" }`,
  );
  await write.send('{a="1", __path__="x"} @1.5 one # trace="t"', '{b="2"} @2 two', '{a="1", __path__="x"} @3 three');
  await until(() => received.length === 1, "a request");
  assert.deepEqual(received[0]?.lines, [
    '{a="1", cluster="c"} @1.5 one # trace="t"',
    '{a="1", cluster="c"} @3 three',
    '{a="outer", b="2", cluster="c"} @2 two',
  ]);
  const { headers } = received[0] as Received;
  assert.equal(headers["content-type"], "application/x-protobuf");
  assert.equal(headers["content-encoding"], "snappy");
  assert.equal(headers["x-one"], "1");
  assert.equal(headers["user-agent"], "Invar/test");
  assert.equal(headers["x-scope-orgid"], undefined);
  await until(() => write.context.metric("loki_write_sent_entries_total", { host: host(url) }) === 3, "3 lines counted");
  assert.equal(write.context.metric("loki_write_request_size_bytes_count"), 1);
  assert.equal(write.context.metric("loki_write_request_duration_seconds_count", { status_code: "204" }), 1);
  assert.equal(write.context.metric("loki_write_entry_propagation_latency_seconds_count"), 1);
  assert.equal(write.context.metric("loki_write_dropped_entries_total"), 0);
  await write.stop();
});

test("tenants go in requests of their own; the stream's tenant wins", async (t) => {
  const { received, url } = await loki(t);
  const write = await run(t, `endpoint {\n url = "${url}"\n tenant_id = "usual"\n ${quick}\n}`);
  await write.send('{a="1"} @1 x', '{a="1", __tenant_id__="other"} @2 y');
  await until(() => received.length === 2, "two requests");
  const byTenant = Object.fromEntries(received.map(({ headers, lines }) => [headers["x-scope-orgid"], lines]));
  assert.deepEqual(byTenant, { usual: ['{a="1"} @1 x'], other: ['{a="1"} @2 y'] });
  await until(() => write.context.metric("loki_write_sent_entries_total", { tenant: "other" }) === 1, "the count");
  await write.stop();
});

test("refusals for now are retried in order, refusals for good are dropped and counted", async (t) => {
  const { received, url } = await loki(t, 503, 429, 204, 400);
  const write = await run(t, `endpoint {\n url = "${url}"\n ${quick}\n}`);
  await write.send('{a="1"} @1 kept');
  await until(() => received.length === 3, "two retries");
  await write.send('{a="1"} @2 refused');
  await until(() => write.context.metric("loki_write_dropped_entries_total", { reason: "ingester_error" }) === 1, "a drop");
  await write.send('{a="1"} @3 next');
  await until(() => received.length === 5, "the next");
  assert.deepEqual(
    received.map(({ lines }) => lines[0]?.split(" ").at(-1)),
    ["kept", "kept", "kept", "refused", "next"],
  );
  assert.equal(write.context.metric("loki_write_batch_retries_total"), 2);
  assert.match(JSON.stringify(write.context.logged), /server returned HTTP status 400: because"/);
  await write.stop();
});

test("with retry_on_http_429 = false a limited request is dropped, and after max_backoff_retries any", async (t) => {
  const { received, url } = await loki(t, 429, 500, 500, 500);
  const write = await run(t, `endpoint {\n url = "${url}"\n retry_on_http_429 = false\n max_backoff_retries = 3\n ${quick}\n}`);
  await write.send('{a="1"} @1 limited');
  await until(() => write.context.metric("loki_write_dropped_entries_total", { reason: "rate_limited" }) === 1, "a drop");
  await write.send('{a="1"} @2 failing', '{a="1"} @3 failing');
  await until(() => write.context.metric("loki_write_dropped_entries_total", { reason: "ingester_error" }) === 2, "drops");
  assert.equal(received.length, 4);
  await write.stop();
});

test("a request is closed at its size; one stream's lines are divided", async (t) => {
  const { received, url } = await loki(t);
  const write = await run(t, `endpoint {\n url = "${url}"\n batch_size = "1KiB"\n ${quick}\n}`);
  await write.send(...Array.from({ length: 100 }, (_, i) => `{a="1"} @${i + 1} ${"x".repeat(80)}`));
  await until(() => received.flatMap(({ lines }) => lines).length === 100, "100 lines");
  assert.ok(received.length >= 10, `${received.length} requests`);
  assert.deepEqual(
    received.flatMap(({ lines }) => lines).map((line) => Number(/@(\d+)/.exec(line)?.[1])),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  await write.stop();
});

test("one dead endpoint stops nobody else", async (t) => {
  const { received, url } = await loki(t);
  const write = await run(t, `endpoint {\n url = "http://127.0.0.1:1/push"\n ${quick}\n}\nendpoint {\n url = "${url}"\n ${quick}\n}`);
  for (let i = 1; i <= 5; i++) await write.send(`{a="1"} @${i} x`);
  await until(() => received.flatMap(({ lines }) => lines).length === 5, "5 lines");
  await write.stop(AbortSignal.timeout(50));
});

test("what a dead endpoint did not get is sent after a restart", async (t) => {
  const server = await loki(t, ...Array.from({ length: 1000 }, () => 503));
  const text = `endpoint {\n name = "x"\n url = "${server.url}"\n ${quick}\n}`;
  const first = await run(t, text);
  await first.send('{a="1"} @1 one', '{a="1"} @2 two');
  await until(() => server.received.length > 0, "an attempt");
  await first.stop(AbortSignal.timeout(30));
  const well = await loki(t);
  const second = await run(t, text.replace(server.url, well.url), { dataPath: first.folder });
  await until(() => well.received.length > 0, "the lines of before");
  assert.deepEqual(
    well.received.flatMap(({ lines }) => lines),
    ['{a="1"} @1 one', '{a="1"} @2 two'],
  );
  await second.stop();
});

test("streams beyond max_streams are dropped and counted", async (t) => {
  const { received, url } = await loki(t);
  const write = await run(t, `endpoint {\n url = "${url}"\n batch_wait = "1h"\n batch_size = "120B"\n}\nmax_streams = 2`);
  await write.send('{a="1"} @1 x', '{a="2"} @1 x', '{a="3"} @1 long line', '{a="3"} @2 x', '{a="1"} @2 y', `{a="2"} @2 ${"z".repeat(100)}`);
  await until(() => received.length > 0, "a request");
  assert.equal(write.context.metric("loki_write_dropped_entries_total", { reason: "stream_limited" }), 2);
  assert.equal(write.context.metric("loki_write_dropped_bytes_total", { reason: "stream_limited" }), 10);
  assert.ok(received.every(({ lines }) => lines.every((line) => !line.includes('a="3"'))));
  await write.stop();
});

test("an update changes where and how lines go; an endpoint that is gone gets no more", async (t) => {
  const one = await loki(t);
  const two = await loki(t);
  const write = await run(t, `endpoint {\n url = "${one.url}"\n ${quick}\n}`);
  await write.send('{a="1"} @1 x');
  await until(() => one.received.length === 1, "the first");
  await write.running.update(decodeText(component, `endpoint {\n url = "${two.url}"\n ${quick}\n}\nexternal_labels = { n = "2" }`));
  await write.send('{a="1"} @2 y');
  await until(() => two.received.length === 1, "the second");
  assert.deepEqual(two.received[0]?.lines, ['{a="1", n="2"} @2 y']);
  assert.equal(one.received.length, 1);
  await write.stop();
});

test("a full queue refuses, or with block_on_overflow = false drops the oldest", async (t) => {
  for (const blocks of [true, false]) {
    const write = await run(
      t,
      `endpoint {\n url = "http://127.0.0.1:1/push"\n batch_size = "1KiB"\n ${quick}\n queue_config {\n capacity = "64KiB"\n block_on_overflow = ${blocks}\n }\n}`,
    );
    const sends = async () => {
      for (let i = 1; i <= 1000; i++) await write.send(`{a="1"} @${i} ${"x".repeat(200)}`);
    };
    if (blocks) await assert.rejects(sends, { name: "DeliveryError", retryable: true });
    else {
      await sends();
      assert.ok((write.context.metric("loki_write_dropped_entries_total", { reason: "queue_is_full" }) ?? 0) > 50);
    }
    await write.stop(AbortSignal.timeout(20));
  }
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ["", /at least one endpoint config must be provided/],
    ['endpoint {\n url = "no url"\n}', /failed to parse remote url/],
    ['endpoint {\n url = "http://a"\n}\nendpoint {\n url = "http://a"\n}', /duplicate endpoint configs are not allowed/],
    ['endpoint {\n url = "http://a"\n bearer_token = "x"\n basic_auth {\n username = "u"\n }\n}', /at most one of basic_auth/],
    ['endpoint {\n url = "http://a"\n}\nwal {\n min_read_frequency = "2s"\n}', /WAL min read frequency should be lower/],
  ];
  for (const [text, message] of cases)
    assert.match(
      tryDecodeText(component, text)
        .diagnostics.map(({ message: found }) => found)
        .join("; "),
      message,
      text,
    );
});
