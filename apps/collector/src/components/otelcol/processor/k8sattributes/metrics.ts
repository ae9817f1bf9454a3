import type { MetricDoc } from "../../../../component/definition.ts";
import type { Counter, Family, MetricScope } from "../../../../component/metrics.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";

const watched = ["pod", "namespace", "node", "replicaset", "deployment", "statefulset", "daemonset", "job"] as const;
const events = ["added", "updated", "deleted"] as const;
const association = "otelcol_otelcol_k8s_pod_association_total";
const misses = "otelcol_otelsvc_k8s_ip_lookup_miss_total";
const tableSize = "otelcol_otelsvc_k8s_pod_table_size";

export const watchMetricDocs: readonly MetricDoc[] = [
  ...watched.flatMap((kind) =>
    events.map((event) => ({ name: nameOf(kind, event), kind: "counter" as const, doc: `Times that a ${kind} was ${event}.` })),
  ),
  { name: association, kind: "counter", doc: "Resources whose pod was found (success) or not (error), by what told it." },
  { name: misses, kind: "counter", doc: "Resources whose pod was not found." },
  { name: tableSize, kind: "gauge", doc: "Identities by which pods are found." },
];

export function watchMetrics(scope: MetricScope) {
  const docOf = (name: string) => watchMetricDocs.find((doc) => doc.name === name)?.doc ?? "";
  const counters = new Map<string, Family<Counter>>(
    watched.flatMap((kind) =>
      events.map((event) => [`${kind} ${event}`, scope.counter(nameOf(kind, event), { help: docOf(nameOf(kind, event)) })] as const),
    ),
  );
  const associations = scope.counter(association, { help: docOf(association), labels: ["status", "pod_identifier", "otelcol_signal"] });
  const missed = scope.counter(misses, { help: docOf(misses) }).of();
  const size = scope.gauge(tableSize, { help: docOf(tableSize) }).of();
  const metrics = {
    /** Of the batch at work. */
    signal: "traces" as Signal,
    count(kind: string, event: string) {
      counters.get(`${kind} ${event}`)?.of().add(1);
    },
    associated(found: boolean, how: string) {
      associations.of(found ? "success" : "error", how, metrics.signal).add(1);
      if (!found) missed.add(1);
    },
    tableSize: (identities: number) => size.set(identities),
  };
  return metrics;
}

function nameOf(kind: string, event: string): string {
  return `otelcol_otelsvc_k8s_${kind}_${event}_total`;
}
