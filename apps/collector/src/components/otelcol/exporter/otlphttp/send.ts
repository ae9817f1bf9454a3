import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { SendOutcome } from "../../../../delivery/destination.ts";
import type { OtlpRequest } from "../../../../delivery/otlp/options.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { httpMeter } from "../../../../signals/otlp/exchange-metrics.ts";
import { type PartialSuccess, readExportResponse, readExportResponseJson } from "../../../../signals/otlp/export-response.ts";
import { jsonFromProtobuf } from "../../../../signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { compress, type Encoding } from "../../../../transport/compression.ts";
import type { HttpClient } from "../../../../transport/http/client.ts";
import { httpErrorOf } from "../../../../transport/http/error.ts";
import type { HttpResponse } from "../../../../transport/http/response.ts";

export interface HttpSendOptions {
  readonly client: HttpClient;
  readonly url: (signal: Signal) => string;
  readonly encoding: "proto" | "json";
  readonly compression: Exclude<Encoding, "lz4"> | undefined;
  readonly level: number | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Longer answers are not read: what they say would be no OTLP. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
/** As much of an answer as messages show. */
const SHOWN_BYTES = 512;
const retryableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends export requests by HTTP. */
export function httpSender(
  context: ComponentContext,
  withPeers: boolean,
): (options: HttpSendOptions) => (request: OtlpRequest, abort: AbortSignal) => Promise<SendOutcome> {
  const measure = httpMeter(context.metrics, "client", withPeers);
  return (options) => async (request, abort) => {
    const { client, compression, timeoutMs } = options;
    const url = options.url(request.signal);
    const startedMs = context.clock.monotonic();
    const plain =
      options.encoding === "json" ? [Buffer.from(jsonFromProtobuf(requests[request.signal], request.payload))] : request.payload;
    const body = compression === undefined ? plain : [await compress(compression, plain, options.level)];
    const headers = {
      "content-type": options.encoding === "json" ? "application/json" : "application/x-protobuf",
      ...(compression !== undefined && { "content-encoding": compression === "x-snappy-framed" ? "snappy" : compression }),
      ...options.headers,
    };
    let response: HttpResponse;
    try {
      response = await client.request({
        method: "POST",
        url,
        headers,
        body,
        timeoutMs,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        signal: abort,
        ...(request.client !== undefined && { client: request.client }),
      });
    } catch (thrown) {
      return { kind: "retry", message: `failed to make an HTTP request: Post "${url}": ${httpErrorOf(thrown).message}` };
    }
    measure({
      method: "POST",
      status: response.status,
      seconds: (context.clock.monotonic() - startedMs) / 1000,
      requestBytes: body.reduce((sum, piece) => sum + piece.length, 0),
      responseBytes: response.bodyBytes,
      peerAddress: response.url.host,
    });
    if (response.status >= 200 && response.status <= 299) return delivered(context, request.signal, response);
    return failed(url, response, context.clock.now());
  };
}

function delivered(context: ComponentContext, signal: Signal, response: HttpResponse): SendOutcome {
  const { rejected, message } = partialSuccess(signal, response);
  if (rejected === 0 && message === "") return { kind: "delivered" };
  context.log.warn("Partial success response", { signal, message, rejected_items: rejected });
  return { kind: "delivered", rejectedItems: rejected, message: `the destination rejected a part: ${message}` };
}

/** What an answer of another format says is not known; that it was a success is. */
function partialSuccess(signal: Signal, response: HttpResponse): PartialSuccess {
  const type = mediaType(response);
  try {
    if (type === "application/x-protobuf") return readExportResponse(Buffer.concat(response.body));
    if (type === "application/json") return readExportResponseJson(signal, Buffer.concat(response.body));
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
  }
  return { rejected: 0, message: "" };
}

function failed(url: string, response: HttpResponse, nowMs: number): SendOutcome {
  const { status } = response;
  const said = statusText(response);
  const message = `error exporting items, request to ${url} responded with HTTP Status Code ${status}${said === "" ? "" : `, Message=${said}`}`;
  if (!retryableStatuses.has(status)) return { kind: "refused", reason: `http_${status}`, message };
  const retryAfterMs = status === 429 || status === 503 ? retryAfter(response, nowMs) : undefined;
  return { kind: "retry", message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** The message of the google.rpc.Status that the protocol asks for, or the beginning of whatever text came instead. */
function statusText(response: HttpResponse): string {
  const body = Buffer.concat(response.body);
  const type = mediaType(response);
  try {
    if (type === "application/x-protobuf") {
      const reader = new ProtobufReader().reset(body);
      while (reader.next()) if (reader.field === 2) return reader.text().slice(0, SHOWN_BYTES);
      return "";
    }
    if (type === "application/json") {
      const { message } = JSON.parse(body.toString()) as { message?: unknown };
      if (typeof message === "string") return message.slice(0, SHOWN_BYTES);
    }
  } catch {
    return body.toString("latin1", 0, SHOWN_BYTES).trim();
  }
  return body.toString("utf8", 0, SHOWN_BYTES).trim();
}

/** Seconds, or a date. */
function retryAfter({ headers }: HttpResponse, nowMs: number): number | undefined {
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function mediaType({ headers }: HttpResponse): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
