import type { SpanDraft, SpanValue } from "../otlp/write/span.ts";

// What Jaeger's tags mean in OpenTelemetry, whichever encoding they came in.

const NO_SERVICE = "OTLPResourceNoServiceName";
const UNSET = 0;
const OK = 1;
const ERROR = 2;
const CLIENT = 3;
const SERVER = 2;

const kinds: Readonly<Record<string, number>> = { internal: 1, server: SERVER, client: CLIENT, producer: 4, consumer: 5 };

/** The key under which a tag becomes an attribute. */
export function attributeKey(tagKey: string): string {
  return tagKey === "http.response.status_code" ? "http.status_code" : tagKey;
}

/** Whether a process of this name has no resource. Jaeger's exporter writes it for one without a service. */
export function isNoService(name: string): boolean {
  return name === NO_SERVICE;
}

/** Turns the tags of a process into attributes of a resource. */
export function finishResource(attributes: Map<string, SpanValue>): void {
  const hostname = attributes.get("hostname");
  if (hostname !== undefined && !attributes.has("host.name")) {
    attributes.set("host.name", hostname);
    attributes.delete("hostname");
  }
  const version = attributes.get("jaeger.version");
  if (version !== undefined && !attributes.has("opencensus.exporterversion")) {
    attributes.set("opencensus.exporterversion", `Jaeger-${asText(version)}`);
    attributes.delete("jaeger.version");
  }
}

/** Takes kind and status out of a span's attributes. */
export function finishSpan(span: SpanDraft): void {
  const { attributes } = span;
  const kind = attributes.get("span.kind");
  if (kind !== undefined) {
    const name = asText(kind);
    span.kind = Object.hasOwn(kinds, name) ? (kinds[name] as number) : 0;
    attributes.delete("span.kind");
  }
  setStatus(span, attributes);
}

/** The tag `error` is the last word; then what OpenTelemetry's exporters write; then the status of HTTP. */
function setStatus(span: SpanDraft, attributes: Map<string, SpanValue>): void {
  const hasFailed = attributes.get("error") === true;
  if (hasFailed) {
    span.statusCode = ERROR;
    attributes.delete("error");
    span.statusMessage = takeDescription(attributes) ?? asText(attributes.get("http.status_message"));
  }
  const code = attributes.get("otel.status_code");
  if (code !== undefined) {
    attributes.delete("otel.status_code");
    if (hasFailed) return;
    const name = asText(code).toUpperCase();
    span.statusCode = name === "OK" ? OK : name === "ERROR" ? ERROR : UNSET;
    span.statusMessage = takeDescription(attributes) ?? "";
    return;
  }
  if (hasFailed) return;
  const http = httpStatus(attributes.get("http.status_code"));
  if (http === undefined || statusOfHttp(http, span.kind) === UNSET) return;
  span.statusCode = ERROR;
  span.statusMessage = asText(attributes.get("http.status_message"));
}

function takeDescription(attributes: Map<string, SpanValue>): string | undefined {
  const description = attributes.get("otel.status_description");
  if (description === undefined) return undefined;
  attributes.delete("otel.status_description");
  return asText(description);
}

function httpStatus(value: SpanValue | undefined): number | undefined {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" && /^[+-]?\d{1,18}$/.test(value) ? Number(value) : undefined;
}

/** A client's fault is an error of the client's span and none of the server's. */
function statusOfHttp(code: number, kind: number): number {
  if (code >= 400 && code < 500) {
    if (kind === CLIENT) return ERROR;
    if (kind === SERVER) return UNSET;
  }
  return code >= 100 && code < 399 ? UNSET : ERROR;
}

/** Text where it is one: other types are not printed. */
export function asText(value: SpanValue | undefined): string {
  return typeof value === "string" ? value : "";
}
