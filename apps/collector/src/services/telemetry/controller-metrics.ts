import type { EvaluationWatch, GraphView } from "../../component/graph-view.ts";
import type { Family, Gauge, MetricScope } from "../../component/metrics.ts";

const states = ["unknown", "healthy", "unhealthy", "exited"] as const;
const MODULE = ["controller_id", "controller_path"] as const;
/** Finer from half a minute on, where an evaluation begins to be a problem. */
const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];
const SLOW_SECONDS = 60;

/** What the graph does, in the incumbent's names: evaluations, components by health, and who is connected to whom, in each module. */
export class ControllerMetrics implements EvaluationWatch {
  readonly #scope: MetricScope;
  readonly #evaluating: Gauge;
  readonly #queueSize: Gauge;
  readonly #took;
  readonly #waited;
  readonly #slow;

  constructor(metrics: MetricScope) {
    this.#scope = metrics;
    this.#evaluating = metrics
      .gauge("alloy_component_controller_evaluating", {
        help: "Tracks if the controller is currently in the middle of a graph evaluation",
        labels: MODULE,
      })
      .of("", "/");
    this.#queueSize = metrics
      .gauge("alloy_component_evaluation_queue_size", { help: "Tracks the number of components waiting to be evaluated.", labels: MODULE })
      .of("", "/");
    const histogram = (name: string, help: string) => metrics.histogram(name, { help, labels: MODULE, buckets: SECONDS });
    this.#took = histogram("alloy_component_evaluation_seconds", "Time spent performing component evaluation");
    this.#waited = histogram(
      "alloy_component_dependencies_wait_seconds",
      "Time spent by components waiting to be evaluated after their dependency is updated.",
    );
    this.#slow = metrics.counter("alloy_component_evaluation_slow_seconds", {
      help: "Number of seconds spent evaluating components that take longer than 1m0s to evaluate",
      labels: [...MODULE, "component_id"],
    });
    // There before anything happens, so that a rate has a beginning.
    this.#took.of("", "/");
    this.#waited.of("", "/");
  }

  evaluating(isEvaluating: boolean): void {
    this.#evaluating.set(isEvaluating ? 1 : 0);
  }

  queued(count: number): void {
    this.#queueSize.set(count);
  }

  followed(moduleId: string, componentId: string, waitedSeconds: number, tookSeconds: number): void {
    const path = pathOf(moduleId);
    this.#waited.of(moduleId, path).observe(waitedSeconds);
    this.#took.of(moduleId, path).observe(tookSeconds);
    if (tookSeconds >= SLOW_SECONDS) this.#slow.of(moduleId, path, componentId).add(tookSeconds);
  }

  /** Exposes what runs, from here on. */
  show(view: GraphView): void {
    const running = new ShownSet(
      this.#scope.gauge("alloy_component_controller_running_components", {
        help: "Total number of running components.",
        labels: [...MODULE, "health_type"],
      }),
    );
    const connections = new ShownSet(
      this.#scope.gauge("alloy_component_graph_connection", {
        help: "Indicates that two components are connected in the graph",
        labels: [...MODULE, "from", "to"],
      }),
    );
    const visit = (moduleId: string) => {
      const path = pathOf(moduleId);
      const components = view.list(moduleId) ?? [];
      for (const state of states) running.set(components.filter(({ health }) => health.state === state).length, moduleId, path, state);
      for (const { localID, dataFlowEdgesTo, createdModuleIDs } of components) {
        for (const to of dataFlowEdgesTo) connections.set(1, moduleId, path, localID, to);
        for (const inner of createdModuleIDs ?? []) visit(inner);
      }
    };
    this.#scope.beforeScrape(() => {
      visit("");
      running.removeOthers();
      connections.removeOthers();
    });
  }
}

/** Gauges of which those that were not set since the last look go. */
class ShownSet {
  readonly #family: Family<Gauge>;
  #before = new Map<string, readonly string[]>();
  #now = new Map<string, readonly string[]>();

  constructor(family: Family<Gauge>) {
    this.#family = family;
  }

  set(value: number, ...labels: string[]): void {
    this.#family.of(...labels).set(value);
    this.#now.set(labels.join("\0"), labels);
  }

  removeOthers(): void {
    for (const [key, labels] of this.#before) if (!this.#now.has(key)) this.#family.remove(...labels);
    this.#before = this.#now;
    this.#now = new Map();
  }
}

/** The module that holds this one, as the incumbent writes it. */
function pathOf(moduleId: string): string {
  const slash = moduleId.lastIndexOf("/");
  return slash < 0 ? "/" : `/${moduleId.slice(0, slash)}`;
}
