import { compareTexts } from "@invar/go-compat";
import type { LabelList } from "../signals/prometheus/label-encoding.ts";

/**
 * Labels while rules change them. An empty value is the same as no label. Labels come in the order in which relabelling visits them: those that came
 * in sorted by name, then those that were set, in the order in which they were set first.
 */
export class LabelSet {
  readonly #names: string[];
  readonly #values: string[];
  /** Where the labels that were set begin. */
  #cameIn: number;

  private constructor(names: string[], values: string[]) {
    this.#names = names;
    this.#values = values;
    this.#cameIn = names.length;
  }

  static of(labels: Readonly<Record<string, string>>): LabelSet {
    const names = Object.keys(labels).filter((name) => labels[name] !== "");
    names.sort(compareTexts);
    return new LabelSet(
      names,
      names.map((name) => labels[name] ?? ""),
    );
  }

  /** Takes over both arrays; `names` are sorted and unique, and no value is empty. */
  static fromSorted(names: string[], values: string[]): LabelSet {
    return new LabelSet(names, values);
  }

  get size(): number {
    return this.#names.length;
  }

  /** The label's value; empty where there is none. */
  get(name: string): string {
    const at = this.#names.indexOf(name);
    return at < 0 ? "" : (this.#values[at] ?? "");
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  set(name: string, value: string): void {
    if (value === "") {
      this.delete(name);
      return;
    }
    const at = this.#names.indexOf(name);
    if (at >= this.#cameIn) {
      this.#values[at] = value;
      return;
    }
    if (at >= 0) this.#removeAt(at);
    this.#names.push(name);
    this.#values.push(value);
  }

  delete(name: string): void {
    const at = this.#names.indexOf(name);
    if (at >= 0) this.#removeAt(at);
  }

  #removeAt(at: number): void {
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
    if (at < this.#cameIn) this.#cameIn--;
  }

  /** A copy of the names and values as they are now, in visiting order, so that the labels may change while it is read. */
  snapshot(): LabelList {
    return { names: this.#names.slice(), values: this.#values.slice() };
  }

  /** The names sorted as bytes, with their values beside them. */
  sorted(): LabelList {
    const names = this.#names.slice();
    const values = this.#values.slice();
    // What came in is sorted: only what was set has to find its place.
    for (let i = this.#cameIn; i < names.length; i++) {
      const name = names[i] as string;
      const value = values[i] as string;
      let place = i;
      for (; place > 0 && compareTexts(names[place - 1] as string, name) > 0; place--) {
        names[place] = names[place - 1] as string;
        values[place] = values[place - 1] as string;
      }
      names[place] = name;
      values[place] = value;
    }
    return { names, values };
  }

  toRecord(): Record<string, string> {
    const record: Record<string, string> = Object.create(null);
    const { names, values } = this.sorted();
    for (let i = 0; i < names.length; i++) record[names[i] ?? ""] = values[i] ?? "";
    return record;
  }
}
