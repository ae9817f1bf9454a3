import { quote } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { isValidUtf8, textOf } from "../../bytes/utf8.ts";
import type { Entry, ExemplarEntry, ExpositionParser, HistogramMessage } from "./exposition.ts";
import { hasNumber, seriesLabels, startsWithWords, type TextOptions } from "./exposition-text.ts";
import { FloatReader, parseGoFloat } from "./go-float.ts";
import type { MetricType } from "./sample-batch.ts";
import { SeriesLexer, type Token, unescaped } from "./series-lexer.ts";

export interface OpenMetricsOptions extends TextOptions {
  /** Leaves out `_created` series, which then only tell start timestamps. */
  readonly skipsCreated: boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const types: Readonly<Record<string, MetricType>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "gaugehistogram",
  summary: "summary",
  info: "info",
  stateset: "stateset",
  unknown: "unknown",
};

/** OpenMetrics text, version 1.0.0, accepted and refused as Prometheus' parser does. */
export class OpenMetricsTextParser implements ExpositionParser {
  readonly #lexer: SeriesLexer;
  /** Reads exemplars, so that the series' offsets stay. */
  readonly #exemplarLexer: SeriesLexer;
  readonly #view: DataView;
  readonly #end: number;
  readonly #options: OpenMetricsOptions;
  readonly #floats = new FloatReader();
  #expectedWords: Int32Array = new Int32Array(0);
  #expectedFirst = 0;
  #expectedLength = 0;
  #familyStart = 0;
  #familyEnd = 0;
  #textStart = 0;
  #textEnd = 0;
  #unit = "";
  #hasExemplar = false;
  #created: CreatedLines | undefined;

  readonly keyBytes: Uint8Array;
  keyStart = 0;
  keyEnd = 0;
  asExpected = false;
  value = 0;
  hasTimestamp = false;
  timestamp = 0;
  type: MetricType = "unknown";
  readonly exemplar: ExemplarEntry = { labels: [], value: 0, hasTimestamp: false, timestamp: 0 };

  /** Reads `bytes` up to `end`. There must be 8 bytes of room behind, which the parser overwrites. */
  constructor(bytes: Uint8Array, end: number, options: OpenMetricsOptions) {
    if (bytes.length < end + 8) throw new Error(`${bytes.length - end} bytes of room came behind an exposition, 8 are needed`);
    // Stops every number and text at the end at the latest.
    bytes[end] = NEWLINE;
    this.#end = end;
    this.#options = options;
    const rules = { skipsBlanks: false, valuesHoldNewlines: false, demandsCommas: true };
    this.#lexer = new SeriesLexer(bytes, end, rules);
    this.#exemplarLexer = new SeriesLexer(bytes, end, rules);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.keyBytes = bytes;
  }

  expect(words: Int32Array, firstWord: number, length: number): void {
    this.#expectedWords = words;
    this.#expectedFirst = firstWord;
    this.#expectedLength = length;
  }

