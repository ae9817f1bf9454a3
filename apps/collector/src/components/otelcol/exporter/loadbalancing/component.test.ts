import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { exportMethods } from "../../../../delivery/otlp/grpc-send.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { exportResponse } from "../../../../signals/otlp/export-response.ts";
import { encodeRequest, namesIn, requestOf } from "../../../../signals/otlp/testing.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, startGrpcServer } from "../../../../transport/grpc-server.ts";
import { grpcStatus } from "../../../../transport/grpc-status.ts";
import { cloudMapEndpoints } from "./cloud-map.ts";
import { component } from "./component.ts";
import { HashRing } from "./hash-ring.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A backend that keeps the names of spans that it takes, or answers UNAVAILABLE while `down`. */
async function backend(t: Cleaner) {
  const state = { names: [] as string[], down: false };
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    methods: Object.fromEntries(
      (["traces", "metrics", "logs"] as const).map((signal: Signal) => [
        exportMethods[signal],
        {
          maxMessageBytes: 1 << 20,
          async handle(message) {
            if (state.down) return grpcStatus("UNAVAILABLE", "down");
            state.names.push(...namesIn(signal, [message]));
            return exportResponse();
          },
        },
      ]),
    ),
    limits: defaultGrpcLimits,
    keepalive: defaultGrpcKeepalive,
    clock: systemClock,
    log: quiet,
  });
  t.after(() => server.close(AbortSignal.timeout(500)));
  return Object.assign(state, { endpoint: `127.0.0.1:${server.port}` });
}

interface Cleaner {
  after(fn: () => Promise<void>): void;
}

const protocol =
  'protocol {\notlp {\nclient {\ntls {\ninsecure = true\n}\n}\nretry {\ninitial_interval = "5ms"\nmax_interval = "10ms"\n}\n}\n}';
const fixed = (...endpoints: string[]) => `resolver {\nstatic {\nhostnames = ${JSON.stringify(endpoints)}\n}\n}`;

async function running(t: Cleaner, text: string, dataPath?: string) {
  const context = testContext({
    clock: systemClock,
    id: "otelcol.exporter.loadbalancing.a",
    ...(dataPath === undefined ? {} : { dataPath }),
  });
  const exporter = await component.create(context, decodeText(component, `${protocol}\n${text}`));
  await exporter.start();
  t.after(async () => exporter.stop(AbortSignal.timeout(500)));
  const input = (context.exports.input as { value: OtelConsumer }).value;
  return {
    context,
    exporter,
    input,
    update: (next: string) => exporter.update(decodeText(component, `${protocol}\n${next}`)),
    async send(traces: readonly number[]) {
      const spans = traces.map((trace) => ({ traceId: Buffer.alloc(16, trace + 1), name: `t${trace}` }));
      const request = encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans }] }] });
      await input.consume(new OtlpBatch({ signal: "traces", chunks: [request], items: traces.length }));
    },
  };
}

async function until(condition: () => boolean) {
  for (let i = 0; i < 6000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), "not within 30 s");
}

const traces = Array.from({ length: 60 }, (_, i) => i);
/** The names that belong to an endpoint. */
function owned(endpoint: string, endpoints: readonly string[]): string[] {
  const ring = new HashRing([...endpoints].sort());
  return traces
    .filter((trace) => ring.endpoints[ring.ownerOf(crc32(Buffer.alloc(16, trace + 1)))] === endpoint)
    .map((trace) => `t${trace}`);
}

