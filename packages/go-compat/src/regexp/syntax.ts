import { isEscapedByte } from "../byte-text.ts";
import { GoError } from "../go-error.ts";
import { foldCase } from "./case-folding.ts";
import { PERL_CLASSES, POSIX_CLASSES, unicodeClass } from "./named-classes.ts";
import { ALL_RUNES, complementOf, NOT_NEWLINE, type RuneRanges, toRanges } from "./rune-ranges.ts";

/** A parsed pattern. Flags and case are gone: they are written into the sets and assertions. */
export type Node =
  | { readonly op: "empty" }
  | { readonly op: "runes"; readonly runes: RuneRanges }
  | { readonly op: "concat"; readonly subs: readonly Node[] }
  | { readonly op: "alternate"; readonly subs: readonly Node[] }
  /** `max` is Infinity where there is no limit. */
  | { readonly op: "repeat"; readonly sub: Node; readonly min: number; readonly max: number; readonly isLazy: boolean }
  | { readonly op: "capture"; readonly sub: Node; readonly index: number }
  | { readonly op: "assert"; readonly what: Assertion };

export type Assertion = "beginText" | "endText" | "beginLine" | "endLine" | "wordBoundary" | "notWordBoundary";

export interface ParsedPattern {
  readonly root: Node;
  /** By group number; "" where a group has no name, and for the whole match. */
  readonly groupNames: readonly string[];
}

// Go's limits: nesting of 1000, 128 MiB of 40-byte instructions.
const MAX_HEIGHT = 1000;
const MAX_SIZE = Math.floor((128 << 20) / 40);
const MAX_REPEAT = 1000;
const MAX_BOUNDS = (128 << 20) / 4;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

/** An open group: what stands before the current `|`, and what has been read since. */
interface Frame {
  readonly flagsOutside: Flags;
  /** 0 for a group that does not capture. */
  readonly capture: number;
  readonly alternatives: Node[];
  items: Node[];
}

interface Measure {
  readonly height: number;
  readonly size: number;
}

/** Parses RE2 syntax as Go's `regexp.Compile` does. Throws `GoError` with Go's text. */
export function parsePattern(pattern: string): ParsedPattern {
  return new PatternParser(pattern).parse();
}

export function patternError(code: string, expression: string): GoError {
  return new GoError(`error parsing regexp: ${code}: \`${expression}\``);
}

class PatternParser {
  readonly #pattern: string;
  readonly #groupNames: string[] = [""];
  readonly #frames: Frame[] = [];
  readonly #measures = new WeakMap<Node, Measure>();
  #flags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, ungreedy: false };
  #at = 0;
  #bounds = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): ParsedPattern {
    const pattern = this.#pattern;
    this.#open(0);
    // Where the repetition that was read last begins, while nothing else has been read since.
    let repeatStart = -1;
    while (this.#at < pattern.length) {
      const start = this.#at;
      const wasRepeat = this.#readToken(repeatStart);
      repeatStart = wasRepeat ? start : -1;
    }
    if (this.#frames.length !== 1) throw patternError("missing closing )", pattern);
    return { root: this.#close(), groupNames: this.#groupNames };
  }

  /** Reads one token; says whether it was a repetition. */
  #readToken(repeatStart: number): boolean {
    const pattern = this.#pattern;
    switch (pattern[this.#at]) {
      case "(":
        if (pattern[this.#at + 1] === "?") {
          this.#readExtension();
        } else {
          this.#at++;
          this.#groupNames.push("");
          this.#open(this.#groupNames.length - 1);
        }
        return false;
      case "|":
        this.#at++;
        this.#endAlternative();
        return false;
      case ")":
        this.#at++;
        this.#readRightParenthesis();
        return false;
      case "^":
        this.#at++;
        this.#push({ op: "assert", what: this.#flags.multiLine ? "beginLine" : "beginText" });
        return false;
      case "$":
        this.#at++;
        this.#push({ op: "assert", what: this.#flags.multiLine ? "endLine" : "endText" });
        return false;
      case ".":
        this.#at++;
        this.#push({ op: "runes", runes: this.#flags.dotAll ? ALL_RUNES : NOT_NEWLINE });
        return false;
      case "[":
        this.#readClass();
        return false;
      case "*":
      case "+":
      case "?":
        this.#readShortRepeat(repeatStart);
        return true;
      case "{":
        return this.#readCountedRepeat(repeatStart);
      case "\\":
        this.#readEscape();
        return false;
      default:
        this.#pushRune(this.#nextRune());
        return false;
    }
  }

  #frame(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame;
  }

  #open(capture: number, flagsInside = this.#flags): void {
    this.#frames.push({ flagsOutside: this.#flags, capture, alternatives: [], items: [] });
    this.#flags = flagsInside;
  }

