import type { ComponentContext } from "../../../component/context.ts";
import type { Component } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { fanout } from "../../../signals/fanout.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../../signals/loki/log-batch-builder.ts";
import { lineText } from "../../../signals/loki/log-lines.ts";
import type { StreamLabels } from "../../../signals/loki/stream-labels.ts";
import type { SecretFilterArgs } from "./arguments.ts";
import { Detector, type Finding } from "./detector.ts";
import { SecretFilterMetrics } from "./metrics.ts";
import { readRules } from "./read-rules.ts";
import { DEFAULT_PERCENT, type Redaction, redact } from "./redact.ts";
import { defaultRuleSet } from "./rule-set.ts";

/** What becomes of a row, where it is not passed on as it is. */
interface Change {
  readonly row: number;
  /** Undefined: the line stays. */
  readonly line: string | undefined;
  readonly isLate: boolean;
}

/** Looks for secrets in lines and passes on the batch as it is where there are none. */
export class SecretFilter implements Component<SecretFilterArgs>, Consumer<LogBatch> {
  readonly #context: ComponentContext;
  readonly #metrics: SecretFilterMetrics;
  readonly #random: () => number;
  #args: SecretFilterArgs;
  #detector: Detector;
  #next: Consumer<LogBatch>;
  #isStopped = false;
  #lateMs = 0;

  constructor(context: ComponentContext, args: SecretFilterArgs, random: () => number = Math.random) {
    this.#context = context;
    this.#metrics = new SecretFilterMetrics(context.metrics);
    this.#random = random;
    this.#args = args;
    this.#detector = detectorOf(args);
    this.#next = fanout(args.forward_to);
  }

  start(): void {}

  update(args: SecretFilterArgs): void {
    // The file may have changed.
    this.#detector = detectorOf(args);
    this.#args = args;
    this.#next = fanout(args.forward_to);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async consume(batch: LogBatch): Promise<void> {
    const refusal = this.pressure();
    if (refusal !== undefined) throw refusal;
    const changes: Change[] = [];
    for (let row = 0; row < batch.rows; row++) {
      const change = this.#look(batch, row);
      if (change !== undefined) changes.push(change);
    }
    if (changes.length === 0) return this.#next.consume(batch);
    const changed = this.#rebuilt(batch, changes);
    if (changed.rows > 0) await this.#next.consume(changed).finally(() => changed.release());
  }

  pressure(): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    return this.#next.pressure();
  }

  #look(batch: LogBatch, row: number): Change | undefined {
    const { rate, processing_timeout: timeoutMs, drop_on_timeout: drops, label_timed_out: labels, origin_label: origin } = this.#args;
    if (rate < 1 && this.#random() >= rate) {
      this.#metrics.bypassed.add(1);
      return undefined;
    }
    const startedMs = this.#context.clock.monotonic();
    this.#lateMs = timeoutMs > 0 ? startedMs + timeoutMs : Number.POSITIVE_INFINITY;
    const findings = this.#detector.find(batch.text, batch.start[row] as number, batch.end[row] as number, this.#isLateNow);
    const endedMs = this.#context.clock.monotonic();
    this.#metrics.duration.observe((endedMs - startedMs) / 1000);
    const isLate = endedMs >= this.#lateMs;
    if (isLate) {
      this.#metrics.timedOut.add(1);
      if (drops) this.#metrics.dropped.add(1);
      if (drops) return { row, line: undefined, isLate };
    }
    if (findings.length === 0) return isLate && labels ? { row, line: undefined, isLate } : undefined;
    const stream = batch.streams[batch.stream[row] as number] as StreamLabels;
    return { row, line: this.#redacted(lineText(batch, row), findings, stream.get(origin) ?? ""), isLate };
  }

  readonly #isLateNow = (): boolean => this.#context.clock.monotonic() >= this.#lateMs;

  #redacted(line: string, findings: readonly Finding[], origin: string): string {
    const { redact_with: template, redact_percent: percent } = this.#args;
    const redaction: Redaction = { template, percent: percent >= 1 && percent <= 100 ? percent : DEFAULT_PERCENT };
    for (const { rule } of findings) this.#metrics.redacted(rule, origin);
    const redacted = redact(line, findings, redaction);
    const { debugStream } = this.#context;
    // The secret itself is not shown.
    if (debugStream.watched) debugStream.publish("loki_log", 1, () => `redacted: ${redacted}`);
    return redacted;
  }

  /** The batch with the lines that changed in place of the old ones, less those that are dropped. */
  #rebuilt(batch: LogBatch, changes: readonly Change[]): LogBatch {
    const builder = new LogBatchBuilder();
    const { drop_on_timeout: drops, label_timed_out: labels } = this.#args;
    let next = 0;
    for (let row = 0; row < batch.rows; row++) {
      const change = changes[next]?.row === row ? changes[next++] : undefined;
      if (change?.isLate === true && drops) continue;
      const own = batch.streams[batch.stream[row] as number] as StreamLabels;
      const stream = change?.isLate === true && labels ? own.with("secretfilter", "timed-out") : own;
      const [seconds, nanos] = [batch.seconds[row] as number, batch.nanos[row] as number];
      if (change?.line !== undefined) builder.add(stream, seconds, nanos, change.line);
      else builder.addBytes(stream, seconds, nanos, batch.text, batch.start[row] as number, batch.end[row] as number);
      const { metadata } = batch;
      if (metadata !== undefined) builder.addMetadata(metadata.bytes, metadata.start[row] as number, metadata.end[row] as number);
    }
    return builder.build({ createdMs: batch.createdMs, receipt: batch.receipt });
  }
}

function detectorOf({ gitleaks_config: path }: SecretFilterArgs): Detector {
  return new Detector(path === "" ? defaultRuleSet() : readRules(path));
}
