import { ByteArena } from "../../../../bytes/byte-arena.ts";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import {
  isMetricData,
  metricData,
  metricField,
  pointAttributes,
  resourceField,
  resourceLevel,
  scopeField,
  scopeLevel,
} from "../../../../signals/otlp/fields.ts";
import { IdentityWriter } from "../../../../signals/otlp/identity.ts";
import { DATA, type ItemCursor, METRIC, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";

/** Field of every data point. */
const pointTime = 3;
/** What a stream takes beside its bytes. */
const STREAM_BYTES = 240;
/** Memory that is kept from one interval to the next. */
const KEPT_BYTES = 16 * 1024 * 1024;

interface Resource {
  /** ResourceMetrics without its scopes. */
  readonly head: Uint8Array;
  readonly scopes: Map<string, Scope>;
}

interface Scope {
  readonly head: Uint8Array;
  readonly metrics: Map<string, Metric>;
}

interface Metric {
  readonly head: Uint8Array;
  readonly kind: number;
  readonly dataHead: Uint8Array;
  readonly points: Map<string, Point>;
}

/** The latest point of a stream, in the arena. */
interface Point {
  start: number;
  end: number;
  timeLow: number;
  timeHigh: number;
}

/** Where memory comes from. */
export interface PointMemory {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** What became of a point. */
export type Kept = "new" | "replaced" | "no_memory";

/** The latest data point of each stream since it was last emptied. */
export class LatestPoints {
  readonly #memory: PointMemory;
  readonly #resources = new Map<string, Resource>();
  readonly #arena = new ByteArena(64 * 1024);
  readonly #identity = new IdentityWriter();
  readonly #fields = new ProtobufReader();
  #charged = 0;
  /** Streams. */
  size = 0;
  #resource: Resource | undefined;
  #scope: Scope | undefined;
  #metric: Metric | undefined;

  constructor(memory: PointMemory) {
    this.#memory = memory;
  }

  /** To be called before each chunk. */
  begin(): void {
    this.#resource = this.#scope = this.#metric = undefined;
  }

  /** Forgets where it was above a level: called for each item whose parents from `entered` on are new. */
  entered(level: number): void {
    if (level <= RESOURCE) this.#resource = undefined;
    if (level <= SCOPE) this.#scope = undefined;
    if (level <= DATA) this.#metric = undefined;
  }

  /** Keeps the current point of a cursor, if it is later than the one of the same stream. */
  keep(cursor: ItemCursor): Kept {
    const { bytes, start, end } = cursor;
    const metric = this.#currentMetric(cursor);
    let timeLow = 0;
    let timeHigh = 0;
    const fields = this.#fields.reset(bytes, start, end);
    while (fields.next())
      if (fields.field === pointTime) {
        timeLow = fields.low >>> 0;
        timeHigh = fields.high >>> 0;
      }
    this.#identity.clear();
    this.#identity.attributes(bytes, start, end, pointAttributes(metric.kind));
    const key = this.#text();
    const known = metric.points.get(key);
    if (known === undefined) {
      if (!this.#reserve(end - start + key.length + STREAM_BYTES)) return "no_memory";
      const at = this.#arena.append(bytes, start, end);
      metric.points.set(key, { start: at, end: this.#arena.length, timeLow, timeHigh });
      this.size++;
      return "new";
    }
    if (timeHigh < known.timeHigh || (timeHigh === known.timeHigh && timeLow <= known.timeLow)) return "replaced";
    if (end - start <= known.end - known.start) {
      this.#arena.bytes.set(bytes.subarray(start, end), known.start);
      known.end = known.start + end - start;
    } else {
      if (!this.#reserve(end - start)) return "no_memory";
      known.start = this.#arena.append(bytes, start, end);
      known.end = this.#arena.length;
    }
    known.timeLow = timeLow;
    known.timeHigh = timeHigh;
    return "replaced";
  }

  #reserve(bytes: number): boolean {
    if (!this.#memory.reserve(bytes)) return false;
    this.#charged += bytes;
    return true;
  }

  #currentMetric(cursor: ItemCursor): Metric {
    if (this.#metric !== undefined) return this.#metric;
    const { bytes, levels } = cursor;
    const data = levels[METRIC] as ProtobufReader;
    const metric = levels[SCOPE] as ProtobufReader;
    const scope = this.#currentScope(cursor);
    const identity = this.#identity;
    identity.clear();
    this.#addTexts(bytes, metric.start, metric.stop, metricField.name, metricField.unit);
    identity.writer.byte(data.field);
    const dataHead = without(bytes, data.start, data.stop, (field) => field === metricData.points);
    identity.writer.raw(dataHead);
    const key = this.#text();
    this.#metric = scope.metrics.get(key);
    if (this.#metric === undefined) {
      this.#metric = { head: without(bytes, metric.start, metric.stop, isMetricData), kind: data.field, dataHead, points: new Map() };
      scope.metrics.set(key, this.#metric);
    }
    return this.#metric;
  }

  #currentScope(cursor: ItemCursor): Scope {
    if (this.#scope !== undefined) return this.#scope;
    const { bytes, levels } = cursor;
    const container = levels[SCOPE - 1] as ProtobufReader;
    const resource = this.#currentResource(cursor);
    cursor.scope();
    this.#identity.clear();
    this.#addTexts(bytes, cursor.partStart, cursor.partEnd, scopeField.name, scopeField.version);
    this.#identity.attributes(bytes, cursor.partStart, cursor.partEnd, scopeField.attributes);
    const key = this.#text();
    this.#scope = resource.scopes.get(key);
    if (this.#scope === undefined) {
      this.#scope = { head: without(bytes, container.start, container.stop, (field) => field === scopeLevel.items), metrics: new Map() };
      resource.scopes.set(key, this.#scope);
    }
    return this.#scope;
  }

  #currentResource(cursor: ItemCursor): Resource {
    if (this.#resource !== undefined) return this.#resource;
    const { bytes, levels } = cursor;
    const container = levels[RESOURCE - 1] as ProtobufReader;
    cursor.resource();
    this.#identity.clear();
    this.#identity.attributes(bytes, cursor.partStart, cursor.partEnd, resourceField.attributes);
    const key = this.#text();
    this.#resource = this.#resources.get(key);
    if (this.#resource === undefined) {
      this.#resource = {
        head: without(bytes, container.start, container.stop, (field) => field === resourceLevel.scopes),
        scopes: new Map(),
      };
      this.#resources.set(key, this.#resource);
    }
    return this.#resource;
  }

  /** Adds two text fields of a message to the identity. */
  #addTexts(bytes: Uint8Array, start: number, end: number, one: number, two: number): void {
    for (const wanted of [one, two]) {
      let from = end;
      let to = end;
      const fields = this.#fields.reset(bytes, start, end);
      while (fields.next())
        if (fields.field === wanted) {
          from = fields.start;
          to = fields.stop;
        }
      this.#identity.run(bytes, from, to);
    }
  }

  #text(): string {
    const { writer } = this.#identity;
    return writer.bytes.toString("latin1", 0, writer.length);
  }

  /** All points as a request; afterwards there are none. */
  take(): Uint8Array {
    const writer = new ProtobufWriter(64 * 1024);
    const { bytes } = this.#arena;
    for (const { head: resourceHead, scopes } of this.#resources.values()) {
      const resourceMark = writer.begin(1, 1 << 14);
      writer.raw(resourceHead);
      for (const { head: scopeHead, metrics } of scopes.values()) {
        const scopeMark = writer.begin(resourceLevel.scopes, 1 << 14);
        writer.raw(scopeHead);
        for (const { head, kind, dataHead, points } of metrics.values()) {
          if (points.size === 0) continue;
          const metricMark = writer.begin(scopeLevel.items, 1 << 12);
          writer.raw(head);
          const dataMark = writer.begin(kind, 1 << 12);
          writer.raw(dataHead);
          for (const point of points.values()) writer.copy(metricData.points, bytes, point.start, point.end);
          writer.finish(dataMark);
          writer.finish(metricMark);
        }
        writer.finish(scopeMark);
      }
      writer.finish(resourceMark);
    }
    this.#resources.clear();
    this.#arena.clear(KEPT_BYTES);
    this.#memory.release(this.#charged);
    this.#charged = 0;
    this.size = 0;
    this.begin();
    return writer.take();
  }
}

function without(bytes: Uint8Array, start: number, end: number, isLeftOut: (field: number) => boolean): Uint8Array {
  const writer = new ProtobufWriter(64);
  const fields = new ProtobufReader().reset(bytes, start, end);
  while (fields.next()) if (!isLeftOut(fields.field)) writer.raw(bytes, fields.tagStart, fields.stop);
  return writer.toBytes();
}
