import { FakeClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { type TestContext, testContext } from "../../../component/testing.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { batchOf, linesOf } from "../../../signals/loki/notation.ts";
import { component } from "./component.ts";
import { Frame } from "./frame.ts";
import { Pipeline } from "./pipeline.ts";
import { Processor } from "./processor.ts";
import type { ProcessCounters, StageConfig } from "./stage.ts";

// What tests of stages are written with: stages as users write them, and lines in the notation of batches.

/** The lines that come out of stages, each batch of lines after the other; what stages keep back comes when `finish` is called. */
export class StageRun {
  readonly clock = new FakeClock(Date.UTC(2024, 0, 2, 3, 4, 5));
  readonly context: TestContext;
  readonly out: string[] = [];
  readonly batches: LogBatch[] = [];
  readonly processor: Processor;
  refusals: DeliveryError[] = [];

  constructor(stages: string) {
    this.context = testContext({ id: "loki.process.a", clock: this.clock });
    this.processor = new Processor(this.context, stagesOf(stages), {
      consume: async (batch) => {
        const refusal = this.refusals.shift();
        if (refusal !== undefined) throw refusal;
        this.batches.push(batch);
        this.out.push(...linesOf(batch));
      },
      pressure: () => undefined,
    });
  }

  async send(...lines: string[]): Promise<string[]> {
    const before = this.out.length;
    await this.processor.consume(batchOf(lines, { createdMs: this.clock.now() }));
    return this.out.slice(before);
  }

  async finish(): Promise<string[]> {
    const before = this.out.length;
    await this.processor.stop(new AbortController().signal);
    return this.out.slice(before);
  }
}

export async function processed(stages: string, ...lines: string[]): Promise<string[]> {
  const run = new StageRun(stages);
  await run.send(...lines);
  await run.finish();
  return run.out;
}

/** What is extracted of one line after all stages, labels that it came with left out. */
export function extractedFrom(stages: string, line: string): Record<string, unknown> {
  const batch = batchOf([line]);
  const context = testContext();
  const pipeline = new Pipeline(stagesOf(stages), {
    ...context,
    counters: noCounters(context),
    random: () => 0,
    keepsExtracted: true,
    beforeScrape: () => {},
    deliver: () => {},
  });
  const frame = new Frame(batch, pipeline.names);
  const selection = frame.all();
  pipeline.run(frame, selection);
  const entries = frame.extracted.entries(selection.rows[0] as number);
  for (const name of batch.streams[0]?.names ?? []) if (entries.get(name) === batch.streams[0]?.get(name)) entries.delete(name);
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is wrong with these stages. */
export function faultsOf(stages: string): string {
  return tryDecodeText(component, `forward_to = []\n${stages}`)
    .diagnostics.map(({ message }) => message)
    .join("; ");
}

function stagesOf(stages: string): readonly StageConfig[] {
  return decodeText(component, `forward_to = []\n${stages}`).stages as readonly StageConfig[];
}

function noCounters({ metrics }: TestContext): ProcessCounters {
  const family = metrics.counter("test_total", { help: "", labels: ["reason"] });
  const byLabel = metrics.counter("test_by_label_total", { help: "", labels: ["name", "value"] });
  return {
    dropped: family,
    droppedByLabel: byLabel,
    truncated: family,
    partialLinesFlushed: family.of("flushed"),
    criLinesTruncated: family.of("cut"),
  };
}

export function refusal(options: { retryable: boolean; retryAfterMs?: number }): DeliveryError {
  return new DeliveryError("refused", { reason: "queue_full", ...options });
}
