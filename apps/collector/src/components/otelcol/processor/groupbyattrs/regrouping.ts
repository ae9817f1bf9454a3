import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { textOf } from "../../../../bytes/utf8.ts";
import { AnyValueReader } from "../../../../signals/otlp/any-value.ts";
import { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import {
  isMetricData,
  logField,
  metricData,
  metricField,
  pointAttributes,
  resourceField,
  resourceLevel,
  scopeField,
  scopeLevel,
  spanField,
} from "../../../../signals/otlp/fields.ts";
import { IdentityWriter } from "../../../../signals/otlp/identity.ts";
import { ItemCursor, METRIC, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";

export interface Regrouped {
  readonly chunk: Uint8Array;
  /** Resources in the chunk. */
  readonly groups: number;
  /** Items of which attributes moved to their resource. */
  readonly grouped: number;
}

interface Group {
  /** Content of the Resource. */
  readonly resource: Uint8Array;
  /** By name and version. */
  readonly scopes: Map<string, ScopeGroup>;
}

interface ScopeGroup {
  readonly scope: Uint8Array;
  /** Spans or log records, tags included. */
  readonly items: ProtobufWriter;
  /** By type and name. */
  readonly metrics: Map<string, MetricGroup>;
}

interface MetricGroup {
  /** The metric without its data, and the field in which that lies. */
  readonly head: Uint8Array;
  readonly kind: number;
  /** The data without its points. */
  readonly dataHead: Uint8Array;
  readonly points: ProtobufWriter;
}

/** Moves the attributes of these keys from items to their resources, and puts together what then has the same resource, scope and metric. */
export class Regrouping {
  readonly #signal: Signal;
  readonly #keys: readonly Uint8Array[];
  readonly #cursor: ItemCursor;
  readonly #attributes = new AttributeEditor();
  readonly #resource = new AttributeEditor();
  readonly #identity = new IdentityWriter();
  readonly #content = new ProtobufWriter(4096);
  readonly #values = new ProtobufWriter(256);
  readonly #value = new AnyValueReader();

  constructor(signal: Signal, keys: readonly string[]) {
    this.#signal = signal;
    this.#keys = [...new Set(keys)].map((key) => Buffer.from(key));
    this.#cursor = new ItemCursor(signal);
  }

  regroup(chunks: readonly Uint8Array[]): Regrouped {
    const groups = new Map<string, Group>();
    let grouped = 0;
    for (const chunk of chunks) grouped += this.#chunk(chunk, groups);
    return { chunk: this.#write(groups), groups: groups.size, grouped };
  }

  /** Sorts the items of a chunk into groups; returns how many gave attributes away. */
  #chunk(chunk: Uint8Array, groups: Map<string, Group>): number {
    const cursor = this.#cursor.reset(chunk);
    const { last } = cursor;
    let grouped = 0;
    /** Of the current resource, by the values that were moved. */
    let byValues = new Map<string, Group>();
    let group: Group | undefined;
    let target: ProtobufWriter | undefined;
    let values = "";
    while (cursor.next()) {
      const field =
        this.#signal === "traces"
          ? spanField.attributes
          : this.#signal === "logs"
            ? logField.attributes
            : pointAttributes(cursor.pointKind);
      if (cursor.entered <= RESOURCE) {
        byValues = new Map();
        group = undefined;
      }
      const moved = this.#takeOut(chunk, cursor, field);
      if (moved) grouped++;
      const now = moved ? this.#valuesText() : "";
      if (group === undefined || now !== values) {
        group = byValues.get(now);
        if (group === undefined) {
          group = this.#groupOf(chunk, cursor, groups);
          byValues.set(now, group);
        }
        values = now;
        target = undefined;
      }
      if (target === undefined || cursor.entered <= last) target = this.#target(chunk, cursor, group);
      const number = this.#signal === "metrics" ? metricData.points : scopeLevel.items;
      if (!moved) target.copy(number, chunk, cursor.start, cursor.end);
      else {
        const mark = target.begin(number, cursor.end - cursor.start);
        this.#attributes.write(target);
        target.finish(mark);
      }
    }
    return grouped;
  }

  /** Removes the grouping attributes of the current item; `#values` then holds them. */
  #takeOut(chunk: Uint8Array, cursor: ItemCursor, field: number): boolean {
    this.#values.clear();
    if (this.#keys.length === 0) return false;
    const attributes = this.#attributes.reset(chunk, cursor.start, cursor.end, field);
    let found = false;
    for (let k = 0; k < this.#keys.length; k++) {
      const i = attributes.find(this.#keys[k] as Uint8Array);
      if (i < 0) continue;
      const mark = this.#values.begin(k + 1);
      const value = attributes.value(i, this.#value);
      this.#values.raw(value.bytes, attributes.valueStart(i), attributes.valueEnd(i));
      this.#values.finish(mark);
      attributes.remove(i);
      found = true;
    }
    return found;
  }

  #valuesText(): string {
    return this.#values.bytes.toString("latin1", 0, this.#values.length);
  }

  /** The group of the current resource with the values that were taken out. */
  #groupOf(chunk: Uint8Array, cursor: ItemCursor, groups: Map<string, Group>): Group {
    cursor.resource();
    const resource = this.#resource.reset(chunk, cursor.partStart, cursor.partEnd, resourceField.attributes);
    const values = new ProtobufReader().reset(this.#values.bytes, 0, this.#values.length);
    while (values.next()) resource.put(this.#keys[values.field - 1] as Uint8Array, values.bytes, values.start, values.stop);
    this.#content.clear();
    resource.write(this.#content);
    this.#identity.clear();
    this.#identity.attributes(this.#content.bytes, 0, this.#content.length, resourceField.attributes);
    const key = this.#identity.writer.bytes.toString("latin1", 0, this.#identity.writer.length);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const made: Group = { resource: onlyField(this.#content.bytes, this.#content.length, resourceField.attributes), scopes: new Map() };
    groups.set(key, made);
    return made;
  }

  /** Where the current item goes within its group. */
  #target(chunk: Uint8Array, cursor: ItemCursor, group: Group): ProtobufWriter {
    cursor.scope();
    const { partStart, partEnd } = cursor;
    const key = textFields(chunk, partStart, partEnd, scopeField.name, scopeField.version);
    let scope = group.scopes.get(key);
    if (scope === undefined) {
      scope = { scope: chunk.slice(partStart, partEnd), items: new ProtobufWriter(1024), metrics: new Map() };
      group.scopes.set(key, scope);
    }
    return this.#signal === "metrics" ? metricOf(chunk, cursor, scope).points : scope.items;
  }

  #write(groups: Map<string, Group>): Uint8Array {
    const writer = new ProtobufWriter(64 * 1024);
    for (const { resource, scopes } of groups.values()) {
      const resourceMark = writer.begin(1, 4096);
      if (resource.length > 0) writer.copy(resourceLevel.resource, resource);
      for (const { scope, items, metrics } of scopes.values()) {
        const scopeMark = writer.begin(resourceLevel.scopes, 4096);
        if (scope.length > 0) writer.copy(scopeLevel.scope, scope);
        writer.raw(items.bytes, 0, items.length);
        for (const { head, kind, dataHead, points } of metrics.values()) {
          const metricMark = writer.begin(scopeLevel.items, 256);
          writer.raw(head);
          const dataMark = writer.begin(kind, 200);
          writer.raw(dataHead);
          writer.raw(points.bytes, 0, points.length);
          writer.finish(dataMark);
          writer.finish(metricMark);
        }
        writer.finish(scopeMark);
      }
      writer.finish(resourceMark);
    }
    return writer.take();
  }
}

/** The metric of the current data point's name and type, made like the first one that has them. */
function metricOf(chunk: Uint8Array, cursor: ItemCursor, scope: ScopeGroup): MetricGroup {
  const metric = cursor.levels[SCOPE] as ProtobufReader;
  const data = cursor.levels[METRIC] as ProtobufReader;
  const key = `${data.field} ${textFields(chunk, metric.start, metric.stop, metricField.name, metricField.name)}`;
  const known = scope.metrics.get(key);
  if (known !== undefined) return known;
  const made: MetricGroup = {
    head: without(chunk, metric.start, metric.stop, isMetricData),
    kind: data.field,
    dataHead: without(chunk, data.start, data.stop, (field) => field === metricData.points),
    points: new ProtobufWriter(256),
  };
  scope.metrics.set(key, made);
  return made;
}

/** A message without some of its fields. */
function without(bytes: Uint8Array, start: number, end: number, isLeftOut: (field: number) => boolean): Uint8Array {
  const writer = new ProtobufWriter(64);
  const fields = new ProtobufReader().reset(bytes, start, end);
  while (fields.next()) if (!isLeftOut(fields.field)) writer.raw(bytes, fields.tagStart, fields.stop);
  return writer.toBytes();
}

function onlyField(bytes: Uint8Array, end: number, kept: number): Uint8Array {
  return without(bytes, 0, end, (field) => field !== kept);
}

/** Two text fields of a message as one key. */
function textFields(bytes: Uint8Array, start: number, end: number, one: number, two: number): string {
  const fields = new ProtobufReader().reset(bytes, start, end);
  let first = "";
  let second = "";
  while (fields.next()) {
    if (fields.field === one) first = textOf(bytes, fields.start, fields.stop);
    if (fields.field === two) second = textOf(bytes, fields.start, fields.stop);
  }
  return `${first.length} ${first} ${second}`;
}
