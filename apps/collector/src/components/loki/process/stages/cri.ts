import { byteLength, sliceByBytes } from "@invar/go-compat";
import { bool, defaulted, int, many, uint } from "../../../../component/arguments.ts";
import { parsedTime, parseRfc3339 } from "../../../../signals/loki/rfc3339.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Receipt } from "../../../../signals/receipt.ts";
import type { Frame, KeptRow, Selection } from "../frame.ts";
import { defineStage, type Stage, type StageContext } from "../stage.ts";

/** A line that never ends must not take all memory. */
const MOST_BYTES = 4 * 1024 * 1024;

export const cri = defineStage(
  many("Reads lines in the format of container runtimes, and joins lines that were divided.", {
    arguments: {
      max_partial_lines: defaulted(int, "How many streams may have a line of which only parts have come.", 100, {
        check: (lines) => (lines > 0 ? undefined : "max_partial_lines must be greater than 0"),
      }),
      max_partial_line_size: defaulted(uint, "The most bytes of a joined line, with `max_partial_line_size_truncate`.", 0),
      max_partial_line_size_truncate: defaulted(bool, "Whether longer joined lines are cut.", false),
    },
  }),
  (args, context) => new CriStage(args, context),
);

interface CriArguments {
  readonly max_partial_lines: number;
  readonly max_partial_line_size: number;
  readonly max_partial_line_size_truncate: boolean;
}

interface Partial {
  readonly row: KeptRow;
  readonly receipts: readonly Receipt[];
  readonly createdMs: number;
}

//     2019-04-30T02:12:41.8443515Z stdout F the line
//     time                         stream flag content

class CriStage implements Stage {
  readonly #context: StageContext;
  readonly #mostParts: number;
  readonly #mostBytes: number;
  readonly #partials = new Map<StreamLabels, Partial>();
  readonly #withStream = new WeakMap<StreamLabels, { stdout: StreamLabels; stderr: StreamLabels }>();
  readonly #slots: { stream: number; flags: number; time: number; content: number };
  readonly #extracts: { stream: boolean; flags: boolean; time: boolean; content: boolean };

