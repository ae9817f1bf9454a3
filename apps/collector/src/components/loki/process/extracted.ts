import type { StreamLabels } from "../../../signals/loki/stream-labels.ts";

/** Numbers for the names of extracted values that a pipeline's arguments mention, given when it is compiled. */
export class Names {
  readonly #slots = new Map<string, number>();
  readonly #read = new Set<string>();
  #isAllRead = false;

  slot(name: string): number {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(name, slot);
    }
    return slot;
  }

  find(name: string): number | undefined {
    return this.#slots.get(name);
  }

  entries(): IterableIterator<[string, number]> {
    return this.#slots.entries();
  }

  /** Stages are compiled from last to first, and say what they read: what nobody reads later need not be extracted. */
  reads(name: string): number {
    this.#read.add(name);
    return this.slot(name);
  }

  readsAll(): void {
    this.#isAllRead = true;
  }

  isRead(name: string): boolean {
    return this.#isAllRead || this.#read.has(name);
  }
}

/** Stands in a column for a value that was taken away; a label of that name does not show through. */
const gone: unique symbol = Symbol("gone");

/**
 * The values that stages extract for each other: one column a name. Labels that a line came with are extracted from the start, without being
 * copied: a name that has no value in its column has that of the label.
 */
export class Extracted {
  readonly #names: Names;
  readonly #labelsOf: (row: number) => StreamLabels | undefined;
  readonly #columns: (unknown[] | undefined)[] = [];
  /** Names that no argument mentions: found in the data, and sparse. */
  readonly #found = new Map<string, Map<number, unknown>>();
  /** Labels of rows that are not in the batch. */
  #addedLabels: Map<number, StreamLabels> | undefined;
  readonly #slotNames: string[] = [];

  constructor(names: Names, labelsOf: (row: number) => StreamLabels | undefined) {
    this.#names = names;
    this.#labelsOf = labelsOf;
    for (const [name, slot] of names.entries()) this.#slotNames[slot] = name;
  }

  /** Undefined where there is no such value; null is a value. */
  get(row: number, slot: number): unknown {
    const value = this.#columns[slot]?.[row];
    if (value === undefined) return this.#label(row, this.#slotNames[slot] as string);
    return value === gone ? undefined : value;
  }

  set(row: number, slot: number, value: unknown): void {
    let column = this.#columns[slot];
    if (column === undefined) {
      column = [];
      this.#columns[slot] = column;
    }
    column[row] = value;
  }

  delete(row: number, slot: number): void {
    this.set(row, slot, gone);
  }

  getNamed(row: number, name: string): unknown {
    const slot = this.#names.find(name);
    if (slot !== undefined) return this.get(row, slot);
    const value = this.#found.get(name)?.get(row);
    return value === undefined ? this.#label(row, name) : value;
  }

  setNamed(row: number, name: string, value: unknown): void {
    const slot = this.#names.find(name);
    if (slot !== undefined) {
      this.set(row, slot, value);
      return;
    }
    let column = this.#found.get(name);
    if (column === undefined) {
      column = new Map();
      this.#found.set(name, column);
    }
    column.set(row, value);
  }

  /** Makes the labels the values of their names, whatever was extracted under them before. */
  setLabels(row: number, labels: StreamLabels): void {
    const initial = this.#initial(row);
    for (let at = 0; at < labels.names.length; at++) {
      const name = labels.names[at] as string;
      const value = labels.values[at] as string;
      if (initial?.get(name) !== value) this.setNamed(row, name, value);
      else {
        const slot = this.#names.find(name);
        const column = slot === undefined ? undefined : this.#columns[slot];
        if (column !== undefined && column[row] !== undefined) column[row] = value;
        else if (slot === undefined && this.#found.get(name)?.has(row) === true) this.setNamed(row, name, value);
      }
    }
  }

  /** Every value of the row, by name. */
  entries(row: number): Map<string, unknown> {
    const entries = new Map<string, unknown>();
    const labels = this.#initial(row);
    labels?.names.forEach((name, at) => {
      entries.set(name, labels.values[at]);
    });
    for (const [name, value] of this.snapshot(row)) {
      if (value === gone) entries.delete(name);
      else entries.set(name, value);
    }
    return entries;
  }

  /** What is extracted beyond the labels; what it takes to `restore` the row. */
  snapshot(row: number): Map<string, unknown> {
    const values = new Map<string, unknown>();
    for (let slot = 0; slot < this.#columns.length; slot++) {
      const value = this.#columns[slot]?.[row];
      if (value !== undefined) values.set(this.#slotNames[slot] as string, value);
    }
    for (const [name, column] of this.#found) {
      const value = column.get(row);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  restore(row: number, values: ReadonlyMap<string, unknown>, labels: StreamLabels | undefined): void {
    if (labels !== undefined) {
      this.#addedLabels ??= new Map();
      this.#addedLabels.set(row, labels);
    }
    for (const [name, value] of values) this.setNamed(row, name, value);
  }

  copy(from: number, to: number, labels: StreamLabels | undefined): void {
    this.restore(to, this.snapshot(from), labels ?? this.#initial(from));
  }

  #label(row: number, name: string): string | undefined {
    return this.#initial(row)?.get(name);
  }

  #initial(row: number): StreamLabels | undefined {
    return this.#labelsOf(row) ?? this.#addedLabels?.get(row);
  }
}
