import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { Clock } from "../../../../component/clock.ts";
import { visibleClient } from "../../../../signals/client-info.ts";
import { asksForPause, type DeliveryError } from "../../../../signals/delivery-error.ts";
import type { Intake } from "../../../../signals/otlp/intake.ts";
import { spansOfV1Json } from "../../../../signals/zipkin/v1-json.ts";
import { spansOfV1Thrift } from "../../../../signals/zipkin/v1-thrift.ts";
import { otlpOfV1 } from "../../../../signals/zipkin/v1-to-otlp.ts";
import { spansOfV2Json } from "../../../../signals/zipkin/v2-json.ts";
import { spansOfV2Proto } from "../../../../signals/zipkin/v2-proto.ts";
import { type Converted, otlpOfV2 } from "../../../../signals/zipkin/v2-to-otlp.ts";
import type { HttpAnswer, HttpRefusal, HttpRequest, HttpRoute } from "../../../../transport/http-server.ts";

type Transport = "http_v1_thrift" | "http_v1_json" | "http_v2_json" | "http_v2_proto";

interface RouteOptions {
  readonly parseTags: boolean;
  readonly includeMetadata: boolean;
  readonly clock: Clock;
}

/** What senders wait where the refuser has not said how long. */
const RETRY_MS = 1000;
const methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** Any path takes spans: of version 1 where it names that, else of version 2. */
export function zipkinRoute(intake: Intake, { parseTags, includeMetadata, clock }: RouteOptions): HttpRoute {
  const convert = (transport: Transport, body: Uint8Array): Converted => {
    switch (transport) {
      case "http_v1_thrift":
        return otlpOfV1(spansOfV1Thrift(body), undefined);
      case "http_v1_json":
        return otlpOfV1(spansOfV1Json(body, parseTags), clock.now());
      case "http_v2_proto":
        return otlpOfV2(spansOfV2Proto(body), parseTags);
      case "http_v2_json":
        return otlpOfV2(spansOfV2Json(body), parseTags);
    }
  };
  return {
    methods,
    pressure() {
      const error = intake.pressure("http_v2_json");
      return error === undefined ? undefined : refused(error);
    },
    async handle(request) {
      const transport = transportOf(request);
      let converted: Converted;
      try {
        converted = convert(transport, whole(request));
      } catch (error) {
        if (!(error instanceof MalformedInput)) throw error;
        intake.malformed(transport);
        return textAnswer(400, error.message);
      }
      const error = await intake.take(transport, converted.request, converted.spans, visibleClient(request.client, includeMetadata));
      return error === undefined ? { status: 202 } : refused(error);
    },
  };
}

function transportOf({ path, contentType }: HttpRequest): Transport {
  if (path.includes("api/v1/spans")) return contentType === "application/x-thrift" ? "http_v1_thrift" : "http_v1_json";
  return contentType === "application/x-protobuf" ? "http_v2_proto" : "http_v2_json";
}

function whole({ body, bodyBytes }: HttpRequest): Uint8Array {
  const [first] = body;
  return body.length === 1 && first !== undefined ? first : Buffer.concat(body, bodyBytes);
}

/** As the incumbent answers, but for a pause that is asked for: then clients hear how long. */
function refused(error: DeliveryError): HttpAnswer {
  if (!error.retryable) return { status: 400, body: '"Bad Request"' };
  const status = asksForPause(error) ? 429 : error.reason === "stopping" ? 503 : 500;
  const text = status === 429 ? '"Too Many Requests"' : status === 503 ? '"Service Unavailable"' : '"Internal Server Error"';
  return { status, headers: { "retry-after": String(Math.max(1, Math.ceil((error.retryAfterMs ?? RETRY_MS) / 1000))) }, body: text };
}

/** What the server itself refuses. */
export function refuseZipkin({ status, message }: HttpRefusal): HttpAnswer {
  return textAnswer(status, message);
}

function textAnswer(status: number, message: string): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }, body: `${message}\n` };
}