  constructor(args: CriArguments, context: StageContext) {
    this.#context = context;
    this.#mostParts = args.max_partial_lines;
    this.#mostBytes = args.max_partial_line_size_truncate ? Math.min(args.max_partial_line_size, MOST_BYTES) : MOST_BYTES;
    const { names } = context;
    this.#slots = { stream: names.slot("stream"), flags: names.slot("flags"), time: names.slot("time"), content: names.slot("content") };
    this.#extracts = {
      stream: names.isRead("stream"),
      flags: names.isRead("flags"),
      time: names.isRead("time"),
      content: names.isRead("content"),
    };
  }

  run(frame: Frame, selection: Selection): void {
    const { rows, count } = selection;
    // Places of streams in the frame by those that the lines came with: [stdout, stderr] of each.
    const places: number[] = [];
    const out = new Uint32Array(count + this.#partials.size);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      const flag = frame.isBytes(row) ? this.#parse(frame, row, frame.batch.text, places) : this.#parseText(frame, row, places);
      if (flag === NOT_CRI || (flag === FULL && this.#partials.size === 0)) {
        out[kept++] = row;
        continue;
      }
      if (flag === PARTIAL) {
        if (this.#partials.size >= this.#mostParts) {
          for (const flushed of this.#flushInto(frame, row)) out[kept++] = flushed;
          this.#keep(frame, row, frame.line(row), []);
        } else this.#keepJoined(frame, row);
        continue;
      }
      this.#complete(frame, row);
      out[kept++] = row;
    }
    selection.rows = out;
    selection.count = kept;
  }

  flush(): void {
    for (const { row, receipts, createdMs } of this.#partials.values()) this.#context.resume({ rows: [row], receipts, createdMs });
    this.#partials.clear();
  }

  #parse(frame: Frame, row: number, bytes: Uint8Array, places: number[]): number {
    const start = frame.start[row] as number;
    const end = frame.end[row] as number;
    const timeEnd = endOfTime(bytes, start, end);
    if (timeEnd < 0) return NOT_CRI;
    const streamStart = timeEnd + 1;
    // "std", then "out" or "err".
    if (end - streamStart < 7 || bytes[streamStart + 6] !== 0x20) return NOT_CRI;
    if (bytes[streamStart] !== 0x73 || bytes[streamStart + 1] !== 0x74 || bytes[streamStart + 2] !== 0x64) return NOT_CRI;
    const isOut = bytes[streamStart + 3] === 0x6f && bytes[streamStart + 4] === 0x75 && bytes[streamStart + 5] === 0x74;
    if (!isOut && !(bytes[streamStart + 3] === 0x65 && bytes[streamStart + 4] === 0x72 && bytes[streamStart + 5] === 0x72)) return NOT_CRI;
    let at = streamStart + 7;
    let flag = FULL;
    if (at < end && (bytes[at] === 0x50 || bytes[at] === 0x46)) flag = bytes[at++] === 0x50 ? PARTIAL : FULL;
    if (at < end && bytes[at] === 0x20) at++;
    if (parseRfc3339(bytes, start, timeEnd)) {
      frame.seconds[row] = parsedTime.seconds;
      frame.nanos[row] = parsedTime.nanos;
    }
    frame.start[row] = at;
    this.#setStream(frame, row, isOut, places);
    const extracts = this.#extracts;
    if (extracts.stream) frame.extracted.set(row, this.#slots.stream, isOut ? "stdout" : "stderr");
    if (extracts.flags) frame.extracted.set(row, this.#slots.flags, flag === PARTIAL ? "P" : "F");
    if (extracts.time) frame.extracted.set(row, this.#slots.time, Buffer.from(bytes.subarray(start, timeEnd)).toString());
    if (extracts.content) frame.extracted.set(row, this.#slots.content, frame.line(row));
    return flag;
  }

  /** The same for a line that an earlier stage has changed. */
  #parseText(frame: Frame, row: number, places: number[]): number {
    const line = frame.line(row);
    const [, time = "", stream, flag = "F", content = ""] = /^([^\s\x85]*) (stdout|stderr) ([PF])?(?: )?(.*)$/s.exec(line) ?? [];
    if (stream === undefined) return NOT_CRI;
    const bytes = Buffer.from(time);
    if (parseRfc3339(bytes, 0, bytes.length)) {
      frame.seconds[row] = parsedTime.seconds;
      frame.nanos[row] = parsedTime.nanos;
    }
    frame.setLine(row, content);
    this.#setStream(frame, row, stream === "stdout", places);
    frame.extracted.set(row, this.#slots.stream, stream);
    frame.extracted.set(row, this.#slots.flags, flag);
    frame.extracted.set(row, this.#slots.time, time);
    frame.extracted.set(row, this.#slots.content, content);
    return flag === "P" ? PARTIAL : FULL;
  }

  #setStream(frame: Frame, row: number, isOut: boolean, places: number[]): void {
    const from = frame.stream[row] as number;
    const at = from * 2 + (isOut ? 0 : 1);
    let place = places[at];
    if (place === undefined) {
      place = frame.place(this.#labelled(frame.streams[from] as StreamLabels, isOut));
      places[at] = place;
    }
    frame.stream[row] = place;
  }

  #labelled(labels: StreamLabels, isOut: boolean): StreamLabels {
    let both = this.#withStream.get(labels);
    if (both === undefined) {
      both = { stdout: labels.with("stream", "stdout"), stderr: labels.with("stream", "stderr") };
      this.#withStream.set(labels, both);
    }
    return isOut ? both.stdout : both.stderr;
  }

  /** Ends the line whose parts came before, if there is one. */
  #complete(frame: Frame, row: number): void {
    const labels = frame.labels(row);
    const partial = this.#partials.get(labels);
    if (partial === undefined) return;
    this.#partials.delete(labels);
    frame.setLine(row, this.#cut(partial.row.line + frame.line(row)));
    frame.carried.push(...partial.receipts);
  }

  #keepJoined(frame: Frame, row: number): void {
    const partial = this.#partials.get(frame.labels(row));
    if (partial === undefined) this.#keep(frame, row, frame.line(row), []);
    else this.#keep(frame, row, partial.row.line + frame.line(row), partial.receipts);
  }

  #keep(frame: Frame, row: number, line: string, receipts: readonly Receipt[]): void {
    const { receipt, createdMs } = frame.batch;
    let all = receipts;
    if (receipt !== undefined && !receipts.includes(receipt)) {
      receipt.hold();
      all = [...receipts, receipt];
    }
    this.#partials.set(frame.labels(row), { row: frame.keep(row, this.#cut(line)), receipts: all, createdMs });
  }

  #cut(line: string): string {
    if (line.length <= this.#mostBytes / 3 || byteLength(line) <= this.#mostBytes) return line;
    this.#context.counters.criLinesTruncated.add(1);
    return sliceByBytes(line, 0, this.#mostBytes);
  }

  #flushInto(frame: Frame, row: number): number[] {
    this.#context.log.warn("partial lines upperbound exceeded, merging it to single line", { threshold: this.#mostParts });
    this.#context.counters.partialLinesFlushed.add(this.#partials.size);
    const flushed = [...this.#partials.values()].map((partial) => {
      frame.carried.push(...partial.receipts);
      return frame.addKept(partial.row, frame.order[row] as number);
    });
    this.#partials.clear();
    return flushed;
  }
}

const NOT_CRI = 0;
const FULL = 1;
const PARTIAL = 2;

/** The place of the space that ends the time; -1 where other white space comes first, or none. */
function endOfTime(bytes: Uint8Array, start: number, end: number): number {
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x20) {
      if (isAscii) return at;
      return UNICODE_SPACE.test(Buffer.from(bytes.subarray(start, at)).toString()) ? -1 : at;
    }
    if (byte >= 0x09 && byte <= 0x0d) return -1;
    if (byte >= 0x80) isAscii = false;
  }
  return -1;
}

const UNICODE_SPACE = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
