import { compareTexts } from "@invar/go-compat";
import type { Budget } from "../delivery/budget.ts";
import type { SampleBatch } from "../signals/prometheus/sample-batch.ts";
import { NO_SERIES, type SeriesTable } from "../signals/prometheus/series-table.ts";
import { LabelSet } from "./label-set.ts";

/** Changes labels in place; false: what carries them is dropped. */
export type LabelChange = (labels: LabelSet) => boolean;

export interface RelabelCounts {
  hits: number;
  misses: number;
  /** Forgotten since their series ended or the rules changed. */
  deletes: number;
  /** Forgotten since they were not used. */
  evictions: number;
}

const UNKNOWN = 0;
const DROPPED = -1;
/** Turns are counted in 8 bits. */
const MAX_TURNS = 200;

/**
 * Relabels series by their numbers: a series that is known costs one look-up. Results are forgotten when their series ends, and, above `maxIdle` of them,
 * when they were not used for a while; the ones in use stay however many they are.
 *
 *   byInput[number] = number of the result | -1 dropped | 0 not known yet
 */
export class SeriesRelabel {
  readonly #table: SeriesTable;
  readonly #budget: Budget | undefined;
  readonly #unwatch: () => void;
  #change: LabelChange;
  #byInput = new Int32Array(1024);
  /** The turn in which the result was used last. */
  #usedIn = new Uint8Array(1024);
  #turn = 1;
  size = 0;
  readonly counts: RelabelCounts = { hits: 0, misses: 0, deletes: 0, evictions: 0 };
  readonly #pairs = new Uint32Array(256);

