import { closeSync, openSync, readSync, statSync, unlinkSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { ComponentContext } from "../../../../component/context.ts";
import { findFiles } from "../../../../files/find-files.ts";
import { compileGlob } from "../../../../files/glob.ts";
import { CompressedFile } from "../../../../files/tail/compressed-file.ts";
import type { FilePositions } from "../../../../files/tail/file-positions.ts";
import type { FilePosition } from "../../../../files/tail/open-file.ts";
import { ReadSlot } from "../../../../files/tail/read-slot.ts";
import { RecentFiles } from "../../../../files/tail/recent-files.ts";
import { Tail } from "../../../../files/tail/tail.ts";
import { TailLoop } from "../../../../files/tail/tail-loop.ts";
import { internLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Args } from "./arguments.ts";
import type { EntrySink } from "./entry-sink.ts";
import { chosenFiles } from "./ordering.ts";

/** New files are looked for no more often than this: it costs far more than to look at those that are known. */
const SCAN_MS = 2000;
/** How long a file that is no longer wanted may take to hand on what was read of it. */
const PATIENCE_MS = 5000;
const LABELS = "{}";

interface Followed {
  readonly tail: Tail | CompressedFile;
}

/** The files that are read: those that match, for as long as they do or are not read to their end. */
export class FileList {
  readonly #context: ComponentContext;
  readonly #sink: EntrySink;
  readonly #positions: FilePositions;
  readonly #loop: TailLoop;
  readonly #followed = new Map<string, Followed>();
  readonly #recent = new RecentFiles();
  #args: Args;
  #isFirstLook = true;
  #isStopped = false;
  #cancel = () => {};
  #looking: Promise<void> = Promise.resolve();

  constructor(options: { context: ComponentContext; sink: EntrySink; positions: FilePositions; args: Args }) {
    const { context, args } = options;
    this.#context = context;
    this.#sink = options.sink;
    this.#positions = options.positions;
    this.#args = args;
    this.#loop = new TailLoop({ clock: context.clock, log: context.log, minPollMs: args.poll_interval, maxPollMs: args.poll_interval });
  }

  get openFiles(): number {
    return [...this.#followed.values()].filter(({ tail }) => tail.isOpen).length;
  }

  start(): Promise<void> {
    this.#loop.start();
    return this.#look();
  }

  /** Files that are read in another way than before are begun anew where they stood. */
  async update(args: Args): Promise<void> {
    const mustReopen = args.encoding !== this.#args.encoding || args.compression !== this.#args.compression;
    this.#args = args;
    this.#loop.update(args.poll_interval, args.poll_interval);
    await this.#looking;
    if (mustReopen) for (const [path, followed] of [...this.#followed]) await this.#end(path, followed, false);
    for (const [path, { tail }] of this.#followed) this.#sink.begin(path, tail.readOffset > 0);
    await this.#look();
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#looking;
    const expired = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#loop.stop().then(() => this.#sink.drain()), expired]);
    this.#sink.stop();
    for (const { tail } of this.#followed.values()) if (tail instanceof Tail) tail.close();
  }

  debugInfo(): unknown {
    return [...this.#followed].map(([path, { tail }]) => ({ path, is_running: tail.isOpen, read_offset: tail.committedOffset }));
  }

  /** Files are looked for one time after the other. */
  #look(): Promise<void> {
    this.#cancel();
    this.#looking = this.#looking
      .then(() => this.#lookOnce())
      .catch((error: unknown) => this.#context.health("unhealthy", `files can't be looked for: ${String(error)}`))
      .then(() => {
        if (!this.#isStopped)
          this.#cancel = this.#context.clock.after(Math.max(SCAN_MS, this.#args.poll_interval), () => void this.#look());
      });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#isStopped) return;
    if (this.#args.delete_after_read) await this.#deleteRead();
    const paths = new Set(await chosenFiles(await this.#matching(), this.#args.ordering_criteria));
    for (const [path, followed] of [...this.#followed]) {
      const { tail } = followed;
      if (paths.has(path)) {
        if (tail instanceof Tail) tail.stay();
      } else if (tail instanceof Tail && (await tail.hasRotated())) tail.leave(() => void this.#end(path, followed, true));
      else await this.#end(path, followed, true);
    }
    const packed: string[] = [];
    for (const path of paths)
      if (this.#followed.has(path) || this.#isReadUnderOtherName(path)) continue;
      else if (this.#isCompressed(path)) packed.push(path);
      else this.#begin(path, false);
    // After the others, whose positions tell what was read of these before they were packed.
    for (const path of packed) this.#begin(path, true);
    this.#isFirstLook = false;
  }

  async #matching(): Promise<string[]> {
    const { include, exclude, exclude_older_than: maxAgeMs } = this.#args;
    const excluded = exclude.map((pattern) => compileGlob(pattern));
    const found = new Set<string>();
    for (const pattern of include)
      for (const path of await findFiles(pattern)) if (!excluded.some((matches) => matches(path))) found.add(path);
    if (maxAgeMs <= 0) return [...found];
    const oldest = this.#context.clock.now() - maxAgeMs;
    const young = await Promise.all([...found].map(async (path) => ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0) >= oldest));
    return [...found].filter((_, i) => young[i]);
  }

  /** A file that was renamed to another name which matches as well goes on being read as what it was. */
  #isReadUnderOtherName(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return true;
    return [...this.#followed.values()].some(
      ({ tail }) => tail instanceof Tail && tail.readPositions.some(({ file }) => file?.dev === stats.dev && file.ino === stats.ino),
    );
  }

  #begin(path: string, isCompressed: boolean): void {
    const { clock, log } = this.#context;
    const known = this.#positions.get(path, LABELS);
    if (known === undefined) log.warn("the position of a file is damaged: it is read from its beginning", { path });
    const positions = isCompressed && known?.length === 0 ? this.#readBeforePacked(path) : (known ?? []);
    this.#recent.note(positions);
    const options = {
      path,
      labels: internLabels([["filename", path]]),
      encoding: /^(utf-?8(-raw)?|ascii)$/i.test(this.#args.encoding) ? "" : this.#args.encoding,
      clock,
      log,
      sink: this.#sink,
      positions,
      save: (positions: readonly FilePosition[]) => {
        this.#recent.note(positions);
        if (this.#followed.get(path)?.tail === tail) this.#positions.set(path, LABELS, positions);
      },
    };
    const startsAtEnd = this.#args.start_at === "end" && this.#isFirstLook && known?.length === 0;
    const tail = isCompressed ? new CompressedFile({ ...options, format: "gz", initialDelayMs: 0 }) : new Tail({ ...options, startsAtEnd });
    this.#sink.begin(
      path,
      positions.some(({ offset }) => offset > 0),
    );
    this.#followed.set(path, { tail });
    this.#loop.add(tail);
  }

  /** A file that is rotated and packed is the one that was read. */
  #readBeforePacked(path: string): readonly FilePosition[] {
    const offset = this.#recent.readOf(path);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (offset === 0 || stats === undefined) return [];
    return [{ offset, file: { dev: stats.dev, ino: stats.ino, length: 0, crc: 0 } }];
  }

  #isCompressed(path: string): boolean {
    if (this.#args.compression !== "auto") return this.#args.compression === "gzip";
    const beginning = Buffer.alloc(2);
    try {
      const descriptor = openSync(path, "r");
      try {
        readSync(descriptor, beginning, 0, 2, 0);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      // The tail meets the same error and reports it.
      return false;
    }
    return beginning.readUInt16BE() === 0x1f8b;
  }

  async #end(path: string, followed: Followed, isForGood: boolean): Promise<void> {
    if (this.#followed.get(path) !== followed) return;
    const { tail } = followed;
    const ended = this.#loop.remove(tail).then(async () => {
      if (!(tail instanceof Tail)) return;
      if (await tail.hasRotated()) await tail.readRest(new ReadSlot());
      tail.close();
    });
    // Who waits for a consumer that takes nothing must not hold up the others.
    await Promise.race([ended, new Promise<void>((resolve) => void this.#context.clock.after(PATIENCE_MS, resolve))]);
    this.#followed.delete(path);
    this.#sink.forget(path);
    if (isForGood && statSync(path, { throwIfNoEntry: false }) === undefined) this.#positions.delete(path, LABELS);
  }

  async #deleteRead(): Promise<void> {
    for (const [path, followed] of [...this.#followed]) {
      const { tail } = followed;
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (!(tail instanceof Tail) || size === 0 || tail.committedOffset < size) continue;
      await this.#end(path, followed, false);
      try {
        unlinkSync(path);
        this.#positions.delete(path, LABELS);
      } catch (error) {
        this.#context.log.error("a file that was read can't be deleted", {
          path,
          err: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}
