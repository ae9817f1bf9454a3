import { openMetricsFloat, parseGoFloat } from "./go-float.ts";
import type { MetricType } from "./sample-batch.ts";
import type { SeriesLexer } from "./series-lexer.ts";

export interface TextOptions {
  /** Adds the labels `__type__` and `__unit__`. */
  readonly typeAndUnitLabels: boolean;
}

/** The labels of the series that the lexer has read, its name among them. */
export function seriesLabels(lexer: SeriesLexer, type: MetricType, unit: string, options: TextOptions): [name: string, value: string][] {
  const labels: [string, string][] = [["__name__", lexer.name()]];
  const given = lexer.pairs(true);
  if (options.typeAndUnitLabels) {
    if (type !== "unknown") labels.push(["__type__", type]);
    if (unit !== "") labels.push(["__unit__", unit]);
  }
  for (const [name, value] of given) {
    if (options.typeAndUnitLabels && labels.slice(0, 3).some(([own]) => own === name)) continue;
    labels.push([name, hasNumber(type, name) ? normalizedNumber(value) : value]);
  }
  return labels;
}

/** Whether the label holds a number which has one spelling in all formats: bounds of buckets, quantiles of summaries. */
export function hasNumber(type: MetricType, label: string): boolean {
  return (type === "histogram" && label === "le") || (type === "summary" && label === "quantile");
}

/** The number as OpenMetrics spells it; text that is no number stays. */
export function normalizedNumber(text: string): string {
  const known = spellings.get(text);
  if (known !== undefined) return known;
  let spelling = text;
  try {
    spelling = openMetricsFloat(parseGoFloat(text));
  } catch {
    // Not a number: kept as it came.
  }
  if (spellings.size >= MAX_SPELLINGS) spellings.clear();
  spellings.set(text, spelling);
  return spelling;
}

/** The same few bounds occur again and again. */
const spellings = new Map<string, string>();
const MAX_SPELLINGS = 4096;

/** Whether the bytes from `start` are the words from `firstWord`, of which the last may be needed in part only. */
export function startsWithWords(view: DataView, start: number, words: Int32Array, firstWord: number, length: number): boolean {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) if (view.getInt32(start + (i << 2), true) !== words[firstWord + i]) return false;
  const rest = length & 3;
  if (rest === 0) return true;
  const mask = (1 << (rest << 3)) - 1;
  return ((view.getInt32(start + (whole << 2), true) ^ (words[firstWord + whole] as number)) & mask) === 0;
}
