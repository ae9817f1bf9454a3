import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { visibleClient } from "../../../../signals/client-info.ts";
import { asksForPause, type DeliveryError } from "../../../../signals/delivery-error.ts";
import { type Converted, JaegerThriftConverter } from "../../../../signals/jaeger/thrift-to-otlp.ts";
import type { Intake } from "../../../../signals/otlp/intake.ts";
import { BinaryReader } from "../../../../signals/thrift/binary-reader.ts";
import type { HttpAnswer, HttpRoute } from "../../../../transport/http-server.ts";

const TRANSPORT = "collector_http";
const RETRY_MS = 1000;
const accepted: ReadonlySet<string> = new Set(["application/x-thrift", "application/vnd.apache.thrift.binary"]);

/** The page to which clients post batches in Thrift's binary protocol. */
export function thriftRoute(intake: Intake, includeMetadata: boolean): HttpRoute {
  const converter = new JaegerThriftConverter();
  const reader = new BinaryReader();
  return {
    methods: ["POST"],
    pressure() {
      const error = intake.pressure(TRANSPORT);
      return error === undefined ? undefined : refused(error);
    },
    async handle({ contentType, body, bodyBytes, client }) {
      const malformed = (message: string) => {
        intake.malformed(TRANSPORT);
        return textAnswer(400, escapeHtml(message));
      };
      if (contentType === "") return malformed("Cannot parse content type: mime: no media type");
      if (!accepted.has(contentType)) return malformed(`Unsupported content type: ${contentType}`);
      let converted: Converted;
      try {
        converted = converter.convert(reader.reset(body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body, bodyBytes)));
      } catch (error) {
        if (!(error instanceof MalformedInput)) throw error;
        return malformed(`Unable to process request body: ${error.message}`);
      }
      const error = await intake.take(TRANSPORT, converted.request, converted.spans, visibleClient(client, includeMetadata));
      return error === undefined ? { status: 202 } : refused(error);
    },
  };
}

/** As the incumbent answers, but where clients are asked to wait. */
function refused(error: DeliveryError): HttpAnswer {
  const status = error.retryable ? (asksForPause(error) ? 429 : 503) : 500;
  const answer = textAnswer(status, `Cannot submit Jaeger batch: ${error.message}`);
  if (!error.retryable) return answer;
  return {
    ...answer,
    headers: { ...answer.headers, "retry-after": String(Math.max(1, Math.ceil((error.retryAfterMs ?? RETRY_MS) / 1000))) },
  };
}

function textAnswer(status: number, message: string): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }, body: `${message}\n` };
}

const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&#34;" };

function escapeHtml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => entities[character] as string);
}
