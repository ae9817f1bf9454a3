import { bool, defaulted } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { monitorArguments, monitorBlocks } from "../../../../monitors/arguments.ts";
import { serviceMonitors } from "../../../../monitors/monitor-kinds.ts";
import { MonitorSet } from "../../../../monitors/monitor-set.ts";
import { monitorNeeds } from "../../../../monitors/needs.ts";
import { serviceMonitorPlans } from "../../../../monitors/service-monitor-plans.ts";
import { scrapeMetricDocs } from "../../../../scraping/metrics.ts";
import { forwardMetricDocs } from "../../../../signals/prometheus/forward.ts";

export const component = defineComponent({
  name: "prometheus.operator.servicemonitors",
  stability: "generally-available",
  summary: "Scrapes what the ServiceMonitor resources of a Kubernetes cluster ask for.",
  arguments: {
    ...monitorArguments,
    allow_arbitrary_file_access: defaulted(
      bool,
      "Let resources name files of this collector, which are then sent to whom they name as well.",
      false,
    ),
  },
  blocks: monitorBlocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...scrapeMetricDocs],
  needs: monitorNeeds("servicemonitors"),
  create: (context, args) => new MonitorSet(context, { kind: serviceMonitors, plans: serviceMonitorPlans }, args),
});