test("each trace goes to the backend that the ring names, and every span arrives", async (t) => {
  const backends = [await backend(t), await backend(t), await backend(t)];
  const endpoints = backends.map(({ endpoint }) => endpoint);
  const { send, context } = await running(t, fixed(...endpoints));
  await send(traces);
  await until(() => backends.reduce((sum, { names }) => sum + names.length, 0) === 60);
  for (const { endpoint, names } of backends) assert.deepEqual(names, owned(endpoint, endpoints));
  await until(
    () => context.metric("otelcol_exporter_sent_spans_total", { exporter: "loadbalancing/otelcol.exporter.loadbalancing.a" }) === 60,
  );
  assert.equal(context.metric("otelcol_loadbalancer_num_backends", { resolver: "static" }), 3);
  assert.equal(context.metric("otelcol_loadbalancer_backend_outcome_total", { success: "true" }), 3);
});

test("a backend that is down holds up no other, and its queue keeps what is its own", async (t) => {
  const [up, down] = [await backend(t), await backend(t)];
  down.down = true;
  const endpoints = [up.endpoint, down.endpoint];
  const { send } = await running(t, fixed(...endpoints));
  await send(traces);
  await until(() => up.names.length === owned(up.endpoint, endpoints).length);
  assert.equal(down.names.length, 0);
  down.down = false;
  await until(() => down.names.length === owned(down.endpoint, endpoints).length);
});

for (const where of ["memory", "disk"] as const)
  test(`what waits in ${where} for a backend that goes is moved to the others`, async (t) => {
    const [up, down] = [await backend(t), await backend(t)];
    down.down = true;
    const endpoints = [up.endpoint, down.endpoint];
    const { send, update, context, exporter } = await running(
      t,
      fixed(...endpoints),
      where === "disk" ? testContext({ storage: true }).dataPath : undefined,
    );
    await send(traces);
    await until(() => up.names.length === owned(up.endpoint, endpoints).length);
    await update(fixed(up.endpoint));
    await until(() => up.names.length === 60);
    assert.deepEqual([...up.names].sort(), traces.map((trace) => `t${trace}`).sort());
    assert.equal(context.metric("invar_loadbalancer_moved_items_total"), owned(down.endpoint, endpoints).length);
    await until(() => context.metric("otelcol_exporter_sent_spans_total") === 60);
    await until(() => (exporter.debugInfo?.() as { backends: unknown[] } | undefined)?.backends.length === 1);
  });

test("what waited on disk for a backend that is gone after a restart is found and moved", async (t) => {
  const [up, down] = [await backend(t), await backend(t)];
  down.down = true;
  const endpoints = [up.endpoint, down.endpoint];
  const { dataPath } = testContext({ storage: true });
  const before = await running(t, fixed(...endpoints), dataPath);
  await before.send(traces);
  await until(() => up.names.length === owned(up.endpoint, endpoints).length);
  await before.exporter.stop(AbortSignal.abort());
  const after = await running(t, fixed(up.endpoint), dataPath);
  // The request that was under way when the process ended may come twice.
  await until(() => new Set(up.names).size === 60);
  assert.equal(after.context.metric("invar_loadbalancer_moved_items_total"), owned(down.endpoint, endpoints).length);
});

test("a backend that comes back keeps what is left in its queue", async (t) => {
  const [one, two] = [await backend(t), await backend(t)];
  const endpoints = [one.endpoint, two.endpoint];
  const { send, update } = await running(t, fixed(...endpoints));
  await update(fixed(one.endpoint));
  await update(fixed(...endpoints));
  await send(traces);
  await until(() => one.names.length + two.names.length === 60);
  assert.deepEqual(two.names, owned(two.endpoint, endpoints));
});

test("with a queue before the backends, data is taken while there are none, and counted once", async (t) => {
  const up = await backend(t);
  const { send, update, context } = await running(
    t,
    'sending_queue { }\nretry_on_failure {\ninitial_interval = "5ms"\nmax_interval = "10ms"\n}\nresolver {\ndns {\nhostname = "nowhere.invalid"\n}\n}',
  );
  await send(traces);
  assert.equal(context.metric("otelcol_loadbalancer_num_resolutions_total", { resolver: "dns", success: "false" }), 1);
  await update(`sending_queue { }\nretry_on_failure {\ninitial_interval = "5ms"\nmax_interval = "10ms"\n}\n${fixed(up.endpoint)}`);
  await until(() => up.names.length === 60);
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 60);
});

