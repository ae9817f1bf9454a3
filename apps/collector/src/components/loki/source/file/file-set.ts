import type { ComponentContext } from "../../../../component/context.ts";
import type { Counter, Family, Gauge } from "../../../../component/metrics.ts";
import type { Target } from "../../../../files/file-targets.ts";
import { CompressedFile, type CompressionFormat } from "../../../../files/tail/compressed-file.ts";
import type { FilePositions } from "../../../../files/tail/file-positions.ts";
import type { FileSink } from "../../../../files/tail/file-sink.ts";
import type { FilePosition } from "../../../../files/tail/open-file.ts";
import { ReadSlot } from "../../../../files/tail/read-slot.ts";
import { Tail } from "../../../../files/tail/tail.ts";
import { TailLoop } from "../../../../files/tail/tail-loop.ts";
import { internLabels, type StreamLabels } from "../../../../signals/loki/stream-labels.ts";

export interface FileSettings {
  readonly encoding: string;
  readonly tail_from_end: boolean;
  readonly on_positions_file_error: "skip" | "restart_from_end" | "restart_from_beginning";
  readonly decompression: { readonly enabled: boolean; readonly format: CompressionFormat; readonly initial_delay: number } | undefined;
  readonly file_watch: { readonly min_poll_frequency: number; readonly max_poll_frequency: number };
}

/** How long a file that is no longer wanted may take to hand on what was read of it. */
const PATIENCE_MS = 5_000;

interface Followed {
  readonly path: string;
  /** Without `filename`: the key of its positions. */
  readonly labels: StreamLabels;
  readonly tail: Tail | CompressedFile;
  /** What the metrics have been told of. */
  countedLines: number;
}

/** The files that are read now, by path and labels. */
export class FileSet {
  readonly #context: ComponentContext;
  readonly #sink: FileSink;
  readonly #positions: FilePositions;
  readonly #loop: TailLoop;
  readonly #followed = new Map<string, Followed>();
  readonly #metrics: { fileBytes: Family<Gauge>; active: Gauge; readBytes: Family<Gauge>; readLines: Family<Counter> };
  #settings: FileSettings;

  constructor(options: { context: ComponentContext; sink: FileSink; positions: FilePositions; settings: FileSettings }) {
    const { context, settings } = options;
    this.#context = context;
    this.#sink = options.sink;
    this.#positions = options.positions;
    this.#settings = settings;
    const { clock, log, metrics } = context;
    this.#loop = new TailLoop({ clock, log, ...pollsOf(settings) });
    this.#metrics = {
      fileBytes: metrics.gauge("loki_source_file_file_bytes_total", { help: "Number of bytes total.", labels: ["path"] }),
      active: metrics.gauge("loki_source_file_files_active_total", { help: "Number of active files." }).of(),
      readBytes: metrics.gauge("loki_source_file_read_bytes_total", { help: "Number of bytes read.", labels: ["path"] }),
      readLines: metrics.counter("loki_source_file_read_lines_total", { help: "Number of lines read.", labels: ["path"] }),
    };
    metrics.beforeScrape(() => this.#count());
  }

  start(): void {
    this.#loop.start();
  }

