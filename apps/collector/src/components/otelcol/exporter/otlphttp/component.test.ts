import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { Metadata } from "../../../../signals/client-info.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { exportResponse } from "../../../../signals/otlp/export-response.ts";
import { protobufFromJson } from "../../../../signals/otlp/json-to-protobuf.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { namesIn, requestOf } from "../../../../signals/otlp/testing.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { component } from "./component.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A destination that notes requests and answers with `answers` in turn, then with success. */
async function destination(answers: Answer[] = []) {
  const seen: Seen[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      seen.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(pieces) });
      const { status = 200, headers = { "content-type": "application/x-protobuf" }, body = "" } = answers.shift() ?? {};
      response.writeHead(status, headers).end(body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const quick = 'retry_on_failure {\ninitial_interval = "1ms"\nmax_interval = "2ms"\n}';

async function running(text: string, auth?: AuthHandler) {
  const context = testContext({ clock: systemClock, id: "otelcol.exporter.otlphttp.test" });
  const decode = (inside: string) => decodeText(component, `${inside}\n${quick}`, { auth: capsuleOf("otelcol.Handler", auth) });
  const exporter = await component.create(context, decode(text));
  await exporter.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  return {
    context,
    update: (inside: string) => exporter.update(decode(inside)),
    send(names: string, signal: Signal = "traces", tenant?: string) {
      const list = names.split(" ");
      const client = tenant === undefined ? undefined : { metadata: new Metadata(["tenant", tenant]), address: "" };
      return input.consume(new OtlpBatch({ signal, chunks: [requestOf(signal, list)], items: list.length, client }));
    },
    stop: () => exporter.stop(AbortSignal.timeout(2000)),
  };
}

async function until(condition: () => boolean) {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 4));
  assert.ok(condition(), "not within 2 s");
}

test("sends each signal to its path, packed with gzip", async () => {
  const { seen, url } = await destination();
  const { send, context, stop } = await running(`client {\nendpoint = "${url}"\nheaders = { "X-Scope" = "me" }\n}`);
  for (const signal of ["traces", "metrics", "logs"] as const) {
    await send(`one-${signal}`, signal);
    await until(() => seen.length === 1);
    const { url: path, headers, body } = seen.shift() as Seen;
    assert.equal(path, `/v1/${signal}`);
    assert.deepEqual(
      [headers["content-type"], headers["content-encoding"], headers["x-scope"], headers["user-agent"]],
      ["application/x-protobuf", "gzip", "me", "Invar/test"],
    );
    assert.deepEqual(namesIn(signal, [gunzipSync(body)]), [`one-${signal}`]);
  }
  await until(() => context.metric("otelcol_exporter_sent_log_records_total") === 1);
  assert.equal(context.metric("http_client_duration_milliseconds_count", { http_status_code: "200" }), 3);
  await stop();
});

for (const [compression, unpack] of [
  ["none", (body: Buffer) => body],
  ["zstd", zstdDecompressSync],
  ["deflate", inflateSync],
  ["zlib", inflateSync],
] as const)
  test(`packs with ${compression}`, async () => {
    const { seen, url } = await destination();
    const { send, stop } = await running(`client {\nendpoint = "${url}/"\ncompression = "${compression}"\n}`);
    await send("a b");
    await until(() => seen.length === 1);
    assert.equal(seen[0]?.headers["content-encoding"], compression === "none" ? undefined : compression);
    assert.equal(seen[0]?.url, "/v1/traces");
    assert.deepEqual(namesIn("traces", [unpack(seen[0]?.body as Buffer)]), ["a", "b"]);
    await stop();
  });

test("writes JSON where told to", async () => {
  const { seen, url } = await destination([
    { headers: { "content-type": "application/json" }, body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"late"}}' },
  ]);
  const { send, context, stop } = await running(`encoding = "json"\nclient {\nendpoint = "${url}"\ncompression = "none"\n}`);
  await send("a b");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  assert.equal(seen[0]?.headers["content-type"], "application/json");
  assert.deepEqual(namesIn("traces", [protobufFromJson(requests.traces, seen[0]?.body as Buffer)]), ["a", "b"]);
  assert.equal(context.metric("otelcol_exporter_send_failed_spans_total"), 1);
  await stop();
});

test("sends signals to endpoints of their own", async () => {
  const [one, two] = [await destination(), await destination()];
  const { send, stop } = await running(`client {\nendpoint = "${one.url}"\n}\nlogs_endpoint = "${two.url}/loki/otlp?x=1"`);
  await send("a");
  await send("b", "logs");
  await until(() => one.seen.length === 1 && two.seen.length === 1);
  assert.equal(two.seen[0]?.url, "/loki/otlp?x=1");
  await stop();
});

test("tries again after 429, 502, 503 and 504, no sooner than asked to", async () => {
  const answers = [{ status: 429 }, { status: 502 }, { status: 503, headers: { "retry-after": "1" } }, { status: 504 }];
  const { seen, url } = await destination(answers);
  const { send, context, stop } = await running(`client {\nendpoint = "${url}"\n}`);
  const startedMs = performance.now();
  await send("a");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  assert.equal(seen.length, 5);
  assert.ok(performance.now() - startedMs >= 1000);
  await stop();
});

