import { signedOf } from "../../bytes/int64.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { metricField, pointAttributes } from "../otlp/fields.ts";
import { type MetricKind, NO_RECORDED_VALUE, pointExemplars } from "../otlp/write/metric.ts";

/** Whole numbers or doubles in an array that grows and is used again. */
export class NumberList {
  values = new Float64Array(16);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(i: number): number {
    return this.values[i] as number;
  }
}

/** The buckets of one side of an exponential histogram. */
export interface BucketSide {
  offset: number;
  readonly counts: NumberList;
}

const flagsField = { 5: 8, 7: 8, 9: 10, 10: 10, 11: 8 } as const;

/**
 * Reads one data point of any kind, in place. Where its attributes do not lie together they are put together, so that they are always the bytes
 * in `attributes` from `attributesStart` to `attributesEnd`: whole fields, one after another.
 */
export class PointReader {
  readonly #point = new ProtobufReader();
  readonly #part = new ProtobufReader();
  readonly #scattered = new ProtobufWriter(256);
  attributes: Uint8Array = new Uint8Array(0);
  attributesStart = 0;
  attributesEnd = 0;
  startLow = 0;
  startHigh = 0;
  timeLow = 0;
  timeHigh = 0;
  isStale = false;
  hasExemplars = false;
  /** A number's value as the bits of a double. */
  valueLow = 0;
  valueHigh = 0;
  count = 0;
  hasSum = false;
  sum = 0;
  readonly bucketCounts = new NumberList();
  readonly bounds = new NumberList();
  scale = 0;
  zeroCount = 0;
  readonly positive: BucketSide = { offset: 0, counts: new NumberList() };
  readonly negative: BucketSide = { offset: 0, counts: new NumberList() };
  readonly quantiles = new NumberList();
  readonly quantileValues = new NumberList();

  get hasStart(): boolean {
    return this.startLow !== 0 || this.startHigh !== 0;
  }

  read(kind: MetricKind, bytes: Uint8Array, start: number, end: number): void {
    const point = this.#point.reset(bytes, start, end);
    const attributesField = pointAttributes(kind);
    const exemplarsField = pointExemplars(kind);
    const flags = flagsField[kind];
    this.#clear(kind, bytes, end);
    let attributes = 0;
    while (point.next()) {
      const { field } = point;
      if (field === attributesField) this.#addAttribute(attributes++);
      else if (field === 2) {
        this.startLow = point.low;
        this.startHigh = point.high;
      } else if (field === 3) {
        this.timeLow = point.low;
        this.timeHigh = point.high;
      } else if (field === flags) this.isStale = (point.low & NO_RECORDED_VALUE) !== 0;
      else if (field === exemplarsField) this.hasExemplars = true;
      else if (kind === metricField.gauge || kind === metricField.sum) this.#readNumber();
      else if (kind === metricField.histogram) this.#readHistogram();
      else if (kind === metricField.exponentialHistogram) this.#readExponential();
      else this.#readSummary();
    }
    if (this.attributes !== bytes) {
      this.attributes = this.#scattered.bytes;
      this.attributesEnd = this.#scattered.length;
    }
  }

  #clear(kind: MetricKind, bytes: Uint8Array, end: number): void {
    this.attributes = bytes;
    this.attributesStart = this.attributesEnd = end;
    this.startLow = this.startHigh = this.timeLow = this.timeHigh = 0;
    this.isStale = this.hasExemplars = false;
    this.valueLow = this.valueHigh = 0;
    if (kind === metricField.gauge || kind === metricField.sum) return;
    this.count = this.sum = this.scale = this.zeroCount = 0;
    this.hasSum = false;
    this.bucketCounts.length = this.bounds.length = 0;
    this.positive.counts.length = this.positive.offset = this.negative.counts.length = this.negative.offset = 0;
    this.quantiles.length = this.quantileValues.length = 0;
  }

  #addAttribute(before: number): void {
    const point = this.#point;
    if (before === 0) {
      this.attributesStart = point.tagStart;
      this.attributesEnd = point.stop;
    } else if (this.attributes === point.bytes && point.tagStart === this.attributesEnd) this.attributesEnd = point.stop;
    else {
      const scattered = this.#scattered;
      if (this.attributes === point.bytes) {
        scattered.clear();
        scattered.raw(point.bytes, this.attributesStart, this.attributesEnd);
        this.attributes = scattered.bytes;
        this.attributesStart = 0;
      }
      scattered.raw(point.bytes, point.tagStart, point.stop);
    }
  }

  #readNumber(): void {
    const point = this.#point;
    if (point.field === 4) {
      this.valueLow = point.low;
      this.valueHigh = point.high;
    } else if (point.field === 6) {
      double[0] = signedOf(point.low, point.high);
      this.valueLow = halves[0] as number;
      this.valueHigh = halves[1] as number;
    }
  }

  #readHistogram(): void {
    const point = this.#point;
    switch (point.field) {
      case 4:
        this.count = point.unsigned();
        break;
      case 5:
        this.sum = point.double();
        this.hasSum = true;
        break;
      case 6:
        this.#addFixed(this.bucketCounts, false);
        break;
      case 7:
        this.#addFixed(this.bounds, true);
        break;
    }
  }

  #readExponential(): void {
    const point = this.#point;
    switch (point.field) {
      case 4:
        this.count = point.unsigned();
        break;
      case 5:
        this.sum = point.double();
        this.hasSum = true;
        break;
      case 6:
        this.scale = point.zigzag();
        break;
      case 7:
        this.zeroCount = point.unsigned();
        break;
      case 8:
        this.#addBuckets(this.positive);
        break;
      case 9:
        this.#addBuckets(this.negative);
        break;
    }
  }

  #readSummary(): void {
    const point = this.#point;
    if (point.field === 4) this.count = point.unsigned();
    else if (point.field === 5) this.sum = point.double();
    else if (point.field === 6) {
      let quantile = 0;
      let value = 0;
      const part = this.#part.reset(point.bytes, point.start, point.stop);
      while (part.next())
        if (part.field === 1) quantile = part.double();
        else if (part.field === 2) value = part.double();
      this.quantiles.push(quantile);
      this.quantileValues.push(value);
    }
  }

  #addFixed(list: NumberList, areDoubles: boolean): void {
    const point = this.#point;
    if (point.wire === WIRE_FIXED64) {
      list.push(areDoubles ? point.double() : point.unsigned());
      return;
    }
    const part = this.#part.reset(point.bytes, point.start, point.stop);
    while (part.nextPacked(WIRE_FIXED64)) list.push(areDoubles ? part.double() : part.unsigned());
  }

  #addBuckets(side: BucketSide): void {
    const point = this.#point;
    const part = this.#part.reset(point.bytes, point.start, point.stop);
    while (part.next()) {
      if (part.field === 1) side.offset = part.zigzag();
      else if (part.field === 2 && part.wire === WIRE_VARINT) side.counts.push(part.unsigned());
      else if (part.field === 2 && part.wire === WIRE_BYTES) {
        packed.reset(part.bytes, part.start, part.stop);
        while (packed.nextPacked(WIRE_VARINT)) side.counts.push(packed.unsigned());
      }
    }
  }
}

const packed = new ProtobufReader();
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
