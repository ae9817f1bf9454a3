import { quote } from "@invar/go-compat";
import { MalformedInput } from "../bytes/malformed-input.ts";
import { textOf } from "../bytes/utf8.ts";
import { hasNumber, normalizedNumber } from "../signals/prometheus/exposition-text.ts";
import { type LabelList, labelsText, sortedLabels } from "../signals/prometheus/label-encoding.ts";
import type { LabelPairs } from "../signals/prometheus/label-pairs.ts";
import type { MetricType } from "../signals/prometheus/sample-batch.ts";
import type { SeriesLexer } from "../signals/prometheus/series-lexer.ts";
import { MAX_LABELS, type SeriesTable } from "../signals/prometheus/series-table.ts";

export interface LabelRules {
  /** Exposed labels win over those of the target. */
  readonly honorLabels: boolean;
  readonly validation: "legacy" | "utf8";
  /** 0: no limit. */
  readonly labelLimit: number;
  readonly nameLengthLimit: number;
  readonly valueLengthLimit: number;
}

/** A label limit is exceeded: the scrape fails, and is counted apart. */
export class LabelLimitError extends MalformedInput {}

/** The series that is being made, of whatever target: there is one at a time. */
const pairs = new Uint32Array(MAX_LABELS);

const METRIC_NAME = Buffer.from("__name__");

/** A label of the target, or the place of `__name__` among them. */
interface OwnLabel {
  readonly name: Uint8Array;
  /** 0: `__name__`. */
  readonly pair: number;
}

/**
 * Makes the labels of a target's series out of what it exposes and what is known of it, as numbers of label pairs. The common case takes them
 * from the bytes of the page; whatever needs a closer look (escapes, quoted names, conflicts, limits) goes through text.
 */
export class SampleLabels {
  readonly #table: SeriesTable;
  readonly #known: LabelPairs;
  readonly #rules: LabelRules;
  readonly #target: LabelList;
  /** The target's labels and `__name__`, sorted. */
  readonly #own: readonly OwnLabel[];
  readonly #hasLimits: boolean;
  readonly #order = new Uint32Array(MAX_MERGED);
  /** The pairs of the series before, by place: neighbours on a page share most of theirs. */
  readonly #before = new Uint32Array(MAX_MERGED + 1);
  #count = 0;

  constructor(table: SeriesTable, target: LabelList, rules: LabelRules) {
    this.#table = table;
    this.#known = table.pairs;
    this.#rules = rules;
    this.#target = target;
    this.#hasLimits = rules.labelLimit > 0 || rules.nameLengthLimit > 0 || rules.valueLengthLimit > 0;
    const own: OwnLabel[] = target.names.map((name, i) => {
      const pair = this.#known.internText(name, target.values[i] ?? "");
      this.#known.retain(pair);
      return { name: Buffer.from(name), pair };
    });
    own.push({ name: METRIC_NAME, pair: 0 });
    this.#own = own.sort((a, b) => Buffer.compare(a.name, b.name));
  }