for (const [status, body, type, reason, said] of [
  [400, Buffer.from("0803120362616400", "hex").subarray(0, 7), "application/x-protobuf", "http_400", "Message=bad"],
  [401, '{"code":16,"message":"who?"}', "application/json", "http_401", "Message=who?"],
  [500, "<html>oops</html>", "text/html", "http_500", "Message=<html>oops</html>"],
  [404, "", "text/plain", "http_404", "responded with HTTP Status Code 404"],
] as const)
  test(`gives data up after ${status}`, async () => {
    const { seen, url } = await destination([{ status, body, headers: { "content-type": type } }]);
    const { send, context, stop } = await running(`client {\nendpoint = "${url}"\n}`);
    await send("a b");
    await until(() => context.metric("otelcol_exporter_send_failed_spans_total") === 2);
    assert.equal(seen.length, 1);
    assert.equal(context.metric("invar_destination_dropped_items_total", { reason }), 2);
    const [error] = context.logged.filter(({ level }) => level === "error");
    assert.ok(JSON.stringify(error?.fields).includes(said), JSON.stringify(error?.fields));
    await stop();
  });

test("counts what the destination rejected of a request that it took", async () => {
  const { url } = await destination([
    { body: exportResponse({ rejected: 2, message: "too old" }), headers: { "content-type": "application/x-protobuf" } },
  ]);
  const { send, context, stop } = await running(`client {\nendpoint = "${url}"\n}`);
  await send("a b c");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  assert.equal(context.metric("otelcol_exporter_send_failed_spans_total"), 2);
  assert.match(context.logged.find(({ level }) => level === "warn")?.message ?? "", /Partial success/);
  await stop();
});

test("an answer that is no OTLP is still a success", async () => {
  const { url } = await destination([{ body: "ok!", headers: { "content-type": "application/x-protobuf" } }]);
  const { send, context, stop } = await running(`client {\nendpoint = "${url}"\n}`);
  await send("a");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  await stop();
});

test("a destination that is not there yet gets the data once it is", async () => {
  const placeholder = createServer();
  await new Promise<void>((resolve) => placeholder.listen(0, "127.0.0.1", resolve));
  const { port } = placeholder.address() as AddressInfo;
  await new Promise((resolve) => placeholder.close(resolve));
  const { send, context, stop } = await running(`client {\nendpoint = "http://127.0.0.1:${port}"\n}`);
  await send("a");
  await until(() => (context.metric("invar_destination_retries_total") ?? 0) > 1);
  const server = createServer((_, response) => response.end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  await stop();
});

test("gives up a request that takes too long, and tries again", async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    if (++requests > 1) response.end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { send, context, stop } = await running(`client {\nendpoint = "http://127.0.0.1:${port}"\ntimeout = "50ms"\n}`);
  await send("a");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  await stop();
});

test("adds credentials, those of each sender to its own data", async () => {
  const { seen, url } = await destination();
  const auth: AuthHandler = {
    id: "otelcol.auth.headers.x",
    client: {
      requiresTls: false,
      senderKeys: () => ({ metadata: ["tenant"], attributes: [] }),
      authenticate: ({ headers, client }) => void headers.set("x-tenant", client?.metadata.get("tenant") ?? "nobody"),
    },
  };
  const { send, stop } = await running(`client {\nendpoint = "${url}"\nauth = auth\n}`, auth);
  await send("a", "traces", "one");
  await send("b");
  await until(() => seen.length === 2);
  assert.deepEqual(seen.map(({ headers, body }) => `${headers["x-tenant"]} ${namesIn("traces", [gunzipSync(body)])}`).sort(), [
    "nobody b",
    "one a",
  ]);
  await stop();
});

test("an update sends to the new endpoint", async () => {
  const [one, two] = [await destination(), await destination()];
  const { send, update, stop } = await running(`client {\nendpoint = "${one.url}"\n}`);
  await send("a");
  await until(() => one.seen.length === 1);
  await update(`client {\nendpoint = "${two.url}"\n}`);
  await send("b");
  await until(() => two.seen.length === 1);
  await stop();
});

for (const [text, message] of [
  ['client {\nendpoint = ""\n}', "at least one endpoint must be specified"],
  ['client {\nendpoint = "tempo:4318"\n}', "must be an http or https URL"],
  ['client {\nendpoint = "http://x"\ncompression = "brotli"\n}', 'unrecognized compression type "brotli"'],
  [
    'client {\nendpoint = "http://x"\ncompression_params {\nlevel = 12\n}\n}',
    'unsupported parameters {Level:12} for compression type "gzip"',
  ],
  ['encoding = "xml"\nclient {\nendpoint = "http://x"\n}', "invalid encoding type xml"],
  ['client {\nendpoint = "http://x"\nproxy_url = "::"\n}', "is no URL of a proxy"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, text);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });
