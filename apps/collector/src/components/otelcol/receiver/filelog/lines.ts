import { readFileSync } from "node:fs";
import { compileRegexp, type Regexp } from "@invar/go-compat";
import { Entry, type EntryMap } from "./entry.ts";
import { Pipeline } from "./operators/pipeline.ts";
import type { Plain } from "./operators/settings.ts";

export interface LineOptions {
  readonly multiline:
    | { readonly line_start_pattern: string; readonly line_end_pattern: string; readonly omit_pattern: boolean }
    | undefined;
  readonly header: { readonly pattern: string; readonly operators: readonly Plain[] } | undefined;
  /** 0: what is not complete waits for what ends it. */
  readonly flushAfterMs: number;
  readonly maxBytes: number;
  readonly trimsStart: boolean;
  readonly trimsEnd: boolean;
  readonly now: () => number;
}

interface Pending {
  lines: string[];
  bytes: number;
  readonly sinceMs: number;
}

/** So much of a file may be its header. */
const HEADER_BYTES = 64 * 1024;

/** Makes entries of the lines of one file: several lines together, long ones in parts, and those of the header attributes of all others. */
export class Lines {
  readonly #options: LineOptions;
  readonly #start: Regexp | undefined;
  readonly #end: Regexp | undefined;
  readonly #header: Regexp | undefined;
  #pending: Pending | undefined;
  #headerAttributes: EntryMap = new Map();
  #wasHeader = false;
  count = 0;

  /** `path`: where the header is read anew, since reading goes on behind it. */
  constructor(options: LineOptions, path: string | undefined) {
    const { multiline, header } = options;
    this.#options = options;
    this.#start = regexpOf(multiline?.line_start_pattern);
    this.#end = regexpOf(multiline?.line_end_pattern);
    this.#header = regexpOf(header?.pattern);
    if (this.#header !== undefined && path !== undefined) this.#readHeader(path, this.#header);
  }

  get isHolding(): boolean {
    return this.#pending !== undefined;
  }

  /** Takes one line; calls with each entry that is complete. */
  add(line: string, emit: (text: string) => void): void {
    if (this.#header?.test(line) === true) {
      this.#addHeader(line);
      return;
    }
    this.#wasHeader = false;
    if (this.#start === undefined && this.#end === undefined) {
      this.#emit(line, emit);
      return;
    }
    const starts = this.#start?.test(line) === true;
    const ends = this.#end?.test(line) === true;
    if (starts) this.#flush(emit);
    this.#pending ??= { lines: [], bytes: 0, sinceMs: this.#options.now() };
    const kept = this.#options.multiline?.omit_pattern === true ? without(line, starts ? this.#start : ends ? this.#end : undefined) : line;
    this.#pending.lines.push(kept);
    this.#pending.bytes += kept.length + 1;
    if (ends || this.#pending.bytes > this.#options.maxBytes) this.#flush(emit);
  }

  /** Takes what waits for too long as complete. */
  flush(nowMs: number, emit: (text: string) => void): void {
    const { flushAfterMs } = this.#options;
    if (this.#pending === undefined) return;
    if (nowMs === Number.POSITIVE_INFINITY || (flushAfterMs > 0 && nowMs - this.#pending.sinceMs >= flushAfterMs)) this.#flush(emit);
  }

  /** The attributes that the header tells. */
  get headerAttributes(): EntryMap {
    return this.#headerAttributes;
  }

  #flush(emit: (text: string) => void): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#emit(pending.lines.join("\n"), emit);
  }

  #emit(text: string, emit: (text: string) => void): void {
    const { trimsStart, trimsEnd, maxBytes } = this.#options;
    const parts = text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes ? [text] : divided(text, maxBytes);
    for (const part of parts) {
      const started = trimsStart ? part.trimStart() : part;
      const trimmed = trimsEnd ? started.trimEnd() : started;
      // Lines without content are no entries.
      if (trimmed === "") continue;
      this.count++;
      emit(trimmed);
    }
  }

  #readHeader(path: string, pattern: Regexp): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8").slice(0, HEADER_BYTES);
    } catch {
      // The file is gone: so is its header.
      return;
    }
    for (const line of text.split("\n")) {
      if (!pattern.test(line)) return;
      this.#addHeader(line);
    }
  }

  /** The first line of a header begins anew: the name leads to another file. */
  #addHeader(line: string): void {
    const { header, now } = this.#options;
    if (header === undefined) return;
    if (!this.#wasHeader) this.#headerAttributes = new Map();
    this.#wasHeader = true;
    const pipeline = new Pipeline(
      header.operators,
      { now, random: Math.random, report: () => {}, failed: () => {}, dropped: () => {} },
      ({ attributes }) => {
        for (const [key, value] of attributes) this.#headerAttributes.set(key, value);
      },
    );
    pipeline.process(new Entry(line, now()));
    pipeline.flush(Number.POSITIVE_INFINITY);
  }
}

function regexpOf(pattern: string | undefined): Regexp | undefined {
  return pattern === undefined || pattern === "" ? undefined : compileRegexp(pattern);
}

function without(line: string, pattern: Regexp | undefined): string {
  const match = pattern?.exec(line);
  return match === undefined ? line : line.slice(0, match.start) + line.slice(match.end);
}

/** Parts of at most so many bytes; no character is cut through. */
function divided(text: string, maxBytes: number): string[] {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + maxBytes, bytes.length);
    while (end < bytes.length && end > start + 1 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
    parts.push(bytes.toString("utf8", start, end));
    start = end;
  }
  return parts;
}
