import { quote } from "@invar/go-compat";
import { MalformedInput } from "../bytes/malformed-input.ts";
import { ProtobufWriter } from "../bytes/protobuf-writer.ts";
import { textOf } from "../bytes/utf8.ts";
import { hasNumber, normalizedNumber } from "../signals/prometheus/exposition-text.ts";
import { type LabelPairs, labelsText, sortedLabels, writeLabels } from "../signals/prometheus/label-encoding.ts";
import type { MetricType } from "../signals/prometheus/sample-batch.ts";
import type { SeriesLexer } from "../signals/prometheus/series-lexer.ts";

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

const METRIC_NAME = Buffer.from("__name__");

/**
 * Makes the labels of a target's series out of what it exposes and what is known of it, in their encoded form. The common case is
 * merged from bytes to bytes; whatever needs a closer look (escapes, quoted names, conflicts, limits) goes through text.
 */
export class SampleLabels {
  readonly #rules: LabelRules;
  readonly #target: LabelPairs;
  /** The target's labels and `__name__`, sorted; the encoded form, or undefined for `__name__`. */
  readonly #own: { readonly name: Uint8Array; readonly encoded: Uint8Array | undefined }[];
  readonly #hasLimits: boolean;
  readonly #order = new Uint32Array(MAX_MERGED);
  /** The labels made last, encoded. */
  readonly writer = new ProtobufWriter(1024);

  constructor(target: LabelPairs, rules: LabelRules) {
    this.#rules = rules;
    this.#target = target;
    this.#hasLimits = rules.labelLimit > 0 || rules.nameLengthLimit > 0 || rules.valueLengthLimit > 0;
    const own = target.names.map((name, i) => {
      const encoded = new ProtobufWriter(64);
      writeLabels(encoded, { names: [name], values: [target.values[i] ?? ""] });
      return { name: Buffer.from(name), encoded: encoded.toBytes() as Uint8Array | undefined };
    });
    own.push({ name: METRIC_NAME, encoded: undefined });
    this.#own = own.sort((a, b) => Buffer.compare(a.name, b.name));
  }

  /** Writes the labels of the series that a text parser has lexed; false where they need a closer look, and `fromPairs` must be asked. */
  fromLexer(lexer: SeriesLexer, type: MetricType): boolean {
    const count = lexer.offsetCount >> 2;
    if (this.#hasLimits || lexer.hasEscapes || count > MAX_MERGED || !this.#isPlain(lexer, count)) return false;
    const { writer } = this;
    const { bytes, offsets } = lexer;
    const order = this.#order;
    writer.clear();
    let next = 0;
    for (const { name, encoded } of this.#own) {
      while (next < count) {
        const at = order[next] as number;
        const compared = compareBytes(bytes, offsets[at] as number, offsets[at + 1] as number, name);
        if (compared === 0) return false;
        if (compared > 0) break;
        this.#write(lexer, at, type);
        next++;
      }
      if (encoded === undefined) writeLabel(writer, name, 0, name.length, bytes, lexer.nameStart, lexer.nameEnd);
      else writer.raw(encoded);
    }
    for (; next < count; next++) this.#write(lexer, order[next] as number, type);
    return true;
  }

  /** Writes the labels of a series given as text, `__name__` among them. Throws where they are not valid or beyond a limit. */
  fromPairs(exposed: readonly (readonly [name: string, value: string])[]): void {
    const labels = sortedLabels(this.#merged(exposed));
    this.#check(labels);
    this.writer.clear();
    writeLabels(this.writer, labels);
  }

  /** Writes the labels of a series that is made here: `up` and its like. */
  ofReport(name: string): void {
    this.writer.clear();
    writeLabels(this.writer, sortedLabels([["__name__", name], ...this.#targetPairs()]));
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

  #write(lexer: SeriesLexer, at: number, type: MetricType): void {
    const { bytes, offsets } = lexer;
    const nameStart = offsets[at] as number;
    const nameEnd = offsets[at + 1] as number;
    const valueStart = offsets[at + 2] as number;
    const valueEnd = offsets[at + 3] as number;
    const mayHoldNumber = type === "histogram" ? nameEnd - nameStart === 2 : type === "summary" && nameEnd - nameStart === 8;
    if (mayHoldNumber && hasNumber(type, textOf(bytes, nameStart, nameEnd))) {
      const value = Buffer.from(normalizedNumber(textOf(bytes, valueStart, valueEnd)));
      writeLabel(this.writer, bytes, nameStart, nameEnd, value, 0, value.length);
    } else writeLabel(this.writer, bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
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

  #check(labels: LabelPairs): void {
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

function writeLabel(
  writer: ProtobufWriter,
  nameBytes: Uint8Array,
  nameStart: number,
  nameEnd: number,
  valueBytes: Uint8Array,
  valueStart: number,
  valueEnd: number,
): void {
  const mark = writer.begin(1, nameEnd - nameStart + (valueEnd - valueStart) + 4);
  writer.copy(1, nameBytes, nameStart, nameEnd);
  writer.copy(2, valueBytes, valueStart, valueEnd);
  writer.finish(mark);
}

function areLegacyLabels({ names, values }: LabelPairs): boolean {
  return names.every((name, i) => {
    const value = values[i] ?? "";
    if (name === "__name__") return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(value);
    return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && value.isWellFormed();
  });
}

function areWellFormed({ names, values }: LabelPairs): boolean {
  return names.every((name) => name !== "" && name.isWellFormed()) && values.every((value) => value.isWellFormed());
}

function checkLimits({ names, values }: LabelPairs, metric: string, rules: LabelRules): void {
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
