import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_VARINT } from "../../../bytes/protobuf-reader.ts";
import type { Metadata } from "../sample-batch.ts";
import { MAX_LABELS, NO_SERIES, type SeriesTable } from "../series-table.ts";
import { demand, doubleOf, insideOf, intOf, uintOf } from "../typed-fields.ts";
import { LabelIntake } from "./label-intake.ts";
import { metricTypes } from "./metadata.ts";
import { type Received, Receiving, seriesText } from "./received.ts";
import { Symbols } from "./symbols.ts";

export interface Version2Options {
  /** Metadata of series go on with their samples. */
  readonly appendsMetadata: boolean;
  /** Type and unit become labels. */
  readonly typeAndUnitLabels: boolean;
}

/** References of as many labels as a series may have, at their longest. */
const MAX_REFS_BYTES = MAX_LABELS * 2 * 5;
const TYPE_LABEL = "__type__";
const UNIT_LABEL = "__unit__";

/** Reads requests of remote write 2. */
export class Version2Decoder {
  readonly #table: SeriesTable;
  readonly #options: Version2Options;
  readonly #labels: LabelIntake;
  readonly #symbols = new Symbols();
  readonly #top = new ProtobufReader();
  readonly #part = new ProtobufReader();
  readonly #refs = new ProtobufReader();
  /** The references of the labels that were read last: name, value, name, … */
  #labelRefs: number[] = [];
  /** Metadata of this request, each once. */
  readonly #known = new Map<string, Metadata>();

  constructor(table: SeriesTable, options: Version2Options) {
    this.#table = table;
    this.#options = options;
    this.#labels = new LabelIntake(table);
  }

  /**
   * The samples of a Request, none of them later than `maxTimeMs`. What is not valid is left out and named in the result; only where the body is not of this
   * form `MalformedInput` is thrown, and nothing is taken.
   */
  decode(body: Uint8Array, maxTimeMs: number): Received {
    const receiving = new Receiving(this.#table, this.#labels, body.length, maxTimeMs);
    this.#symbols.reset(body);
    this.#known.clear();
    try {
      const top = this.#top.reset(body);
      while (top.next())
        if (top.field === 4) {
          demand(top, WIRE_BYTES);
          this.#symbols.add(top.start, top.stop);
        }
      top.reset(body);
      while (top.next())
        if (top.field === 5) {
          demand(top, WIRE_BYTES);
          this.#addSeries(receiving, body, top.start, top.stop);
        }
    } catch (error) {
      receiving.discard();
      throw error;
    }
    return receiving.finish();
  }

  #addSeries(receiving: Receiving, body: Uint8Array, start: number, end: number): void {
    const part = this.#part.reset(body, start, end);
    this.#labelRefs = [];
    let items = 0;
    let metadataStart = 0;
    let metadataEnd = 0;
    while (part.next())
      if (part.field === 1) this.#readRefs(part, this.#labelRefs);
      else if (part.field === 2 || part.field === 3) items++;
      else if (part.field === 5) {
        demand(part, WIRE_BYTES);
        metadataStart = part.start;
        metadataEnd = part.stop;
      }
    const metadata = new SeriesMetadata(body, metadataStart, metadataEnd);
    const series = this.#series(receiving, metadata, items);
    if (series === NO_SERIES) return;
    part.reset(body, start, end);
    while (part.next()) {
      let refusal: string | undefined;
      if (part.field === 2) refusal = receiving.addSample(series, part);
      else if (part.field === 3) refusal = receiving.addHistogram(series, part);
      else if (part.field === 4) this.#addExemplar(receiving, series, part);
      if (refusal === undefined) continue;
      const finding = refusal;
      receiving.problem(() => `${finding} for series ${seriesText(this.#table, series)}`);
    }
    if (this.#options.appendsMetadata) receiving.builder.addMetadata(series, this.#metadataOf(metadata));
  }

  #series(receiving: Receiving, metadata: SeriesMetadata, items: number): number {
    const refs = this.#labelRefs;
    const { count } = this.#symbols;
    const refsFinding = this.#refsFinding(refs);
    if (refsFinding !== undefined) {
      receiving.invalidLabels += items;
      receiving.problem(() => `parsing labels for series [${refs.slice(0, 64).join(" ")}]: ${refsFinding}`);
      return NO_SERIES;
    }
    for (const [name, ref] of [["unit_ref", metadata.unitRef] as const, ["help_ref", metadata.helpRef] as const])
      if (ref >= count) {
        receiving.problem(
          () =>
            `parsing metadata for series [${refs.slice(0, 64).join(" ")}]: metadata ${name} ${ref} outside of symbols table (size ${count})`,
        );
        return NO_SERIES;
      }
    this.#addLabels(metadata);
    const series = this.#labels.series();
    if (series === NO_SERIES) {
      receiving.invalidLabels += items;
      receiving.problem(() => this.#labels.finding);
    } else if (items === 0) {
      receiving.problem(() => `TimeSeries must contain at least one sample or histogram for series ${seriesText(this.#table, series)}`);
      return NO_SERIES;
    }
    return series;
  }

  #addLabels(metadata: SeriesMetadata): void {
    const refs = this.#labelRefs;
    const symbols = this.#symbols;
    const labels = this.#labels;
    const { body } = metadata;
    const type = metricTypes[metadata.type] ?? "unknown";
    const hasOwn =
      this.#options.typeAndUnitLabels && (type !== "unknown" || symbols.startOf(metadata.unitRef) < symbols.endOf(metadata.unitRef));
    labels.begin();
    for (let i = 0; i < refs.length; i += 2) {
      const name = refs[i] as number;
      const value = refs[i + 1] as number;
      if (hasOwn && isTypeOrUnit(symbols.textOf(name))) continue;
      labels.add(body, symbols.startOf(name), symbols.endOf(name), body, symbols.startOf(value), symbols.endOf(value));
    }
    if (!hasOwn) return;
    if (type !== "unknown") addText(labels, TYPE_LABEL, type);
    addText(labels, UNIT_LABEL, symbols.textOf(metadata.unitRef));
  }

