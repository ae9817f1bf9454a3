import { parseDuration, parseFloat64 } from "@invar/go-compat";
import { bool, defaulted, duration, float, list, many, oneOf, required, string } from "../../../../component/arguments.ts";
import type { Counter, Family, Gauge } from "../../../../component/metrics.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Frame } from "../frame.ts";
import { defineStage, isLabelName, type Stage, type StageContext, textOf } from "../stage.ts";

const sharedArguments = {
  name: required(string, "The metric's name, behind the prefix."),
  description: defaulted(string, "The metric's help text.", ""),
  source: defaulted(string, "The extracted value; the metric's name where empty.", ""),
  prefix: defaulted(string, "What the metric's name begins with; `loki_process_custom_` where empty.", ""),
  value: defaulted(string, "Only lines count whose extracted value is this.", ""),
  max_idle_duration: defaulted(duration, "A metric of labels that do not appear for so long is removed.", "5m", {
    check: (ms) => (ms >= 1000 ? undefined : "max_idle_duration must be greater or equal than 1s"),
  }),
};

export const metrics = defineStage(
  {
    doc: "Makes metrics of extracted values, with the labels of the lines.",
    occurs: "many",
    ordered: {
      into: "metrics",
      blocks: {
        "metric.counter": many(
          "A counter.",
          {
            arguments: {
              ...sharedArguments,
              action: required(oneOf("inc", "add"), "`inc` counts lines, `add` adds their values."),
              match_all: defaulted(bool, "Counts every line, with an extracted value or without.", false),
              count_entry_bytes: defaulted(bool, "Adds the bytes of each line.", false),
            },
          },
          {
            check: (args, report) => {
              if (args.match_all && args.value !== "") report("a 'counter' metric supports either 'match_all' or a 'value', but not both");
              if (args.count_entry_bytes && (!args.match_all || args.action !== "add"))
                report("the 'count_entry_bytes' counter field must be specified along with match_all set to true or action set to 'add'");
            },
          },
        ),
        "metric.gauge": many("A gauge.", {
          arguments: { ...sharedArguments, action: required(oneOf("inc", "dec", "set", "add", "sub"), "What a line does to it.") },
        }),
        "metric.histogram": many("A histogram.", {
          arguments: { ...sharedArguments, buckets: required(list(float), "The upper bounds of its buckets.") },
        }),
      },
    },
  },
  (args, context): Stage => {
    const all = args.metrics.map((metric) => compileMetric(metric as MetricBlock, context));
    return {
      run(frame, { rows, count }) {
        for (const record of all) for (let i = 0; i < count; i++) record(frame, rows[i] as number);
      },
    };
  },
);

interface Shared {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly prefix: string;
  readonly value: string;
  readonly max_idle_duration: number;
}

type MetricBlock =
  | { readonly block: "metric.counter"; readonly args: Shared & { action: "inc" | "add"; match_all: boolean; count_entry_bytes: boolean } }
  | { readonly block: "metric.gauge"; readonly args: Shared & { action: "inc" | "dec" | "set" | "add" | "sub" } }
  | { readonly block: "metric.histogram"; readonly args: Shared & { buckets: readonly number[] } };

type Recorder = (frame: Frame, row: number) => void;

function compileMetric(metric: MetricBlock, context: StageContext): Recorder {
  const name = (metric.args.prefix === "" ? "loki_process_custom_" : metric.args.prefix) + metric.args.name;
  const options = (labels: readonly string[]) => ({ help: metric.args.description, labels });
  switch (metric.block) {
    case "metric.counter":
      return counterRecorder(
        metric.args,
        new Children(metric.args, context, (labels) => context.metrics.counter(name, options(labels))),
        context,
      );
    case "metric.gauge":
      return gaugeRecorder(
        metric.args,
        new Children(metric.args, context, (labels) => context.metrics.gauge(name, options(labels))),
        context,
      );
    case "metric.histogram": {
      const buckets = metric.args.buckets.toSorted((a, b) => a - b);
      const children = new Children(metric.args, context, (labels) => context.metrics.histogram(name, { ...options(labels), buckets }));
      const value = valueReader(metric.args, context);
      return (frame, row) => {
        const number = numberOf(value(frame, row));
        if (number !== undefined) children.of(frame.labels(row)).observe(number);
      };
    }
    default:
      return metric satisfies never;
  }
}

