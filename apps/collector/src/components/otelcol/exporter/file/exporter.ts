import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { Counter, Family } from "../../../../component/metrics.ts";
import { sameSettings } from "../../../../component/same-settings.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { droppedItems, ExporterMetrics } from "../../../../signals/otlp/exporter-metrics.ts";
import type { FileExporterArgs } from "./arguments.ts";
import { type Encoding, encodeMessage } from "./encode.ts";
import { GroupedFiles, type Share } from "./grouped-files.ts";
import { openOutput } from "./open-file.ts";
import { OutputFile } from "./output-file.ts";
import { fileOptions, groupOptions } from "./settings.ts";

/** Writes each batch as one message; it is acknowledged when the system has it. */
export class FileExporter implements Component<FileExporterArgs>, OtelConsumer {
  readonly #context: ComponentContext;
  readonly #metrics: ExporterMetrics;
  readonly #dropped: Family<Counter>;
  #args: FileExporterArgs;
  #single: OutputFile | undefined;
  #grouped: GroupedFiles | undefined;
  /** What is wrong with a path, by path. */
  readonly #failures = new Map<string, string>();
  #refusal: { readonly error: DeliveryError; readonly untilMs: number } | undefined;
  #encodedBytes = 0;
  #underway = 0;
  #idle: (() => void) | undefined;
  #switching: Promise<void> | undefined;
  #isStopped = false;

  constructor(context: ComponentContext, args: FileExporterArgs) {
    this.#context = context;
    this.#args = args;
    this.#metrics = new ExporterMetrics(context.metrics, "file", context.id);
    this.#dropped = droppedItems(context.metrics);
    this.#make();
  }

