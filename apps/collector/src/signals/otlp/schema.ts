/**
 * The messages of OTLP 1.x, as far as we look into them: one table for validation, JSON and tests. Fields that are not here are carried
 * along unread.
 */
export interface MessageType {
  readonly name: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly number: number;
  /** As OTLP/JSON writes it. */
  readonly name: string;
  readonly kind: Kind;
  readonly repeated: boolean;
  /** Written even where it is zero: fields with presence. */
  readonly present: boolean;
  /** One of what batches are counted in. */
  readonly item: boolean;
  readonly message: MessageType | undefined;
  /** Names by which JSON may give an enum's numbers. */
  readonly names: Readonly<Record<string, number>> | undefined;
}

export type Kind =
  | "message"
  | "string"
  | "bytes"
  | "traceId"
  | "spanId"
  | "bool"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "sint32"
  | "enum"
  | "fixed32"
  | "fixed64"
  | "sfixed64"
  | "double";

/** `7 repeated int64 name`, `3 present double sum`: the notation of the tables below. */
type Line = `${number} ${string}`;

function message(name: string, lines: Readonly<Record<Line, MessageType | Readonly<Record<string, number>> | true>>): MessageType {
  return { name, fields: fieldsOf(lines) };
}

function fieldsOf(lines: Readonly<Record<Line, MessageType | Readonly<Record<string, number>> | true>>): Field[] {
  return Object.entries(lines).map(([line, reference]) => {
    const words = line.split(" ");
    const kind = words.at(-2) as Kind;
    return {
      number: Number(words[0]),
      name: words.at(-1) ?? "",
      kind,
      repeated: words.includes("repeated"),
      present: words.includes("present") || kind === "message",
      item: words.includes("item"),
      message: kind === "message" ? (reference as MessageType) : undefined,
      names: kind === "enum" && reference !== true ? (reference as Readonly<Record<string, number>>) : undefined,
    };
  });
}

const anyValueFields: Field[] = [];
const AnyValue: MessageType = { name: "AnyValue", fields: anyValueFields };
const ArrayValue = message("ArrayValue", { "1 repeated message values": AnyValue });
export const KeyValue = message("KeyValue", { "1 string key": true, "2 message value": AnyValue });
const KeyValueList = message("KeyValueList", { "1 repeated message values": KeyValue });
anyValueFields.push(
  ...fieldsOf({
    "1 present string stringValue": true,
    "2 present bool boolValue": true,
    "3 present int64 intValue": true,
    "4 present double doubleValue": true,
    "5 message arrayValue": ArrayValue,
    "6 message kvlistValue": KeyValueList,
    "7 present bytes bytesValue": true,
  }),
);

const EntityRef = message("EntityRef", {
  "1 string schemaUrl": true,
  "2 string type": true,
  "3 repeated string idKeys": true,
  "4 repeated string descriptionKeys": true,
});

export const Resource = message("Resource", {
  "1 repeated message attributes": KeyValue,
  "2 uint32 droppedAttributesCount": true,
  "3 repeated message entityRefs": EntityRef,
});

const InstrumentationScope = message("InstrumentationScope", {
  "1 string name": true,
  "2 string version": true,
  "3 repeated message attributes": KeyValue,
  "4 uint32 droppedAttributesCount": true,
});

const spanKinds = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};
const statusCodes = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };
const temporalities = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};
const severities: Record<string, number> = { SEVERITY_NUMBER_UNSPECIFIED: 0 };
for (const [tens, level] of ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].entries())
  for (let step = 1; step <= 4; step++) severities[`SEVERITY_NUMBER_${level}${step === 1 ? "" : step}`] = tens * 4 + step;

const SpanEvent = message("Event", {
  "1 fixed64 timeUnixNano": true,
  "2 string name": true,
  "3 repeated message attributes": KeyValue,
  "4 uint32 droppedAttributesCount": true,
});

const SpanLink = message("Link", {
  "1 traceId traceId": true,
  "2 spanId spanId": true,
  "3 string traceState": true,
  "4 repeated message attributes": KeyValue,
  "5 uint32 droppedAttributesCount": true,
  "6 fixed32 flags": true,
});

const Status = message("Status", { "2 string message": true, "3 enum code": statusCodes });

const Span = message("Span", {
  "1 traceId traceId": true,
  "2 spanId spanId": true,
  "3 string traceState": true,
  "4 spanId parentSpanId": true,
  "5 string name": true,
  "6 enum kind": spanKinds,
  "7 fixed64 startTimeUnixNano": true,
  "8 fixed64 endTimeUnixNano": true,
  "9 repeated message attributes": KeyValue,
  "10 uint32 droppedAttributesCount": true,
  "11 repeated message events": SpanEvent,
  "12 uint32 droppedEventsCount": true,
  "13 repeated message links": SpanLink,
  "14 uint32 droppedLinksCount": true,
  "15 message status": Status,
  "16 fixed32 flags": true,
});

const LogRecord = message("LogRecord", {
  "1 fixed64 timeUnixNano": true,
  "2 enum severityNumber": severities,
  "3 string severityText": true,
  "5 message body": AnyValue,
  "6 repeated message attributes": KeyValue,
  "7 uint32 droppedAttributesCount": true,
  "8 fixed32 flags": true,
  "9 traceId traceId": true,
  "10 spanId spanId": true,
  "11 fixed64 observedTimeUnixNano": true,
  "12 string eventName": true,
});

