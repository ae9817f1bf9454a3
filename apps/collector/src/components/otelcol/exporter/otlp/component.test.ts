import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { exportMethods } from "../../../../delivery/otlp/grpc-send.ts";
import type { ClientInfo } from "../../../../signals/client-info.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { exportResponse } from "../../../../signals/otlp/export-response.ts";
import { namesIn, requestOf } from "../../../../signals/otlp/testing.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, startGrpcServer } from "../../../../transport/grpc-server.ts";
import { type GrpcCodeName, type GrpcStatus, grpcStatus } from "../../../../transport/grpc-status.ts";
import { component } from "./component.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A destination that notes `signal:names` and answers with `answers` in turn, then with success. */
async function destination(answers: (GrpcStatus | Uint8Array)[] = []) {
  const seen: { text: string; client: ClientInfo }[] = [];
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    methods: Object.fromEntries(
      (["traces", "metrics", "logs"] as const).map((signal: Signal) => [
        exportMethods[signal],
        {
          maxMessageBytes: 1 << 20,
          async handle(message, client) {
            seen.push({ text: `${signal}:${namesIn(signal, [message]).join(" ")}`, client });
            return answers.shift() ?? exportResponse();
          },
        },
      ]),
    ),
    limits: defaultGrpcLimits,
    keepalive: defaultGrpcKeepalive,
    clock: systemClock,
    log: quiet,
  });
  return { seen, port: server.port, close: () => server.close(AbortSignal.timeout(500)) };
}

const quick = 'retry_on_failure {\ninitial_interval = "1ms"\nmax_interval = "2ms"\n}';
const client = (port: number, inside = "") => `client {\nendpoint = "127.0.0.1:${port}"\n${inside}\ntls {\ninsecure = true\n}\n}`;

async function running(text: string, auth?: AuthHandler) {
  const context = testContext({ clock: systemClock, id: "otelcol.exporter.otlp.test" });
  const decode = (inside: string) => decodeText(component, `${inside}\n${quick}`, { auth: capsuleOf("otelcol.Handler", auth) });
  const exporter = await component.create(context, decode(text));
  await exporter.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  return {
    context,
    update: (inside: string) => exporter.update(decode(inside)),
    send(names: string, signal: Signal = "traces") {
      const list = names.split(" ");
      return input.consume(new OtlpBatch({ signal, chunks: [requestOf(signal, list)], items: list.length }));
    },
    stop: () => exporter.stop(AbortSignal.timeout(2000)),
  };
}

async function until(condition: () => boolean) {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 4));
  assert.ok(condition(), "not within 2 s");
}

test("calls the service of each signal", async () => {
  const { seen, port, close } = await destination();
  const { send, context, stop } = await running(client(port, 'headers = { "X-Scope" = "me" }'));
  for (const signal of ["traces", "metrics", "logs"] as const) await send("a b", signal);
  await until(() => seen.length === 3);
  assert.deepEqual(seen.map(({ text }) => text).sort(), ["logs:a b", "metrics:a b", "traces:a b"]);
  assert.deepEqual([seen[0]?.client.metadata.get("x-scope"), seen[0]?.client.metadata.get("grpc-encoding")], ["me", "gzip"]);
  await until(() => context.metric("otelcol_exporter_sent_metric_points_total") === 2);
  assert.equal(context.metric("rpc_client_duration_milliseconds_count", { rpc_grpc_status_code: "0" }), 3);
  await stop();
  await close();
});

for (const compression of ["none", "zstd", "snappy"])
  test(`packs with ${compression}`, async () => {
    const { seen, port, close } = await destination();
    const { send, stop } = await running(client(port, `compression = "${compression}"`));
    await send("a");
    await until(() => seen.length === 1);
    assert.equal(seen[0]?.client.metadata.get("grpc-encoding") ?? "none", compression);
    await stop();
    await close();
  });

for (const code of ["CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"] as const)
  test(`tries again after ${code}`, async () => {
    const { seen, port, close } = await destination([grpcStatus(code, "later")]);
    const { send, context, stop } = await running(client(port));
    await send("a");
    await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
    assert.equal(seen.length, 2);
    await stop();
    await close();
  });

test("tries again after RESOURCE_EXHAUSTED when it is told when to", async () => {
  const { seen, port, close } = await destination([grpcStatus("RESOURCE_EXHAUSTED", "slow down", 300)]);
  const { send, context, stop } = await running(client(port));
  const startedMs = performance.now();
  await send("a");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 1);
  assert.equal(seen.length, 2);
  assert.ok(performance.now() - startedMs >= 300);
  await stop();
  await close();
});

for (const code of ["INVALID_ARGUMENT", "UNAUTHENTICATED", "UNIMPLEMENTED", "INTERNAL", "RESOURCE_EXHAUSTED"] as GrpcCodeName[])
  test(`gives data up after ${code}`, async () => {
    const { seen, port, close } = await destination([grpcStatus(code, "never")]);
    const { send, context, stop } = await running(client(port));
    await send("a b");
    await until(() => context.metric("otelcol_exporter_send_failed_spans_total") === 2);
    assert.equal(seen.length, 1);
    assert.equal(context.metric("invar_destination_dropped_items_total", { reason: `grpc_${code.toLowerCase()}` }), 2);
    await stop();
    await close();
  });

test("counts what the destination rejected of a call that it took", async () => {
  const { port, close } = await destination([exportResponse({ rejected: 1, message: "too old" })]);
  const { send, context, stop } = await running(client(port));
  await send("a b c");
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 2);
  assert.equal(context.metric("otelcol_exporter_send_failed_spans_total"), 1);
  await stop();
  await close();
});

test("keeps data while nobody listens, and delivers it when somebody does", async () => {
  const first = await destination();
  await first.close();
  const { send, context, update, stop } = await running(client(first.port));
  await send("a");
  await until(() => (context.metric("invar_destination_retries_total") ?? 0) > 0);
  const second = await destination();
  await update(client(second.port));
  await send("b");
  await until(() => second.seen.length >= 1);
  await stop();
  await second.close();
});

test("does not send credentials in the open that ask for more", () => {
  const auth: AuthHandler = { id: "otelcol.auth.basic.x", client: { requiresTls: true, authenticate: () => {} } };
  return assert.rejects(running(client(4317, "auth = auth"), auth), /require transport level security/);
});

for (const [text, message] of [
  ['client {\nendpoint = ""\n}', "requires a non-empty endpoint"],
  ['client {\nendpoint = "ftp://x:1"\n}', "scheme"],
  ['client {\nendpoint = "x:1"\nbalancer_name = "best"\n}', "invalid balancer_name: best"],
  ['client {\nendpoint = "x:1"\ncompression = "deflate"\n}', 'unsupported compression type "deflate"'],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, text);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });
