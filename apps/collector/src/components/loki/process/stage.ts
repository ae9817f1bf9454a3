import { formatFloat } from "@invar/go-compat";
import type { BlockSchema, Decoded } from "../../../component/arguments.ts";
import type { Clock } from "../../../component/clock.ts";
import type { Logger } from "../../../component/context.ts";
import type { Counter, Family, MetricScope } from "../../../component/metrics.ts";
import type { Receipt } from "../../../signals/receipt.ts";
import type { Names } from "./extracted.ts";
import type { Frame, KeptRow, Selection } from "./frame.ts";

/** One step of a pipeline, compiled from its arguments. */
export interface Stage {
  /** Works on the selected rows, and takes out of the selection those that go no further. Only a stage that makes lines wait is asynchronous. */
  run(frame: Frame, selection: Selection): void | Promise<void>;
  /** Hands on what it keeps back, through `resume`: the component stops, or the stage is replaced. */
  flush?(): void;
  /** Ends timers and waiting. */
  close?(): void;
}

/** A `stage.*` block as it was decoded. */
export interface StageConfig {
  readonly block: string;
  readonly args: unknown;
}

/** What stages are compiled with. */
export interface StageContext {
  readonly names: Names;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly random: () => number;
  readonly counters: ProcessCounters;
  /** Called before each exposition of metrics, for as long as the pipeline is in use. */
  beforeScrape(refresh: () => void): void;
  /** At most so many rows go through at once, since the stage makes them wait. */
  limitRows(rows: number): void;
  /** Sends rows that were kept back through the stages behind this one, outside of any batch. */
  resume(kept: KeptRows): void;
  /** Compiles a pipeline inside this stage. */
  nested(stages: readonly StageConfig[]): Stage;
}

export interface KeptRows {
  readonly rows: readonly KeptRow[];
  /** Held once for each; the holder gives them away. */
  readonly receipts: readonly Receipt[];
  readonly createdMs: number;
}

export interface ProcessCounters {
  /** `reason` */
  readonly dropped: Family<Counter>;
  /** `label_name`, `label_value` */
  readonly droppedByLabel: Family<Counter>;
  /** `field` */
  readonly truncated: Family<Counter>;
  readonly partialLinesFlushed: Counter;
  readonly criLinesTruncated: Counter;
}

/** A kind of stage: what users may write, and what becomes of it. */
export interface StageDefinition {
  readonly block: BlockSchema;
  compile(args: never, context: StageContext): Stage;
}

export function defineStage<const B extends BlockSchema>(
  block: B,
  compile: (args: Decoded<B>, context: StageContext) => Stage,
): StageDefinition {
  return { block, compile };
}

/** A stage that changes rows one by one. */
export function changing(change: (frame: Frame, row: number) => void): Stage {
  return {
    run(frame, { rows, count }) {
      for (let i = 0; i < count; i++) change(frame, rows[i] as number);
    },
  };
}

/** A stage that lets only some rows through. */
export function filtering(isKept: (frame: Frame, row: number) => boolean): Stage {
  return {
    run(frame, selection) {
      const { rows, count } = selection;
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        if (isKept(frame, row)) rows[kept++] = row;
      }
      selection.count = kept;
    },
  };
}

/** The value as text, as Go prints it; undefined where it is none: missing, null, or of several parts. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : formatFloat(value, "f", -1);
  if (typeof value === "boolean") return String(value);
  return undefined;
}

/** Reads the line, or the extracted value that `source` names; undefined where there is none. */
export function inputOf(context: StageContext, source: string | undefined): (frame: Frame, row: number) => string | undefined {
  if (source === undefined || source === "") return (frame, row) => frame.line(row);
  const slot = context.names.reads(source);
  return (frame, row) => textOf(frame.extracted.get(row, slot));
}

export function isLabelName(name: string): boolean {
  return name !== "" && name.isWellFormed();
}

export function isClassicLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** Go's error for a pattern, or undefined. */
export function patternError(compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
