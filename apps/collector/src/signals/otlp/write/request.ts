import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import type { Receipt } from "../../receipt.ts";
import { OtlpBatch, type Signal } from "../batch.ts";
import { resourceField, resourceLevel, scopeField, scopeLevel } from "../fields.ts";
import { type AttributeValue, writeAttributes } from "./attributes.ts";

const CLOSED = -1;

export interface ScopeHead {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly schemaUrl?: string;
}

/**
 * Writes one export request from values, straight as bytes:
 *
 *     const request = new RequestWriter("logs");
 *     request.beginResource({ "service.name": "shop" });
 *     request.beginScope({ name: "app" });
 *     const record = request.beginItem();
 *     writeLogTime(request.writer, …); writeLogBody(…); …
 *     request.endItem(record);
 *     const batch = request.batch();
 *
 * Beginning a resource or scope ends the one before. What lies within an item is written to `writer`.
 */
export class RequestWriter {
  readonly signal: Signal;
  readonly writer: ProtobufWriter;
  /** Spans, log records or data points so far. */
  items = 0;
  #resource = CLOSED;
  #scope = CLOSED;

  constructor(signal: Signal, capacity = 4096) {
    this.signal = signal;
    this.writer = new ProtobufWriter(capacity);
  }

  get isEmpty(): boolean {
    return this.items === 0;
  }

  /** Begins a resource. Attributes are a record, or bytes that `writeAttribute` has made with `resourceField.attributes`. */
  beginResource(attributes: Readonly<Record<string, AttributeValue>> | Uint8Array = {}, schemaUrl = ""): void {
    const { writer } = this;
    this.endResource();
    this.#resource = writer.begin(1, 1 << 14);
    const resource = writer.begin(resourceLevel.resource, 128);
    if (attributes instanceof Uint8Array) writer.raw(attributes);
    else writeAttributes(writer, resourceField.attributes, attributes);
    writer.finish(resource);
    if (schemaUrl !== "") writer.string(resourceLevel.schemaUrl, schemaUrl);
  }

  endResource(): void {
    this.endScope();
    if (this.#resource !== CLOSED) this.writer.finish(this.#resource);
    this.#resource = CLOSED;
  }

  /** Begins a scope. Given as bytes it is the content of an InstrumentationScope. */
  beginScope(head: ScopeHead | Uint8Array = {}): void {
    const { writer } = this;
    if (this.#resource === CLOSED) this.beginResource();
    this.endScope();
    this.#scope = writer.begin(resourceLevel.scopes, 1 << 14);
    if (head instanceof Uint8Array) {
      writer.copy(scopeLevel.scope, head);
      return;
    }
    const scope = writer.begin(scopeLevel.scope, 32);
    if (head.name !== undefined && head.name !== "") writer.string(scopeField.name, head.name);
    if (head.version !== undefined && head.version !== "") writer.string(scopeField.version, head.version);
    if (head.attributes !== undefined) writeAttributes(writer, scopeField.attributes, head.attributes);
    writer.finish(scope);
    if (head.schemaUrl !== undefined && head.schemaUrl !== "") writer.string(scopeLevel.schemaUrl, head.schemaUrl);
  }

  endScope(): void {
    if (this.#scope !== CLOSED) this.writer.finish(this.#scope);
    this.#scope = CLOSED;
  }

  /** Begins a span or log record; data points are begun by `MetricWriter`. `estimate` is the length it will likely have. */
  beginItem(estimate = 256): number {
    if (this.#scope === CLOSED) this.beginScope();
    this.items++;
    return this.writer.begin(scopeLevel.items, estimate);
  }

  endItem(mark: number): void {
    this.writer.finish(mark);
  }

  /** Appends a whole span or log record that lies encoded elsewhere. */
  copyItem(bytes: Uint8Array, start: number, end: number): void {
    if (this.#scope === CLOSED) this.beginScope();
    this.items++;
    this.writer.copy(scopeLevel.items, bytes, start, end);
  }

  /** Begins a metric: used by `MetricWriter`. */
  beginMetric(estimate: number): number {
    if (this.#scope === CLOSED) this.beginScope();
    return this.writer.begin(scopeLevel.items, estimate);
  }

  /** Ends everything and gives the request away; the writer begins anew in memory of its own. */
  take(): Uint8Array {
    this.endResource();
    this.items = 0;
    return this.writer.take(Math.min(this.writer.bytes.length, 1 << 20));
  }

  /** `take` as a batch at count 1. */
  batch(receipt?: Receipt): OtlpBatch {
    const { items } = this;
    return new OtlpBatch({ signal: this.signal, chunks: [this.take()], items, receipt });
  }
}
