import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { textOf } from "../../../../bytes/utf8.ts";
import { keyValue } from "../../../../signals/otlp/fields.ts";
import { writeAttribute, writeTextAttribute } from "../../../../signals/otlp/write/attributes.ts";
import type { Dimensions } from "./dimensions.ts";
import type { SpanMetricsSettings } from "./settings.ts";

/** The current span, as positions in its chunk. */
export interface SpanFacts {
  bytes: Uint8Array;
  serviceStart: number;
  serviceEnd: number;
  nameStart: number;
  nameEnd: number;
  kind: number;
  status: number;
  /** -1: it has none. */
  traceId: number;
  spanId: number;
  durationNs: number;
  stateStart: number;
  stateEnd: number;
  scopeName: string;
  scopeVersion: string;
}

const kinds = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
];
const statuses = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

/** Encodes the attributes of a new series. */
export class SeriesAttributes {
  readonly #settings: SpanMetricsSettings;
  readonly #writer = new ProtobufWriter(1024);

  constructor(settings: SpanMetricsSettings) {
    this.#settings = settings;
  }

  /** KeyValues in field `field` of a data point. Of dimensions of one name the last one counts. */
  encode(span: SpanFacts, field: number, dimensions: Dimensions, optional: Dimensions, scopes: ReadonlySet<string>): Uint8Array {
    const { excluded, instanceId } = this.#settings;
    const values = new Map<string, () => void>();
    const writer = this.#writer;
    const text = (name: string, value: string) => values.set(name, () => writeTextAttribute(writer, field, name, value));
    if (!excluded.serviceName) text("service.name", textOf(span.bytes, span.serviceStart, span.serviceEnd));
    if (!excluded.spanName) text("span.name", textOf(span.bytes, span.nameStart, span.nameEnd));
    if (!excluded.spanKind) text("span.kind", kinds[span.kind] ?? "");
    if (!excluded.statusCode) text("status.code", statuses[span.status] ?? "");
    if (instanceId !== undefined) text("collector.instance.id", instanceId);
    if (span.scopeName !== "" && scopes.has(span.scopeName)) {
      text("span.instrumentation.scope.name", span.scopeName);
      if (span.scopeVersion !== "") text("span.instrumentation.scope.version", span.scopeVersion);
    }
    const take = (name: string, bytes: Uint8Array, start: number, end: number) =>
      values.set(name, () => {
        const mark = writer.begin(field, end - start + name.length + 8);
        writer.string(keyValue.key, name);
        writer.copy(keyValue.value, bytes, start, end);
        writer.finish(mark);
      });
    dimensions.each(take);
    optional.each(take);
    writer.clear();
    for (const write of values.values()) write();
    return writer.toBytes();
  }

  /** The attributes of the series that takes what has none of its own. */
  overflow(field: number): Uint8Array {
    const writer = new ProtobufWriter(64);
    writeAttribute(writer, field, "otel.metric.overflow", true);
    return writer.toBytes();
  }
}
