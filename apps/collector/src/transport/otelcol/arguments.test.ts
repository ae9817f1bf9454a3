import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../component/arguments.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../component/from-text.ts";
import { testContext } from "../../component/testing.ts";
import type { AuthHandler } from "../authentication.ts";
import { compressionChoice } from "./compression-arguments.ts";
import { checkOtelcolGrpcClient, otelcolGrpcClient, otelcolGrpcClientOf } from "./grpc-client-arguments.ts";
import { checkOtelcolGrpcServer, maxGrpcMessageBytes, otelcolGrpcServer, otelcolGrpcServerOptions } from "./grpc-server-arguments.ts";
import { checkOtelcolHttpClient, otelcolHttpClient, otelcolHttpClientOf } from "./http-client-arguments.ts";
import { checkOtelcolHttpServer, otelcolHttpServer, otelcolHttpServerOptions } from "./http-server-arguments.ts";

const grpcServer = { ...otelcolGrpcServer("0.0.0.0:4317"), check: checkOtelcolGrpcServer };
const httpServer = { ...otelcolHttpServer("0.0.0.0:4318"), check: checkOtelcolHttpServer };
const grpcClientSchema = { ...otelcolGrpcClient, check: checkOtelcolGrpcClient };
const httpClientSchema = { ...otelcolHttpClient, check: checkOtelcolHttpClient };
const schemas: Readonly<Record<string, Schema>> = {
  "grpc server": grpcServer,
  "http server": httpServer,
  "grpc client": grpcClientSchema,
  "http client": httpClientSchema,
};

const adding: AuthHandler = { id: "otelcol.auth.headers.x", client: { requiresTls: false, authenticate() {} } };
const checking: AuthHandler = { id: "otelcol.auth.basic.y", server: { authenticate: () => ({ granted: true, attributes: {} }) } };
const handlers = { adding: capsuleOf("otelcol.Handler", adding), checking: capsuleOf("otelcol.Handler", checking) };

// A semicolon ends a line.
const lines = (text: string) => text.replaceAll(";", "\n");

const cases: readonly (readonly [string, string, RegExp])[] = [
  ["grpc server", "", /^$/],
  ["grpc server", 'endpoint = "nowhere"', /must be host:port/],
  ["grpc server", 'transport = "udp"', /udp/],
  ["grpc server", 'transport = "unix"; endpoint = ""', /path of a socket/],
  ["grpc server", 'transport = "unix"; endpoint = "/run/x"', /^$/],
  ["grpc server", "auth = checking", /^$/],
  ["grpc server", "auth = adding", /does not support server authentication: otelcol.auth.headers.x/],
  ["grpc server", "tls { }", /must include both certificate and key/],
  ["http server", "", /^$/],
  ["http server", 'endpoint = "host:99999"', /port from 0 to 65535/],
  ["http server", 'compression_algorithms = ["", "br"]', /unsupported compression type "br"/],
  ["http server", "auth = adding", /does not support server authentication/],
  ["http server", 'cors { ; allowed_origins = ["*"]; max_age = 5; }', /^$/],
  ["grpc client", "", /endpoint/],
  ["grpc client", 'endpoint = ""', /requires a non-empty endpoint/],
  ["grpc client", 'endpoint = "xds:///x"', /scheme "xds"/],
  ["grpc client", 'endpoint = "h:1"; compression = "deflate"', /gRPC has gzip, snappy and zstd/],
  ["grpc client", 'endpoint = "h:1"; compression = "br"', /unrecognized compression type "br"/],
  ["grpc client", 'endpoint = "h:1"; balancer_name = "random"', /invalid balancer_name: random/],
  ["grpc client", 'endpoint = "h:1"; auth = checking', /does not support client authentication: otelcol.auth.basic.y/],
  ["grpc client", 'endpoint = "h:1"; auth = adding; compression = "none"', /^$/],
  ["http client", 'endpoint = "host:4318"', /must be an http or https URL/],
  [
    "http client",
    'endpoint = "http://h"; compression = "snappy"; compression_params { level = 1 }',
    /unsupported parameters {Level:1} for compression type "snappy"/,
  ],
  [
    "http client",
    'endpoint = "http://h"; compression_params { level = 10 }',
    /unsupported parameters {Level:10} for compression type "gzip"/,
  ],
  ["http client", 'endpoint = "http://h"; compression_params { level = -1 }', /^$/],
  ["http client", 'endpoint = "http://h"; compression = "zstd"; compression_params { level = 11 }', /^$/],
  ["http client", 'endpoint = "http://h"; proxy_url = "http://["', /no URL of a proxy/],
  ["http client", 'endpoint = "http://h"; auth = checking', /does not support client authentication/],
];

