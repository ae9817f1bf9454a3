import { defineComponent } from "../../../../component/definition.ts";
import { monitorArguments, monitorBlocks } from "../../../../monitors/arguments.ts";
import { probes } from "../../../../monitors/monitor-kinds.ts";
import { MonitorSet } from "../../../../monitors/monitor-set.ts";
import { monitorNeeds } from "../../../../monitors/needs.ts";
import { probePlans } from "../../../../monitors/probe-plans.ts";
import { scrapeMetricDocs } from "../../../../scraping/metrics.ts";
import { forwardMetricDocs } from "../../../../signals/prometheus/forward.ts";

export const component = defineComponent({
  name: "prometheus.operator.probes",
  stability: "generally-available",
  summary: "Scrapes what the Probe resources of a Kubernetes cluster ask for.",
  arguments: monitorArguments,
  blocks: monitorBlocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...scrapeMetricDocs],
  needs: monitorNeeds("probes"),
  create: (context, args) => new MonitorSet(context, { kind: probes, plans: probePlans }, args),
});