  constructor(table: SeriesTable, change: LabelChange, budget?: Budget) {
    this.#table = table;
    this.#change = change;
    this.#budget = budget;
    this.#unwatch = table.watch((id) => {
      if (id < this.#byInput.length && this.#byInput[id] !== UNKNOWN) {
        this.#forget(id);
        this.counts.deletes++;
      }
    });
  }

  /** The number of the series after relabelling; `NO_SERIES` where it is dropped. */
  resultOf(id: number): number {
    const known = id < this.#byInput.length ? (this.#byInput[id] as number) : UNKNOWN;
    if (known === UNKNOWN) return this.#miss(id);
    this.#usedIn[id] = this.#turn;
    this.counts.hits++;
    return known === DROPPED ? NO_SERIES : known;
  }

  /** The batch after relabelling, which the caller releases; undefined where nothing is left of it. */
  apply(batch: SampleBatch): SampleBatch | undefined {
    const { count } = batch;
    const byInput = this.#byInput;
    const usedIn = this.#usedIn;
    const turn = this.#turn;
    const results = new Uint32Array(count);
    let dropped = 0;
    let hits = 0;
    for (let row = 0; row < count; row++) {
      const id = batch.series[row] as number;
      let result = id < byInput.length ? (byInput[id] as number) : UNKNOWN;
      if (result > 0) {
        usedIn[id] = turn;
        hits++;
      } else if (result === DROPPED) {
        usedIn[id] = turn;
        hits++;
        result = NO_SERIES;
        dropped++;
      } else {
        this.counts.hits += hits;
        hits = 0;
        return this.#applySlowly(batch, results, row, dropped);
      }
      results[row] = result;
    }
    this.counts.hits += hits;
    return this.#derive(batch, results, dropped);
  }

  /** Goes on from a row whose series is not known; the columns may be replaced on the way. */
  #applySlowly(batch: SampleBatch, results: Uint32Array, from: number, droppedBefore: number): SampleBatch | undefined {
    let dropped = droppedBefore;
    for (let row = from; row < batch.count; row++) {
      const result = this.resultOf(batch.series[row] as number);
      results[row] = result;
      if (result === NO_SERIES) dropped++;
    }
    return this.#derive(batch, results, dropped);
  }

  #derive(batch: SampleBatch, results: Uint32Array, dropped: number): SampleBatch | undefined {
    const hasOthers = batch.histograms !== undefined || batch.exemplars !== undefined || batch.metadata !== undefined;
    if (!hasOthers) {
      if (dropped === 0) return batch.derive({ series: results });
      if (dropped === batch.count) return undefined;
    }
    const { count, timestamps, valueBits, startTimestamps, histograms, exemplars, metadata } = batch;
    const builder = batch.deriveBuilder(count - dropped);
    for (let row = 0; row < count; row++) {
      const result = results[row] as number;
      if (result === NO_SERIES) continue;
      builder.addBits(result, timestamps[row] as number, valueBits[row * 2] as number, valueBits[row * 2 + 1] as number);
      const start = startTimestamps?.[row] ?? 0;
      if (start !== 0) builder.startedAt(start);
    }
    for (let row = 0; histograms !== undefined && row < histograms.count; row++) {
      const result = this.resultOf(histograms.series[row] as number);
      const start = row === 0 ? 0 : (histograms.ends[row - 1] as number);
      if (result !== NO_SERIES)
        builder.addHistogram(result, histograms.timestamps[row] as number, histograms.bytes, start, histograms.ends[row] as number);
    }
    for (let row = 0; exemplars !== undefined && row < exemplars.count; row++) {
      const result = this.resultOf(exemplars.series[row] as number);
      const start = row === 0 ? 0 : (exemplars.ends[row - 1] as number);
      if (result !== NO_SERIES)
        builder.addExemplar(
          result,
          exemplars.timestamps[row] as number,
          exemplars.values[row] as number,
          exemplars.bytes,
          start,
          exemplars.ends[row] as number,
        );
    }
    for (const [row, entry] of metadata?.metadata.entries() ?? []) {
      const result = this.resultOf(metadata?.series[row] as number);
      if (result !== NO_SERIES) builder.addMetadata(result, entry);
    }
    if (builder.count + builder.histogramCount === 0) {
      builder.discard();
      return undefined;
    }
    return builder.build(batch.receipt);
  }

  #miss(id: number): number {
    this.counts.misses++;
    const { names, values } = this.#table.labelsOf(id);
    const labels = LabelSet.fromSorted(names, values);
    let result = NO_SERIES;
    if (this.#change(labels) && labels.size > 0) result = this.#intern(id, labels);
    if (id >= this.#byInput.length) this.#grow(id);
    this.#byInput[id] = result === NO_SERIES ? DROPPED : result;
    this.#usedIn[id] = this.#turn;
    this.size++;
    // A series that stays itself must not keep itself alive.
    if (result !== NO_SERIES && result !== id) {
      this.#table.retain(result);
      this.#charge(this.#table.costOf(result));
    }
    return result;
  }

  /** The number of the changed labels; those of them that did not change are known already. */
  #intern(id: number, labels: LabelSet): number {
    const { pairs } = this.#table;
    const before = this.#table.pairsOf(id);
    const first = this.#table.firstPairOf(id);
    const count = this.#table.countOf(id);
    const { names, values } = labels.sorted();
    if (names.length > this.#pairs.length) return this.#table.internLabels({ names, values });
    let at = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      while (at < count && compareTexts(pairs.nameText(pairs.nameOf(before[first + at] as number)), name) < 0) at++;
      const pair = at < count ? (before[first + at] as number) : 0;
      const isSame = pair !== 0 && pairs.nameText(pairs.nameOf(pair)) === name && pairs.valueText(pair) === values[i];
      this.#pairs[i] = isSame ? pair : pairs.internText(name, values[i] as string);
    }
    return this.#table.intern(this.#pairs, names.length);
  }

  /** Takes other rules; all results are forgotten. */
  reset(change: LabelChange): void {
    this.#change = change;
    this.counts.deletes += this.size;
    this.#forgetWhere(() => true);
  }

  /** Begins a turn, and forgets results that were not used in the last `turns` of them, at most 200; infinity: none are. */
  nextTurn(turns: number): void {
    const before = this.size;
    if (turns <= MAX_TURNS) this.#forgetWhere((id) => ((this.#turn - (this.#usedIn[id] as number)) & 0xff) >= turns);
    this.counts.evictions += before - this.size;
    this.#turn = (this.#turn + 1) & 0xff;
  }

  /** Gives everything back. */
  close(): void {
    this.#unwatch();
    this.#forgetWhere(() => true);
  }

  #forgetWhere(isForgotten: (id: number) => boolean): void {
    for (let id = 1; id < this.#byInput.length && this.size > 0; id++)
      if (this.#byInput[id] !== UNKNOWN && isForgotten(id)) this.#forget(id);
  }

  #forget(id: number): void {
    const result = this.#byInput[id] as number;
    this.#byInput[id] = UNKNOWN;
    this.size--;
    if (result === DROPPED || result === id) return;
    this.#charge(-this.#table.costOf(result));
    this.#table.release(result);
  }

  #charge(bytes: number): void {
    if (bytes > 0) this.#budget?.take(bytes);
    else this.#budget?.release(-bytes);
  }

  #grow(id: number): void {
    const capacity = Math.max(this.#byInput.length * 2, id + 1);
    const byInput = new Int32Array(capacity);
    byInput.set(this.#byInput);
    this.#byInput = byInput;
    const usedIn = new Uint8Array(capacity);
    usedIn.set(this.#usedIn);
    this.#usedIn = usedIn;
  }
}
