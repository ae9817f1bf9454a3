/** A metric while a page is written. */
export interface PageMetric {
  /** Labels are given in order: name, value, name, value. */
  sample(value: number, ...labels: string[]): void;
}

interface Entry extends PageMetric {
  readonly head: string;
  readonly lines: string[];
}

/** Collects metrics into a page in Prometheus's text format, ordered by name. */
export class MetricPage {
  readonly #metrics = new Map<string, Entry>();
  #raw = "";

  metric(name: string, kind: "counter" | "gauge" | "untyped", help: string): PageMetric {
    const known = this.#metrics.get(name);
    if (known !== undefined) return known;
    const lines: string[] = [];
    const entry: Entry = {
      head: `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`,
      lines,
      sample(value, ...labels) {
        let text = name;
        for (let i = 0; i + 1 < labels.length; i += 2) text += `${i === 0 ? "{" : ","}${labels[i]}="${escapeValue(labels[i + 1] ?? "")}"`;
        lines.push(`${text}${labels.length > 1 ? "}" : ""} ${numberText(value)}\n`);
      },
    };
    this.#metrics.set(name, entry);
    return entry;
  }

  counter(name: string, help: string): PageMetric {
    return this.metric(name, "counter", help);
  }

  gauge(name: string, help: string): PageMetric {
    return this.metric(name, "gauge", help);
  }

  /** Text that is an exposition already. */
  raw(text: string): void {
    this.#raw += text;
  }

  text(): string {
    let text = "";
    for (const name of [...this.#metrics.keys()].sort()) {
      const entry = this.#metrics.get(name);
      if (entry !== undefined && entry.lines.length > 0) text += entry.head + entry.lines.join("");
    }
    return text + this.#raw;
  }
}

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
