import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { ClientInfo } from "../../signals/client-info.ts";
import type { Signal } from "../../signals/otlp/batch.ts";
import {
  logField,
  metricField,
  pointAttributes,
  resourceField,
  resourceLevel,
  scopeField,
  scopeLevel,
  spanField,
} from "../../signals/otlp/fields.ts";
import { DATA, type ItemCursor, METRIC, RESOURCE, SCOPE } from "../../signals/otlp/item-cursor.ts";
import type { Value, ValueMap } from "../value.ts";
import { Edits } from "./edits.ts";
import { MessageView } from "./message-view.ts";

/** Attributes of a span's event and of an exemplar. */
const EVENT_ATTRIBUTES = 3;
const EXEMPLAR_ATTRIBUTES = 7;

/**
 * What a statement looks at: one item of a chunk and all that it lies in, each message as a view. A parent's view stays through all of its
 * children, so that what the statements of one child change in it is seen by those of the next.
 */
export class Frame {
  readonly edits = new Edits();
  readonly signal: Signal;
  /** Values that statements keep for each other, for one item. */
  cache: ValueMap = new Map();
  /** Who sent the batch. */
  client: ClientInfo | undefined;
  /** What the parameters of lambdas are bound to, by slot. */
  readonly locals: Value[] = [];
  /** Of a data point: the field of Metric in which it lies. Of a metric: that of its data, 0 where it has none. */
  pointKind = 0;
  /** Of a span's event: its position in the span. */
  eventIndex = 0;

  /** Metrics that statements add behind the others of the scope. */
  readonly appended: Uint8Array[] = [];
  /** How often metrics were appended to those that had been appended. */
  generation = 0;
  /** Statements may have changed the number of data points. */
  changesCount = false;

  /** ResourceSpans and its like; ScopeSpans and its like. */
  readonly resourceContainer = new MessageView(this.edits, 1);
  readonly scopeContainer = new MessageView(this.edits, 2);
  readonly #resource = new MessageView(this.edits, 2);
  readonly #scope = new MessageView(this.edits, 3);
  /** A span, log record or metric. */
  readonly item = new MessageView(this.edits, 3);
  /** Gauge, Sum and their like. */
  readonly data = new MessageView(this.edits, 4);
  readonly point = new MessageView(this.edits, 5);
  readonly event = new MessageView(this.edits, 4);
  readonly exemplar = new MessageView(this.edits, 6);
  #isResourceFound = false;
  #isScopeFound = false;
  readonly #reader = new ProtobufReader();

  constructor(signal: Signal) {
    this.signal = signal;
  }

  get resource(): MessageView {
    if (!this.#isResourceFound) {
      this.#isResourceFound = true;
      this.#locate(this.#resource, this.resourceContainer, resourceLevel.resource, resourceField.attributes);
    }
    return this.#resource;
  }

  get scope(): MessageView {
    if (!this.#isScopeFound) {
      this.#isScopeFound = true;
      this.#locate(this.#scope, this.scopeContainer, scopeLevel.scope, scopeField.attributes);
    }
    return this.#scope;
  }

  #locate(view: MessageView, container: MessageView, field: number, attributesField: number): void {
    const { bytes } = container;
    const reader = this.#reader.reset(bytes, container.start, container.end);
    while (reader.next())
      if (reader.field === field) {
        view.reset(bytes, reader.start, reader.stop, attributesField);
        return;
      }
    view.resetAbsent(bytes, container.start, field, attributesField);
  }

  enterResource(bytes: Uint8Array, start: number, end: number): void {
    this.resourceContainer.reset(bytes, start, end, 0);
    this.#isResourceFound = false;
  }

  leaveResource(): void {
    if (this.#isResourceFound) this.#resource.flush();
    this.resourceContainer.flush();
  }

  enterScope(bytes: Uint8Array, start: number, end: number): void {
    this.scopeContainer.reset(bytes, start, end, 0);
    this.#isScopeFound = false;
  }

  leaveScope(): void {
    if (this.#isScopeFound) this.#scope.flush();
    this.scopeContainer.flush();
  }

  /** Begins with a span, log record or metric. */
  enterItem(bytes: Uint8Array, start: number, end: number): void {
    this.item.reset(
      bytes,
      start,
      end,
      this.signal === "traces" ? spanField.attributes : this.signal === "logs" ? logField.attributes : metricField.metadata,
    );
  }

  enterData(bytes: Uint8Array, start: number, end: number, kind: number): void {
    this.data.reset(bytes, start, end, 0);
    this.pointKind = kind;
  }

  enterPoint(bytes: Uint8Array, start: number, end: number): void {
    this.point.reset(bytes, start, end, pointAttributes(this.pointKind));
  }

  enterEvent(bytes: Uint8Array, start: number, end: number): void {
    this.event.reset(bytes, start, end, EVENT_ATTRIBUTES);
  }

  enterExemplar(bytes: Uint8Array, start: number, end: number): void {
    this.exemplar.reset(bytes, start, end, EXEMPLAR_ATTRIBUTES);
  }

  /**
   * Looks at the current item of a cursor, for readers that go through the items themselves. To be called for every item that is looked at;
   * nothing may be changed.
   */
  at(cursor: ItemCursor): this {
    const { bytes, levels } = cursor;
    const resource = levels[RESOURCE - 1] as ProtobufReader;
    if (this.resourceContainer.bytes !== bytes || this.resourceContainer.start !== resource.start) {
      this.enterResource(bytes, resource.start, resource.stop);
      this.scopeContainer.reset(bytes, -1, -1, 0);
    }
    const scope = levels[SCOPE - 1] as ProtobufReader;
    if (this.scopeContainer.start !== scope.start) this.enterScope(bytes, scope.start, scope.stop);
    if (this.signal === "metrics") {
      const metric = levels[METRIC - 1] as ProtobufReader;
      const data = levels[DATA - 1] as ProtobufReader;
      this.enterItem(bytes, metric.start, metric.stop);
      this.enterData(bytes, data.start, data.stop, data.field);
      this.enterPoint(bytes, cursor.start, cursor.end);
    } else this.enterItem(bytes, cursor.start, cursor.end);
    if (this.cache.size > 0) this.cache.clear();
    return this;
  }

  /** Forgets where it was: buffers are used again, so that equal positions do not mean equal bytes. */
  begin(client: ClientInfo | undefined): this {
    this.client = client;
    this.resourceContainer.reset(NOTHING, -1, -1, 0);
    return this;
  }
}

const NOTHING = new Uint8Array(0);
