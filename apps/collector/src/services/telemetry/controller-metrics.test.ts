import assert from "node:assert/strict";
import { test } from "node:test";
import type { ComponentSummary, GraphView } from "../../component/graph-view.ts";
import { MetricRegistry } from "../../component/metrics.ts";
import { ControllerMetrics } from "./controller-metrics.ts";

/** `a>b c!` : a sends to b, c is unhealthy; `m(inner)` holds a module. */
function summaries(moduleID: string, text: string): ComponentSummary[] {
  return text.split(" ").map((word) => {
    const [, localID = "", to, inner, bad] = /^(\w+)(?:>(\w+))?(?:\((\w+)\))?(!?)$/.exec(word) ?? [];
    return {
      name: localID,
      type: "block",
      localID,
      moduleID,
      referencesTo: [],
      referencedBy: [],
      dataFlowEdgesTo: to === undefined ? [] : [to],
      health: { state: bad === "!" ? "unhealthy" : "healthy", message: "", updatedTime: "" },
      original: "",
      ...(inner !== undefined && { createdModuleIDs: [inner] }),
      liveDebuggingEnabled: false,
    };
  });
}

function shown(registry: MetricRegistry, name: string): string[] {
  return registry
    .expose()
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .map(({ labels, value }) => `${labels.map(([, text]) => text).join(" ")} ${value}`);
}

test("components by health and connections are shown for each module, and go with it", () => {
  const registry = new MetricRegistry();
  const modules = new Map([
    ["", "a>b b m(inner)"],
    ["inner", "x>y y!"],
  ]);
  const view: GraphView = { list: (id) => summaries(id, modules.get(id) ?? ""), detail: () => undefined, unhealthy: () => [] };
  new ControllerMetrics(registry.scope()).show(view);
  assert.deepEqual(shown(registry, "alloy_component_graph_connection"), [" / a b 1", "inner / x y 1"]);
  const unhealthy = () => shown(registry, "alloy_component_controller_running_components").filter((line) => line.includes(" unhealthy"));
  assert.deepEqual(unhealthy(), [" / unhealthy 0", "inner / unhealthy 1"]);
  modules.set("", "a b>a");
  assert.deepEqual(shown(registry, "alloy_component_graph_connection"), [" / b a 1"]);
  assert.deepEqual(unhealthy(), [" / unhealthy 0"]);
});

test("evaluations are counted with their times, slow ones by component", () => {
  const registry = new MetricRegistry();
  const metrics = new ControllerMetrics(registry.scope());
  metrics.evaluating(true);
  metrics.queued(3);
  metrics.followed("a/b", "x.y", 0.2, 61);
  metrics.followed("", "z", 0, 0.001);
  assert.deepEqual(shown(registry, "alloy_component_controller_evaluating"), [" / 1"]);
  assert.deepEqual(shown(registry, "alloy_component_evaluation_queue_size"), [" / 3"]);
  assert.deepEqual(shown(registry, "alloy_component_evaluation_seconds_sum"), [" / 0.001", "a/b /a 61"]);
  assert.deepEqual(shown(registry, "alloy_component_dependencies_wait_seconds_count"), [" / 1", "a/b /a 1"]);
  assert.deepEqual(shown(registry, "alloy_component_evaluation_slow_seconds"), ["a/b /a x.y 61"]);
});
