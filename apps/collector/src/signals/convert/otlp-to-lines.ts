import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { LogBatch } from "../loki/log-batch.ts";
import { LogBatchBuilder } from "../loki/log-batch-builder.ts";
import { readLogfmt } from "../loki/logfmt.ts";
import { internLabels, type StreamLabels } from "../loki/stream-labels.ts";
import { AnyValueReader, ARRAY, EMPTY, MAP, STRING } from "../otlp/any-value.ts";
import type { OtlpBatch } from "../otlp/batch.ts";
import { logField, resourceField, resourceLevel, scopeField, scopeLevel } from "../otlp/fields.ts";
import { secondsOfNanos, subsecondNanos } from "../otlp/unix-nano.ts";
import { lokiLabel } from "./label-names.ts";
import { type Attribute, addLogfmt, attributesIn, jsonOfAttributes, jsonOfValue, jsonString, logfmtLine, logfmtText } from "./raw-value.ts";

const ATTRIBUTE_HINT = "loki.attribute.labels";
const RESOURCE_HINT = "loki.resource.labels";
const TENANT_HINT = "loki.tenant";
const FORMAT_HINT = "loki.format";
const hints: ReadonlySet<string> = new Set([ATTRIBUTE_HINT, RESOURCE_HINT, TENANT_HINT, FORMAT_HINT]);

const severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
/** Names of labels that are remembered. */
const MAX_KNOWN_LABELS = 10_000;

interface Resource {
  readonly attributes: readonly Attribute[];
  /** Labels that every record gets. */
  readonly labels: ReadonlyMap<string, string>;
  readonly format: string | undefined;
}

interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
}

interface LogRecord {
  attributes: Attribute[];
  bodyStart: number;
  bodyEnd: number;
  severityNumber: number;
  severityText: string;
  flags: number;
  traceId: string;
  spanId: string;
  timeLow: number;
  timeHigh: number;
  observedLow: number;
  observedHigh: number;
}

/**
 * Turns log records in OTLP into lines. Attributes say by hints which of them become labels (`loki.attribute.labels`, `loki.resource.labels`) and
 * how the rest becomes the line (`loki.format`: `json`, `logfmt` or `raw`).
 */
export class OtlpToLines {
  readonly #value = new AnyValueReader();
  readonly #known = new Map<string, string | undefined>();
  readonly #streams = new Map<string, StreamLabels>();
  #bytes: Uint8Array = new Uint8Array(0);
  /** Records of the last batch that could not be converted. */
  failed = 0;

  /** The lines of a batch of logs; undefined where there are none. */
  convert(batch: OtlpBatch, nowMs: number): LogBatch | undefined {
    const builder = new LogBatchBuilder();
    this.failed = 0;
    this.#streams.clear();
    for (const chunk of batch.chunks) this.#convertChunk(chunk, builder, nowMs);
    return builder.rows === 0 ? undefined : builder.build({ createdMs: nowMs, receipt: batch.receipt });
  }

