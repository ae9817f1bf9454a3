export type PageKind = "counter" | "gauge" | "untyped" | "summary" | "histogram";

/** A metric while a page is written. */
export interface PageMetric {
  /** Label values come in the order in which the metric names its labels. A series that is there already stays as it is. */
  sample(value: number, ...labelValues: readonly string[]): void;
}

/** Metrics of one name. */
interface Family {
  readonly kind: PageKind;
  readonly help: string;
  /** By what stands before the value, so that no series appears twice. */
  readonly series: Map<string, string>;
}

/** Lines of an exposition that belong to one metric. */
export interface ForeignFamily {
  readonly name: string;
  readonly kind: PageKind;
  readonly help: string;
  /** What stands before the value → the value. */
  readonly series: Iterable<readonly [string, string]>;
}

/** Collects metrics into a page in Prometheus's text format, ordered by name. */
export class MetricPage {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string, ...labels: readonly string[]): PageMetric {
    return this.#metric(name, "counter", help, labels);
  }

  gauge(name: string, help: string, ...labels: readonly string[]): PageMetric {
    return this.#metric(name, "gauge", help, labels);
  }

  untyped(name: string, help: string, ...labels: readonly string[]): PageMetric {
    return this.#metric(name, "untyped", help, labels);
  }

  /** The kind of a metric that is on the page already. */
  kindOf(name: string): PageKind | undefined {
    return this.#families.get(name)?.kind;
  }

  /** Adds series that somebody else wrote. Their kind has to be that of the metric, where it is there already. */
  adopt({ name, kind, help, series }: ForeignFamily): void {
    const family = this.#family(name, kind, help);
    for (const [key, value] of series) if (!family.series.has(key)) family.series.set(key, value);
  }

  text(): string {
    let text = "";
    for (const name of [...this.#families.keys()].sort()) {
      const family = this.#families.get(name);
      if (family === undefined || family.series.size === 0) continue;
      text += `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.kind}\n`;
      for (const [key, value] of family.series) text += `${key} ${value}\n`;
    }
    return text;
  }

  #metric(name: string, kind: PageKind, help: string, labels: readonly string[]): PageMetric {
    const { series } = this.#family(name, kind, help);
    return {
      sample(value, ...values) {
        const key = seriesText(name, labels, values);
        if (!series.has(key)) series.set(key, numberText(value));
      },
    };
  }

  #family(name: string, kind: PageKind, help: string): Family {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const family: Family = { kind, help, series: new Map() };
    this.#families.set(name, family);
    return family;
  }
}

function seriesText(name: string, labels: readonly string[], values: readonly string[]): string {
  if (labels.length !== values.length) throw new Error(`${name} has ${labels.length} labels, ${values.length} values came`);
  if (labels.length === 0) return name;
  let text = `${name}{`;
  for (let i = 0; i < labels.length; i++) text += `${i === 0 ? "" : ","}${labels[i]}="${escapeValue(values[i] ?? "")}"`;
  return `${text}}`;
}

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