  #push(node: Node): void {
    this.#frame().items.push(node);
  }

  #pushRunes(runes: RuneRanges): void {
    this.#bounds += runes.length;
    if (this.#bounds > MAX_BOUNDS) throw patternError("expression too large", this.#pattern);
    this.#push({ op: "runes", runes: withEscapedBytes(runes) });
  }

  #pushRune(rune: number): void {
    const runes: RuneRanges = [rune, rune];
    this.#pushRunes(this.#flags.ignoreCase ? foldCase(runes) : runes);
  }

  #endAlternative(): void {
    const frame = this.#frame();
    frame.alternatives.push(this.#checked(concatOf(frame.items)));
    frame.items = [];
  }

  #close(): Node {
    this.#endAlternative();
    const frame = this.#frames.pop() as Frame;
    const subs = frame.alternatives;
    const node: Node = subs.length === 1 ? (subs[0] as Node) : { op: "alternate", subs };
    this.#flags = frame.flagsOutside;
    return this.#checked(frame.capture === 0 ? node : { op: "capture", sub: node, index: frame.capture });
  }

  #readRightParenthesis(): void {
    if (this.#frames.length < 2) throw patternError("unexpected )", this.#pattern);
    this.#push(this.#close());
  }

  // (?P<name>…)  (?<name>…)  (?flags)  (?flags:…)
  #readExtension(): void {
    const rest = this.#pattern.slice(this.#at);
    const opening = /^\(\?P?</.exec(rest)?.[0];
    if (opening !== undefined && rest.length > opening.length) {
      const end = rest.indexOf(">");
      if (end < 0) {
        checkUtf8(rest);
        throw patternError("invalid named capture", rest);
      }
      const name = rest.slice(opening.length, end);
      checkUtf8(name);
      if (!/^[A-Za-z0-9_]+$/.test(name)) throw patternError("invalid named capture", rest.slice(0, end + 1));
      this.#at += end + 1;
      this.#groupNames.push(name);
      this.#open(this.#groupNames.length - 1);
      return;
    }
    this.#readFlags();
  }

  #readFlags(): void {
    const start = this.#at;
    let flags = this.#flags;
    let isOn = true;
    let sawFlag = false;
    this.#at += 2;
    while (this.#at < this.#pattern.length) {
      const letter = String.fromCodePoint(this.#nextRune());
      if (letter === "i") flags = { ...flags, ignoreCase: isOn };
      else if (letter === "m") flags = { ...flags, multiLine: isOn };
      else if (letter === "s") flags = { ...flags, dotAll: isOn };
      else if (letter === "U") flags = { ...flags, ungreedy: isOn };
      else if (letter === "-" && isOn) {
        isOn = false;
        sawFlag = false;
        continue;
      } else if ((letter === ":" || letter === ")") && (isOn || sawFlag)) {
        if (letter === ":") this.#open(0, flags);
        else this.#flags = flags;
        return;
      } else break;
      sawFlag = true;
    }
    throw patternError("invalid or unsupported Perl syntax", this.#pattern.slice(start, this.#at));
  }

  #readShortRepeat(repeatStart: number): void {
    const start = this.#at;
    const sign = this.#pattern[this.#at];
    this.#at++;
    this.#repeat(start, repeatStart, sign === "+" ? 1 : 0, sign === "?" ? 1 : Number.POSITIVE_INFINITY);
  }

  #readCountedRepeat(repeatStart: number): boolean {
    const start = this.#at;
    const found = /^\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/.exec(this.#pattern.slice(start, start + 64)) ?? this.#longCount(start);
    if (found === null) {
      // Not a count: the brace stands for itself.
      this.#at++;
      this.#pushRune(0x7b);
      return false;
    }
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY) || min > max) {
      throw patternError("invalid repeat count", found[0]);
    }
    this.#repeat(start, repeatStart, min, max);
    if (Math.max(min, max === Number.POSITIVE_INFINITY ? 0 : max) >= 2 && !isRepeatValid(this.#frame().items.at(-1) as Node, MAX_REPEAT)) {
      throw patternError("invalid repeat count", this.#pattern.slice(start, this.#at));
    }
    return true;
  }

  /** Counts that do not fit the usual window: absurd, but Go reads them. */
  #longCount(start: number): RegExpExecArray | null {
    const end = this.#pattern.indexOf("}", start);
    if (end < start + 64) return null;
    return /^\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}$/.exec(this.#pattern.slice(start, end + 1));
  }

  #repeat(start: number, repeatStart: number, min: number, max: number): void {
    let isLazy = this.#flags.ungreedy;
    if (this.#pattern[this.#at] === "?") {
      this.#at++;
      isLazy = !isLazy;
    }
    if (repeatStart >= 0) throw patternError("invalid nested repetition operator", this.#pattern.slice(repeatStart, this.#at));
    const items = this.#frame().items;
    const sub = items.pop();
    if (sub === undefined) throw patternError("missing argument to repetition operator", this.#pattern.slice(start, this.#at));
    items.push(this.#checked({ op: "repeat", sub, min, max, isLazy }));
  }

  #readEscape(): void {
    const letter = this.#pattern[this.#at + 1];
    switch (letter) {
      case "A":
      case "b":
      case "B":
      case "z":
        this.#at += 2;
        this.#push({
          op: "assert",
          what: letter === "A" ? "beginText" : letter === "z" ? "endText" : letter === "b" ? "wordBoundary" : "notWordBoundary",
        });
        return;
      case "C":
        throw patternError("invalid escape sequence", "\\C");
      case "Q":
        this.#at += 2;
        this.#readQuoted();
        return;
      default: {
        const runes = this.#readNamedSet();
        if (runes !== undefined) this.#pushRunes(runes);
        else this.#pushRune(this.#readEscapedRune());
      }
    }
  }

  #readQuoted(): void {
    const found = this.#pattern.indexOf("\\E", this.#at);
    const end = found < 0 ? this.#pattern.length : found;
    while (this.#at < end) this.#pushRune(this.#nextRune());
    this.#at = found < 0 ? end : end + 2;
  }

  /** `\pL`, `\p{Greek}`, `\d` and their negations; undefined when the escape is another one. */
  #readNamedSet(): RuneRanges | undefined {
    const pattern = this.#pattern;
    const letter = pattern[this.#at + 1] ?? "";
    if (letter === "p" || letter === "P") {
      if (this.#at + 2 < pattern.length) return this.#readUnicodeClass(letter === "P");
      // Go asks for the next rune of nothing and takes U+FFFD for the name.
      throw patternError("invalid character class range", pattern.slice(this.#at));
    }
    const perl = PERL_CLASSES[letter.toLowerCase()];
    if (perl === undefined || !/^[dswDSW]$/.test(letter)) return undefined;
    this.#at += 2;
    const runes = this.#flags.ignoreCase ? foldCase(perl) : perl;
    return letter === letter.toUpperCase() ? complementOf(runes) : runes;
  }

  #readUnicodeClass(isNegatedByLetter: boolean): RuneRanges {
    const start = this.#at;
    this.#at += 2;
    const first = this.#nextRune();
    let name = String.fromCodePoint(first);
    if (name === "{") {
      const end = this.#pattern.indexOf("}", this.#at);
      if (end < 0) {
        checkUtf8(this.#pattern.slice(start));
        throw patternError("invalid character class range", this.#pattern.slice(start));
      }
      name = this.#pattern.slice(this.#at, end);
      checkUtf8(name);
      this.#at = end + 1;
    }
    let isNegated = isNegatedByLetter;
    if (name.startsWith("^")) {
      isNegated = !isNegated;
      name = name.slice(1);
    }
    const runes = unicodeClass(name, this.#flags.ignoreCase, isNegated);
    if (runes === undefined) throw patternError("invalid character class range", this.#pattern.slice(start, this.#at));
    return runes;
  }

  #readClass(): void {
    const start = this.#at;
    const pattern = this.#pattern;
    const bounds: number[] = [];
    this.#at++;
    const isNegated = pattern[this.#at] === "^";
    if (isNegated) this.#at++;
    // A bracket or hyphen that comes first stands for itself.
    for (let isFirst = true; isFirst || pattern[this.#at] !== "]"; isFirst = false) {
      const named = this.#readPosixClass() ?? (pattern[this.#at] === "\\" ? this.#readNamedSet() : undefined);
      if (named !== undefined) for (const bound of named) bounds.push(bound);
      else this.#readClassRange(start, bounds);
    }
    this.#at++;
    const runes = toRanges(bounds);
    this.#pushRunes(isNegated ? complementOf(runes) : runes);
  }

  #readPosixClass(): RuneRanges | undefined {
    const pattern = this.#pattern;
    if (!pattern.startsWith("[:", this.#at)) return undefined;
    const end = pattern.indexOf(":]", this.#at + 2);
    if (end < 0) return undefined;
    const name = pattern.slice(this.#at + 2, end);
    const isNegated = name.startsWith("^");
    const key = isNegated ? name.slice(1) : name;
    const named = Object.hasOwn(POSIX_CLASSES, key) ? POSIX_CLASSES[key] : undefined;
    if (named === undefined) throw patternError("invalid character class range", pattern.slice(this.#at, end + 2));
    this.#at = end + 2;
    const runes = this.#flags.ignoreCase ? foldCase(named) : named;
    return isNegated ? complementOf(runes) : runes;
  }

  #readClassRange(classStart: number, bounds: number[]): void {
    const start = this.#at;
    const lo = this.#readClassRune(classStart);
    let hi = lo;
    if (this.#pattern[this.#at] === "-" && this.#at + 1 < this.#pattern.length && this.#pattern[this.#at + 1] !== "]") {
      this.#at++;
      hi = this.#readClassRune(classStart);
      if (hi < lo) throw patternError("invalid character class range", this.#pattern.slice(start, this.#at));
    }
    for (const bound of this.#flags.ignoreCase ? foldCase([lo, hi]) : [lo, hi]) bounds.push(bound);
  }

  #readClassRune(classStart: number): number {
    if (this.#at >= this.#pattern.length) throw patternError("missing closing ]", this.#pattern.slice(classStart));
    return this.#pattern[this.#at] === "\\" ? this.#readEscapedRune() : this.#nextRune();
  }

  #readEscapedRune(): number {
    const start = this.#at;
    this.#at++;
    if (this.#at >= this.#pattern.length) throw patternError("trailing backslash at end of expression", "");
    const rune = this.#nextRune();
    const letter = String.fromCodePoint(rune);
    const value = /[0-7]/.test(letter) ? this.#readOctal(letter) : letter === "x" ? this.#readHex() : CONTROL_ESCAPES[letter];
    if (value !== undefined) return value;
    if (rune < 0x80 && !/[0-9A-Za-z]/.test(letter)) return rune;
    throw patternError("invalid escape sequence", this.#pattern.slice(start, this.#at));
  }

  #readOctal(first: string): number | undefined {
    const more = (/^[0-7]{0,2}/.exec(this.#pattern.slice(this.#at, this.#at + 2)) as RegExpExecArray)[0];
    // One digit other than 0 would be a backreference.
    if (first !== "0" && more === "") return undefined;
    this.#at += more.length;
    return Number.parseInt(first + more, 8);
  }

  #readHex(): number | undefined {
    if (this.#at >= this.#pattern.length) return undefined;
    const first = this.#nextRune();
    if (first !== 0x7b) {
      const second = this.#at < this.#pattern.length ? this.#nextRune() : 0;
      const high = hexValue(first);
      const low = hexValue(second);
      return high < 0 || low < 0 ? undefined : high * 16 + low;
    }
    let value = 0;
    for (let digits = 0; this.#at < this.#pattern.length; digits++) {
      const rune = this.#nextRune();
      if (rune === 0x7d) return digits > 0 ? value : undefined;
      if (hexValue(rune) < 0) return undefined;
      value = value * 16 + hexValue(rune);
      if (value > 0x10ffff) return undefined;
    }
    return undefined;
  }

  #nextRune(): number {
    if (isEscapedByte(this.#pattern, this.#at)) throw patternError("invalid UTF-8", this.#pattern.slice(this.#at));
    const rune = this.#pattern.codePointAt(this.#at) as number;
    this.#at += rune > 0xffff ? 2 : 1;
    return rune;
  }

  /** Keeps Go's bounds on depth and size, which also keep our own recursion shallow. */
  #checked(node: Node): Node {
    const measure = this.#measure(node);
    if (measure.size > MAX_SIZE) throw patternError("expression too large", this.#pattern);
    if (measure.height > MAX_HEIGHT) throw patternError("expression nests too deeply", this.#pattern);
    return node;
  }

  #measure(node: Node): Measure {
    const known = this.#measures.get(node);
    if (known !== undefined) return known;
    const measure = this.#computeMeasure(node);
    this.#measures.set(node, measure);
    return measure;
  }

  #computeMeasure(node: Node): Measure {
    switch (node.op) {
      case "empty":
      case "runes":
      case "assert":
        return { height: 1, size: 1 };
      case "capture": {
        const sub = this.#measure(node.sub);
        return { height: sub.height + 1, size: sub.size + 2 };
      }
      case "repeat": {
        const sub = this.#measure(node.sub);
        return { height: sub.height + 1, size: repeatSize(node.min, node.max, sub.size) };
      }
      case "concat":
      case "alternate": {
        let height = 1;
        let size = node.op === "alternate" ? node.subs.length - 1 : 0;
        for (const sub of node.subs) {
          const measure = this.#measure(sub);
          // Go keeps a run of letters in one node.
          height = Math.max(height, sub.op === "runes" ? measure.height : measure.height + 1);
          size += measure.size;
        }
        return { height, size };
      }
      default:
        return node satisfies never;
    }
  }
}

const CONTROL_ESCAPES: Readonly<Record<string, number | undefined>> = Object.assign(Object.create(null), {
  a: 0x07,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
});

function concatOf(items: readonly Node[]): Node {
  if (items.length === 0) return { op: "empty" };
  if (items.length === 1) return items[0] as Node;
  return { op: "concat", subs: items.flatMap((item) => (item.op === "concat" ? item.subs : [item])) };
}

// A byte that is not UTF-8 matches as U+FFFD does, whatever else is said about surrogates.
function withEscapedBytes(runes: RuneRanges): RuneRanges {
  for (let at = 0; at < runes.length; at += 2) {
    const lo = runes[at] as number;
    const hi = runes[at + 1] as number;
    if (lo <= 0xfffd && hi >= 0xfffd) return lo <= 0xdc80 ? runes : toRanges([...runes, 0xdc80, 0xdcff]);
  }
  return runes;
}

function isRepeatValid(node: Node, budget: number): boolean {
  switch (node.op) {
    case "repeat": {
      const count = node.max === Number.POSITIVE_INFINITY ? node.min : node.max;
      if (node.max === 0) return true;
      if (count > budget) return false;
      return isRepeatValid(node.sub, count > 0 ? Math.floor(budget / count) : budget);
    }
    case "capture":
      return isRepeatValid(node.sub, budget);
    case "concat":
    case "alternate":
      return node.subs.every((sub) => isRepeatValid(sub, budget));
    default:
      return true;
  }
}

function repeatSize(min: number, max: number, sub: number): number {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? 2 + sub : 1 + min * sub;
  return Math.max(1, max * sub + (max - min));
}

function checkUtf8(text: string): void {
  for (let at = 0; at < text.length; at++) {
    if (isEscapedByte(text, at)) throw patternError("invalid UTF-8", text.slice(at));
  }
}

function hexValue(rune: number): number {
  if (rune >= 0x30 && rune <= 0x39) return rune - 0x30;
  const lower = rune | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