  #convertChunk(chunk: Uint8Array, builder: LogBatchBuilder, nowMs: number): void {
    this.#bytes = chunk;
    const resources = new ProtobufReader().reset(chunk);
    while (resources.next()) {
      if (resources.field !== 1) continue;
      const resource = this.#resourceIn(resources.start, resources.stop);
      const scopes = new ProtobufReader().reset(chunk, resources.start, resources.stop);
      while (scopes.next()) {
        if (scopes.field !== resourceLevel.scopes) continue;
        const scope = this.#scopeIn(scopes.start, scopes.stop);
        const records = new ProtobufReader().reset(chunk, scopes.start, scopes.stop);
        while (records.next())
          if (records.field === scopeLevel.items)
            this.#convertRecord(this.#recordIn(records.start, records.stop), resource, scope, builder, nowMs);
      }
    }
  }

  #convertRecord(record: LogRecord, resource: Resource, scope: Scope, builder: LogBatchBuilder, nowMs: number): void {
    const labels = new Map(resource.labels);
    const { attributes } = record;
    const level = this.#levelOf(record);
    const hinted = attributes.find(({ key }) => key === ATTRIBUTE_HINT);
    const resourceHint = attributes.find(({ key }) => key === RESOURCE_HINT);
    if (resourceHint !== undefined) this.#addLabels(labels, this.#namesIn(resourceHint), resource.attributes);
    if (hinted !== undefined) this.#addLabels(labels, this.#namesIn(hinted), attributes, level);
    if (level !== undefined && this.#takesLevel(hinted)) labels.set("level", level);
    const format = resource.format ?? this.#textOf(attributes.find(({ key }) => key === FORMAT_HINT)) ?? "json";
    const line = this.#line(format, record, resource, scope, labels, level);
    const stream = this.#streamOf(labels);
    if (line === undefined || stream === undefined) {
      this.failed++;
      return;
    }
    const [seconds, nanos] = timeOf(record, nowMs);
    builder.add(stream, seconds, nanos, line);
  }

  /** The stream of these labels, remembered for the batch; undefined where a label can't have its name. */
  #streamOf(labels: ReadonlyMap<string, string>): StreamLabels | undefined {
    let key = "";
    for (const [name, value] of labels) key += `${name.length}:${value.length}:${name}${value}`;
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const pairs = this.#streamLabels(labels);
    if (pairs === undefined) return undefined;
    const stream = internLabels(pairs);
    this.#streams.set(key, stream);
    return stream;
  }

  /** The text of the attribute `level`, or of the severity where there is none. */
  #levelOf({ attributes, severityNumber }: LogRecord): string | undefined {
    if (severityNumber === 0) return undefined;
    const own = attributes.find(({ key }) => key === "level");
    if (own !== undefined) return this.#textOf(own);
    if (severityNumber < 1 || severityNumber > 24) return "";
    const rank = (severityNumber - 1) % 4;
    return `${severities[Math.floor((severityNumber - 1) / 4)]}${rank === 0 ? "" : rank + 1}`;
  }

  /** A severity becomes a label, unless the hint is of a kind that nothing can be added to. */
  #takesLevel(hinted: Attribute | undefined): boolean {
    if (hinted === undefined) return true;
    const { kind } = this.#value.reset(this.#bytes, hinted.start, hinted.end);
    return kind === STRING || kind === ARRAY;
  }

  #addLabels(labels: Map<string, string>, names: readonly string[], attributes: readonly Attribute[], level?: string): void {
    for (const each of names) {
      const name = each.trim();
      const value = this.#find(name, attributes) ?? (name === "level" ? level : undefined);
      if (value !== undefined) labels.set(name, value);
    }
  }

  /** The attribute of this name, or one inside maps whose keys, joined by dots, make it up. */
  #find(name: string, attributes: readonly Attribute[]): string | undefined {
    return this.#textOf(this.#findNested(name, attributes));
  }

  #findNested(name: string, attributes: readonly Attribute[]): Attribute | undefined {
    const own = attributes.find(({ key }) => key === name);
    if (own !== undefined) return own;
    for (let dot = name.lastIndexOf("."); dot >= 0; dot = dot === 0 ? -1 : name.lastIndexOf(".", dot - 1)) {
      const outer = this.#findNested(name.slice(0, dot), attributes);
      if (outer === undefined) continue;
      const value = this.#value.reset(this.#bytes, outer.start, outer.end);
      if (value.kind === MAP) return this.#findNested(name.slice(dot + 1), attributesIn(this.#bytes, value.start, value.end, 1));
    }
    return undefined;
  }

  #namesIn({ start, end }: Attribute): string[] {
    const value = this.#value.reset(this.#bytes, start, end);
    if (value.kind === STRING) return value.string().split(",");
    if (value.kind !== ARRAY) return [value.text()];
    const names: string[] = [];
    const items = new ProtobufReader().reset(this.#bytes, value.start, value.end);
    while (items.next()) if (items.field === 1) names.push(this.#value.reset(this.#bytes, items.start, items.stop).text());
    return names;
  }

  #line(
    format: string,
    record: LogRecord,
    resource: Resource,
    scope: Scope,
    labels: ReadonlyMap<string, string>,
    level: string | undefined,
  ): string | undefined {
    if (format === "raw") return this.#value.reset(this.#bytes, record.bodyStart, record.bodyEnd).text();
    const remains = ({ key }: Attribute) => !hints.has(key) && !labels.has(key);
    const attributes = record.attributes.filter(remains);
    const ofResource = resource.attributes.filter(remains);
    // The level of a severity is one more attribute, unless it is a label.
    const added = level !== undefined && !labels.has("level") && !attributes.some(({ key }) => key === "level") ? level : undefined;
    if (format === "json") return this.#jsonLine(record, attributes, ofResource, scope, added);
    return format === "logfmt" ? this.#logfmtLine(record, attributes, ofResource, scope, added) : undefined;
  }

  #jsonLine(
    record: LogRecord,
    attributes: readonly Attribute[],
    ofResource: readonly Attribute[],
    scope: Scope,
    level: string | undefined,
  ): string | undefined {
    const bytes = this.#bytes;
    const parts: string[] = [];
    const add = (name: string, json: string) => parts.push(`"${name}":${json}`);
    if (this.#value.reset(bytes, record.bodyStart, record.bodyEnd).kind !== EMPTY) {
      const body = jsonOfValue(bytes, record.bodyStart, record.bodyEnd);
      if (body === undefined) return undefined;
      add("body", body);
    }
    if (record.traceId !== "") add("traceid", `"${record.traceId}"`);
    if (record.spanId !== "") add("spanid", `"${record.spanId}"`);
    if (record.severityText !== "") add("severity", jsonString(record.severityText));
    if (record.flags !== 0) add("flags", String(record.flags));
    for (const [name, list] of [["attributes", attributes] as const, ["resources", ofResource] as const]) {
      const json = jsonOfAttributes(bytes, list, name === "attributes" && level !== undefined ? ["level", level] : undefined);
      if (json === undefined) return undefined;
      if (json !== "{}") add(name, json);
    }
    if (scope.name !== "") {
      const inner = [`"name":${jsonString(scope.name)}`];
      if (scope.version !== "") inner.push(`"version":${jsonString(scope.version)}`);
      const own = jsonOfAttributes(bytes, scope.attributes);
      if (own === undefined) return undefined;
      if (own !== "{}") inner.push(`"attributes":${own}`);
      add("instrumentation_scope", `{${inner.join(",")}}`);
    }
    return `{${parts.join(",")}}`;
  }

  #logfmtLine(
    record: LogRecord,
    attributes: readonly Attribute[],
    ofResource: readonly Attribute[],
    scope: Scope,
    level: string | undefined,
  ): string | undefined {
    const bytes = this.#bytes;
    const { pairs, isMap } = this.#bodyPairs(record);
    const set = (key: string, text: string) => {
      // Only keys of a map are replaced: those that were read from a text stay beside.
      const known = isMap ? pairs.find(([other]) => other === key) : undefined;
      if (known === undefined) pairs.push([key, text]);
      else known[1] = text;
    };
    if (record.traceId !== "") set("traceID", record.traceId);
    if (record.spanId !== "") set("spanID", record.spanId);
    if (record.severityText !== "") set("severity", quotedNull(record.severityText));
    if (record.flags !== 0) set("flags", String(record.flags));
    for (const { key, start, end } of attributes) addLogfmt(pairs, `attribute_${key}`, bytes, start, end);
    if (level !== undefined) pairs.push(["attribute_level", quotedNull(level)]);
    for (const { key, start, end } of ofResource) addLogfmt(pairs, `resource_${key}`, bytes, start, end);
    if (scope.name !== "") {
      pairs.push(["instrumentation_scope_name", quotedNull(scope.name)]);
      if (scope.version !== "") pairs.push(["instrumentation_scope_version", quotedNull(scope.version)]);
      for (const { key, start, end } of scope.attributes) addLogfmt(pairs, `instrumentation_scope_attribute_${key}`, bytes, start, end);
    }
    return logfmtLine(pairs);
  }

  #bodyPairs({ bodyStart, bodyEnd }: LogRecord): { pairs: [string, string][]; isMap: boolean } {
    const pairs: [string, string][] = [];
    const value = this.#value.reset(this.#bytes, bodyStart, bodyEnd);
    if (value.kind === STRING) {
      const text = value.string();
      // What is no logfmt is a message. So are several lines: the incumbent keeps the first of them only.
      const isLogfmt = !/\n./s.test(text) && readLogfmt(text, (key, field) => pairs.push([key, logfmtText(field)]));
      return { pairs: isLogfmt ? pairs : [["msg", quotedNull(text)]], isMap: false };
    }
    const key = value.kind === MAP ? "" : value.kind === ARRAY ? "body" : "msg";
    addLogfmt(pairs, key, this.#bytes, bodyStart, bodyEnd);
    return { pairs, isMap: true };
  }

  /** Undefined where a label can't have its name. */
  #streamLabels(labels: ReadonlyMap<string, string>): [string, string][] | undefined {
    const pairs: [string, string][] = [];
    for (const [name, value] of labels) {
      const label = this.#labelName(name);
      if (label === undefined) return undefined;
      if (value !== "") pairs.push([label, value]);
    }
    return pairs;
  }

  #labelName(name: string): string | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const label = lokiLabel(name);
    if (this.#known.size >= MAX_KNOWN_LABELS) this.#known.clear();
    this.#known.set(name, label);
    return label;
  }

  #textOf(attribute: Attribute | undefined): string | undefined {
    return attribute && this.#value.reset(this.#bytes, attribute.start, attribute.end).text();
  }

  #resourceIn(start: number, end: number): Resource {
    const fields = new ProtobufReader().reset(this.#bytes, start, end);
    let attributes: Attribute[] = [];
    while (fields.next())
      if (fields.field === resourceLevel.resource)
        attributes = attributesIn(this.#bytes, fields.start, fields.stop, resourceField.attributes);
    const text = (key: string) => this.#textOf(attributes.find((each) => each.key === key));
    const labels = new Map([["exporter", "OTLP"]]);
    const name = text("service.name");
    const namespace = text("service.namespace");
    if (name !== undefined) labels.set("job", namespace === undefined ? name : `${namespace}/${name}`);
    const instance = text("service.instance.id");
    if (instance !== undefined) labels.set("instance", instance);
    const hint = attributes.find(({ key }) => key === RESOURCE_HINT);
    if (hint !== undefined) this.#addLabels(labels, this.#namesIn(hint), attributes);
    return { attributes, labels, format: text(FORMAT_HINT) };
  }

  #scopeIn(start: number, end: number): Scope {
    const fields = new ProtobufReader().reset(this.#bytes, start, end);
    let [name, version] = ["", ""];
    let attributes: Attribute[] = [];
    while (fields.next()) {
      if (fields.field !== scopeLevel.scope) continue;
      const scope = new ProtobufReader().reset(this.#bytes, fields.start, fields.stop);
      while (scope.next())
        if (scope.field === scopeField.name) name = scope.text();
        else if (scope.field === scopeField.version) version = scope.text();
      attributes = attributesIn(this.#bytes, fields.start, fields.stop, scopeField.attributes);
    }
    return { name, version, attributes };
  }

  #recordIn(start: number, end: number): LogRecord {
    const bytes = this.#bytes;
    const record: LogRecord = {
      attributes: attributesIn(bytes, start, end, logField.attributes),
      bodyStart: end,
      bodyEnd: end,
      severityNumber: 0,
      severityText: "",
      flags: 0,
      traceId: "",
      spanId: "",
      timeLow: 0,
      timeHigh: 0,
      observedLow: 0,
      observedHigh: 0,
    };
    const fields = new ProtobufReader().reset(bytes, start, end);
    while (fields.next())
      switch (fields.field) {
        case logField.time:
          record.timeLow = fields.low;
          record.timeHigh = fields.high;
          break;
        case logField.observedTime:
          record.observedLow = fields.low;
          record.observedHigh = fields.high;
          break;
        case logField.severityNumber:
          record.severityNumber = fields.low;
          break;
        case logField.severityText:
          record.severityText = fields.text();
          break;
        case logField.body:
          record.bodyStart = fields.start;
          record.bodyEnd = fields.stop;
          break;
        case logField.flags:
          record.flags = fields.low >>> 0;
          break;
        case logField.traceId:
          record.traceId = idText(bytes, fields.start, fields.stop);
          break;
        case logField.spanId:
          record.spanId = idText(bytes, fields.start, fields.stop);
          break;
      }
    return record;
  }
}

function timeOf({ timeLow, timeHigh, observedLow, observedHigh }: LogRecord, nowMs: number): [seconds: number, nanos: number] {
  if (timeLow !== 0 || timeHigh !== 0) return [secondsOfNanos(timeLow, timeHigh), subsecondNanos(timeLow, timeHigh)];
  if (observedLow !== 0 || observedHigh !== 0)
    return [secondsOfNanos(observedLow, observedHigh), subsecondNanos(observedLow, observedHigh)];
  const seconds = Math.floor(nowMs / 1000);
  return [seconds, Math.round((nowMs - seconds * 1000) * 1e6)];
}

function quotedNull(text: string): string {
  return text === "null" ? '"null"' : logfmtText(text);
}

/** In hexadecimal; empty where all of it is zero. */
function idText(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++)
    if (bytes[i] !== 0) return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("hex");
  return "";
}
