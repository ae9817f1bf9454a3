import type { Tracer } from "../../component/tracing.ts";
import type { HttpClientRequest } from "./client.ts";
import type { HttpError } from "./error.ts";

/** A request as a span: the request to send in its place, which names the span where that is wanted, and how it ended. */
export function traceRequest(request: HttpClientRequest, tracer: Tracer) {
  const url = new URL(request.url);
  const span = tracer.start(request.method, "client");
  span.set("http.request.method", request.method);
  span.set("server.address", url.hostname);
  if (url.port !== "") span.set("server.port", Number(url.port));
  // Without credentials, and without what may be some.
  span.set("url.full", `${url.protocol}//${url.host}${url.pathname}`);
  const headers = tracer.sendsTraceparent ? { ...request.headers, traceparent: span.traceparent } : request.headers;
  return {
    request: headers === undefined ? request : { ...request, headers },
    answered(status: number) {
      span.set("http.response.status_code", status);
      span.end(status >= 400 ? `the answer is ${status}` : undefined);
    },
    failed(error: HttpError) {
      span.set("error.type", error.kind);
      span.end(error.message);
    },
  };
}
