import { quote } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { isValidUtf8, textOf } from "../../bytes/utf8.ts";
import type { Entry, ExemplarEntry, ExpositionParser, HistogramMessage } from "./exposition.ts";
import { seriesLabels, startsWithWords, type TextOptions } from "./exposition-text.ts";
import { FloatReader } from "./go-float.ts";
import type { MetricType } from "./sample-batch.ts";
import { SeriesLexer, unescapedHelp } from "./series-lexer.ts";

const NEWLINE = 0x0a;
const types: Readonly<Record<string, MetricType>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  summary: "summary",
  untyped: "unknown",
};

/**
 * The classic text format, versions 0.0.4 and 1.0.0. Accepts and refuses what Prometheus' parser does, oddities included: a NUL where
 * a line should begin ends the exposition, blanks before a name become part of it.
 */
export class PrometheusTextParser implements ExpositionParser {
  readonly #lexer: SeriesLexer;
  readonly #view: DataView;
  readonly #end: number;
  readonly #options: TextOptions;
  readonly #floats = new FloatReader();
  #expectedWords: Int32Array = new Int32Array(0);
  #expectedFirst = 0;
  #expectedLength = 0;
  #familyStart = 0;
  #familyEnd = 0;
  #textStart = 0;
  #textEnd = 0;

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
  constructor(bytes: Uint8Array, end: number, options: TextOptions) {
    if (bytes.length < end + 8) throw new Error(`${bytes.length - end} bytes of room came behind an exposition, 8 are needed`);
    bytes[end] = NEWLINE;
    this.#end = end + 1;
    this.#options = options;
    this.#lexer = new SeriesLexer(bytes, end + 1, { skipsBlanks: true, valuesHoldNewlines: true, demandsCommas: false });
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.keyBytes = bytes;
  }

  expect(words: Int32Array, firstWord: number, length: number): void {
    this.#expectedWords = words;
    this.#expectedFirst = firstWord;
    this.#expectedLength = length;
  }

  next(): Entry {
    const lexer = this.#lexer;
    const expected = this.#expectedLength;
    if (expected > 0) {
      this.#expectedLength = 0;
      if (this.#meetsExpectation(expected)) return this.#suffix();
    }
    this.asExpected = false;
    const { keyBytes } = this;
    for (;;) {
      lexer.beginSeries(lexer.at);
      lexer.skipBlanks();
      lexer.tokenStart = lexer.at;
      if (lexer.at >= this.#end) return "end";
      const byte = keyBytes[lexer.at] as number;
      if (byte === NEWLINE) {
        lexer.at++;
        continue;
      }
      if (byte === 0) return "end";
      if (byte === 0x23) return this.#comment();
      if (byte === 0x7b) {
        lexer.at++;
        lexer.readLabels(false);
        return this.#series();
      }
      if (!lexer.readMetricName()) {
        lexer.token = "INVALID";
        throw lexer.unexpected("expected a valid start token");
      }
      lexer.nameStart = lexer.lineStart;
      lexer.nameEnd = lexer.at;
      this.keyEnd = lexer.at;
      lexer.skipBlanks();
      if (keyBytes[lexer.at] === 0x7b) {
        lexer.at++;
        lexer.readLabels(false);
      } else lexer.at = this.keyEnd;
      return this.#series();
    }
  }

  /** Whether the line begins with the expected series, and the key can't go on behind it. */
  #meetsExpectation(length: number): boolean {
    const start = this.#lexer.at;
    const end = start + length;
    if (end > this.#end || !startsWithWords(this.#view, start, this.#expectedWords, this.#expectedFirst, length)) return false;
    const { keyBytes } = this;
    if (keyBytes[end - 1] !== 0x7d) {
      let at = end;
      while (keyBytes[at] === 0x20 || keyBytes[at] === 0x09) at++;
      if (at === end || keyBytes[at] === 0x7b) return false;
    }
    this.#lexer.lineStart = start;
    this.#lexer.at = end;
    this.asExpected = true;
    this.keyStart = start;
    this.keyEnd = end;
    return true;
  }

  #series(): Entry {
    this.keyStart = this.#lexer.lineStart;
    this.keyEnd = this.#lexer.at;
    if (this.#lexer.nameStart === -1) throw this.#lexer.wrong("metric name not set");
    return this.#suffix();
  }

  /** Reads value, timestamp and the end of the line. */
  #suffix(): Entry {
    const lexer = this.#lexer;
    const { keyBytes } = this;
    let at = lexer.at;
    while (keyBytes[at] === 0x20 || keyBytes[at] === 0x09) at++;
    const first = keyBytes[at] as number;
    if (first === NEWLINE || first === 0x7b || first === 0) {
      lexer.tokenStart = at;
      lexer.at = first === 0x7b ? at + 1 : at;
      lexer.token = first === 0x7b ? "BOPEN" : at >= this.#end ? "EOF" : "INVALID";
      throw lexer.unexpected("expected value after metric");
    }
    this.value = this.#float(at);
    at = this.#floats.end;
    while (keyBytes[at] === 0x20 || keyBytes[at] === 0x09) at++;
    this.hasTimestamp = false;
    if (keyBytes[at] !== NEWLINE) at = this.#timestamp(at);
    lexer.at = at + 1;
    return "series";
  }

  #float(at: number): number {
    try {
      return this.#floats.read(this.keyBytes, at);
    } catch (error) {
      this.#lexer.at = this.#floats.end;
      throw this.#lexer.wrong((error as Error).message);
    }
  }

