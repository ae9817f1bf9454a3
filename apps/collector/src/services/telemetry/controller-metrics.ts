import type { GraphView } from "../../component/graph-view.ts";
import type { MetricScope } from "../../component/metrics.ts";

const states = ["unknown", "healthy", "unhealthy", "exited"] as const;

/** How many components run, by health, in each module; and who is connected to whom. */
export function registerControllerMetrics(metrics: MetricScope, view: GraphView): void {
  const running = metrics.gauge("alloy_component_controller_running_components", {
    help: "Components by health.",
    labels: ["controller_id", "controller_path", "health_type"],
  });
  metrics
    .gauge("alloy_component_controller_evaluating", {
      help: "Whether a configuration is being evaluated.",
      labels: ["controller_id", "controller_path"],
    })
    .of("", "/")
    .set(0);
  let shown = new Set<string>();
  metrics.beforeScrape(() => {
    const seen = new Set<string>();
    const visit = (moduleId: string) => {
      const components = view.list(moduleId) ?? [];
      seen.add(moduleId);
      for (const state of states)
        running.of(moduleId, pathOf(moduleId), state).set(components.filter(({ health }) => health.state === state).length);
      for (const { createdModuleIDs } of components) for (const id of createdModuleIDs ?? []) visit(id);
    };
    visit("");
    for (const gone of shown) if (!seen.has(gone)) for (const state of states) running.remove(gone, pathOf(gone), state);
    shown = seen;
  });
}

/** The module that holds this one, as the incumbent writes it. */
function pathOf(moduleId: string): string {
  const slash = moduleId.lastIndexOf("/");
  return slash < 0 ? "/" : `/${moduleId.slice(0, slash)}`;
}