  #addExemplar(receiving: Receiving, series: number, field: ProtobufReader): void {
    const inner = insideOf(field);
    const refs: number[] = [];
    let value = 0;
    let timestamp = 0;
    while (inner.next())
      if (inner.field === 1) this.#readRefs(inner, refs);
      else if (inner.field === 2) value = doubleOf(inner);
      else if (inner.field === 3) timestamp = intOf(inner);
    const finding = this.#refsFinding(refs);
    if (finding !== undefined) {
      receiving.exemplarsDropped++;
      receiving.problem(() => `parsing exemplar for series ${seriesText(this.#table, series)}: ${finding}`);
      return;
    }
    const labels: [string, string][] = [];
    for (let i = 0; i < refs.length; i += 2)
      labels.push([this.#symbols.textOf(refs[i] as number), this.#symbols.textOf(refs[i + 1] as number)]);
    receiving.addExemplar(series, labels, value, timestamp);
  }

  /** Adds references, packed or not. */
  #readRefs(field: ProtobufReader, into: number[]): void {
    if (into.length > MAX_LABELS * 2) throw tooManyLabels();
    if (field.wire !== WIRE_BYTES) {
      into.push(uintOf(field));
      return;
    }
    // A reference takes one byte at least.
    if (field.stop - field.start > MAX_REFS_BYTES) throw tooManyLabels();
    const refs = this.#refs.reset(field.bytes, field.start, field.stop);
    while (refs.nextPacked(WIRE_VARINT)) into.push(refs.unsigned());
  }

  #refsFinding(refs: readonly number[]): string | undefined {
    if (refs.length % 2 !== 0) return `invalid labelRefs length ${refs.length}`;
    const { count } = this.#symbols;
    for (let i = 0; i < refs.length; i += 2)
      if ((refs[i] as number) >= count || (refs[i + 1] as number) >= count)
        return `labelRefs ${refs[i]} (name) = ${refs[i + 1]} (value) outside of symbols table (size ${count})`;
    return undefined;
  }

  #metadataOf({ type, helpRef, unitRef }: SeriesMetadata): Metadata {
    const name = this.#labels.metricName();
    const key = `${type} ${helpRef} ${unitRef} ${name}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const kind = metricTypes[type] ?? "unknown";
      const family = familyOf(name, kind);
      known = { family, type: kind, help: this.#symbols.textOf(helpRef), unit: this.#symbols.textOf(unitRef) };
      this.#known.set(key, known);
    }
    return known;
  }
}

function tooManyLabels(): MalformedInput {
  return new MalformedInput(`a series or exemplar has more than ${MAX_LABELS} labels`);
}

/** A Metadata message; all is absent where it is empty. */
class SeriesMetadata {
  readonly body: Uint8Array;
  type = 0;
  helpRef = 0;
  unitRef = 0;

  constructor(body: Uint8Array, start: number, end: number) {
    this.body = body;
    if (start === end) return;
    const reader = new ProtobufReader().reset(body, start, end);
    while (reader.next())
      if (reader.field === 1) this.type = uintOf(reader);
      else if (reader.field === 3) this.helpRef = uintOf(reader);
      else if (reader.field === 4) this.unitRef = uintOf(reader);
  }
}

function isTypeOrUnit(name: string): boolean {
  return name === TYPE_LABEL || name === UNIT_LABEL;
}

function addText(labels: LabelIntake, name: string, value: string): void {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  labels.add(nameBytes, 0, nameBytes.length, valueBytes, 0, valueBytes.length);
}

/** The name under which the metric's metadata are known: that of its series without what tells them apart. */
function familyOf(name: string, type: Metadata["type"]): string {
  if (type === "histogram" || type === "gaugehistogram") return name.replace(/_(bucket|g?sum|g?count)$/, "");
  return type === "summary" ? name.replace(/_(sum|count)$/, "") : name;
}
