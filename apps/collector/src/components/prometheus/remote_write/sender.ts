import { ProtobufReader } from "../../../bytes/protobuf-reader.ts";
import type { Clock } from "../../../component/clock.ts";
import type { DeliveryRequest, SendOutcome } from "../../../delivery/destination.ts";
import { toVersion2 } from "../../../signals/prometheus/remote-write/encode-v2.ts";
import { compress } from "../../../transport/compression.ts";
import type { HttpClient } from "../../../transport/http/client.ts";
import { httpErrorOf } from "../../../transport/http/error.ts";
import type { HttpResponse } from "../../../transport/http/response.ts";
import { type EndpointArgs, VERSION_2 } from "./arguments.ts";
import type { EndpointMetrics, RecordKind } from "./metrics.ts";
import type { RequestMemory } from "./request-memory.ts";

/** Of an answer's text, so much goes into messages. */
const SHOWN_BYTES = 1024;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface SendSurroundings {
  readonly endpoint: EndpointArgs;
  readonly client: HttpClient;
  readonly metrics: EndpointMetrics;
  readonly clock: Clock;
  readonly memory: RequestMemory;
}

/** Sends one request of queued fragments, in the version that the endpoint speaks. */
export async function sendRequest(request: DeliveryRequest, signal: AbortSignal, around: SendSurroundings): Promise<SendOutcome> {
  const { endpoint, client, metrics, clock } = around;
  const kind = request.group as RecordKind;
  const isVersion2 = endpoint.protobuf_message === VERSION_2;
  const counted = metrics.byKind[kind];
  const plain = isVersion2 ? toVersion2(request.payload) : around.memory.join(request.payload);
  const body = await compress("snappy", [plain], undefined);
  if (!isVersion2) around.memory.give(plain as Buffer);
  if (request.attempt > 1) counted.retried.add(request.items);
  const startedMs = clock.monotonic();
  let response: HttpResponse;
  try {
    response = await client.request({
      method: "POST",
      url: endpoint.url,
      headers: headersFor(endpoint, isVersion2, request.attempt),
      body: [body],
      timeoutMs: endpoint.remote_timeout,
      maxResponseBytes: MAX_ANSWER_BYTES,
      signal,
    });
  } catch (error) {
    return { kind: "retry", message: `Post "${endpoint.url}": ${httpErrorOf(error).message}` };
  }
  metrics.duration.observe((clock.monotonic() - startedMs) / 1000);
  const outcome = outcomeOf(response, request, endpoint, isVersion2, clock.now());
  if (outcome.kind === "delivered") {
    (kind === "metadata" ? metrics.metadataBytes : metrics.bytes).add(body.length);
    counted.sent.add(request.items - (outcome.rejectedItems ?? 0));
    counted.failed.add(outcome.rejectedItems ?? 0);
    if (kind === "samples" || kind === "histograms") {
      const timestamp = lastTimestamp(request.payload);
      if (timestamp / 1000 > metrics.highestSent.value) metrics.highestSent.set(timestamp / 1000);
    }
  } else if (outcome.kind === "refused") counted.failed.add(request.items);
  return outcome;
}

function headersFor(endpoint: EndpointArgs, isVersion2: boolean, attempt: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(endpoint.headers)) headers[name.toLowerCase()] = value;
  headers["content-encoding"] = "snappy";
  headers["content-type"] = isVersion2 ? `application/x-protobuf;proto=${VERSION_2}` : "application/x-protobuf";
  headers["x-prometheus-remote-write-version"] = isVersion2 ? "2.0.0" : "0.1.0";
  if (attempt > 1) headers["retry-attempt"] = String(attempt - 1);
  return headers;
}

function outcomeOf(
  response: HttpResponse,
  request: DeliveryRequest,
  endpoint: EndpointArgs,
  isVersion2: boolean,
  nowMs: number,
): SendOutcome {
  const { status } = response;
  const text = Buffer.concat(response.body).toString("utf8", 0, SHOWN_BYTES).trim();
  const message = `server returned HTTP status ${status}: ${text}`;
  const written = isVersion2 ? writtenItems(response) : undefined;
  if (status >= 200 && status < 300) {
    if (!isVersion2 || request.group === "metadata") return { kind: "delivered" };
    if (written === undefined)
      return {
        kind: "refused",
        reason: "unconfirmed",
        message: `the server answered ${status} without saying what it has written: it does not speak remote write 2, set protobuf_message = "prometheus.WriteRequest"`,
      };
    return { kind: "delivered", rejectedItems: Math.max(0, request.items - written), message };
  }
  if (status >= 500 || (status === 429 && endpoint.queue_config.retry_on_http_429)) {
    const retryAfterMs = retryAfter(response.headers["retry-after"], nowMs);
    return { kind: "retry", message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  // Of a request that is refused in part, the rest was taken.
  if (written !== undefined && written > 0) return { kind: "delivered", rejectedItems: Math.max(0, request.items - written), message };
  return { kind: "refused", reason: `http_${status}`, message };
}

/** What a receiver of version 2 says it has taken; undefined where it says nothing. */
function writtenItems({ headers }: HttpResponse): number | undefined {
  let written: number | undefined;
  for (const what of ["samples", "histograms", "exemplars"]) {
    const header = headers[`x-prometheus-remote-write-${what}-written`];
    if (typeof header === "string" && /^\d+$/.test(header)) written = (written ?? 0) + Number(header);
  }
  return written;
}

function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The timestamp of the last sample in the request, in milliseconds. */
function lastTimestamp(payload: readonly Uint8Array[]): number {
  const last = payload.at(-1);
  if (last === undefined) return 0;
  const top = new ProtobufReader().reset(last);
  let start = 0;
  let stop = 0;
  while (top.next()) {
    start = top.start;
    stop = top.stop;
  }
  let timestamp = 0;
  const part = new ProtobufReader().reset(last, start, stop);
  while (part.next()) {
    if (part.field !== 2 && part.field !== 4) continue;
    const sample = new ProtobufReader().reset(last, part.start, part.stop);
    while (sample.next()) if (sample.field === (part.field === 2 ? 2 : 15)) timestamp = sample.signed();
  }
  return timestamp;
}
