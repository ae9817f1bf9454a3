import { defineComponent } from "../../../../component/definition.ts";
import { monitorArguments, monitorBlocks } from "../../../../monitors/arguments.ts";
import { podMonitors } from "../../../../monitors/monitor-kinds.ts";
import { MonitorSet } from "../../../../monitors/monitor-set.ts";
import { monitorNeeds } from "../../../../monitors/needs.ts";
import { podMonitorPlans } from "../../../../monitors/pod-monitor-plans.ts";
import { scrapeMetricDocs } from "../../../../scraping/metrics.ts";
import { forwardMetricDocs } from "../../../../signals/prometheus/forward.ts";

export const component = defineComponent({
  name: "prometheus.operator.podmonitors",
  stability: "generally-available",
  summary: "Scrapes what the PodMonitor resources of a Kubernetes cluster ask for.",
  arguments: monitorArguments,
  blocks: monitorBlocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...scrapeMetricDocs],
  needs: monitorNeeds("podmonitors"),
  create: (context, args) => new MonitorSet(context, { kind: podMonitors, plans: podMonitorPlans }, args),
});