  /** Begins to read what is new among the targets and ends what is no more among them. */
  async follow(targets: readonly Target[], settings: FileSettings): Promise<void> {
    const { minPollMs, maxPollMs } = pollsOf(settings);
    this.#loop.update(minPollMs, maxPollMs);
    const mustReopen = settings.encoding !== this.#settings.encoding || !sameDecompression(settings, this.#settings);
    this.#settings = settings;
    const wanted = new Map<string, { path: string; labels: StreamLabels }>();
    for (const target of targets) {
      const path = target.__path__ ?? "";
      const labels = internLabels(Object.entries(target).filter(([name]) => !name.startsWith("__")));
      wanted.set(keyOf(path, labels), { path, labels });
    }
    const takenOver = new Map<string, readonly FilePosition[]>();
    for (const [key, followed] of [...this.#followed]) {
      const { tail } = followed;
      if (wanted.has(key) && !mustReopen) {
        if (tail instanceof Tail) tail.stay();
        continue;
      }
      const isRelabelled = [...wanted.values()].some(({ path }) => path === followed.path);
      // Files may have been looked for in the moment of a rotation, when nothing had the name.
      if (!mustReopen && !isRelabelled && tail instanceof Tail && (await tail.hasRotated())) {
        tail.leave(() => this.#left(key, followed));
        continue;
      }
      const positions = await this.#end(key, followed);
      // The same file under other labels goes on where it stood.
      if (isRelabelled) takenOver.set(followed.path, positions);
      if (!wanted.has(key)) this.#positions.delete(followed.path, followed.labels.text);
    }
    for (const [key, { path, labels }] of wanted) if (!this.#followed.has(key)) this.#begin(key, path, labels, takenOver.get(path));
  }

  /** Ends all reading. What was read and is not taken until the deadline is read again after a restart. */
  async stop(deadline: AbortSignal): Promise<void> {
    const expired = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#loop.stop(), expired]);
    this.#sink.stop();
    for (const { tail } of this.#followed.values()) if (tail instanceof Tail) tail.close();
  }

  debugInfo(): unknown[] {
    return [...this.#followed.values()].map(({ path, labels, tail }) => ({
      path,
      labels: labels.text,
      is_running: tail.isOpen,
      read_offset: tail.committedOffset,
    }));
  }

  #begin(key: string, path: string, labels: StreamLabels, takenOver: readonly FilePosition[] | undefined): void {
    const { clock, log } = this.#context;
    const settings = this.#settings;
    const known = takenOver ?? this.#positions.get(path, labels.text);
    if (known === undefined && settings.on_positions_file_error === "skip") {
      log.error("failed to get file position: the entry is damaged, the file is not read", { path });
      return;
    }
    if (known === undefined) log.info("reset position after positions error", { path, action: settings.on_positions_file_error });
    const options = {
      path,
      labels: labels.with("filename", path),
      encoding: settings.encoding,
      clock,
      log,
      sink: this.#sink,
      positions: known ?? [],
      save: (positions: readonly FilePosition[]) => {
        if (this.#followed.get(key)?.tail === tail) this.#positions.set(path, labels.text, positions);
      },
    };
    const { decompression } = settings;
    const tail =
      decompression?.enabled === true
        ? new CompressedFile({ ...options, format: decompression.format, initialDelayMs: decompression.initial_delay })
        : new Tail({
            ...options,
            startsAtEnd: settings.tail_from_end || (known === undefined && settings.on_positions_file_error === "restart_from_end"),
          });
    this.#followed.set(key, { path, labels, tail, countedLines: 0 });
    this.#loop.add(tail);
  }

  /** Resolves to the positions at which another goes on, or may. */
  async #end(key: string, followed: Followed): Promise<readonly FilePosition[]> {
    const { tail } = followed;
    const removal = this.#loop.remove(tail).then(async () => {
      if (!(tail instanceof Tail)) return tail.readPositions;
      // Of a file that is only no longer wanted nothing more is read.
      if (await tail.hasRotated()) await tail.readRest(new ReadSlot());
      const positions = tail.readPositions;
      tail.close();
      return positions;
    });
    // Who waits for a consumer that takes nothing must not hold up the others.
    const positions = await Promise.race([removal, this.#after(PATIENCE_MS).then(() => tail.readPositions)]);
    this.#forget(key, followed);
    return positions;
  }

  /** Nothing is left to read of a file that is not wanted any more. */
  #left(key: string, followed: Followed): void {
    if (this.#followed.get(key) !== followed) return;
    void this.#loop.remove(followed.tail);
    this.#forget(key, followed);
    this.#positions.delete(followed.path, followed.labels.text);
  }

  #forget(key: string, followed: Followed): void {
    const { path } = followed;
    this.#followed.delete(key);
    this.#countLines(followed);
    this.#context.log.info("stopped tailing file", { path });
    for (const family of [this.#metrics.fileBytes, this.#metrics.readBytes, this.#metrics.readLines]) family.remove(path);
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.clock.after(ms, resolve));
  }

  #count(): void {
    let active = 0;
    for (const followed of this.#followed.values()) {
      const { path, tail } = followed;
      if (tail.isOpen) active++;
      this.#metrics.fileBytes.of(path).set(tail.size);
      this.#metrics.readBytes.of(path).set(tail.readOffset);
      this.#countLines(followed);
    }
    this.#metrics.active.set(active);
  }

  #countLines(followed: Followed): void {
    this.#metrics.readLines.of(followed.path).add(followed.tail.lines - followed.countedLines);
    followed.countedLines = followed.tail.lines;
  }
}

function keyOf(path: string, labels: StreamLabels): string {
  return `${path}\n${labels.text}`;
}

function pollsOf({ file_watch }: FileSettings): { minPollMs: number; maxPollMs: number } {
  return { minPollMs: file_watch.min_poll_frequency, maxPollMs: file_watch.max_poll_frequency };
}

function sameDecompression(a: FileSettings, b: FileSettings): boolean {
  return JSON.stringify(a.decompression) === JSON.stringify(b.decompression);
}
