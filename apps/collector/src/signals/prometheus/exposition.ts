import type { MetricType } from "./sample-batch.ts";
import type { SeriesLexer } from "./series-lexer.ts";

/** What a parser has moved to; "end" follows the last entry. */
export type Entry = "series" | "histogram" | "type" | "help" | "unit" | "comment" | "end";

/**
 * Goes through one exposition in place. `next` moves to an entry, which the fields and methods then describe until the next call. Throws
 * `MalformedInput` where the format is broken; nothing after that can be read.
 */
export interface ExpositionParser {
  next(): Entry;

  /**
   * Says which bytes likely begin the next series: the ones that followed in the last scrape. Where they do, `asExpected` is set, nothing
   * but the value is parsed, and only the value, timestamp and exemplars are described. `words` are the bytes as little-endian words, from `firstWord`.
   */
  expect(words: Int32Array, firstWord: number, length: number): void;
  readonly asExpected: boolean;

  /** The bytes by which the series is known within its target: equal bytes mean equal labels. */
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;

  readonly value: number;
  readonly hasTimestamp: boolean;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** When the counter began, in milliseconds; 0 where it is not known. */
  startTimestamp(): number;

  /** The labels of the current series, `__name__` among them, in no order. */
  labels(): [name: string, value: string][];

  /** A native histogram as a remote-write Histogram message without timestamp. */
  histogram(): HistogramMessage;

  /** Moves to the current sample's next exemplar; false after the last. */
  nextExemplar(): boolean;
  readonly exemplar: ExemplarEntry;

  /** The family that the current type, help or unit entry is about. */
  family(): string;
  /** The type that was read last. */
  readonly type: MetricType;
  help(): string;
  unit(): string;
}

/** A parser of text, which can tell where the labels lie in the bytes. */
export interface TextParser extends ExpositionParser {
  readonly lexer: SeriesLexer;
}

export function isTextParser(parser: ExpositionParser): parser is TextParser {
  return "lexer" in parser;
}

export interface HistogramMessage {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface ExemplarEntry {
  labels: [name: string, value: string][];
  value: number;
  hasTimestamp: boolean;
  timestamp: number;
}

/** The family names of series that the type gives suffixes to. */
export function familyOf(name: string, type: MetricType): string {
  for (const suffix of suffixes[type]) if (name.endsWith(suffix)) return name.slice(0, -suffix.length);
  return name;
}

const suffixes: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ["_total"],
  histogram: ["_bucket", "_sum", "_count"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count"],
  info: ["_info"],
  gauge: [],
  stateset: [],
  unknown: [],
};