function counterRecorder(
  args: Extract<MetricBlock, { block: "metric.counter" }>["args"],
  children: Children<Counter>,
  context: StageContext,
): Recorder {
  if (args.match_all && args.count_entry_bytes) return (frame, row) => children.of(frame.labels(row)).add(frame.lineLength(row));
  // An "add" of every line has nothing to add.
  if (args.match_all) return (frame, row) => (args.action === "inc" ? children.of(frame.labels(row)).add(1) : undefined);
  const value = valueReader(args, context);
  if (args.action === "inc")
    return (frame, row) => {
      if (value(frame, row) !== undefined) children.of(frame.labels(row)).add(1);
    };
  return (frame, row) => {
    const number = numberOf(value(frame, row));
    // A counter never goes down.
    if (number !== undefined && number >= 0) children.of(frame.labels(row)).add(number);
  };
}

function gaugeRecorder(
  { action, ...args }: Extract<MetricBlock, { block: "metric.gauge" }>["args"],
  children: Children<Gauge>,
  context: StageContext,
): Recorder {
  const value = valueReader(args, context);
  if (action === "inc" || action === "dec")
    return (frame, row) => {
      if (value(frame, row) !== undefined) children.of(frame.labels(row)).add(action === "inc" ? 1 : -1);
    };
  return (frame, row) => {
    const number = numberOf(value(frame, row));
    if (number === undefined) return;
    const gauge = children.of(frame.labels(row));
    if (action === "set") gauge.set(number);
    else gauge.add(action === "add" ? number : -number);
  };
}

/** Reads the extracted value; undefined where it is missing or not the one that counts. */
function valueReader({ source, name, value: wanted }: Shared, { names }: StageContext): (frame: Frame, row: number) => unknown {
  const slot = names.reads(source === "" ? name : source);
  return (frame, row) => {
    const value = frame.extracted.get(row, slot);
    return wanted === "" || textOf(value) === wanted ? value : undefined;
  };
}

/** A number, or text that is one or a duration in seconds. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return undefined;
  if (/^[+-]?\d+(\.\d*)?$/.test(value)) return Number(value);
  try {
    return parseFloat64(value);
  } catch {
    // Not a number; perhaps a duration.
  }
  try {
    return Number(parseDuration(value)) / 1e9;
  } catch {
    return undefined;
  }
}

/** The children of one metric by the labels of lines; those that nothing was added to for long are removed. */
class Children<Child> {
  readonly #families = new Map<string, Family<Child>>();
  readonly #children = new Map<StreamLabels, { child: Child; family: Family<Child>; values: string[]; usedMs: number }>();
  readonly #family: (labels: readonly string[]) => Family<Child>;
  readonly #context: StageContext;

  constructor({ max_idle_duration }: Shared, context: StageContext, family: (labels: readonly string[]) => Family<Child>) {
    this.#family = family;
    this.#context = context;
    context.beforeScrape(() => this.#prune(max_idle_duration));
  }

  of(labels: StreamLabels): Child {
    let entry = this.#children.get(labels);
    if (entry === undefined) {
      const names = labels.names.filter((name) => isLabelName(name) && !name.startsWith("__"));
      const key = names.join("\n");
      let family = this.#families.get(key);
      if (family === undefined) {
        family = this.#family(names);
        this.#families.set(key, family);
      }
      const values = names.map((name) => labels.get(name) as string);
      entry = { child: family.of(...values), family, values, usedMs: 0 };
      this.#children.set(labels, entry);
    }
    entry.usedMs = this.#context.clock.now();
    return entry.child;
  }

  #prune(maxIdleMs: number): void {
    const now = this.#context.clock.now();
    for (const [labels, { family, values, usedMs }] of this.#children) {
      if (now - usedMs < maxIdleMs) continue;
      family.remove(...values);
      this.#children.delete(labels);
    }
  }
}
