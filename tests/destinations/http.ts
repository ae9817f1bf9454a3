import type { IncomingMessage, ServerResponse } from "node:http";
import { uncompress } from "./body.ts";
import { type Protocol, readFaultMode } from "./fault.ts";
import type { Answer, Arrival, Intake } from "./intake.ts";
import { BadRequest, type Items } from "./items.ts";
import { readLoki, readLokiJson } from "./loki.ts";
import { type OtlpSignal, readOtlp, readOtlpJson } from "./otlp.ts";
import { encode, protos } from "./protos.ts";
import { readRemoteWrite } from "./remote-write.ts";

/** Answers one HTTP request: the pushes of OTLP, remote write and Loki, `/stats`, and `/fault?mode=…` to switch by hand. */
export async function answerHttp(intake: Intake, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://destination");
  if (request.method === "GET" && url.pathname === "/stats") return json(response, 200, intake.stats());
  if (request.method === "GET" && url.pathname === "/ready") return json(response, 200, { ready: true });
  if (request.method === "GET" && url.pathname === "/fault") return switchFault(intake, url.searchParams, response);
  const body = await bodyOf(request);
  const arrival = arrivalOf(url.pathname, request, body);
  if (arrival === undefined) return json(response, 404, { message: `nothing is taken at ${url.pathname}` });
  const answer = await intake.receive(arrival);
  switch (answer.kind) {
    case "hang":
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "refused":
      if (answer.retryAfterSeconds !== undefined) response.setHeader("retry-after", String(answer.retryAfterSeconds));
      if (answer.status === 401) response.setHeader("www-authenticate", "Basic");
      response.writeHead(answer.status, { "content-type": "text/plain" }).end(answer.reason);
      return;
    case "accepted":
      return accept(arrival.protocol, isJson(request), answer, response);
    default:
      answer satisfies never;
  }
}

const otlpPaths: Readonly<Record<string, OtlpSignal>> = { "/v1/traces": "traces", "/v1/metrics": "metrics", "/v1/logs": "logs" };
const remoteWritePaths = new Set(["/api/v1/write", "/api/v1/push", "/api/prom/push"]);

function arrivalOf(path: string, request: IncomingMessage, body: Buffer): Arrival | undefined {
  const { headers } = request;
  const encoding = headers["content-encoding"];
  const of = (protocol: Protocol, read: () => Items): Arrival => ({ protocol, path, headers, wireBytes: body.length, read });
  const signal = otlpPaths[path.replace(/^\/otlp/, "")];
  if (signal !== undefined) {
    return of("otlp/http", () => (isJson(request) ? readOtlpJson : readOtlp)(signal, uncompress(encoding, body)));
  }
  if (remoteWritePaths.has(path)) {
    const version = headers["content-type"]?.includes("io.prometheus.write.v2.Request") ? 2 : 1;
    return of(`remote-write/${version}`, () => {
      if (encoding !== "snappy") throw new BadRequest(`Content-Encoding is ${encoding}: remote write is always snappy`);
      return readRemoteWrite(version, uncompress("snappy", body));
    });
  }
  if (path === "/loki/api/v1/push") {
    const tenant = String(headers["x-scope-orgid"] ?? "");
    // In protobuf the body is a snappy block whether or not a header says so.
    return of("loki", () =>
      isJson(request) ? readLokiJson(uncompress(encoding, body), tenant) : readLoki(uncompress("snappy", body), tenant),
    );
  }
  return undefined;
}

function accept(protocol: Protocol, asJson: boolean, answer: Answer & { kind: "accepted" }, response: ServerResponse): void {
  const { items, rejected } = answer;
  const partialSuccess = { rejected, errorMessage: "injected fault: half of it" };
  switch (protocol) {
    case "otlp/http":
      if (asJson) {
        json(response, 200, rejected > 0 ? { partialSuccess } : {});
        return;
      }
      response.setHeader("content-type", "application/x-protobuf");
      response.end(encode(protos.otlpResponse, rejected > 0 ? { partialSuccess } : {}));
      return;
    case "remote-write/2":
      response.setHeader(
        "x-prometheus-remote-write-samples-written",
        items.samples.filter((sample) => sample.histogram === undefined).length,
      );
      response.setHeader(
        "x-prometheus-remote-write-histograms-written",
        items.samples.filter((sample) => sample.histogram !== undefined).length,
      );
      response.setHeader("x-prometheus-remote-write-exemplars-written", items.exemplars.length);
      response.writeHead(rejected > 0 ? 400 : 204).end();
      return;
    case "remote-write/1":
    case "loki":
      // These protocols know no partial success: a real backend keeps what it could and answers 400.
      response.writeHead(rejected > 0 ? 400 : 204).end();
      return;
    case "otlp/grpc":
      throw new Error("a gRPC request was expected on the port for gRPC, it came over HTTP");
    default:
      protocol satisfies never;
  }
}

function switchFault(intake: Intake, parameters: URLSearchParams, response: ServerResponse): void {
  const seconds = parameters.get("retry_after");
  try {
    const modes = (parameters.get("mode") ?? "").split(",").map(readFaultMode);
    intake.faults.set({
      mode: modes,
      every: Number(parameters.get("every") ?? "1"),
      ...(seconds === null ? {} : { retryAfterSeconds: Number(seconds) }),
      ...(parameters.has("delay_ms") ? { delayMs: Number(parameters.get("delay_ms")) } : {}),
    });
    json(response, 200, { mode: modes });
  } catch (error) {
    json(response, 400, { message: error instanceof Error ? error.message : String(error) });
  }
}

function isJson(request: IncomingMessage): boolean {
  return request.headers["content-type"]?.startsWith("application/json") ?? false;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