for (const [kind, text, expected] of cases)
  test(`a ${kind} with ${text || "nothing"} is found to be ${expected}`, () => {
    const found = tryDecodeText(schemas[kind] ?? {}, lines(text), handlers).diagnostics.map(({ message }) => message);
    assert.match(found.join("; "), expected);
  });

test("a gRPC server listens where, and as long and as much, as its block says", () => {
  const options = (text: string) => otelcolGrpcServerOptions(decodeText(grpcServer, lines(text), handlers));
  assert.deepEqual([options("").host, options("").port], ["0.0.0.0", 4317]);
  assert.equal(options('endpoint = ":1"; transport = "tcp4"').host, "0.0.0.0");
  assert.equal(options('endpoint = ":1"').host, undefined);
  assert.equal(options('endpoint = "/run/x"; transport = "unix"').path, "/run/x");
  assert.equal(options("max_concurrent_streams = 7").limits.maxConcurrentStreams, 7);
  assert.equal(options("").keepalive.timeMs, 7_200_000);
  const kept = options(
    'keepalive { ; server_parameters { ; time = "1s"; max_connection_age = "2s"; } ; enforcement_policy { ; min_time = "3s"; permit_without_stream = true; } ; }',
  );
  assert.deepEqual(
    [kept.keepalive.timeMs, kept.keepalive.maxConnectionAgeMs, kept.keepalive.minTimeMs, kept.keepalive.permitWithoutStream],
    [1000, 2000, 3000, true],
  );
  assert.equal(options("auth = checking").auth, checking.server);
  assert.equal(maxGrpcMessageBytes(decodeText(grpcServer, "")), 4 * 1024 * 1024);
  assert.equal(maxGrpcMessageBytes(decodeText(grpcServer, 'max_recv_msg_size = "1KiB"')), 1024);
});

test("an HTTP server has the limits, encodings and origins of its block", () => {
  const options = (text: string) => otelcolHttpServerOptions(decodeText(httpServer, lines(text), handlers));
  assert.deepEqual(options("").limits, {
    maxBodyBytes: 20 * 1024 * 1024,
    maxConnections: 0,
    readTimeoutMs: 0,
    headerTimeoutMs: 60_000,
    writeTimeoutMs: 30_000,
    idleTimeoutMs: 60_000,
    keepAlive: true,
  });
  assert.equal(options("").cors, undefined);
  assert.deepEqual(options('cors { ; allowed_origins = ["http://a"]; exposed_headers = ["x"]; }').cors, {
    allowedOrigins: ["http://a"],
    allowedHeaders: [],
    exposedHeaders: ["x"],
    maxAgeSeconds: 0,
  });
  assert.deepEqual(options('compression_algorithms = ["gzip"]').encodings, ["gzip"]);
  assert.equal(options("keep_alives_enabled = false").limits.keepAlive, false);
});

test("levels of compression are those that the algorithms have", () => {
  assert.deepEqual(compressionChoice("none", undefined), { encoding: undefined, level: undefined });
  assert.deepEqual(compressionChoice("snappy", 0), { encoding: "snappy", level: undefined });
  assert.deepEqual(compressionChoice("zstd", 99), { encoding: "zstd", level: 22 });
  assert.equal(compressionChoice("gzip", 9).level, 9);
});

test("credentials are never sent by gRPC without TLS", async () => {
  const needing = capsuleOf("otelcol.Handler", { ...adding, client: { requiresTls: true, authenticate() {} } });
  const args = (text: string) => decodeText(grpcClientSchema, lines(text), { needing });
  assert.throws(
    () => otelcolGrpcClientOf(args('endpoint = "h:1"; auth = needing; tls { insecure = true }'), testContext()),
    /require transport level security/,
  );
  const made = [
    otelcolGrpcClientOf(args('endpoint = "127.0.0.1:1"; auth = needing'), testContext()),
    otelcolGrpcClientOf(args('endpoint = "https://127.0.0.1:1"; auth = needing; tls { insecure = true }'), testContext()),
  ];
  for (const client of made) await client.close(AbortSignal.abort());
  const overHttp = otelcolHttpClientOf(
    decodeText(httpClientSchema, lines('endpoint = "http://h"; auth = needing'), { needing }),
    testContext(),
  );
  await overHttp.close();
});
