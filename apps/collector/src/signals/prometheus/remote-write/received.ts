import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { type LabelList, sortedLabels, writeLabels } from "../label-encoding.ts";
import { histogramFinding, readHistogram, reduceResolution, SCHEMA_MAX, writeHistogram } from "../native-histogram.ts";
import { type SampleBatch, SampleBatchBuilder } from "../sample-batch.ts";
import type { SeriesTable } from "../series-table.ts";
import { demand, doubleOf, intOf } from "../typed-fields.ts";
import type { LabelIntake } from "./label-intake.ts";

/** What a request has brought. */
export interface Received {
  /** At count 1. */
  readonly batch: SampleBatch;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** Samples (version 2) or series (version 1) that were left out because their labels are not those of a series. */
  readonly invalidLabels: number;
  /** Exemplars that were left out. */
  readonly exemplarsDropped: number;
  /** Why some of it was left out. */
  readonly problems: readonly string[];
}

/** A request can't have more samples: those that take any bytes are fewer. */
const MAX_ROWS = 4 * 1024 * 1024;
const MAX_PROBLEMS = 20;
/** Schemas in between are reserved for finer buckets of the same kind. */
const RESERVED_SCHEMA_MAX = 52;
const ROW_GUESS_BYTES = 150;
/** The field of a Histogram message with its time. */
const TIMESTAMP_FIELD = 15;

/** Collects the rows of one request. */
export class Receiving {
  readonly labels: LabelIntake;
  readonly builder: SampleBatchBuilder;
  invalidLabels = 0;
  histograms = 0;
  exemplars = 0;
  exemplarsDropped = 0;
  readonly #maxTimeMs: number;
  readonly #problems: string[] = [];
  #problemCount = 0;
  readonly #inner = new ProtobufReader();
  readonly #writer = new ProtobufWriter(256);
  #exemplarCount = 0;

  constructor(table: SeriesTable, labels: LabelIntake, bodyBytes: number, maxTimeMs: number) {
    this.labels = labels;
    this.builder = new SampleBatchBuilder(table, Math.ceil(bodyBytes / ROW_GUESS_BYTES));
    this.#maxTimeMs = maxTimeMs;
  }

  /** Adds the Sample in the field, or says why not. */
  addSample(series: number, field: ProtobufReader): string | undefined {
    demand(field, WIRE_BYTES);
    const inner = this.#inner.reset(field.bytes, field.start, field.stop);
    let low = 0;
    let high = 0;
    let timestamp = 0;
    let startTimestamp = 0;
    while (inner.next())
      if (inner.field === 1) {
        doubleOf(inner);
        low = inner.low;
        high = inner.high;
      } else if (inner.field === 2) timestamp = intOf(inner);
      else if (inner.field === 3) startTimestamp = intOf(inner);
    if (timestamp > this.#maxTimeMs) return TOO_FAR_AHEAD;
    this.#countRow();
    this.builder.addBits(series, timestamp, low, high);
    if (startTimestamp !== 0) this.builder.startedAt(startTimestamp);
    return undefined;
  }

  /** Adds the Histogram in the field, or says why not. */
  addHistogram(series: number, field: ProtobufReader): string | undefined {
    demand(field, WIRE_BYTES);
    const inner = this.#inner.reset(field.bytes, field.start, field.stop);
    const writer = this.#writer;
    writer.clear();
    let timestamp = 0;
    while (inner.next())
      if (inner.field === TIMESTAMP_FIELD) timestamp = intOf(inner);
      else writer.raw(field.bytes, inner.tagStart, inner.stop);
    if (timestamp > this.#maxTimeMs) return TOO_FAR_AHEAD;
    const histogram = readHistogram(writer.bytes, 0, writer.length);
    const isTooFine = histogram.schema > SCHEMA_MAX && histogram.schema <= RESERVED_SCHEMA_MAX;
    const finding = histogramFinding(isTooFine ? { ...histogram, schema: SCHEMA_MAX } : histogram);
    if (finding !== undefined) return finding;
    if (isTooFine) {
      reduceResolution(histogram, SCHEMA_MAX);
      writer.clear();
      writeHistogram(writer, histogram);
    }
    this.#countRow();
    this.builder.addHistogram(series, timestamp, writer.bytes, 0, writer.length);
    this.histograms++;
    return undefined;
  }

  /** Adds an exemplar; one that is not sound or from the future is dropped and counted. */
  addExemplar(series: number, labels: Iterable<readonly [string, string]>, value: number, timestamp: number): void {
    const sorted = timestamp > this.#maxTimeMs ? undefined : soundLabels(labels);
    if (sorted === undefined) {
      this.exemplarsDropped++;
      return;
    }
    const writer = this.#writer;
    writer.clear();
    writeLabels(writer, sorted);
    this.#countRow();
    this.builder.addExemplar(series, timestamp, value, writer.bytes, 0, writer.length);
    this.#exemplarCount++;
    this.exemplars++;
  }

  /** The text is made only where it is kept. */
  problem(text: () => string): void {
    if (this.#problemCount++ < MAX_PROBLEMS) this.#problems.push(text());
  }

  discard(): void {
    this.builder.discard();
  }

  finish(): Received {
    const { builder, histograms, exemplars, invalidLabels, exemplarsDropped } = this;
    const samples = builder.count;
    const more = this.#problemCount - MAX_PROBLEMS;
    const problems = more > 0 ? [...this.#problems, `and ${more} more`] : this.#problems;
    return { batch: builder.build(), samples, histograms, exemplars, invalidLabels, exemplarsDropped, problems };
  }

  #countRow(): void {
    if (this.builder.count + this.histograms + this.#exemplarCount >= MAX_ROWS)
      throw new MalformedInput(`the request has more than ${MAX_ROWS} samples`);
  }
}

const TOO_FAR_AHEAD = "out of bounds: timestamp is too far in the future";

function soundLabels(labels: Iterable<readonly [string, string]>): LabelList | undefined {
  try {
    return sortedLabels(labels);
  } catch (error) {
    if (error instanceof MalformedInput) return undefined;
    throw error;
  }
}

/** The series' labels, cut off where they are too long for a message. */
export function seriesText(table: SeriesTable, series: number): string {
  return table.textOf(series).slice(0, 2048);
}