const Exemplar = message("Exemplar", {
  "2 fixed64 timeUnixNano": true,
  "3 present double asDouble": true,
  "4 spanId spanId": true,
  "5 traceId traceId": true,
  "6 present sfixed64 asInt": true,
  "7 repeated message filteredAttributes": KeyValue,
});

const NumberDataPoint = message("NumberDataPoint", {
  "2 fixed64 startTimeUnixNano": true,
  "3 fixed64 timeUnixNano": true,
  "4 present double asDouble": true,
  "5 repeated message exemplars": Exemplar,
  "6 present sfixed64 asInt": true,
  "7 repeated message attributes": KeyValue,
  "8 uint32 flags": true,
});

const HistogramDataPoint = message("HistogramDataPoint", {
  "2 fixed64 startTimeUnixNano": true,
  "3 fixed64 timeUnixNano": true,
  "4 fixed64 count": true,
  "5 present double sum": true,
  "6 repeated fixed64 bucketCounts": true,
  "7 repeated double explicitBounds": true,
  "8 repeated message exemplars": Exemplar,
  "9 repeated message attributes": KeyValue,
  "10 uint32 flags": true,
  "11 present double min": true,
  "12 present double max": true,
});

const Buckets = message("Buckets", { "1 sint32 offset": true, "2 repeated uint64 bucketCounts": true });

const ExponentialHistogramDataPoint = message("ExponentialHistogramDataPoint", {
  "1 repeated message attributes": KeyValue,
  "2 fixed64 startTimeUnixNano": true,
  "3 fixed64 timeUnixNano": true,
  "4 fixed64 count": true,
  "5 present double sum": true,
  "6 sint32 scale": true,
  "7 fixed64 zeroCount": true,
  "8 message positive": Buckets,
  "9 message negative": Buckets,
  "10 uint32 flags": true,
  "11 repeated message exemplars": Exemplar,
  "12 present double min": true,
  "13 present double max": true,
  "14 double zeroThreshold": true,
});

const ValueAtQuantile = message("ValueAtQuantile", { "1 double quantile": true, "2 double value": true });

const SummaryDataPoint = message("SummaryDataPoint", {
  "2 fixed64 startTimeUnixNano": true,
  "3 fixed64 timeUnixNano": true,
  "4 fixed64 count": true,
  "5 double sum": true,
  "6 repeated message quantileValues": ValueAtQuantile,
  "7 repeated message attributes": KeyValue,
  "8 uint32 flags": true,
});

const Metric = message("Metric", {
  "1 string name": true,
  "2 string description": true,
  "3 string unit": true,
  "5 message gauge": message("Gauge", { "1 repeated item message dataPoints": NumberDataPoint }),
  "7 message sum": message("Sum", {
    "1 repeated item message dataPoints": NumberDataPoint,
    "2 enum aggregationTemporality": temporalities,
    "3 bool isMonotonic": true,
  }),
  "9 message histogram": message("Histogram", {
    "1 repeated item message dataPoints": HistogramDataPoint,
    "2 enum aggregationTemporality": temporalities,
  }),
  "10 message exponentialHistogram": message("ExponentialHistogram", {
    "1 repeated item message dataPoints": ExponentialHistogramDataPoint,
    "2 enum aggregationTemporality": temporalities,
  }),
  "11 message summary": message("Summary", { "1 repeated item message dataPoints": SummaryDataPoint }),
  "12 repeated message metadata": KeyValue,
});

const choices = new Map<MessageType, ReadonlySet<number>>([
  [AnyValue, new Set(anyValueFields.map(({ number }) => number))],
  [Metric, new Set([5, 7, 9, 10, 11])],
]);
const noChoices: ReadonlySet<number> = new Set();

/** The fields of a message of which the last one alone counts (`oneof`), as far as messages are among them. */
export function choicesOf(type: MessageType): ReadonlySet<number> {
  return choices.get(type) ?? noChoices;
}

/** Scopes lie in field 2; writers older than OTLP 0.15 put the same message into field 1000. */
function request(name: string, container: string, scopes: string, items: string, item: MessageType, counted: boolean): MessageType {
  const scope = message(`Scope${container}`, {
    "1 message scope": InstrumentationScope,
    [`2 repeated ${counted ? "item " : ""}message ${items}`]: item,
    "3 string schemaUrl": true,
  });
  const resource = message(`Resource${container}`, {
    "1 message resource": Resource,
    [`2 repeated message ${scopes}`]: scope,
    "3 string schemaUrl": true,
  });
  return message(name, { [`1 repeated message resource${container}`]: resource });
}

/** What the bytes of a batch are, by its signal. */
export const requests = {
  traces: request("ExportTraceServiceRequest", "Spans", "scopeSpans", "spans", Span, true),
  metrics: request("ExportMetricsServiceRequest", "Metrics", "scopeMetrics", "metrics", Metric, false),
  logs: request("ExportLogsServiceRequest", "Logs", "scopeLogs", "logRecords", LogRecord, true),
} as const;

function response(name: string, rejected: string): MessageType {
  const lines: Record<Line, true> = { "2 string errorMessage": true };
  lines[`1 int64 ${rejected}`] = true;
  return message(name, { "1 message partialSuccess": message("PartialSuccess", lines) });
}

/** What an export is answered with, by its signal. */
export const responses = {
  traces: response("ExportTraceServiceResponse", "rejectedSpans"),
  metrics: response("ExportMetricsServiceResponse", "rejectedDataPoints"),
  logs: response("ExportLogsServiceResponse", "rejectedLogRecords"),
} as const;
