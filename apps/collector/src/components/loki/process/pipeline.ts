import type { Clock } from "../../../component/clock.ts";
import type { Logger } from "../../../component/context.ts";
import type { MetricScope } from "../../../component/metrics.ts";
import { LogBatchBuilder } from "../../../signals/loki/log-batch-builder.ts";
import { Names } from "./extracted.ts";
import { Frame, Selection } from "./frame.ts";
import type { KeptRows, ProcessCounters, Stage, StageConfig, StageContext } from "./stage.ts";
import { stages as known } from "./stages/registry.ts";

export interface PipelineOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly counters: ProcessCounters;
  readonly random: () => number;
  /** Somebody looks at the extracted values after the last stage: they are there though no stage reads them. */
  readonly keepsExtracted?: boolean;
  beforeScrape(refresh: () => void): void;
  /** Takes the rows that a stage kept back and now lets go, after all stages behind it. */
  deliver(frame: Frame, selection: Selection): void;
}

/** Stages in their order, compiled once. */
export class Pipeline {
  readonly names = new Names();
  /** At most so many rows go through at once. */
  mostRows = Number.POSITIVE_INFINITY;
  readonly #options: PipelineOptions;
  readonly #stages: readonly Stage[];

  constructor(configs: readonly StageConfig[], options: PipelineOptions) {
    this.#options = options;
    if (options.keepsExtracted === true) this.names.readsAll();
    this.#stages = this.#compile(configs, (frame, selection) => options.deliver(frame, selection));
  }

  get isEmpty(): boolean {
    return this.#stages.length === 0;
  }

  run(frame: Frame, selection: Selection): void | Promise<void> {
    return runFrom(this.#stages, 0, frame, selection);
  }

  /** Lets go all that stages keep back, the first stages first. */
  flush(): void {
    for (const stage of this.#stages) stage.flush?.();
  }

  close(): void {
    for (const stage of this.#stages) stage.close?.();
  }

  /** From last to first, so that each stage knows what those behind it read. */
  #compile(configs: readonly StageConfig[], after: (frame: Frame, selection: Selection) => void): Stage[] {
    const compiled: Stage[] = new Array(configs.length);
    for (let at = configs.length - 1; at >= 0; at--) {
      const { block, args } = configs[at] as StageConfig;
      const definition = known[block];
      if (definition === undefined) throw new Error(`expected a stage, ${block} came`);
      const rest = (frame: Frame, selection: Selection) => {
        const done = runFrom(compiled, at + 1, frame, selection);
        if (done === undefined) after(frame, selection);
        else void done.then(() => after(frame, selection));
      };
      compiled[at] = definition.compile(args as never, this.#contextFor(rest));
    }
    return compiled;
  }

  #contextFor(rest: (frame: Frame, selection: Selection) => void): StageContext {
    const { clock, log, metrics, counters, random, beforeScrape } = this.#options;
    return {
      names: this.names,
      clock,
      log,
      metrics,
      counters,
      random,
      beforeScrape,
      limitRows: (rows) => {
        this.mostRows = Math.max(1, Math.min(this.mostRows, rows));
      },
      resume: (kept) => rest(...this.#frameOf(kept)),
      nested: (configs) => {
        const inner = this.#compile(configs, rest);
        return {
          run: (frame, selection) => runFrom(inner, 0, frame, selection),
          flush: () => {
            for (const stage of inner) stage.flush?.();
          },
          close: () => {
            for (const stage of inner) stage.close?.();
          },
        };
      },
    };
  }

  #frameOf({ rows, receipts, createdMs }: KeptRows): [Frame, Selection] {
    const frame = new Frame(new LogBatchBuilder().build({ createdMs }), this.names);
    frame.carried.push(...receipts);
    const numbers = rows.map((row) => frame.addKept(row, 0));
    return [frame, new Selection(Uint32Array.from(numbers), numbers.length)];
  }
}

/** Goes on without waiting as long as no stage makes lines wait. */
function runFrom(stages: readonly Stage[], first: number, frame: Frame, selection: Selection): void | Promise<void> {
  for (let at = first; at < stages.length; at++) {
    if (selection.count === 0) return undefined;
    const done = (stages[at] as Stage).run(frame, selection);
    if (done !== undefined) return done.then(() => runFrom(stages, at + 1, frame, selection));
  }
  return undefined;
}
