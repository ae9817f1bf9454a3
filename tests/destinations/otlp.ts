import { type Attributes, BadRequest, type Items, type LogRecord, noItems, type Point, type Scope, type Span } from "./items.ts";
import { decode, protos } from "./protos.ts";

export type OtlpSignal = "traces" | "metrics" | "logs";

/** Reads an export request in protobuf. */
export function readOtlp(signal: OtlpSignal, body: Uint8Array): Items {
  try {
    return itemsOf(signal, decode(protos[signal], body), (bytes) => Buffer.from(bytes as Uint8Array).toString("hex"));
  } catch (error) {
    throw new BadRequest(`malformed OTLP: ${error instanceof Error ? error.message : error}`);
  }
}

/** Reads an export request in JSON, where identifiers are hexadecimal text. */
export function readOtlpJson(signal: OtlpSignal, body: Uint8Array): Items {
  try {
    return itemsOf(signal, JSON.parse(Buffer.from(body).toString("utf8")), (text) => String(text).toLowerCase());
  } catch (error) {
    throw new BadRequest(`malformed OTLP JSON: ${error instanceof Error ? error.message : error}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;
type ReadId = (value: unknown) => string;

function itemsOf(signal: OtlpSignal, request: Fields, hex: ReadId): Items {
  const items = noItems();
  const id: ReadId = (value) => (value === undefined ? "" : hex(value));
  switch (signal) {
    case "traces":
      for (const { fields, around } of leaves(request, "resourceSpans", "scopeSpans", "spans")) items.spans.push(span(fields, around, id));
      return items;
    case "logs":
      for (const { fields, around } of leaves(request, "resourceLogs", "scopeLogs", "logRecords"))
        items.logRecords.push(logRecord(fields, around, id));
      return items;
    case "metrics":
      for (const { fields, around } of leaves(request, "resourceMetrics", "scopeMetrics", "metrics"))
        items.points.push(...points(fields, around));
      return items;
    default:
      return signal satisfies never;
  }
}

type Around = { readonly resource: Attributes; readonly scope: Scope };

function* leaves(request: Fields, outer: string, middle: string, inner: string): Generator<{ fields: Fields; around: Around }> {
  for (const group of list(request[outer])) {
    const resource = attributesOf(record(group.resource).attributes);
    for (const scoped of list(group[middle])) {
      const { name, version, attributes } = record(scoped.scope);
      const around = { resource, scope: { name: text(name), version: text(version), attributes: attributesOf(attributes) } };
      for (const fields of list(scoped[inner])) yield { fields, around };
    }
  }
}

function span(fields: Fields, around: Around, id: ReadId): Span {
  const status = record(fields.status);
  return {
    ...around,
    traceId: id(fields.traceId),
    spanId: id(fields.spanId),
    parentSpanId: id(fields.parentSpanId),
    traceState: text(fields.traceState),
    flags: number(fields.flags),
    name: text(fields.name),
    kind: number(fields.kind),
    startTimeUnixNano: nanos(fields.startTimeUnixNano),
    endTimeUnixNano: nanos(fields.endTimeUnixNano),
    attributes: attributesOf(fields.attributes),
    events: list(fields.events).map((event) => ({
      timeUnixNano: nanos(event.timeUnixNano),
      name: text(event.name),
      attributes: attributesOf(event.attributes),
    })),
    links: list(fields.links).map((link) => ({
      traceId: id(link.traceId),
      spanId: id(link.spanId),
      attributes: attributesOf(link.attributes),
    })),
    status: { code: number(status.code), message: text(status.message) },
  };
}

function logRecord(fields: Fields, around: Around, id: ReadId): LogRecord {
  return {
    ...around,
    timeUnixNano: nanos(fields.timeUnixNano),
    observedTimeUnixNano: nanos(fields.observedTimeUnixNano),
    severityNumber: number(fields.severityNumber),
    severityText: text(fields.severityText),
    body: anyValue(fields.body),
    attributes: attributesOf(fields.attributes),
    flags: number(fields.flags),
    traceId: id(fields.traceId),
    spanId: id(fields.spanId),
    eventName: text(fields.eventName),
  };
}

const kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

function points(metric: Fields, around: Around): Point[] {
  return kinds.flatMap((kind) => {
    const data = record(metric[kind]);
    return list(data.dataPoints).map((point) => ({
      ...around,
      metric: text(metric.name),
      unit: text(metric.unit),
      description: text(metric.description),
      kind,
      temporality: number(data.aggregationTemporality),
      isMonotonic: data.isMonotonic === true,
      attributes: attributesOf(point.attributes),
      startTimeUnixNano: nanos(point.startTimeUnixNano),
      timeUnixNano: nanos(point.timeUnixNano),
      ...numberOf(point),
      data: point,
    }));
  });
}

function numberOf(point: Fields): { value?: number | bigint } {
  if (point.asInt !== undefined) return { value: BigInt(point.asInt as string | number) };
  return point.asDouble === undefined ? {} : { value: Number(point.asDouble) };
}

function attributesOf(pairs: unknown): Attributes {
  return Object.fromEntries(list(pairs).map((pair) => [text(pair.key), anyValue(pair.value)]));
}

/** A value as JavaScript has it; an integer is a number where that is exact, else a bigint. */
function anyValue(value: unknown): unknown {
  const fields = record(value);
  if (fields.stringValue !== undefined) return fields.stringValue;
  if (fields.boolValue !== undefined) return fields.boolValue;
  if (fields.doubleValue !== undefined) return Number(fields.doubleValue);
  if (fields.intValue !== undefined) {
    const integer = BigInt(fields.intValue as string | number);
    return BigInt.asIntN(54, integer) === integer ? Number(integer) : integer;
  }
  if (fields.arrayValue !== undefined) return list(record(fields.arrayValue).values).map(anyValue);
  if (fields.kvlistValue !== undefined) return attributesOf(record(fields.kvlistValue).values);
  if (typeof fields.bytesValue === "string") return Buffer.from(fields.bytesValue, "base64");
  return fields.bytesValue;
}

function record(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new Error(`an object was expected, got ${JSON.stringify(value)}`);
  return value as Fields;
}

function list(value: unknown): Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`an array was expected, got ${JSON.stringify(value)}`);
  return value.map(record);
}

function text(value: unknown): string {
  return value === undefined ? "" : String(value);
}

function number(value: unknown): number {
  return value === undefined ? 0 : Number(value);
}

function nanos(value: unknown): bigint {
  return value === undefined ? 0n : BigInt(value as string | number);
}
