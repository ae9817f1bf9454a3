import { compileRegexp } from "@invar/go-compat";
import { bool, defaulted, duration, many, required, string, uint } from "../../../../component/arguments.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Receipt } from "../../../../signals/receipt.ts";
import type { Frame, KeptRow, Selection } from "../frame.ts";
import { defineStage, patternError, type Stage, type StageContext } from "../stage.ts";

export const multiline = defineStage(
  many("Joins lines that belong together.", {
    arguments: {
      firstline: required(string, "The pattern of lines that begin a block.", {
        check: (pattern) =>
          pattern === ""
            ? "multiline stage config must define `firstline` regular expression"
            : prefixed(
                "multiline stage first line regex compilation error: ",
                patternError(() => compileRegexp(pattern)),
              ),
      }),
      max_lines: defaulted(uint, "The most lines of a block.", 128),
      max_wait_time: defaulted(duration, "A block is complete when nothing more came for so long.", "3s", {
        check: (ms) => (ms > 0 ? undefined : "max_wait_time must be greater than 0"),
      }),
      trim_newlines: defaulted(bool, "Whether line ends at the end of lines are left out.", true),
    },
  }),
  (args, context) => new MultilineStage(args, context),
);

function prefixed(prefix: string, error: string | undefined): string | undefined {
  return error === undefined ? undefined : prefix + error;
}

interface MultilineArguments {
  readonly firstline: string;
  readonly max_lines: number;
  readonly max_wait_time: number;
  readonly trim_newlines: boolean;
}

interface Block {
  /** Of the line that began it; it serves for what follows a full block, too. */
  first: KeptRow;
  readonly lines: string[];
  readonly receipts: Receipt[];
  createdMs: number;
  seenMs: number;
}

class MultilineStage implements Stage {
  readonly #context: StageContext;
  readonly #args: MultilineArguments;
  readonly #isFirst: (line: string) => boolean;
  readonly #blocks = new Map<StreamLabels, Block>();
  #cancelTimer: (() => void) | undefined;

  constructor(args: MultilineArguments, context: StageContext) {
    this.#args = args;
    this.#context = context;
    const pattern = compileRegexp(args.firstline);
    this.#isFirst = (line) => pattern.test(line);
  }

  run(frame: Frame, selection: Selection): void {
    const { rows, count } = selection;
    // Each line completes at most its own block and one that it ends.
    const out = new Uint32Array(count * 2);
    let kept = 0;
    const now = this.#context.clock.monotonic();
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      const labels = frame.labels(row);
      const line = frame.line(row);
      const isFirst = this.#isFirst(line);
      let block = this.#blocks.get(labels);
      if (block !== undefined && block.lines.length > 0 && (isFirst || now - block.seenMs >= this.#args.max_wait_time))
        out[kept++] = this.#complete(frame, row, block);
      if (block === undefined) {
        // What comes before the first beginning is not ours.
        if (!isFirst) {
          out[kept++] = row;
          continue;
        }
        block = { first: frame.keep(row, ""), lines: [], receipts: [], createdMs: frame.batch.createdMs, seenMs: now };
        this.#blocks.set(labels, block);
      } else if (isFirst) block.first = frame.keep(row, "");
      this.#append(frame, block, line, now);
      if (block.lines.length === this.#args.max_lines) out[kept++] = this.#complete(frame, row, block);
    }
    selection.rows = out;
    selection.count = kept;
    this.#setTimer();
  }

  flush(): void {
    this.#flushWhere(() => true);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #append(frame: Frame, block: Block, line: string, now: number): void {
    const { receipt, createdMs } = frame.batch;
    if (block.lines.length === 0) block.createdMs = createdMs;
    // A slice would keep the text of the whole batch.
    const own = Buffer.from(line, "utf16le").toString("utf16le");
    block.lines.push(this.#args.trim_newlines ? own.replace(/[\r\n]+$/, "") : own);
    block.seenMs = now;
    if (receipt === undefined || block.receipts.includes(receipt)) return;
    receipt.hold();
    block.receipts.push(receipt);
  }

  #complete(frame: Frame, row: number, block: Block): number {
    frame.carried.push(...block.receipts.splice(0));
    return frame.addKept(this.#joined(block), frame.order[row] as number);
  }

  #joined(block: Block): KeptRow {
    // Empty lines at the beginning of a block leave nothing, as with a buffer that is empty.
    const lines = block.lines.splice(0);
    let text = "";
    for (const line of lines) text += text === "" ? line : `\n${line}`;
    return { ...block.first, line: text };
  }

  #flushWhere(isDue: (block: Block) => boolean): void {
    for (const [labels, block] of this.#blocks) {
      if (!isDue(block)) continue;
      this.#blocks.delete(labels);
      if (block.lines.length === 0) continue;
      const receipts = block.receipts.splice(0);
      this.#context.resume({ rows: [this.#joined(block)], receipts, createdMs: block.createdMs });
    }
  }

  #setTimer(): void {
    if (this.#cancelTimer !== undefined || this.#blocks.size === 0) return;
    const { clock } = this.#context;
    let oldest = Number.POSITIVE_INFINITY;
    for (const { seenMs } of this.#blocks.values()) oldest = Math.min(oldest, seenMs);
    this.#cancelTimer = clock.after(Math.max(1, oldest + this.#args.max_wait_time - clock.monotonic()), () => {
      this.#cancelTimer = undefined;
      const now = clock.monotonic();
      this.#flushWhere((block) => now - block.seenMs >= this.#args.max_wait_time);
      this.#setTimer();
    });
  }
}
