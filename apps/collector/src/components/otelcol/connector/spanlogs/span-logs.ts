import { signedBigIntOf } from "../../../../bytes/int64.ts";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { textOf } from "../../../../bytes/utf8.ts";
import { AnyValueReader, STRING } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { logField, resourceField, spanField } from "../../../../signals/otlp/fields.ts";
import { ItemCursor, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";
import { writeTextAttribute } from "../../../../signals/otlp/write/attributes.ts";
import { writeLogBody } from "../../../../signals/otlp/write/log-record.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";
import { LogLine } from "./log-line.ts";

export interface SpanLogsArguments {
  readonly spans: boolean;
  readonly roots: boolean;
  readonly processes: boolean;
  readonly events: boolean;
  readonly span_attributes: readonly string[];
  readonly process_attributes: readonly string[];
  readonly event_attributes: readonly string[];
  readonly labels: readonly string[];
  readonly overrides: {
    readonly logs_instance_tag: string;
    readonly service_key: string;
    readonly span_name_key: string;
    readonly status_key: string;
    readonly duration_key: string;
    readonly trace_id_key: string;
  };
}

const statuses = ["Unset", "Ok", "Error"];
const serviceName = Buffer.from("service.name");
/** In Event and Status. */
const eventAttributes = 3;
const statusCode = 3;

/** An attribute that is put into lines. */
interface Wanted {
  readonly name: string;
  readonly key: Uint8Array;
}

/** Makes log records of spans. */
export class SpanLogs {
  readonly #args: SpanLogsArguments;
  readonly #spanWanted: readonly Wanted[];
  readonly #processWanted: readonly Wanted[];
  readonly #eventWanted: readonly Wanted[];
  readonly #cursor = new ItemCursor("traces");
  readonly #fields = new ProtobufReader();
  readonly #status = new ProtobufReader();
  readonly #attributes = new AttributeCursor();
  readonly #value = new AnyValueReader();
  /** Of the current resource, and of the current span. */
  readonly #process = new LogLine();
  readonly #span = new LogLine();
  readonly #scratch = new LogLine();
  #name = "";
  #traceId = "";
  #isRoot = false;
  #durationNs = 0n;
  #statusCode = 0;

  constructor(args: SpanLogsArguments) {
    const wanted = (name: string) => ({ name, key: Buffer.from(name) });
    this.#args = args;
    this.#spanWanted = args.span_attributes.map(wanted);
    this.#processWanted = args.process_attributes.map(wanted);
    this.#eventWanted = args.event_attributes.map(wanted);
  }

  /** The records of a batch's spans, as a batch at count 1; undefined where there are none. */
  make({ chunks, client, receipt }: OtlpBatch): OtlpBatch | undefined {
    const request = new RequestWriter("logs", 1 << 14);
    for (const chunk of chunks) this.#chunk(chunk, request);
    const { items } = request;
    if (items === 0) return undefined;
    return new OtlpBatch({ signal: "logs", chunks: [request.take()], items, client, receipt });
  }

  #chunk(chunk: Uint8Array, request: RequestWriter): void {
    const { spans, roots, processes, events, overrides } = this.#args;
    const cursor = this.#cursor.reset(chunk);
    let lastTrace = "";
    while (cursor.next()) {
      if (cursor.entered <= RESOURCE) {
        request.endResource();
        this.#readProcess(chunk, cursor);
      }
      if (cursor.entered <= SCOPE) {
        request.endScope();
        lastTrace = "";
      }
      this.#readSpan(chunk, cursor.start, cursor.end);
      if (processes && this.#traceId !== lastTrace) {
        lastTrace = this.#traceId;
        this.#scratch.clear();
        this.#scratch.addAll(this.#process);
        this.#scratch.setText(overrides.trace_id_key, this.#traceId);
        this.#write(request, "process", this.#scratch);
      }
      const isRoot = roots && this.#isRoot;
      if (!spans && !events && !isRoot) continue;
      this.#fillSpan(chunk, cursor.start, cursor.end);
      if (spans) this.#write(request, "span", this.#span);
      if (isRoot) this.#write(request, "root", this.#span);
      if (events) this.#writeEvents(request, chunk, cursor.start, cursor.end);
    }
    request.endResource();
  }

  /** What is said of the current resource. */
  #readProcess(chunk: Uint8Array, cursor: ItemCursor): void {
    cursor.resource();
    const { partStart, partEnd } = cursor;
    this.#process.clear();
    const service = this.#attributes.reset(chunk, partStart, partEnd, resourceField.attributes);
    const value = service.find(serviceName) ? this.#value.reset(chunk, service.valueStart, service.valueEnd) : undefined;
    this.#process.setText(this.#args.overrides.service_key, value?.kind === STRING ? value.string() : "");
    this.#addWanted(this.#process, this.#processWanted, chunk, partStart, partEnd, resourceField.attributes);
  }

  #addWanted(line: LogLine, wanted: readonly Wanted[], bytes: Uint8Array, start: number, end: number, field: number): void {
    for (const { name, key } of wanted) {
      const attributes = this.#attributes.reset(bytes, start, end, field);
      if (attributes.find(key)) line.set(name, bytes, attributes.valueStart, attributes.valueEnd);
    }
  }

  #readSpan(bytes: Uint8Array, start: number, end: number): void {
    this.#name = this.#traceId = "";
    this.#isRoot = true;
    this.#statusCode = 0;
    let from = 0n;
    let to = 0n;
    const fields = this.#fields.reset(bytes, start, end);
    while (fields.next())
      switch (fields.field) {
        case spanField.name:
          this.#name = textOf(bytes, fields.start, fields.stop);
          break;
        case spanField.traceId:
          if (isSet(bytes, fields.start, fields.stop))
            this.#traceId = Buffer.from(bytes.subarray(fields.start, fields.stop)).toString("hex");
          break;
        case spanField.parentSpanId:
          this.#isRoot = !isSet(bytes, fields.start, fields.stop);
          break;
        case spanField.startTime:
          from = signedBigIntOf(fields.low, fields.high);
          break;
        case spanField.endTime:
          to = signedBigIntOf(fields.low, fields.high);
          break;
        case spanField.status: {
          const status = this.#status.reset(bytes, fields.start, fields.stop);
          while (status.next()) if (status.field === statusCode) this.#statusCode = status.low;
          break;
        }
      }
    this.#durationNs = BigInt.asIntN(64, to - from);
  }

  #fillSpan(bytes: Uint8Array, start: number, end: number): void {
    const { overrides } = this.#args;
    const line = this.#span;
    line.clear();
    line.setText(overrides.span_name_key, this.#name);
    line.setText(overrides.duration_key, `${this.#durationNs}ns`);
    // An unset status says nothing.
    if (this.#statusCode !== 0) line.setText(overrides.status_key, statuses[this.#statusCode] ?? "");
    this.#addWanted(line, this.#spanWanted, bytes, start, end, spanField.attributes);
    line.addAll(this.#process);
    line.setText(overrides.trace_id_key, this.#traceId);
  }

  #writeEvents(request: RequestWriter, bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#fields.reset(bytes, start, end);
    while (fields.next()) {
      if (fields.field !== spanField.events) continue;
      this.#scratch.clear();
      this.#scratch.addAll(this.#span);
      this.#addWanted(this.#scratch, this.#eventWanted, bytes, fields.start, fields.stop, eventAttributes);
      this.#write(request, "event", this.#scratch);
    }
  }

  #write(request: RequestWriter, kind: string, line: LogLine): void {
    const { overrides, labels } = this.#args;
    const record = request.beginItem(256);
    writeLogBody(request.writer, line.toString());
    writeTextAttribute(request.writer, logField.attributes, overrides.logs_instance_tag, kind);
    for (const label of labels) if (label !== overrides.logs_instance_tag) line.writeAttribute(request.writer, logField.attributes, label);
    request.endItem(record);
  }
}

function isSet(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}