  /** A file that can't be opened yet makes it unhealthy; it is tried again when data comes. */
  async start(): Promise<void> {
    await this.#single?.open().then(
      () => this.#succeeded(this.#args.path),
      (thrown) => this.#failed(deliveryErrorOf(thrown), this.#args.path),
    );
  }

  async update(args: FileExporterArgs): Promise<void> {
    const old = this.#args;
    this.#args = args;
    const { rotation: _, flush_interval: __, ...stays } = old;
    const { rotation: ___, flush_interval: ____, ...next } = args;
    if (sameSettings(stays, next)) {
      this.#single?.update(fileOptions(args));
      this.#grouped?.update(groupOptions(args, this.#context.clock.now()));
      return;
    }
    // Data that comes meanwhile waits for the new file.
    this.#switching = this.#switch();
    await this.#switching;
    this.#switching = undefined;
  }

  async #switch(): Promise<void> {
    await this.#drained();
    await this.#single?.close();
    await this.#grouped?.close();
    this.#failures.clear();
    this.#refusal = undefined;
    this.#make();
    await this.start();
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true;
    const aborted = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    // What has not been written by then was not acknowledged either.
    await Promise.race([aborted, this.#drained().then(() => Promise.all([this.#single?.close(), this.#grouped?.close()]))]);
  }

  async consume(batch: OtlpBatch): Promise<void> {
    const refusal = this.pressure();
    if (refusal !== undefined) {
      this.#metrics.failed(batch.signal).add(batch.items);
      throw refusal;
    }
    if (this.#switching !== undefined) await this.#switching;
    this.#underway++;
    try {
      if (this.#grouped !== undefined) await this.#writeGroups(this.#grouped, batch);
      else if (this.#single !== undefined) await this.#write(this.#single, batch.signal, batch.chunks, batch.items);
    } finally {
      if (--this.#underway === 0) this.#idle?.();
    }
  }

  pressure(): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    if (this.#encodedBytes > LARGEST_BACKLOG_BYTES)
      return new DeliveryError("the file takes data more slowly than it comes", {
        retryable: true,
        reason: "queue_full",
        retryAfterMs: 1000,
      });
    if (this.#refusal === undefined || this.#context.clock.monotonic() >= this.#refusal.untilMs) return undefined;
    return this.#refusal.error;
  }

  debugInfo(): unknown {
    return { open_files: this.#grouped?.openPaths() ?? [this.#args.path], buffered_bytes: this.#encodedBytes };
  }

  #make(): void {
    const around = {
      clock: this.#context.clock,
      log: this.#context.log,
      open: openOutput,
      failed: (path: string, thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        this.#context.log.error("a file could not be looked after", { path, error: message });
      },
    };
    const isGrouped = this.#args.group_by?.enabled === true;
    this.#single = isGrouped ? undefined : new OutputFile(around, fileOptions(this.#args));
    this.#grouped = isGrouped ? new GroupedFiles(around, groupOptions(this.#args, this.#context.clock.now())) : undefined;
  }

  /** Groups that fail are lost where others are written: to send all of them again would double those. */
  async #writeGroups(grouped: GroupedFiles, batch: OtlpBatch): Promise<void> {
    const { shares, left } = grouped.divide(batch);
    const outcomes = await Promise.allSettled(shares.map((share) => this.#writeShare(grouped, batch.signal, share)));
    const failed = outcomes.flatMap((outcome, i) =>
      outcome.status === "rejected" ? [{ error: deliveryErrorOf(outcome.reason), share: shares[i] as Share }] : [],
    );
    const retryable = failed.find(({ error }) => error.reason !== "bad_path")?.error;
    if (failed.length === shares.length && retryable !== undefined) throw retryable;
    if (left > 0) this.#dropped.of(batch.signal, "no_path_attribute").add(left);
    for (const { error, share } of failed) this.#dropped.of(batch.signal, error.reason).add(share.items);
    const [first] = failed;
    if (first !== undefined) this.#context.log.warn("telemetry of some groups is lost", { error: first.error.message });
  }

  #writeShare(grouped: GroupedFiles, signal: Signal, { path, chunks, items }: Share): Promise<void> {
    return grouped.use(path, (file) => this.#write(file, signal, chunks, items));
  }

  async #write(file: OutputFile, signal: Signal, chunks: readonly Uint8Array[], items: number): Promise<void> {
    const { budget } = this.#context;
    const message = await encodeMessage(encodingOf(this.#args), signal, chunks);
    const bytes = message.reduce((sum, piece) => sum + piece.length, 0);
    budget.take(bytes);
    this.#encodedBytes += bytes;
    try {
      await file.write(message);
    } catch (thrown) {
      const error = deliveryErrorOf(thrown);
      this.#metrics.failed(signal).add(items);
      this.#failed(error, file.path);
      throw error;
    } finally {
      budget.release(bytes);
      this.#encodedBytes -= bytes;
    }
    this.#metrics.sent(signal).add(items);
    this.#succeeded(file.path);
  }

  #failed(error: DeliveryError, path: string): void {
    const isGrouped = this.#grouped !== undefined;
    // What a sender wrote into an attribute says nothing about this component.
    if (isGrouped && error.reason === "bad_path") return;
    if (!isGrouped || error.reason === "disk_full") this.#refusal = { error, untilMs: this.#context.clock.monotonic() + RETRY_MS };
    if (this.#failures.get(path) === error.message || this.#failures.size >= SHOWN_FAILURES) return;
    this.#failures.set(path, error.message);
    this.#report();
  }

  #succeeded(path: string): void {
    this.#refusal = undefined;
    if (this.#failures.delete(path)) this.#report();
  }

  #report(): void {
    const messages = [...this.#failures.values()];
    if (messages.length > 0) this.#context.health("unhealthy", messages.join("; "));
    else this.#context.health("healthy", "data is written again");
  }

  async #drained(): Promise<void> {
    if (this.#underway === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }
}

function encodingOf(args: FileExporterArgs): Encoding {
  const level = args.compression_params?.level;
  return { format: args.format, compression: args.compression, level: level === 0 ? undefined : level };
}

/** How long everybody is turned away after a failure, until one tries again. */
const RETRY_MS = 1000;
const SHOWN_FAILURES = 10;
/** Messages that wait for a disk that is slow. */
const LARGEST_BACKLOG_BYTES = 32 * 1024 * 1024;
