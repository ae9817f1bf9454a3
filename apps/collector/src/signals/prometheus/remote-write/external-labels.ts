import { compareTexts } from "@invar/go-compat";
import { sortedLabels } from "../label-encoding.ts";
import type { SeriesTable } from "../series-table.ts";
import type { LabelSource } from "./encode.ts";

/**
 * The labels of series with some more, which a series that has them already keeps as they are. Merged while they are copied: no second
 * label set is kept.
 */
export class WithExternalLabels implements LabelSource {
  readonly #table: SeriesTable;
  readonly #names: readonly string[];
  readonly #pairs: readonly number[];
  readonly #bytes: number;
  /**
   * By the number of a label's name: twice how many of the added names come before it, plus 1 where the name is one of them, plus 1; 0: not known yet. A
   * number may come to stand for another name, which is why the name is kept beside it.
   */
  #places = new Uint16Array(256);
  readonly #placedNames: string[] = [];

  constructor(table: SeriesTable, external: Readonly<Record<string, string>>) {
    const { names, values } = sortedLabels(Object.entries(external));
    this.#table = table;
    this.#names = names;
    this.#pairs = names.map((name, i) => {
      const pair = table.pairs.internText(name, values[i] ?? "");
      table.pairs.retain(pair);
      return pair;
    });
    this.#bytes = this.#pairs.reduce((total, pair) => total + table.pairs.lengthOf(pair), 0);
  }

  maxLengthOf(series: number): number {
    return this.#table.lengthOf(series) + this.#bytes;
  }

  copyTo(series: number, target: DataView, at: number): number {
    const table = this.#table;
    const { pairs } = table;
    const words = table.pairsOf(series);
    const first = table.firstPairOf(series);
    const end = first + table.countOf(series);
    const added = this.#pairs;
    let next = 0;
    for (let word = first; word < end; word++) {
      const pair = words[word] as number;
      const place = this.#placeOf(pairs.nameOf(pair)) - 1;
      for (const before = place >> 1; next < before; next++) at = pairs.copyTo(added[next] as number, target, at);
      if ((place & 1) === 1) next++;
      at = pairs.copyTo(pair, target, at);
    }
    for (; next < added.length; next++) at = pairs.copyTo(added[next] as number, target, at);
    return at;
  }

  /** Gives the added labels back. */
  close(): void {
    for (const pair of this.#pairs) this.#table.pairs.release(pair);
  }

  #placeOf(name: number): number {
    const text = this.#table.pairs.nameText(name);
    if (name < this.#places.length && this.#places[name] !== 0 && this.#placedNames[name] === text) return this.#places[name] as number;
    if (name >= this.#places.length) {
      const larger = new Uint16Array(name * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    const before = this.#names.filter((added) => compareTexts(added, text) < 0).length;
    const place = before * 2 + (this.#names[before] === text ? 1 : 0) + 1;
    this.#places[name] = place;
    this.#placedNames[name] = text;
    return place;
  }
}
