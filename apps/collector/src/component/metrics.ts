export type MetricKind = "counter" | "gauge" | "histogram" | "summary";

/** One number that goes up. */
export interface Counter {
  add(amount: number): void;
  readonly value: number;
}

export interface Gauge {
  set(value: number): void;
  add(amount: number): void;
  readonly value: number;
}

export interface Histogram {
  observe(value: number): void;
}

export interface MetricOptions {
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A metric with label names: `of` gives the child for these values, which the caller keeps where it counts often. */
export interface Family<Child> {
  of(...labelValues: string[]): Child;
  remove(...labelValues: string[]): void;
}

/** The process's own metrics as one component sees them: each carries `component_id` and `component_path`. */
export interface MetricScope {
  counter(name: string, options: MetricOptions): Family<Counter>;
  gauge(name: string, options: MetricOptions): Family<Gauge>;
  histogram(name: string, options: MetricOptions & { readonly buckets: readonly number[] }): Family<Histogram>;
  /** Calls back before each exposition, for values that are cheaper to read than to keep. */
  beforeScrape(refresh: () => void): void;
}

export interface ExposedSample {
  readonly name: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
}

export interface ExposedFamily {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

interface Metric {
  readonly kind: MetricKind;
  readonly help: string;
  /** Children by the scope and label values that they belong to. */
  readonly children: Map<string, { readonly labels: readonly (readonly [string, string])[]; readonly cell: Cell; readonly scope: object }>;
}

type Cell = ScalarCell | HistogramCell;

class ScalarCell implements Counter, Gauge {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
  set(value: number): void {
    this.value = value;
  }
}

class HistogramCell implements Histogram {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;
  count = 0;
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length);
  }
  observe(value: number): void {
    this.sum += value;
    this.count++;
    for (let i = this.bounds.length - 1; i >= 0 && value <= (this.bounds[i] ?? 0); i--) this.counts[i] = (this.counts[i] ?? 0) + 1;
  }
}

/** Holds every metric of the process. Scopes come and go with components; what a scope made leaves with it. */
export class MetricRegistry {
  readonly #metrics = new Map<string, Metric>();
  readonly #refreshers = new Map<object, (() => void)[]>();

  /** The view of one component, or of the process itself where `constant` is empty. `close` removes all that it made. */
  scope(constant: Readonly<Record<string, string>> = {}): MetricScope & { close(): void } {
    const scope = {};
    const constantPairs = Object.entries(constant);
    const family = <Child extends Cell>(kind: MetricKind, name: string, options: MetricOptions, make: () => Child): Family<Child> => {
      // Looked up at each use: closing the last other scope forgets a metric that has no children left.
      const metric = () => this.#metricNamed(name, kind, options.help);
      metric();
      const labelNames = options.labels ?? [];
      const keyOf = (values: readonly string[]) => JSON.stringify([constantPairs, labelNames, values]);
      return {
        of: (...values) => {
          if (values.length !== labelNames.length) throw new Error(`${name} has ${labelNames.length} labels, ${values.length} values came`);
          const key = keyOf(values);
          const { children } = metric();
          const known = children.get(key);
          if (known !== undefined) return known.cell as Child;
          const cell = make();
          children.set(key, {
            labels: [...constantPairs, ...labelNames.map((label, i) => [label, values[i] ?? ""] as const)],
            cell,
            scope,
          });
          return cell;
        },
        remove: (...values) => {
          metric().children.delete(keyOf(values));
        },
      };
    };
    return {
      counter: (name, options) => family("counter", name, options, () => new ScalarCell()),
      gauge: (name, options) => family("gauge", name, options, () => new ScalarCell()),
      histogram: (name, options) => family("histogram", name, options, () => new HistogramCell(options.buckets)),
      beforeScrape: (refresh) => {
        this.#refreshers.set(scope, [...(this.#refreshers.get(scope) ?? []), refresh]);
      },
      close: () => {
        this.#refreshers.delete(scope);
        for (const [name, metric] of this.#metrics) {
          for (const [key, child] of metric.children) if (child.scope === scope) metric.children.delete(key);
          if (metric.children.size === 0) this.#metrics.delete(name);
        }
      },
    };
  }

  /** Everything as it is now, ordered by name. */
  expose(): ExposedFamily[] {
    for (const refreshers of this.#refreshers.values()) for (const refresh of refreshers) refresh();
    const families: ExposedFamily[] = [];
    for (const [name, metric] of [...this.#metrics].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const samples: ExposedSample[] = [];
      for (const { labels, cell } of metric.children.values()) {
        if (cell instanceof ScalarCell) samples.push({ name, labels, value: cell.value });
        else samples.push(...histogramSamples(name, labels, cell));
      }
      if (samples.length > 0) families.push({ name, kind: metric.kind, help: metric.help, samples });
    }
    return families;
  }

  #metricNamed(name: string, kind: MetricKind, help: string): Metric {
    const known = this.#metrics.get(name);
    if (known !== undefined) {
      if (known.kind !== kind) throw new Error(`metric ${name} is a ${known.kind}, not a ${kind}`);
      return known;
    }
    const metric: Metric = { kind, help, children: new Map() };
    this.#metrics.set(name, metric);
    return metric;
  }
}

function histogramSamples(name: string, labels: readonly (readonly [string, string])[], cell: HistogramCell): ExposedSample[] {
  const buckets = cell.bounds.map((bound, i) => ({
    name: `${name}_bucket`,
    labels: [...labels, ["le", String(bound)] as const],
    value: cell.counts[i] ?? 0,
  }));
  return [
    ...buckets,
    { name: `${name}_bucket`, labels: [...labels, ["le", "+Inf"] as const], value: cell.count },
    { name: `${name}_sum`, labels, value: cell.sum },
    { name: `${name}_count`, labels, value: cell.count },
  ];
}
