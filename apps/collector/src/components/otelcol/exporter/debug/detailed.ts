import type { Signal } from "../../../../signals/otlp/batch.ts";
import { severityNames } from "../../../../signals/otlp/matching/arguments.ts";
import { fixed, id, inner, type Json, list, number, text, timestamp, typedValue } from "./values.ts";

/** Everything there is, a line a field. */
export function detailedText(signal: Signal, request: Json): string {
  const out = new Lines();
  switch (signal) {
    case "traces":
      grouped(out, list(request, "resourceSpans"), "ResourceSpans", "scopeSpans", "ScopeSpans", (scope) => {
        for (const [k, span] of list(scope, "spans").entries()) writeSpan(out, span, k);
      });
      break;
    case "logs":
      grouped(out, list(request, "resourceLogs"), "ResourceLog", "scopeLogs", "ScopeLogs", (scope) => {
        for (const [k, record] of list(scope, "logRecords").entries()) writeLog(out, record, k);
      });
      break;
    case "metrics":
      grouped(out, list(request, "resourceMetrics"), "ResourceMetrics", "scopeMetrics", "ScopeMetrics", (scope) => {
        for (const [k, metric] of list(scope, "metrics").entries()) writeMetric(out, metric, k);
      });
  }
  return out.text;
}

class Lines {
  text = "";

  line(line: string): void {
    this.text += `${line}\n`;
  }

  /** An aligned field of a span. */
  field(name: string, value: string | number): void {
    this.line(`    ${name.padEnd(15)}: ${value}`);
  }

  attributes(header: string, attributes: readonly Json[]): void {
    if (attributes.length === 0) return;
    this.line(`${header}:`);
    const [before, ...behind] = header.split("->");
    const prefix = `${behind.length === 0 ? "" : before}     ->`;
    for (const attribute of attributes) this.line(`${prefix} ${text(attribute, "key")}: ${typedValue(inner(attribute, "value"))}`);
  }
}

function grouped(
  out: Lines,
  resources: readonly Json[],
  resourceTitle: string,
  scopes: string,
  scopeTitle: string,
  writeItems: (scope: Json) => void,
): void {
  for (const [i, resource] of resources.entries()) {
    out.line(`${resourceTitle} #${i}`);
    out.line(`Resource SchemaURL: ${text(resource, "schemaUrl")}`);
    out.attributes("Resource attributes", list(inner(resource, "resource"), "attributes"));
    writeEntities(out, list(inner(resource, "resource"), "entityRefs"));
    for (const [j, each] of list(resource, scopes).entries()) {
      const scope = inner(each, "scope");
      out.line(`${scopeTitle} #${j}`);
      out.line(`${scopeTitle} SchemaURL: ${text(each, "schemaUrl")}`);
      out.line(`InstrumentationScope ${text(scope, "name")} ${text(scope, "version")}`);
      out.attributes("InstrumentationScope attributes", list(scope, "attributes"));
      writeItems(each);
    }
  }
}

function writeEntities(out: Lines, entities: readonly Json[]): void {
  if (entities.length === 0) return;
  out.line("Resource entity refs:");
  for (const [i, entity] of entities.entries()) {
    out.line(`     -> Entity ref #${i}:`);
    out.line(`          -> Type: ${text(entity, "type")}`);
    if (entity.schemaUrl !== undefined) out.line(`          -> Schema URL: ${text(entity, "schemaUrl")}`);
    for (const [name, title] of [
      ["idKeys", "ID keys"],
      ["descriptionKeys", "Description keys"],
    ] as const) {
      const keys = (entity[name] ?? []) as readonly string[];
      if (keys.length > 0) out.line(`          -> ${title}:`);
      for (const key of keys) out.line(`               -> ${key}`);
    }
  }
}

const spanKinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const statusCodes = ["Unset", "Ok", "Error"];
const temporalities = ["Unspecified", "Delta", "Cumulative"];

