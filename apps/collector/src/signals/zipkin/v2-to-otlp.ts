import { MalformedInput } from "../../bytes/malformed-input.ts";
import { nanosOf, unixNano } from "../otlp/unix-nano.ts";
import { RequestWriter } from "../otlp/write/request.ts";
import { PARENT_ID, resourceAttributes, SPAN_ID, SpanDraft, type SpanValue, TRACE_ID } from "../otlp/write/span.ts";
import type { Endpoint, ZipkinSpan } from "./model.ts";
import { goesToResource, isNoSpanAttribute } from "./resource-tags.ts";
import { parsedTag } from "./tag-value.ts";

export interface Converted {
  readonly request: Uint8Array;
  readonly spans: number;
}

const NO_SERVICE = "OTLPResourceNoServiceName";
const SERVICE_NAME_SOURCE = "otlp.service.name.source";
/** Tells that a span had no start: the exporter leaves it out again. */
export const START_ABSENT = "otel.zipkin.absentField.startTime";
const MAX_LINKS = 128;

const kinds: Readonly<Record<string, number>> = { SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 };
const statusCodes: Readonly<Record<string, number>> = {
  STATUS_CODE_UNSET: 0,
  STATUS_CODE_OK: 1,
  STATUS_CODE_ERROR: 2,
  // What an earlier exporter wrote.
  Unset: 0,
  Ok: 1,
  Error: 2,
};
const ERROR = 2;

/** Turns spans of version 2 into a request of OTLP, by service and scope. Throws `MalformedInput`. */
export function otlpOfV2(spans: readonly ZipkinSpan[], parseTags: boolean): Converted {
  const request = new RequestWriter("traces", 1 << 12);
  const draft = new SpanDraft();
  const sorted = spans
    .map((span) => ({ span, service: serviceOf(span), scope: scopeOf(span) }))
    .sort((a, b) => compare(a.service, b.service) || compare(a.scope, b.scope));
  let service: string | undefined;
  let scope: string | undefined;
  for (const { span, ...names } of sorted) {
    const tags = new Map(span.tags);
    if (names.service !== service) {
      service = names.service;
      scope = undefined;
      request.beginResource(resourceAttributes(takeResource(tags, service)));
    }
    if (names.scope !== scope) {
      scope = names.scope;
      request.beginScope(takeScope(tags, scope));
    }
    draft.clear();
    fill(draft, span, tags, parseTags);
    const item = request.beginItem();
    draft.writeTo(request.writer);
    request.endItem(item);
  }
  const count = request.items;
  return { request: request.take(), spans: count };
}

function serviceOf({ local }: ZipkinSpan): string {
  return local === undefined || local.serviceName === "" ? NO_SERVICE : local.serviceName;
}

