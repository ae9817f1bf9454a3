import type { BufferPool } from "../../bytes/buffer-pool.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { ClientInfo } from "../../signals/client-info.ts";
import { isMetricData, metricField, spanField } from "../../signals/otlp/fields.ts";
import type { ContextName } from "../contexts/context.ts";
import type { Frame } from "./frame.ts";

/** What to do with what was visited. */
export type Verdict = boolean;

/**
 * Goes through everything of one kind in a chunk: all resources, scopes, spans, events, metrics, data points, exemplars or log records, in order,
 * with the frame on it, and leaves out what `visit` answers with true. Then all changes are carried out.
 */
export class Walk {
  readonly frame: Frame;
  readonly #context: ContextName;
  readonly #visit: () => boolean;
  readonly #resources = new ProtobufReader();
  readonly #scopes = new ProtobufReader();
  readonly #items = new ProtobufReader();
  readonly #datas = new ProtobufReader();
  readonly #points = new ProtobufReader();
  readonly #inner = new ProtobufReader();

  constructor(frame: Frame, context: ContextName, visit: () => boolean) {
    this.frame = frame;
    this.#context = context;
    this.#visit = visit;
  }

  /** The chunk as it is then: the same memory where nothing was changed. */
  run(chunk: Uint8Array, client: ClientInfo | undefined, pool?: BufferPool): Uint8Array {
    const { frame } = this;
    frame.begin(client);
    frame.edits.reset(chunk);
    const resources = this.#resources.reset(chunk);
    while (resources.next()) {
      if (resources.field !== 1) continue;
      frame.enterResource(chunk, resources.start, resources.stop);
      if (this.#context === "resource") {
        if (this.#visit()) {
          frame.edits.remove(0, resources.tagStart, resources.stop);
          continue;
        }
      } else this.#inResource(chunk, resources.start, resources.stop);
      frame.leaveResource();
    }
    return frame.edits.apply(pool);
  }

  #inResource(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const scopes = this.#scopes.reset(chunk, start, end);
    while (scopes.next()) {
      if (scopes.field !== 2) continue;
      frame.enterScope(chunk, scopes.start, scopes.stop);
      if (this.#context === "scope") {
        if (this.#visit()) {
          frame.edits.remove(1, scopes.tagStart, scopes.stop);
          continue;
        }
      } else this.#inScope(chunk, scopes.start, scopes.stop);
      frame.leaveScope();
    }
  }

  #inScope(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const items = this.#items.reset(chunk, start, end);
    const context = this.#context;
    while (items.next()) {
      if (items.field !== 2) continue;
      frame.enterItem(chunk, items.start, items.stop);
      switch (context) {
        case "spanevent":
          this.#inSpan(chunk, items.start, items.stop);
          break;
        case "datapoint":
        case "exemplar":
          this.#inMetric(chunk, items.start, items.stop);
          break;
        default:
          if (frame.signal === "metrics") frame.pointKind = this.#dataField(chunk, items.start, items.stop);
          if (this.#visit()) {
            frame.edits.remove(2, items.tagStart, items.stop);
            continue;
          }
      }
      frame.item.flush();
    }
  }

  #inSpan(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const events = this.#points.reset(chunk, start, end);
    frame.eventIndex = 0;
    while (events.next()) {
      if (events.field !== spanField.events) continue;
      frame.enterEvent(chunk, events.start, events.stop);
      if (this.#visit()) frame.edits.remove(3, events.tagStart, events.stop);
      else frame.event.flush();
      frame.eventIndex++;
    }
  }

  #inMetric(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const datas = this.#datas.reset(chunk, start, end);
    while (datas.next()) {
      if (!isMetricData(datas.field)) continue;
      frame.enterData(chunk, datas.start, datas.stop, datas.field);
      const points = this.#points.reset(chunk, datas.start, datas.stop);
      while (points.next()) {
        if (points.field !== 1) continue;
        frame.enterPoint(chunk, points.start, points.stop);
        if (this.#context === "exemplar") this.#inPoint(chunk, points.start, points.stop);
        else if (this.#visit()) {
          frame.edits.remove(4, points.tagStart, points.stop);
          continue;
        }
        frame.point.flush();
      }
      frame.data.flush();
    }
  }

  #inPoint(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const field = exemplarsField(frame.pointKind);
    if (field === 0) return;
    const exemplars = this.#inner.reset(chunk, start, end);
    while (exemplars.next()) {
      if (exemplars.field !== field) continue;
      frame.enterExemplar(chunk, exemplars.start, exemplars.stop);
      if (this.#visit()) frame.edits.remove(5, exemplars.tagStart, exemplars.stop);
      else frame.exemplar.flush();
    }
  }

  #dataField(chunk: Uint8Array, start: number, end: number): number {
    const datas = this.#datas.reset(chunk, start, end);
    let field = 0;
    while (datas.next()) if (isMetricData(datas.field)) field = datas.field;
    return field;
  }
}

/** Where a data point of this kind has its exemplars; 0: nowhere. */
export function exemplarsField(kind: number): number {
  switch (kind) {
    case metricField.gauge:
    case metricField.sum:
      return 5;
    case metricField.histogram:
      return 8;
    case metricField.exponentialHistogram:
      return 11;
    default:
      return 0;
  }
}