function writeSpan(out: Lines, span: Json, k: number): void {
  const status = inner(span, "status");
  out.line(`Span #${k}`);
  out.field("Trace ID", id(span, "traceId"));
  out.field("Parent ID", id(span, "parentSpanId"));
  out.field("ID", id(span, "spanId"));
  out.field("Name", text(span, "name"));
  out.field("Kind", spanKinds[Number(number(span, "kind"))] ?? "");
  if (text(span, "traceState") !== "") out.field("TraceState", text(span, "traceState"));
  out.field("Start time", timestamp(span, "startTimeUnixNano"));
  out.field("End time", timestamp(span, "endTimeUnixNano"));
  out.field("Status code", statusCodes[Number(number(status, "code"))] ?? "");
  out.field("Status message", text(status, "message"));
  out.field("DroppedAttributesCount", number(span, "droppedAttributesCount"));
  out.field("DroppedEventsCount", number(span, "droppedEventsCount"));
  out.field("DroppedLinksCount", number(span, "droppedLinksCount"));
  out.attributes("Attributes", list(span, "attributes"));
  const events = list(span, "events");
  if (events.length > 0) out.line("Events:");
  for (const [i, event] of events.entries()) {
    out.line(`SpanEvent #${i}`);
    out.line(`     -> Name: ${text(event, "name")}`);
    out.line(`     -> Timestamp: ${timestamp(event, "timeUnixNano")}`);
    out.line(`     -> DroppedAttributesCount: ${number(event, "droppedAttributesCount")}`);
    out.attributes("     -> Attributes:", list(event, "attributes"));
  }
  const links = list(span, "links");
  if (links.length > 0) out.line("Links:");
  for (const [i, link] of links.entries()) {
    out.line(`SpanLink #${i}`);
    out.line(`     -> Trace ID: ${id(link, "traceId")}`);
    out.line(`     -> ID: ${id(link, "spanId")}`);
    out.line(`     -> TraceState: ${text(link, "traceState")}`);
    out.line(`     -> DroppedAttributesCount: ${number(link, "droppedAttributesCount")}`);
    out.attributes("     -> Attributes:", list(link, "attributes"));
  }
}

function writeLog(out: Lines, record: Json, k: number): void {
  const severity = Number(number(record, "severityNumber"));
  out.line(`LogRecord #${k}`);
  out.line(`ObservedTimestamp: ${timestamp(record, "observedTimeUnixNano")}`);
  out.line(`Timestamp: ${timestamp(record, "timeUnixNano")}`);
  out.line(`SeverityText: ${text(record, "severityText")}`);
  out.line(`SeverityNumber: ${severityName(severity)}(${severity})`);
  if (text(record, "eventName") !== "") out.line(`EventName: ${text(record, "eventName")}`);
  out.line(`Body: ${typedValue(inner(record, "body"))}`);
  out.attributes("Attributes", list(record, "attributes"));
  out.line(`Trace ID: ${id(record, "traceId")}`);
  out.line(`Span ID: ${id(record, "spanId")}`);
  out.line(`Flags: ${number(record, "flags")}`);
}

/** `Info2` */
function severityName(severity: number): string {
  if (severity === 0) return "Unspecified";
  const name = severityNames[severity - 1] ?? "";
  return name.slice(0, 1) + name.slice(1).toLowerCase();
}

const metricKinds = [
  ["gauge", "Gauge", writeNumberPoint, "NumberDataPoints"],
  ["sum", "Sum", writeNumberPoint, "NumberDataPoints"],
  ["histogram", "Histogram", writeHistogramPoint, "HistogramDataPoints"],
  ["exponentialHistogram", "ExponentialHistogram", writeExponentialPoint, "ExponentialHistogramDataPoints"],
  ["summary", "Summary", writeSummaryPoint, "SummaryDataPoints"],
] as const;