  /** Gives the target's labels back. */
  release(): void {
    for (const { pair } of this.#own) if (pair !== 0) this.#known.release(pair);
  }

  /** The number of the series whose labels were made last. */
  series(): number {
    return this.#table.intern(pairs, this.#count);
  }

  /** Makes the labels of the series that a text parser has lexed; false where they need a closer look, and `fromPairs` must be asked. */
  fromLexer(lexer: SeriesLexer, type: MetricType): boolean {
    const count = lexer.offsetCount >> 2;
    if (this.#hasLimits || lexer.hasEscapes || count > MAX_MERGED || !this.#isPlain(lexer, count)) return false;
    const { bytes, offsets } = lexer;
    const order = this.#order;
    this.#count = 0;
    let next = 0;
    for (const { name, pair } of this.#own) {
      while (next < count) {
        const at = order[next] as number;
        const compared = compareBytes(bytes, offsets[at] as number, offsets[at + 1] as number, name);
        if (compared === 0) return false;
        if (compared > 0) break;
        this.#addExposed(lexer, at, type, next++);
      }
      if (pair !== 0) pairs[this.#count++] = pair;
      else this.#add(METRIC_NAME, 0, METRIC_NAME.length, bytes, lexer.nameStart, lexer.nameEnd, MAX_MERGED);
    }
    while (next < count) this.#addExposed(lexer, order[next] as number, type, next++);
    return true;
  }

  /** Makes the labels of a series given as text, `__name__` among them. Throws where they are not valid or beyond a limit. */
  fromPairs(exposed: readonly (readonly [name: string, value: string])[]): void {
    const labels = sortedLabels(this.#merged(exposed));
    this.#check(labels);
    this.#take(labels);
  }

  /** Makes the labels of a series that is made here: `up` and its like. */
  ofReport(name: string): void {
    this.#take(sortedLabels([["__name__", name], ...this.#targetPairs()]));
  }

  #take({ names, values }: LabelList): void {
    if (names.length > MAX_LABELS) throw new MalformedInput(`a series with ${names.length} labels has more than ${MAX_LABELS}`);
    this.#count = 0;
    for (const [i, name] of names.entries()) pairs[this.#count++] = this.#known.internText(name, values[i] ?? "");
  }

  /** Sorts the exposed labels by name; false where a name is quoted or comes twice, a value is empty, or the metric's name is not plain. */
  #isPlain(lexer: SeriesLexer, count: number): boolean {
    const { bytes, offsets } = lexer;
    // Only bare names and no blank before them are known to be valid.
    const first = bytes[lexer.lineStart];
    if (lexer.nameStart !== lexer.lineStart || first === 0x20 || first === 0x09) return false;
    const order = this.#order;
    for (let i = 0; i < count; i++) {
      const at = i * 4;
      const start = offsets[at] as number;
      const end = offsets[at + 1] as number;
      if (bytes[start - 1] === 0x22 || offsets[at + 2] === offsets[at + 3]) return false;
      let place = i;
      for (; place > 0; place--) {
        const other = order[place - 1] as number;
        const compared = compareRuns(bytes, start, end, offsets[other] as number, offsets[other + 1] as number);
        if (compared === 0) return false;
        if (compared > 0) break;
        order[place] = other;
      }
      order[place] = at;
    }
    return true;
  }

  #addExposed(lexer: SeriesLexer, at: number, type: MetricType, place: number): void {
    const { bytes, offsets } = lexer;
    const nameStart = offsets[at] as number;
    const nameEnd = offsets[at + 1] as number;
    const valueStart = offsets[at + 2] as number;
    const valueEnd = offsets[at + 3] as number;
    const mayHoldNumber = type === "histogram" ? nameEnd - nameStart === 2 : type === "summary" && nameEnd - nameStart === 8;
    if (mayHoldNumber && hasNumber(type, textOf(bytes, nameStart, nameEnd))) {
      const value = Buffer.from(normalizedNumber(textOf(bytes, valueStart, valueEnd)));
      this.#add(bytes, nameStart, nameEnd, value, 0, value.length, place);
    } else this.#add(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd, place);
  }

  #add(
    nameBytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    place: number,
  ): void {
    let pair = this.#before[place] as number;
    if (pair === 0 || !this.#known.is(pair, nameBytes, nameStart, nameEnd, valueBytes, valueStart, valueEnd)) {
      pair = this.#known.intern(nameBytes, nameStart, nameEnd, valueBytes, valueStart, valueEnd);
      this.#before[place] = pair;
    }
    pairs[this.#count++] = pair;
  }

  #merged(exposed: readonly (readonly [string, string])[]): (readonly [string, string])[] {
    const given = exposed.filter(([, value]) => value !== "");
    const names = new Set(given.map(([name]) => name));
    if (this.#rules.honorLabels) return [...given, ...this.#targetPairs().filter(([name]) => !names.has(name))];
    const conflicts = given.filter(([name]) => this.#target.names.includes(name));
    const labels = new Map<string, string>([...this.#targetPairs()]);
    const merged: (readonly [string, string])[] = given.filter(([name]) => !labels.has(name));
    for (const [name] of merged) labels.set(name, "");
    // Shorter names first, so that `exported_x` makes way before `x` wants its name.
    for (const [name, value] of conflicts.toSorted(([a], [b]) => Buffer.byteLength(a) - Buffer.byteLength(b))) {
      let renamed = `exported_${name}`;
      while (labels.has(renamed)) renamed = `exported_${renamed}`;
      labels.set(renamed, "");
      merged.push([renamed, value]);
    }
    return [...merged, ...this.#targetPairs()];
  }

  #targetPairs(): [string, string][] {
    return this.#target.names.map((name, i) => [name, this.#target.values[i] ?? ""]);
  }

  #check(labels: LabelList): void {
    const { names, values } = labels;
    const metric = values[names.indexOf("__name__")] ?? "";
    if (metric === "") throw new MalformedInput("missing metric name (__name__ label)");
    const isValid = this.#rules.validation === "legacy" ? areLegacyLabels(labels) : areWellFormed(labels);
    if (!isValid) throw new MalformedInput(`invalid metric name or label names: ${labelsText(labels).slice(0, 2048)}`);
    if (this.#hasLimits) checkLimits(labels, metric, this.#rules);
  }
}

/** Labels beyond this go the long way. */
const MAX_MERGED = 128;

function areLegacyLabels({ names, values }: LabelList): boolean {
  return names.every((name, i) => {
    const value = values[i] ?? "";
    if (name === "__name__") return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(value);
    return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && value.isWellFormed();
  });
}

function areWellFormed({ names, values }: LabelList): boolean {
  return names.every((name) => name !== "" && name.isWellFormed()) && values.every((value) => value.isWellFormed());
}

function checkLimits({ names, values }: LabelList, metric: string, rules: LabelRules): void {
  const shown = cut(metric);
  if (rules.labelLimit > 0 && names.length > rules.labelLimit)
    throw new LabelLimitError(`label_limit exceeded (metric: ${shown}, number of labels: ${names.length}, limit: ${rules.labelLimit})`);
  for (const [i, name] of names.entries()) {
    const nameLength = Buffer.byteLength(name);
    if (rules.nameLengthLimit > 0 && nameLength > rules.nameLengthLimit)
      throw new LabelLimitError(
        `label_name_length_limit exceeded (metric: ${shown}, label name: ${cut(name)}, length: ${nameLength}, limit: ${rules.nameLengthLimit})`,
      );
    const value = values[i] ?? "";
    const valueLength = Buffer.byteLength(value);
    if (rules.valueLengthLimit > 0 && valueLength > rules.valueLengthLimit)
      throw new LabelLimitError(
        `label_value_length_limit exceeded (metric: ${shown}, label name: ${cut(name)}, value: ${quote(cut(value))}, length: ${valueLength}, limit: ${rules.valueLengthLimit})`,
      );
  }
}

function cut(text: string): string {
  return [...text].slice(0, 50).join("");
}

function compareRuns(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const shorter = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shorter; i++) {
    const difference = (bytes[aStart + i] as number) - (bytes[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

function compareBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const shorter = Math.min(end - start, other.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (bytes[start + i] as number) - (other[i] as number);
    if (difference !== 0) return difference;
  }
  return end - start - other.length;
}
