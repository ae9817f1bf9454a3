import type { BufferPool } from "../../bytes/buffer-pool.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { ClientInfo } from "../../signals/client-info.ts";
import { isMetricData, metricField, spanField } from "../../signals/otlp/fields.ts";
import type { ContextName } from "../contexts/context.ts";
import { appendedMetrics } from "./appended-metrics.ts";
import type { Frame } from "./frame.ts";

/** Called with the frame on something of its context; answers whether it is left out. */
export type Visit = (frame: Frame) => boolean;

export type Visits = Readonly<Partial<Record<ContextName, Visit>>>;

/**
 * Goes through a chunk in order and calls the visits of the contexts that have one, outer ones first: resources, scopes, spans and their events,
 * metrics, their data points and exemplars, log records. What a visit says yes to is left out; in a walk that drops the empty, also what has nothing left
 * in it. Then all changes are carried out.
 */
export class Walk {
  readonly frame: Frame;
  readonly #visits: Visits;
  readonly #item: Visit | undefined;
  readonly #dropsEmpty: boolean;
  readonly #hasScopes: boolean;
  readonly #hasItems: boolean;
  readonly #hasPoints: boolean;
  readonly #resources = new ProtobufReader();
  readonly #scopes = new ProtobufReader();
  readonly #items = new ProtobufReader();
  readonly #datas = new ProtobufReader();
  readonly #points = new ProtobufReader();
  readonly #exemplars = new ProtobufReader();

  constructor(frame: Frame, visits: Visits, { dropsEmpty = false } = {}) {
    this.frame = frame;
    this.#visits = visits;
    this.#item = visits.span ?? visits.metric ?? visits.log;
    this.#dropsEmpty = dropsEmpty;
    this.#hasPoints = visits.datapoint !== undefined || visits.exemplar !== undefined;
    this.#hasItems = this.#item !== undefined || visits.spanevent !== undefined || this.#hasPoints;
    this.#hasScopes = this.#hasItems || visits.scope !== undefined;
  }

  /** The chunk as it is then: the same memory where nothing was changed. */
  run(chunk: Uint8Array, client: ClientInfo | undefined, pool?: BufferPool): Uint8Array {
    const { frame } = this;
    const { edits } = frame;
    frame.begin(client);
    edits.reset(chunk);
    const resources = this.#resources.reset(chunk);
    while (resources.next()) {
      if (resources.field !== 1) continue;
      const before = edits.count;
      frame.enterResource(chunk, resources.start, resources.stop);
      if (this.#visits.resource?.(frame) === true || this.#leavesNoScope(chunk, resources.start, resources.stop)) {
        edits.rewind(before);
        edits.remove(0, resources.tagStart, resources.stop);
      } else frame.leaveResource();
    }
    return edits.apply(pool);
  }

  #leavesNoScope(chunk: Uint8Array, start: number, end: number): boolean {
    if (!this.#hasScopes && !this.#dropsEmpty) return false;
    const { frame } = this;
    const { edits } = frame;
    const scopes = this.#scopes.reset(chunk, start, end);
    let kept = 0;
    while (scopes.next()) {
      if (scopes.field !== 2) continue;
      if (!this.#hasScopes) {
        kept++;
        continue;
      }
      const before = edits.count;
      frame.enterScope(chunk, scopes.start, scopes.stop);
      if (this.#visits.scope?.(frame) === true || this.#leavesNoItem(chunk, scopes.start, scopes.stop)) {
        edits.rewind(before);
        edits.remove(1, scopes.tagStart, scopes.stop);
        continue;
      }
      kept++;
      if (frame.appended.length > 0) appendedMetrics(frame, (inner, request) => new Walk(inner, this.#visits).run(request, frame.client));
      frame.leaveScope();
    }
    return this.#dropsEmpty && kept === 0;
  }

  #leavesNoItem(chunk: Uint8Array, start: number, end: number): boolean {
    if (!this.#hasItems && !this.#dropsEmpty) return false;
    const { frame } = this;
    const { edits } = frame;
    const items = this.#items.reset(chunk, start, end);
    let kept = 0;
    while (items.next()) {
      if (items.field !== 2) continue;
      if (!this.#hasItems) {
        kept++;
        continue;
      }
      const before = edits.count;
      frame.enterItem(chunk, items.start, items.stop);
      if (frame.signal === "metrics") frame.pointKind = this.#dataField(chunk, items.start, items.stop);
      if (this.#item?.(frame) === true || this.#leavesNothing(chunk, items.start, items.stop)) {
        edits.rewind(before);
        edits.remove(2, items.tagStart, items.stop);
        continue;
      }
      kept++;
      frame.item.flush();
    }
    return this.#dropsEmpty && kept === 0;
  }

  #leavesNothing(chunk: Uint8Array, start: number, end: number): boolean {
    if (this.#hasPoints) return this.#leavesNoPoint(chunk, start, end);
    if (this.#visits.spanevent !== undefined) this.#events(chunk, start, end);
    return false;
  }

  #events(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const events = this.#points.reset(chunk, start, end);
    frame.eventIndex = 0;
    while (events.next()) {
      if (events.field !== spanField.events) continue;
      frame.enterEvent(chunk, events.start, events.stop);
      if (this.#visits.spanevent?.(frame) === true) frame.edits.remove(3, events.tagStart, events.stop);
      else frame.event.flush();
      frame.eventIndex++;
    }
  }

  #leavesNoPoint(chunk: Uint8Array, start: number, end: number): boolean {
    const { frame } = this;
    const datas = this.#datas.reset(chunk, start, end);
    let hasData = false;
    let kept = 0;
    while (datas.next()) {
      if (!isMetricData(datas.field)) continue;
      hasData = true;
      frame.enterData(chunk, datas.start, datas.stop, datas.field);
      const points = this.#points.reset(chunk, datas.start, datas.stop);
      while (points.next()) {
        if (points.field !== 1) continue;
        frame.enterPoint(chunk, points.start, points.stop);
        if (this.#visits.datapoint?.(frame) === true) {
          frame.edits.remove(4, points.tagStart, points.stop);
          continue;
        }
        kept++;
        if (this.#visits.exemplar !== undefined) this.#exemplarsOf(chunk, points.start, points.stop);
        frame.point.flush();
      }
      frame.data.flush();
    }
    return this.#dropsEmpty && hasData && kept === 0;
  }

  #exemplarsOf(chunk: Uint8Array, start: number, end: number): void {
    const { frame } = this;
    const field = exemplarsField(frame.pointKind);
    if (field === 0) return;
    const exemplars = this.#exemplars.reset(chunk, start, end);
    while (exemplars.next()) {
      if (exemplars.field !== field) continue;
      frame.enterExemplar(chunk, exemplars.start, exemplars.stop);
      if (this.#visits.exemplar?.(frame) === true) frame.edits.remove(5, exemplars.tagStart, exemplars.stop);
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