function writeMetric(out: Lines, metric: Json, k: number): void {
  const kind = metricKinds.find(([name]) => metric[name] !== undefined);
  out.line(`Metric #${k}`);
  out.line("Descriptor:");
  out.line(`     -> Name: ${text(metric, "name")}`);
  out.line(`     -> Description: ${text(metric, "description")}`);
  out.line(`     -> Unit: ${text(metric, "unit")}`);
  out.line(`     -> DataType: ${kind?.[1] ?? "Empty"}`);
  out.attributes("     -> Metadata", list(metric, "metadata"));
  if (kind === undefined) return;
  const [name, , writePoint, title] = kind;
  const data = inner(metric, name);
  if (name === "sum") out.line(`     -> IsMonotonic: ${data.isMonotonic === true}`);
  if (name !== "gauge" && name !== "summary")
    out.line(`     -> AggregationTemporality: ${temporalities[Number(number(data, "aggregationTemporality"))] ?? ""}`);
  for (const [i, point] of list(data, "dataPoints").entries()) {
    out.line(`${title} #${i}`);
    out.attributes("Data point attributes", list(point, "attributes"));
    out.line(`StartTimestamp: ${timestamp(point, "startTimeUnixNano")}`);
    out.line(`Timestamp: ${timestamp(point, "timeUnixNano")}`);
    writePoint(out, point);
    writeExemplars(out, list(point, "exemplars"));
  }
}

function writeNumberPoint(out: Lines, point: Json): void {
  if (point.asInt !== undefined) out.line(`Value: ${point.asInt}`);
  else if (point.asDouble !== undefined) out.line(`Value: ${fixed(point.asDouble)}`);
}

function writeCounts(out: Lines, point: Json): void {
  out.line(`Count: ${number(point, "count")}`);
  for (const name of ["sum", "min", "max"])
    if (point[name] !== undefined) out.line(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}: ${fixed(point[name])}`);
}

function writeHistogramPoint(out: Lines, point: Json): void {
  writeCounts(out, point);
  for (const [i, bound] of ((point.explicitBounds ?? []) as unknown[]).entries()) out.line(`ExplicitBounds #${i}: ${fixed(bound)}`);
  for (const [i, count] of ((point.bucketCounts ?? []) as unknown[]).entries()) out.line(`Buckets #${i}, Count: ${count}`);
}

function writeExponentialPoint(out: Lines, point: Json): void {
  writeCounts(out, point);
  const factor = Math.LN2 * 2 ** -Number(number(point, "scale"));
  const bound = (side: string, i: number) => Math.exp((Number(number(inner(point, side), "offset")) + i) * factor);
  const counts = (side: string) => [...((inner(point, side).bucketCounts ?? []) as unknown[]).entries()];
  for (const [i, count] of counts("negative").reverse())
    out.line(`Bucket [${fixed(-bound("negative", i + 1))}, ${fixed(-bound("negative", i))}), Count: ${count}`);
  const zero = number(point, "zeroCount");
  if (zero !== 0) out.line(`Bucket [0, 0], Count: ${zero}`);
  for (const [i, count] of counts("positive"))
    out.line(`Bucket (${fixed(bound("positive", i))}, ${fixed(bound("positive", i + 1))}], Count: ${count}`);
}

function writeSummaryPoint(out: Lines, point: Json): void {
  out.line(`Count: ${number(point, "count")}`);
  out.line(`Sum: ${fixed(point.sum)}`);
  for (const [i, each] of list(point, "quantileValues").entries())
    out.line(`QuantileValue #${i}: Quantile ${fixed(each.quantile)}, Value ${fixed(each.value)}`);
}

function writeExemplars(out: Lines, exemplars: readonly Json[]): void {
  if (exemplars.length > 0) out.line("Exemplars:");
  for (const [i, exemplar] of exemplars.entries()) {
    out.line(`Exemplar #${i}`);
    out.line(`     -> Trace ID: ${id(exemplar, "traceId")}`);
    out.line(`     -> Span ID: ${id(exemplar, "spanId")}`);
    out.line(`     -> Timestamp: ${timestamp(exemplar, "timeUnixNano")}`);
    if (exemplar.asInt !== undefined) out.line(`     -> Value: ${exemplar.asInt}`);
    else if (exemplar.asDouble !== undefined) out.line(`     -> Value: ${fixed(exemplar.asDouble)}`);
    out.attributes("     -> FilteredAttributes", list(exemplar, "filteredAttributes"));
  }
}
