import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../../../bytes/protobuf-reader.ts";
import { MAX_LABELS, NO_SERIES, type SeriesTable } from "../series-table.ts";
import { demand, doubleOf, insideOf, intOf, textOfField } from "../typed-fields.ts";
import { LabelIntake } from "./label-intake.ts";
import { type Received, Receiving, seriesText } from "./received.ts";

const EMPTY = new Uint8Array(0);

/** Reads requests of remote write 1. */
export class RequestDecoder {
  readonly #table: SeriesTable;
  readonly #labels: LabelIntake;
  readonly #top = new ProtobufReader();
  readonly #part = new ProtobufReader();
  readonly #label = new ProtobufReader();

  constructor(table: SeriesTable) {
    this.#table = table;
    this.#labels = new LabelIntake(table);
  }

  /**
   * The samples of a WriteRequest, none of them later than `maxTimeMs`. Series whose labels are not valid are left out and counted; anything else that is
   * wrong throws `MalformedInput`, and nothing of the request is taken. Metadata are not read: they belong to no series.
   */
  decode(body: Uint8Array, maxTimeMs: number): Received {
    const receiving = new Receiving(this.#table, this.#labels, body.length, maxTimeMs);
    try {
      const top = this.#top.reset(body);
      while (top.next())
        if (top.field === 1) {
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
    this.#labels.begin();
    // All labels first, wherever they stand; usually at the beginning.
    let restStart = end;
    while (part.next())
      if (part.field === 1) this.#addLabel(part);
      else if (restStart === end) restStart = part.tagStart;
    const series = this.#labels.series();
    if (series === NO_SERIES) {
      receiving.invalidLabels++;
      receiving.problem(() => this.#labels.finding);
      return;
    }
    part.reset(body, restStart, end);
    while (part.next()) {
      let refusal: string | undefined;
      if (part.field === 2) refusal = receiving.addSample(series, part);
      else if (part.field === 3) addExemplar(receiving, series, part);
      else if (part.field === 4) refusal = receiving.addHistogram(series, part);
      if (refusal !== undefined) throw new MalformedInput(`${refusal} for series ${seriesText(this.#table, series)}`);
    }
  }

  #addLabel(field: ProtobufReader): void {
    demand(field, WIRE_BYTES);
    const label = this.#label.reset(field.bytes, field.start, field.stop);
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (label.next())
      if (label.field === 1) {
        demand(label, WIRE_BYTES);
        nameStart = label.start;
        nameEnd = label.stop;
      } else if (label.field === 2) {
        demand(label, WIRE_BYTES);
        valueStart = label.start;
        valueEnd = label.stop;
      }
    const bytes = nameEnd === 0 && valueEnd === 0 ? EMPTY : field.bytes;
    this.#labels.add(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
  }
}

function addExemplar(receiving: Receiving, series: number, field: ProtobufReader): void {
  const inner = insideOf(field);
  const labels: [string, string][] = [];
  let value = 0;
  let timestamp = 0;
  while (inner.next())
    if (inner.field === 1) {
      if (labels.length === MAX_LABELS) throw new MalformedInput(`an exemplar has more than ${MAX_LABELS} labels`);
      labels.push(labelOf(inner));
    } else if (inner.field === 2) value = doubleOf(inner);
    else if (inner.field === 3) timestamp = intOf(inner);
  receiving.addExemplar(series, labels, value, timestamp);
}

function labelOf(field: ProtobufReader): [name: string, value: string] {
  const label = insideOf(field);
  let name = "";
  let value = "";
  while (label.next())
    if (label.field === 1) name = textOfField(label);
    else if (label.field === 2) value = textOfField(label);
  return [name, value];
}
