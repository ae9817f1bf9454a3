import type { Clock } from "../../../../component/clock.ts";
import type { Logger } from "../../../../component/context.ts";
import type { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import type { CommittedCursor } from "./committed-cursor.ts";
import { type LineSettings, lineOf } from "./entry-line.ts";
import type { Field } from "./journal-file.ts";
import type { JournalSet, NextEntry } from "./journal-set.ts";
import { entryMatches, type Matches } from "./matches.ts";

const MOST_LINES = 1000;
const MOST_BYTES = 1024 * 1024;
/** So many entries at a time: between them the process does other work. */
const MOST_ENTRIES = 2000;
const POLL_MS = 500;

export interface ReaderOptions {
  readonly journal: JournalSet;
  readonly matches: Matches;
  readonly sink: WaitingSink;
  readonly cursor: CommittedCursor;
  readonly clock: Clock;
  readonly log: Logger;
  settings(): LineSettings;
  count(lines: number): void;
  problem(reason: string): void;
  health(problem: string | undefined): void;
}

/** Reads a journal to its end, hands on what it reads, and looks again and again whether more came. */
export class JournalReader {
  readonly #options: ReaderOptions;
  #isStopped = false;
  #wake = () => {};
  #running: Promise<void> | undefined;
  /** Behind the last entry that was taken. */
  taken: string | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends; what was read and not taken is read again. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
    this.#options.journal.close();
  }

  async #run(): Promise<void> {
    const { journal, health, log } = this.#options;
    let problem: string | undefined;
    while (!this.#isStopped) {
      let found: string | undefined;
      try {
        journal.refresh();
      } catch (error) {
        found = `error creating journal tailer: ${error instanceof Error ? error.message : String(error)}`;
      }
      if (found !== problem) {
        if (found !== undefined) log.error(found);
        health(found);
      }
      problem = found;
      try {
        while (!this.#isStopped && (await this.#step())) await new Promise((resolve) => setImmediate(resolve));
      } catch (error) {
        // The sink was stopped: the cursor stays where it is.
        if (this.#isStopped) return;
        throw error;
      }
      if (!this.#isStopped) await this.#pause();
    }
  }

  /** Reads and hands on some entries. False: there are none for now. */
  async #step(): Promise<boolean> {
    const { journal, cursor, sink, clock } = this.#options;
    const builder = new LogBatchBuilder();
    let last: NextEntry | undefined;
    for (let i = 0; i < MOST_ENTRIES && builder.rows < MOST_LINES && builder.textBytes < MOST_BYTES; i++) {
      const entry = journal.next();
      if (entry === undefined) break;
      last = entry;
      this.#add(builder, entry);
    }
    if (last === undefined) return false;
    const { file, head } = last;
    const end = file.cursor(head);
    const receipt = cursor.receipt(end);
    const { rows } = builder;
    if (rows > 0) {
      const batch = builder.build({ createdMs: clock.now(), receipt });
      try {
        await sink.send(batch, file.path);
      } finally {
        batch.release();
      }
      this.#options.count(rows);
    }
    this.taken = end;
    receipt.settle();
    return true;
  }

  #add(builder: LogBatchBuilder, { file, head }: NextEntry): void {
    const { matches, settings, problem } = this.#options;
    const fields: Field[] = [];
    try {
      file.fields(head, (field) => fields.push(field), problem);
    } catch {
      problem("corrupt");
      return;
    }
    if (!entryMatches(fields, matches)) return;
    const line = lineOf(fields, settings());
    if ("problem" in line) {
      problem(line.problem);
      return;
    }
    const seconds = Math.floor(head.realtime / 1e6);
    builder.add(line.labels, seconds, (head.realtime - seconds * 1e6) * 1000, line.line);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(POLL_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
