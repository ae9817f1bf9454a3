import { compareTexts } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import type { Budget } from "../../delivery/budget.ts";
import type { Metadata } from "../prometheus/sample-batch.ts";
import { NO_SERIES, type SeriesTable } from "../prometheus/series-table.ts";

/** No series. */
export const NO_PLACE = 0;

/** What one costs beside its labels. */
const PLACE_BYTES = 80;

/**
 * The series that a converter has made, each at a place of its own with what must be remembered: when its last sample, exemplar and zero were.
 * Several data points may stand for the same series; places are counted by those who know them.
 */
export class KnownSamples {
  readonly #table: SeriesTable;
  readonly #budget: Budget;
  readonly #places = new Map<number, number>();
  series = new Uint32Array(64);
  /** Nanoseconds since 1970, exact to a microsecond. */
  lastNanos = new Float64Array(64).fill(Number.NEGATIVE_INFINITY);
  lastExemplarNanos = new Float64Array(64).fill(Number.NEGATIVE_INFINITY);
  /** The start for which a zero was added last, and the time of the last sample, in milliseconds. */
  lastZeroMs = new Float64Array(64);
  readonly metadata: (Metadata | undefined)[] = [];
  #references = new Uint32Array(64);
  #last = 0;
  readonly #free: number[] = [];

  constructor(table: SeriesTable, budget: Budget) {
    this.#table = table;
    this.#budget = budget;
  }

  get size(): number {
    return this.#places.size;
  }

  /** The place of the series with these labels, held until `release`; `NO_PLACE` where there can be no such series. */
  hold(labels: ReadonlyMap<string, string>): number {
    const series = this.#intern(labels);
    if (series === NO_SERIES) return NO_PLACE;
    let place = this.#places.get(series);
    if (place === undefined) {
      place = this.#free.pop() ?? ++this.#last;
      if (place >= this.series.length) this.#grow();
      this.#places.set(series, place);
      this.#table.retain(series);
      this.#budget.take(PLACE_BYTES + this.#table.costOf(series));
      this.series[place] = series;
      this.lastNanos[place] = this.lastExemplarNanos[place] = Number.NEGATIVE_INFINITY;
      this.lastZeroMs[place] = 0;
      this.metadata[place] = undefined;
      this.#references[place] = 0;
    }
    this.#references[place] = (this.#references[place] as number) + 1;
    return place;
  }

  release(place: number): void {
    const left = (this.#references[place] as number) - 1;
    this.#references[place] = left;
    if (left > 0) return;
    const series = this.series[place] as number;
    this.#places.delete(series);
    this.metadata[place] = undefined;
    this.#budget.release(PLACE_BYTES + this.#table.costOf(series));
    this.#table.release(series);
    this.#free.push(place);
  }

  #intern(labels: ReadonlyMap<string, string>): number {
    const names = [...labels.keys()].sort(compareTexts);
    try {
      return this.#table.internLabels({ names, values: names.map((name) => labels.get(name) ?? "") });
    } catch (error) {
      // Longer than any backend takes.
      if (error instanceof MalformedInput) return NO_SERIES;
      throw error;
    }
  }

  #grow(): void {
    const capacity = this.series.length * 2;
    this.series = grown(this.series, new Uint32Array(capacity));
    this.#references = grown(this.#references, new Uint32Array(capacity));
    this.lastNanos = grown(this.lastNanos, new Float64Array(capacity));
    this.lastExemplarNanos = grown(this.lastExemplarNanos, new Float64Array(capacity));
    this.lastZeroMs = grown(this.lastZeroMs, new Float64Array(capacity));
  }
}

function grown<Column extends Uint32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