test("without backends data is refused, to be sent again", async (t) => {
  const { input, send } = await running(t, 'resolver {\ndns {\nhostname = "nowhere.invalid"\n}\n}');
  assert.deepEqual([input.pressure("traces")?.retryable, input.pressure("traces")?.reason], [true, "no_backend"]);
  await assert.rejects(send([1]), /couldn't find the exporter for the endpoint/);
});

test("names are looked up, with the port", async (t) => {
  const up = await backend(t);
  const [, port] = up.endpoint.split(":");
  const { send, context } = await running(t, `resolver {\ndns {\nhostname = "127.0.0.1"\nport = "${port}"\n}\n}`);
  await send(traces);
  await until(() => up.names.length === 60);
  assert.equal(context.metric("otelcol_loadbalancer_num_backends", { resolver: "dns" }), 1);
});

test("signals that the key does not route are refused for good", async (t) => {
  const up = await backend(t);
  const { input, update } = await running(t, fixed(up.endpoint));
  const points = () => input.consume(new OtlpBatch({ signal: "metrics", chunks: [requestOf("metrics", ["m"])], items: 1 }));
  await assert.rejects(points(), /takes traces and logs, not metrics/);
  await update(`routing_key = "metric"\n${fixed(up.endpoint)}`);
  await points();
  await until(() => up.names.join() === "m");
});

test("instances of AWS Cloud Map are asked for with a signature", async (t) => {
  const seen: { target: unknown; authorization: unknown; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    seen.push({ target: request.headers["x-amz-target"], authorization: request.headers.authorization, body });
    response.end(
      JSON.stringify({
        Instances: [
          { Attributes: { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "80" } },
          { Attributes: { AWS_INSTANCE_IPV4: "10.0.0.2" } },
        ],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "eu-north-1",
  };
  const { resolver } = decodeText(component, 'resolver {\naws_cloud_map {\nnamespace = "n"\nservice_name = "s"\nowner_account = "o"\n}\n}');
  const args = resolver.aws_cloud_map;
  assert.ok(args !== undefined);
  assert.deepEqual(await cloudMapEndpoints(args, testContext({ clock: systemClock }), environment)(), ["10.0.0.1:80", "10.0.0.2:"]);
  assert.deepEqual(await cloudMapEndpoints({ ...args, port: 4317 }, testContext({ clock: systemClock }), environment)(), [
    "10.0.0.1:4317",
    "10.0.0.2:4317",
  ]);
  assert.equal(seen[0]?.target, "Route53AutoNaming_v20170314.DiscoverInstances");
  assert.match(String(seen[0]?.authorization), /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-north-1\/servicediscovery\/aws4_request/);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ""), { NamespaceName: "n", ServiceName: "s", HealthStatus: "HEALTHY", OwnerAccount: "o" });
});

for (const [text, message] of [
  ["resolver { }", /no resolvers specified for the exporter/],
  ['resolver {\nstatic {\nhostnames = ["a"]\n}\ndns {\nhostname = "b"\n}\n}', /only one resolver should be specified/],
  ["resolver {\nstatic {\nhostnames = []\n}\n}", /no endpoints specified for the static resolver/],
  ['resolver {\ndns {\nhostname = ""\n}\n}', /no hostname specified to resolve the backends/],
  ['resolver {\nkubernetes {\nservice = "s."\n}\n}', /namespace segment missing in "s\."/],
  [`routing_key = "attributes"\n${fixed("a")}`, /routing_key|attributes/],
  [`${fixed("a")}\nprotocol {\notlp {\nclient {\ncompression = "lz4"\n}\n}\n}`, /unrecognized compression type "lz4"/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    assert.match(
      tryDecodeText(component, text)
        .diagnostics.map((each) => each.message)
        .join("; "),
      message,
    );
  });