function scopeOf({ tags }: ZipkinSpan): string {
  return tags.get("otel.scope.name") ?? tags.get("otel.library.name") ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first span of a service tells of its resource. */
function takeResource(tags: Map<string, string>, service: string): Map<string, SpanValue> {
  const attributes = new Map<string, SpanValue>();
  if (service === NO_SERVICE) return attributes;
  const source = tags.get(SERVICE_NAME_SOURCE) ?? "";
  attributes.set(source === "" ? "service.name" : source, service);
  tags.delete(SERVICE_NAME_SOURCE);
  for (const [key, value] of tags)
    if (goesToResource(key)) {
      attributes.set(key, value);
      tags.delete(key);
    }
  return attributes;
}

function takeScope(tags: Map<string, string>, name: string): { name: string; version: string } {
  const scope = { name: "", version: "" };
  if (name === "") return scope;
  scope.name = take(tags, "otel.library.name") ?? scope.name;
  scope.name = take(tags, "otel.scope.name") ?? scope.name;
  scope.version = take(tags, "otel.library.version") ?? scope.version;
  scope.version = take(tags, "otel.scope.version") ?? scope.version;
  return scope;
}

function take(tags: Map<string, string>, key: string): string | undefined {
  const value = tags.get(key);
  if (value !== undefined) tags.delete(key);
  return value;
}

function fill(draft: SpanDraft, span: ZipkinSpan, tags: Map<string, string>, parseTags: boolean): void {
  draft.ids.set(span.traceId, TRACE_ID);
  draft.ids.set(span.id, SPAN_ID);
  draft.traceState = take(tags, "w3c.tracestate") ?? "";
  const { parentId } = span;
  if (parentId !== undefined && !parentId.every((byte, i) => byte === span.id[i])) draft.ids.set(parentId, PARENT_ID);
  draft.name = span.name;
  draft.kind = Object.hasOwn(kinds, span.kind) ? (kinds[span.kind] as number) : take(tags, "span.kind") === "internal" ? 1 : 0;
  takeStatus(draft, tags);
  takeLinks(draft, tags);
  const { attributes } = draft;
  for (const [key, value] of tags) if (!isNoSpanAttribute(key)) attributes.set(key, parseTags ? parsedTag(value) : value);
  addEndpoint(attributes, span.local, "host");
  addEndpoint(attributes, span.remote, "peer");
  const start = span.timestamp ?? 0;
  setMicros(start);
  draft.startLow = unixNano.low;
  draft.startHigh = unixNano.high;
  setMicros(start + span.duration);
  draft.endLow = unixNano.low;
  draft.endHigh = unixNano.high;
  if (span.timestamp === undefined) attributes.set(START_ABSENT, true);
  for (const { timestamp, value } of span.annotations) addEvent(draft, timestamp, value);
}

function takeStatus(draft: SpanDraft, tags: Map<string, string>): void {
  const code = take(tags, "otel.status_code");
  if (code !== undefined) {
    draft.statusCode = Object.hasOwn(statusCodes, code) ? (statusCodes[code] as number) : 0;
    draft.statusMessage = take(tags, "otel.status_description") ?? "";
  }
  const error = tags.get("error");
  if (error === undefined) return;
  draft.statusCode = ERROR;
  if (error === "true") tags.delete("error");
}

/** `otlp.link.0`, …: trace id | span id | trace state | attributes in JSON | dropped attributes. */
function takeLinks(draft: SpanDraft, tags: Map<string, string>): void {
  for (let i = 0; i < MAX_LINKS; i++) {
    const text = take(tags, `otlp.link.${i}`);
    if (text === undefined) return;
    const parts = text.split("|");
    if (parts.length < 5) continue;
    const ids = new Uint8Array(24);
    ids.set(linkId(parts[0] as string, 16), 0);
    ids.set(linkId(parts[1] as string, 8), 16);
    draft.addLink(ids, parts[2] as string, jsonAttributes(parts.slice(3, -1).join("|")), droppedOf(parts));
  }
}

/** Annotations of OpenTelemetry's exporters: name | attributes in JSON | dropped attributes. */
function addEvent(draft: SpanDraft, timestamp: number, value: string): void {
  setMicros(timestamp);
  const { low, high } = unixNano;
  const parts = value.split("|");
  const name = parts[0] as string;
  if (parts.length < 3) draft.addEvent(low, high, name);
  else draft.addEvent(low, high, name, jsonAttributes(parts.slice(1, -1).join("|")), droppedOf(parts));
}

function linkId(given: string, size: number): Uint8Array {
  const text = given.length >= 2 && given.startsWith('"') && given.endsWith('"') ? given.slice(1, -1) : given;
  if (text === "") return new Uint8Array(size);
  if (text.length !== size * 2) throw new MalformedInput("invalid length for ID");
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new MalformedInput(`cannot unmarshal ID from string '${text}'`);
  return Buffer.from(text, "hex");
}

function droppedOf(parts: readonly string[]): number {
  const text = parts.at(-1) as string;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 0xffffffff)
    throw new MalformedInput(`strconv.ParseUint: parsing ${JSON.stringify(text.slice(0, 64))}`);
  return count;
}

function jsonAttributes(text: string): Map<string, SpanValue> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MalformedInput(`zipkinv2: attributes of a link or annotation: ${error instanceof Error ? error.message : String(error)}`);
  }
  const attributes = new Map<string, SpanValue>();
  if (parsed === null) return attributes;
  if (typeof parsed !== "object" || Array.isArray(parsed))
    throw new MalformedInput("zipkinv2: attributes of a link or annotation must be an object");
  for (const [key, value] of Object.entries(parsed))
    if (typeof value === "string" || typeof value === "boolean") attributes.set(key, value);
    else if (typeof value === "number") attributes.set(key, Number.isInteger(value) ? BigInt.asIntN(64, BigInt(value)) : value);
  return attributes;
}

function addEndpoint(attributes: Map<string, SpanValue>, endpoint: Endpoint | undefined, side: "host" | "peer"): void {
  if (endpoint === undefined) return;
  if (side === "peer" && endpoint.serviceName !== "") attributes.set("service.peer.name", endpoint.serviceName);
  const ip = endpoint.ipv6 ?? endpoint.ipv4;
  if (ip !== undefined) attributes.set(side === "peer" ? "network.peer.address" : "network.local.address", ip);
  if (endpoint.port > 0) attributes.set(`net.${side}.port`, BigInt(endpoint.port));
}

function setMicros(micros: number): void {
  const seconds = Math.floor(micros / 1e6);
  nanosOf(seconds, (micros - seconds * 1e6) * 1000);
}