  next(): Entry {
    const expected = this.#expectedLength;
    this.#expectedLength = 0;
    this.#hasExemplar = false;
    if (expected > 0 && this.#meetsExpectation(expected)) {
      this.#suffix();
      return "series";
    }
    this.asExpected = false;
    for (;;) {
      const entry = this.#line();
      if (entry !== "series" || !this.#options.skipsCreated || !this.isCreated()) return entry;
    }
  }

  #meetsExpectation(length: number): boolean {
    const start = this.#lexer.at;
    const end = start + length;
    if (end > this.#end || !startsWithWords(this.#view, start, this.#expectedWords, this.#expectedFirst, length)) return false;
    if (this.keyBytes[end] !== SPACE) return false;
    this.#lexer.lineStart = start;
    this.#lexer.at = end;
    this.asExpected = true;
    this.keyStart = start;
    this.keyEnd = end;
    return true;
  }

  #line(): Entry {
    const lexer = this.#lexer;
    lexer.beginSeries(lexer.at);
    lexer.tokenStart = lexer.at;
    if (lexer.at >= this.#end) throw noEnd();
    const byte = this.keyBytes[lexer.at];
    if (byte === 0x23) return this.#comment();
    if (byte === 0x7b) {
      lexer.at++;
      lexer.readLabels(false);
    } else {
      if (!lexer.readMetricName()) throw this.#invalid("expected a valid start token");
      lexer.nameStart = lexer.lineStart;
      lexer.nameEnd = lexer.at;
      if (this.keyBytes[lexer.at] === 0x7b && lexer.at < this.#end) {
        lexer.at++;
        lexer.readLabels(false);
      }
    }
    this.keyStart = lexer.lineStart;
    this.keyEnd = lexer.at;
    if (lexer.nameStart === -1) throw lexer.wrong("metric name not set");
    this.#suffix();
    return "series";
  }

  /** Reads value, timestamp, exemplar and the end of the line. */
  #suffix(): void {
    const lexer = this.#lexer;
    this.value = this.#number(lexer, "VALUE", "expected value after metric");
    this.hasTimestamp = false;
    if (lexer.at >= this.#end) throw noEnd();
    if (this.keyBytes[lexer.at] === NEWLINE) {
      lexer.at++;
      return;
    }
    if (!this.#isExemplarNext()) {
      this.hasTimestamp = true;
      this.timestamp = this.#timestamp(lexer, "invalid timestamp");
      if (this.keyBytes[lexer.at] === NEWLINE && lexer.at < this.#end) {
        lexer.at++;
        return;
      }
      if (!this.#isExemplarNext()) throw this.#trailing(lexer, "expected next entry after timestamp");
    }
    this.#readExemplar();
  }

  #isExemplarNext(): boolean {
    const { keyBytes } = this;
    const { at } = this.#lexer;
    return (
      keyBytes[at] === SPACE && keyBytes[at + 1] === 0x23 && keyBytes[at + 2] === SPACE && keyBytes[at + 3] === 0x7b && at + 3 < this.#end
    );
  }

  #readExemplar(): void {
    const lexer = this.#exemplarLexer;
    lexer.beginSeries(this.#lexer.lineStart);
    lexer.at = this.#lexer.at + 4;
    lexer.readLabels(true);
    this.exemplar.value = this.#number(lexer, "VALUE", "expected value after exemplar labels");
    this.exemplar.hasTimestamp = false;
    if (lexer.at >= this.#end) throw noEnd();
    if (this.keyBytes[lexer.at] !== NEWLINE) {
      this.exemplar.hasTimestamp = true;
      this.exemplar.timestamp = this.#timestamp(lexer, "invalid exemplar timestamp");
    }
    if (this.keyBytes[lexer.at] !== NEWLINE || lexer.at >= this.#end)
      throw this.#trailing(lexer, "expected next entry after exemplar timestamp");
    this.#hasExemplar = true;
    this.#lexer.at = lexer.at + 1;
  }

  /** Reads one space and the number behind it. */
  #number(lexer: SeriesLexer, token: Token, expected: string): number {
    const { keyBytes } = this;
    const start = lexer.at;
    const first = keyBytes[start + 1];
    if (start >= this.#end) {
      lexer.token = "EOF";
      throw lexer.unexpected(expected);
    }
    lexer.tokenStart = start;
    if (keyBytes[start] !== SPACE || first === SPACE || first === NEWLINE || first === 0 || start + 1 >= this.#end) {
      lexer.token = keyBytes[start] === 0x7b ? "BOPEN" : "INVALID";
      lexer.at = keyBytes[start] === SPACE || keyBytes[start] === 0x7b ? start + 1 : start;
      throw lexer.unexpected(expected);
    }
    lexer.token = token;
    try {
      const value = this.#floats.read(keyBytes, start + 1);
      lexer.at = this.#floats.end;
      const stop = keyBytes[lexer.at];
      if (stop === SPACE || stop === NEWLINE) return value;
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
    }
    // What stopped the reader is part of the token here.
    const text = this.#wholeToken(lexer, start + 1);
    try {
      return parseGoFloat(text);
    } catch (error) {
      throw lexer.wrong((error as Error).message);
    }
  }

  /** The text up to a space or newline. */
  #wholeToken(lexer: SeriesLexer, start: number): string {
    let at = start;
    while (this.keyBytes[at] !== SPACE && this.keyBytes[at] !== NEWLINE) at++;
    lexer.at = at;
    return textOf(this.keyBytes, start, Math.min(at, start + 1024));
  }

  /** The error of what stands where a line should have ended. */
  #trailing(lexer: SeriesLexer, expected: string): MalformedInput {
    lexer.token = lexer.at >= this.#end ? "EOF" : "INVALID";
    if (lexer.token === "INVALID") lexer.tokenStart = lexer.at;
    if (this.keyBytes[lexer.at] === SPACE && this.keyBytes[lexer.at + 1] !== SPACE) {
      lexer.token = "TIMESTAMP";
      this.#wholeToken(lexer, lexer.at + 1);
    }
    return lexer.unexpected(expected);
  }