  /** Reads the timestamp at `start`; returns where the newline behind it is. */
  #timestamp(start: number): number {
    const lexer = this.#lexer;
    const { keyBytes } = this;
    let at = start;
    let value = 0;
    for (let byte = keyBytes[at] as number; byte >= 0x30 && byte <= 0x39; byte = keyBytes[at] as number) {
      value = value * 10 + (byte - 0x30);
      at++;
    }
    lexer.tokenStart = start;
    lexer.at = at;
    lexer.token = "INVALID";
    if (at === start) throw lexer.unexpected("expected timestamp or new record");
    // Doubles around 2^63 are 1024 apart: only a number this large needs to be looked at closely.
    if (value >= 2 ** 62 && BigInt(textOf(keyBytes, start, at)) >= 2n ** 63n)
      throw lexer.wrong(`strconv.ParseInt: parsing ${quote(textOf(keyBytes, start, at))}: value out of range`);
    this.hasTimestamp = true;
    this.timestamp = Number.isSafeInteger(value) ? value : Number(textOf(keyBytes, start, at));
    while (keyBytes[at] === 0x20 || keyBytes[at] === 0x09) at++;
    if (keyBytes[at] !== NEWLINE) {
      lexer.tokenStart = at;
      lexer.at = at;
      while (isDigit(keyBytes[lexer.at])) lexer.at++;
      if (lexer.at > at) lexer.token = "TIMESTAMP";
      throw lexer.unexpected("expected next entry after timestamp");
    }
    return at;
  }

  #comment(): Entry {
    const lexer = this.#lexer;
    const { keyBytes } = this;
    lexer.at++;
    const isSpaced = keyBytes[lexer.at] === 0x20 || keyBytes[lexer.at] === 0x09;
    lexer.skipBlanks();
    const word = isSpaced ? this.#word() : undefined;
    if (word !== undefined) return this.#metadata(word);
    // A NUL ends the exposition where the comment begins, and anywhere in one that no blank follows its mark.
    if (keyBytes[lexer.at] === 0) return "end";
    const newline = keyBytes.indexOf(NEWLINE, lexer.at);
    if (!isSpaced) {
      const nul = keyBytes.subarray(lexer.at, newline).indexOf(0);
      if (nul >= 0) return "end";
    }
    lexer.at = newline + 1;
    return "comment";
  }

  /** `HELP` or `TYPE` and the blanks behind it, or undefined. */
  #word(): "HELP" | "TYPE" | undefined {
    const lexer = this.#lexer;
    const word = textOf(this.keyBytes, lexer.at, Math.min(lexer.at + 4, this.#end));
    if (word !== "HELP" && word !== "TYPE") return undefined;
    const behind = this.keyBytes[lexer.at + 4];
    if (behind !== 0x20 && behind !== 0x09) return undefined;
    lexer.at += 4;
    lexer.skipBlanks();
    return word;
  }

  #metadata(word: "HELP" | "TYPE"): Entry {
    const lexer = this.#lexer;
    const { keyBytes } = this;
    lexer.tokenStart = lexer.at;
    if (keyBytes[lexer.at] === 0x22) {
      lexer.token = lexer.readQuoted(true, false) ? "MNAME" : "INVALID";
      this.#familyStart = lexer.tokenStart + 1;
      this.#familyEnd = lexer.at - 1;
    } else {
      lexer.token = lexer.readMetricName() ? "MNAME" : "INVALID";
      this.#familyStart = lexer.tokenStart;
      this.#familyEnd = lexer.at;
    }
    if (lexer.token !== "MNAME") throw lexer.unexpected(`expected metric name after ${word}`);
    if (keyBytes[lexer.at] === 0) throw lexer.unexpected("linebreak expected after metadata");
    const newline = keyBytes.indexOf(NEWLINE, lexer.at);
    // One byte lies between name and text, whatever it is.
    this.#textStart = Math.min(lexer.at + 1, newline);
    this.#textEnd = newline;
    if (isBlank(keyBytes, lexer.at, newline)) this.#textStart = newline;
    lexer.at = newline + 1;
    return word === "TYPE" ? this.#readType() : this.#readHelp();
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

  labels(): [name: string, value: string][] {
    return seriesLabels(this.#lexer, this.type, "", this.#options);
  }

  /** Where the labels lie in the bytes, for who encodes them without making text. */
  get lexer(): SeriesLexer {
    return this.#lexer;
  }

  histogram(): HistogramMessage {
    throw new Error("the text format has no native histograms");
  }

  nextExemplar(): boolean {
    return false;
  }

  startTimestamp(): number {
    return 0;
  }

  family(): string {
    return textOf(this.keyBytes, this.#familyStart, this.#familyEnd);
  }

  help(): string {
    return unescapedHelp(textOf(this.keyBytes, this.#textStart, this.#textEnd));
  }

  unit(): string {
    return "";
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0x20 && bytes[at] !== 0x09) return false;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
