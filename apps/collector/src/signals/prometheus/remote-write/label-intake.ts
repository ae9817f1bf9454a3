import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { isValidUtf8, textOf } from "../../../bytes/utf8.ts";
import { labelsText } from "../label-encoding.ts";
import { MAX_LABELS, NO_SERIES, type SeriesTable } from "../series-table.ts";

const METRIC_NAME = Buffer.from("__name__");

/** Makes series out of labels that others send: in any order, with or without values, valid or not. */
export class LabelIntake {
  /** Why `series` gave none. */
  finding = "";
  readonly #table: SeriesTable;
  readonly #nameSources: Uint8Array[] = [];
  readonly #valueSources: Uint8Array[] = [];
  readonly #nameStarts = new Uint32Array(MAX_LABELS);
  readonly #nameEnds = new Uint32Array(MAX_LABELS);
  readonly #valueStarts = new Uint32Array(MAX_LABELS);
  readonly #valueEnds = new Uint32Array(MAX_LABELS);
  readonly #pairs = new Uint32Array(MAX_LABELS);
  #count = 0;
  #isSorted = true;
  #order: number[] = [];

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  begin(): void {
    this.#count = 0;
    this.#isSorted = true;
    this.finding = "";
  }

  add(nameSource: Uint8Array, nameStart: number, nameEnd: number, valueSource: Uint8Array, valueStart: number, valueEnd: number): void {
    const at = this.#count++;
    if (at >= MAX_LABELS) return;
    this.#nameSources[at] = nameSource;
    this.#nameStarts[at] = nameStart;
    this.#nameEnds[at] = nameEnd;
    this.#valueSources[at] = valueSource;
    this.#valueStarts[at] = valueStart;
    this.#valueEnds[at] = valueEnd;
    if (at > 0 && this.#compare(at - 1, at) >= 0) this.#isSorted = false;
  }

  /** The number of the series that has the labels added since `begin`, or `NO_SERIES` where they are not those of a series. */
  series(): number {
    if (this.#count > MAX_LABELS) return this.#refuse(`a series with ${this.#count} labels has more than ${MAX_LABELS}`);
    if (!this.#isSorted) this.#sort();
    if (!this.#areValid()) return this.#refuse(`invalid metric name or labels, got ${this.#text()}`);
    const twice = this.#isSorted ? undefined : this.#duplicate();
    if (twice !== undefined) return this.#refuse(`invalid labels for series, labels ${this.#text()}, duplicated label ${twice}`);
    try {
      return this.#intern();
    } catch (error) {
      // Longer than the table takes.
      if (error instanceof MalformedInput) return this.#refuse(error.message);
      throw error;
    }
  }

  /** The name of the metric among the labels, as text. */
  metricName(): string {
    for (let at = 0; at < this.#count; at++) if (this.#isMetricName(at)) return this.#value(at);
    return "";
  }

  #intern(): number {
    let count = 0;
    for (let place = 0; place < this.#count; place++) {
      const at = this.#at(place);
      const valueStart = this.#valueStarts[at] as number;
      const valueEnd = this.#valueEnds[at] as number;
      // A label without a value is as good as none.
      if (valueStart === valueEnd) continue;
      const nameSource = this.#nameSources[at] as Uint8Array;
      const valueSource = this.#valueSources[at] as Uint8Array;
      this.#pairs[count++] = this.#table.pairs.intern(
        nameSource,
        this.#nameStarts[at] as number,
        this.#nameEnds[at] as number,
        valueSource,
        valueStart,
        valueEnd,
      );
    }
    return this.#table.intern(this.#pairs, count);
  }

  #areValid(): boolean {
    let hasName = false;
    for (let at = 0; at < this.#count; at++) {
      const nameStart = this.#nameStarts[at] as number;
      const nameEnd = this.#nameEnds[at] as number;
      const valueStart = this.#valueStarts[at] as number;
      const valueEnd = this.#valueEnds[at] as number;
      if (nameStart === nameEnd || !isValidUtf8(this.#nameSources[at] as Uint8Array, nameStart, nameEnd)) return false;
      if (!isValidUtf8(this.#valueSources[at] as Uint8Array, valueStart, valueEnd)) return false;
      if (!hasName && this.#isMetricName(at)) hasName = valueStart < valueEnd;
    }
    return hasName;
  }

  #isMetricName(at: number): boolean {
    const start = this.#nameStarts[at] as number;
    if ((this.#nameEnds[at] as number) - start !== METRIC_NAME.length) return false;
    const source = this.#nameSources[at] as Uint8Array;
    for (let i = 0; i < METRIC_NAME.length; i++) if (source[start + i] !== METRIC_NAME[i]) return false;
    return true;
  }

  #at(place: number): number {
    return this.#isSorted ? place : (this.#order[place] as number);
  }

  #sort(): void {
    this.#order = Array.from({ length: this.#count }, (_, at) => at).sort((a, b) => this.#compare(a, b));
  }

  #duplicate(): string | undefined {
    for (let place = 1; place < this.#count; place++)
      if (this.#compare(this.#at(place - 1), this.#at(place)) === 0) return this.#name(this.#at(place));
    return undefined;
  }

  #compare(a: number, b: number): number {
    const aSource = this.#nameSources[a] as Uint8Array;
    const bSource = this.#nameSources[b] as Uint8Array;
    const aStart = this.#nameStarts[a] as number;
    const bStart = this.#nameStarts[b] as number;
    const aLength = (this.#nameEnds[a] as number) - aStart;
    const bLength = (this.#nameEnds[b] as number) - bStart;
    for (let i = 0; i < aLength && i < bLength; i++) {
      const difference = (aSource[aStart + i] as number) - (bSource[bStart + i] as number);
      if (difference !== 0) return difference;
    }
    return aLength - bLength;
  }

  #refuse(finding: string): number {
    this.finding = finding;
    return NO_SERIES;
  }

  #name(at: number): string {
    return textOf(this.#nameSources[at] as Uint8Array, this.#nameStarts[at], this.#nameEnds[at]);
  }

  #value(at: number): string {
    return textOf(this.#valueSources[at] as Uint8Array, this.#valueStarts[at], this.#valueEnds[at]);
  }

  /** The labels, cut off where they are too long for a message. */
  #text(): string {
    const places = Array.from({ length: Math.min(this.#count, MAX_SHOWN) }, (_, place) => this.#at(place));
    const text = labelsText({ names: places.map((at) => this.#name(at)), values: places.map((at) => this.#value(at)) });
    return text.slice(0, MAX_SHOWN_LENGTH);
  }
}

const MAX_SHOWN = 64;
const MAX_SHOWN_LENGTH = 2048;