  #timestamp(lexer: SeriesLexer, finding: string): number {
    const seconds = this.#number(lexer, "TIMESTAMP", "expected a valid start token");
    if (Number.isNaN(seconds)) throw new MalformedInput(`${finding} NaN`);
    if (!Number.isFinite(seconds)) throw new MalformedInput(`${finding} ${seconds > 0 ? "+Inf" : "-Inf"}`);
    return Math.trunc(seconds * 1000);
  }

  #comment(): Entry {
    const lexer = this.#lexer;
    this.#literal("# ");
    const first = this.keyBytes[lexer.at];
    const word = first === 0x48 ? "HELP " : first === 0x54 ? "TYPE " : first === 0x55 ? "UNIT " : "EOF";
    this.#literal(word);
    if (word !== "EOF") return this.#metadata(word.trimEnd() as "HELP" | "TYPE" | "UNIT");
    if (this.keyBytes[lexer.at] === NEWLINE && lexer.at < this.#end) lexer.at++;
    if (lexer.at < this.#end) throw new MalformedInput("unexpected data after # EOF");
    // Another `next` finds the end again.
    lexer.at = lexer.lineStart;
    return "end";
  }

  #literal(text: string): void {
    const lexer = this.#lexer;
    for (let i = 0; i < text.length; i++) {
      if (lexer.at >= this.#end || this.keyBytes[lexer.at] !== text.charCodeAt(i)) throw this.#invalid("expected a valid start token");
      lexer.at++;
    }
  }

  #metadata(word: "HELP" | "TYPE" | "UNIT"): Entry {
    const lexer = this.#lexer;
    const { keyBytes } = this;
    lexer.tokenStart = lexer.at;
    const isQuoted = keyBytes[lexer.at] === 0x22 && lexer.at < this.#end;
    const isName = isQuoted ? lexer.readQuoted(true, false) : lexer.readMetricName();
    if (!isName) throw this.#invalid(`expected metric name after ${word}`);
    this.#familyStart = isQuoted ? lexer.tokenStart + 1 : lexer.tokenStart;
    this.#familyEnd = isQuoted ? lexer.at - 1 : lexer.at;
    const newline = keyBytes.indexOf(NEWLINE, lexer.at);
    if (keyBytes[lexer.at] !== SPACE || newline >= this.#end) throw new MalformedInput(`expected text in ${word}`);
    this.#textStart = lexer.at + 1;
    this.#textEnd = newline;
    lexer.at = newline + 1;
    if (word === "TYPE") return this.#readType();
    return word === "HELP" ? this.#readHelp() : this.#readUnit();
  }

  #readType(): Entry {
    const text = textOf(this.keyBytes, this.#textStart, this.#textEnd);
    const type = Object.hasOwn(types, text) ? types[text] : undefined;
    if (type === undefined) throw new MalformedInput(`invalid metric type ${quote(text.slice(0, 1024))}`);
    this.type = type;
    return "type";
  }

  #readHelp(): Entry {
    if (!isValidUtf8(this.keyBytes, this.#textStart, this.#textEnd))
      throw new MalformedInput(`help text ${this.#lexer.quoted(this.#textStart, this.#textEnd)} is not a valid utf8 string`);
    return "help";
  }

  #readUnit(): Entry {
    this.#unit = textOf(this.keyBytes, this.#textStart, this.#textEnd);
    const family = this.family();
    if (this.#unit !== "" && !family.endsWith(`_${this.#unit}`))
      throw new MalformedInput(`unit ${quote(this.#unit)} not a suffix of metric ${quote(family)}`);
    return "unit";
  }

  #invalid(expected: string): MalformedInput {
    this.#lexer.token = "INVALID";
    return this.#lexer.unexpected(expected);
  }

  labels(): [name: string, value: string][] {
    return seriesLabels(this.#lexer, this.type, this.#unit, this.#options);
  }

  /** Where the labels lie in the bytes, for who encodes them without making text. */
  get lexer(): SeriesLexer {
    return this.#lexer;
  }

  histogram(): HistogramMessage {
    throw new Error("the text format has no native histograms");
  }

  nextExemplar(): boolean {
    if (!this.#hasExemplar) return false;
    this.#hasExemplar = false;
    // Escapes in exemplars stay as they are.
    this.exemplar.labels = this.#exemplarLexer.pairs(false);
    return true;
  }

  /** Whether the current series is the `_created` line of a counter, histogram or summary. */
  isCreated(): boolean {
    return hasCreated(this.type) && this.#name().endsWith("_created");
  }

  startTimestamp(): number {
    if (!hasCreated(this.type)) return 0;
    // The cached path reads no offsets: the labels are needed here.
    if (this.asExpected) this.#readLabelsAgain();
    this.#created ??= new CreatedLines(this.keyBytes, this.#end);
    return this.#created.find(this.#lexer.at, this.type, this.identity(this.#familyName()));
  }

  /** Tells series of one family apart, but not the parts of one histogram or summary. */
  identity(family: string): string {
    const parts = this.#lexer.pairs(false).filter(([name]) => !hasNumber(this.type, name));
    return JSON.stringify([family, parts]);
  }

  /** The family and value of a `_created` line. */
  createdFamily(): string {
    return this.#name().slice(0, -"_created".length);
  }

  /** Continues at `at` as if the type was read before. */
  resumeAt(at: number, type: MetricType): void {
    this.#lexer.at = at;
    this.type = type;
  }

  #readLabelsAgain(): void {
    const lexer = this.#lexer;
    const behind = lexer.at;
    lexer.beginSeries(this.keyStart);
    lexer.at = this.keyStart;
    if (lexer.readMetricName()) {
      lexer.nameStart = this.keyStart;
      lexer.nameEnd = lexer.at;
    }
    if (lexer.at < this.keyEnd) {
      lexer.at++;
      lexer.readLabels(false);
    }
    lexer.at = behind;
  }

  #name(): string {
    return textOf(this.keyBytes, this.#lexer.nameStart, this.#lexer.nameEnd);
  }

  /** As much of the series' name as the family's name is long. */
  #familyName(): string {
    return textOf(this.keyBytes, this.#lexer.nameStart, this.#lexer.nameStart + this.#familyEnd - this.#familyStart);
  }

  family(): string {
    return textOf(this.keyBytes, this.#familyStart, this.#familyEnd);
  }

  help(): string {
    return unescaped(textOf(this.keyBytes, this.#textStart, this.#textEnd));
  }

  unit(): string {
    return this.#unit;
  }
}

/** Looks ahead for the `_created` line of a series, which may come behind all its samples. */
class CreatedLines {
  readonly #parser: OpenMetricsTextParser;
  #lastIdentity = "";
  #lastStart = 0;

  constructor(bytes: Uint8Array, end: number) {
    this.#parser = new OpenMetricsTextParser(bytes, end, { skipsCreated: false, typeAndUnitLabels: false });
  }

  find(from: number, type: MetricType, identity: string): number {
    if (identity === this.#lastIdentity && this.#lastStart > 0) return this.#lastStart;
    this.#lastIdentity = "";
    const parser = this.#parser;
    parser.resumeAt(from, type);
    try {
      for (;;) {
        if (parser.next() !== "series") return 0;
        if (!parser.isCreated()) continue;
        if (parser.identity(parser.createdFamily()) !== identity) return 0;
        this.#lastIdentity = identity;
        this.#lastStart = Math.trunc(parser.value * 1000);
        return this.#lastStart;
      }
    } catch (error) {
      // What is wrong here is found again when the line is due.
      if (error instanceof MalformedInput) return 0;
      throw error;
    }
  }
}

function hasCreated(type: MetricType): boolean {
  return type === "counter" || type === "summary" || type === "histogram";
}

function noEnd(): MalformedInput {
  return new MalformedInput("data does not end with # EOF");
}
