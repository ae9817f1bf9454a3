import { nanosOf, nanosOfMs, unixNano } from "../otlp/unix-nano.ts";
import { RequestWriter } from "../otlp/write/request.ts";
import { PARENT_ID, resourceAttributes, SPAN_ID, SpanDraft, type SpanValue, TRACE_ID } from "../otlp/write/span.ts";
import type { OldAnnotation, OldBinaryAnnotation, OldEndpoint, OldSpan } from "./model.ts";
import { StatusTags } from "./status-tags.ts";
import { type Converted, START_ABSENT } from "./v2-to-otlp.ts";

const UNKNOWN_SERVICE = "unknown-service";

/** What an annotation that marks an end of a call tells of its span's kind. */
const kinds: Readonly<Record<string, number>> = { cs: 3, cr: 3, ms: 4, mr: 5, ss: 2, sr: 2 };

/**
 * Turns spans of version 1 into a request of OTLP, a resource for each endpoint. A span without any time begins and ends at `nowMs`; where it is
 * undefined it stays without. Throws `MalformedInput`.
 */
export function otlpOfV1(spans: readonly OldSpan[], nowMs: number | undefined): Converted {
  const byEndpoint = new Map<string, { readonly endpoint: OldEndpoint; readonly spans: OldSpan[] }>();
  for (const span of spans) {
    const endpoint = endpointOf(span);
    const key = `${endpoint.serviceName}-${endpoint.ipv4}-${endpoint.ipv6}-${endpoint.port}`;
    const known = byEndpoint.get(key);
    if (known === undefined) byEndpoint.set(key, { endpoint, spans: [span] });
    else known.spans.push(span);
  }
  const request = new RequestWriter("traces", 1 << 12);
  const draft = new SpanDraft();
  for (const { endpoint, spans } of byEndpoint.values()) {
    request.beginResource(resourceAttributes(attributesOf(endpoint)));
    for (const span of spans) {
      draft.clear();
      fill(draft, span, nowMs);
      const item = request.beginItem();
      draft.writeTo(request.writer);
      request.endItem(item);
    }
  }
  const count = request.items;
  return { request: request.take(), spans: count };
}

/** The first endpoint with a name among the ends of a call; else a name without an address. */
function endpointOf({ annotations, binaryAnnotations }: OldSpan): OldEndpoint {
  for (const { value, endpoint } of annotations) {
    const names = endpoint !== undefined && endpoint.serviceName !== "" && endpoint.serviceName !== UNKNOWN_SERVICE;
    if (names && Object.hasOwn(kinds, value)) return endpoint;
  }
  return { serviceName: fallbackName(binaryAnnotations) || UNKNOWN_SERVICE, ipv4: "", ipv6: "", port: 0 };
}

function fallbackName(annotations: readonly OldBinaryAnnotation[]): string {
  let name = "";
  let component = "";
  for (const { key, text, serviceName } of annotations) {
    if (serviceName !== undefined) name = serviceName;
    if (key === "lc") component = text;
  }
  return name === "" ? component : name;
}

function attributesOf({ serviceName, ipv4, ipv6, port }: OldEndpoint): Map<string, SpanValue> {
  const attributes = new Map<string, SpanValue>([["service.name", serviceName]]);
  if (ipv4 !== "") attributes.set("ipv4", ipv4);
  if (ipv6 !== "") attributes.set("ipv6", ipv6);
  if (port !== 0) attributes.set("port", String(port));
  return attributes;
}

function fill(draft: SpanDraft, span: OldSpan, nowMs: number | undefined): void {
  draft.ids.set(span.traceId, TRACE_ID);
  draft.ids.set(span.id, SPAN_ID);
  if (span.parentId !== undefined) draft.ids.set(span.parentId, PARENT_ID);
  draft.name = span.name;
  addAnnotations(draft, span.annotations);
  addBinaryAnnotations(draft, span.binaryAnnotations);
  if (span.timestamp !== 0) {
    setStart(draft, span.timestamp);
    setEnd(draft, span.timestamp + span.duration);
  }
  if ((draft.startLow | draft.startHigh) !== 0 || nowMs === undefined) return;
  nanosOfMs(nowMs);
  draft.startLow = draft.endLow = unixNano.low;
  draft.startHigh = draft.endHigh = unixNano.high;
  draft.attributes.set(START_ABSENT, true);
}

/** The earliest and latest are the span's times unless it has its own; what is no end of a call becomes an event. */
function addAnnotations(draft: SpanDraft, annotations: readonly OldAnnotation[]): void {
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  let hasKind = false;
  for (const { timestamp, value } of annotations) {
    if (value === "") continue;
    if (timestamp < earliest) {
      earliest = timestamp;
      setStart(draft, timestamp);
    }
    if (timestamp > latest) {
      latest = timestamp;
      setEnd(draft, timestamp);
    }
    if (Object.hasOwn(kinds, value)) {
      if (!hasKind) draft.kind = kinds[value] as number;
      hasKind = true;
      continue;
    }
    setMicros(timestamp);
    draft.addEvent(unixNano.low, unixNano.high, value);
  }
}

function addBinaryAnnotations(draft: SpanDraft, annotations: readonly OldBinaryAnnotation[]): void {
  if (annotations.length === 0) return;
  const status = new StatusTags();
  for (const { key, value } of annotations) if (!status.take(key, value)) draft.attributes.set(key === "lc" ? "component" : key, value);
  status.apply(draft);
}

function setStart(draft: SpanDraft, micros: number): void {
  setMicros(micros);
  draft.startLow = unixNano.low;
  draft.startHigh = unixNano.high;
}

function setEnd(draft: SpanDraft, micros: number): void {
  setMicros(micros);
  draft.endLow = unixNano.low;
  draft.endHigh = unixNano.high;
}

/** There is no time before 1970. */
function setMicros(micros: number): void {
  const given = Math.max(micros, 0);
  const seconds = Math.floor(given / 1e6);
  nanosOf(seconds, (given - seconds * 1e6) * 1000);
}
