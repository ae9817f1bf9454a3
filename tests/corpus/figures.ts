/** What the components of a running configuration say of what they have moved, by their ids. */
export interface Figures {
  /** Items that came in, by source: only of the kinds that count them. */
  readonly sources: ReadonlyMap<string, number>;
  /** Of each destination by signal, where it counts by signal. */
  readonly sinks: ReadonlyMap<string, Sink>;
}

export interface Sink {
  readonly accepted: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly buffered: number;
  /** `spans`, `metric_points`, `log_records`, `samples`, `entries`: those of which something was sent. */
  readonly signals: readonly string[];
}

const sourceMetrics =
  /^(prometheus_forwarded_samples_total|loki_source_file_read_lines_total|loki_source_journal_target_lines_total|otelcol_receiver_accepted_\w+_total)$/;
const sourceComponents = /^(prometheus\.(scrape|operator)|loki\.source|otelcol\.receiver\.(otlp|jaeger|zipkin|filelog))\b/;
const sentMetrics =
  /^(?:otelcol_exporter_sent_(spans|metric_points|log_records)_total|loki_write_sent_(entries)_total|prometheus_remote_storage_(samples)_total)$/;

/** Reads an exposition of own metrics. */
export function figuresOf(exposition: string): Figures {
  const sources = new Map<string, number>();
  const sinks = new Map<string, { accepted: number; delivered: number; dropped: number; buffered: number; signals: string[] }>();
  const sinkOf = (id: string) => {
    const sink = sinks.get(id) ?? { accepted: 0, delivered: 0, dropped: 0, buffered: 0, signals: [] };
    sinks.set(id, sink);
    return sink;
  };
  for (const line of exposition.split("\n")) {
    const [, name = "", labels = "", text = ""] = /^(\w+)\{(.*)\} (\S+)/.exec(line) ?? [];
    const id = idOf(labels);
    const value = Number(text);
    if (sourceMetrics.test(name) && sourceComponents.test(id.split("/").at(-1) ?? "")) sources.set(id, (sources.get(id) ?? 0) + value);
    const destination = /^invar_destination_(accepted|delivered|dropped|buffered)_items(?:_total)?$/.exec(name)?.[1];
    if (destination !== undefined) sinkOf(id)[destination as "accepted"] += value;
    const signal = sentMetrics
      .exec(name)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (signal !== undefined && value > 0) {
      const { signals } = sinkOf(id);
      if (!signals.includes(signal)) signals.push(signal);
    }
  }
  for (const { signals } of sinks.values()) signals.sort();
  return { sources, sinks };
}

/** `pod_logs.feature/loki.source.file.pods` of a component in a module, else its id alone. */
function idOf(labels: string): string {
  const of = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
  const path = of("component_path").replace(/^\//, "");
  return path === "" ? of("component_id") : `${path}/${of("component_id")}`;
}
