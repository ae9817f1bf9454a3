import type { MetricScope } from "../../component/metrics.ts";
import type { ClusterNode } from "./cluster-node.ts";
import { memberStates } from "./messages.ts";

/** What the cluster looks like from here, by the incumbent's names where it has one. */
export function registerClusterMetrics(metrics: MetricScope, node: ClusterNode, minimumSize: number): void {
  const info = metrics.gauge("cluster_node_info", {
    help: "Info about the local node. Label values will change as the node changes state.",
    labels: ["cluster_name", "state"],
  });
  const peers = metrics.gauge("cluster_node_peers", {
    help: "Current number of healthy peers by state, this one included.",
    labels: ["cluster_name", "state"],
  });
  const byName = <Name extends string>(name: Name, help: string) => metrics.gauge(name, { help, labels: ["cluster_name"] }).of(node.name);
  const ready = byName("cluster_ready_for_traffic", "Whether clustered components may work here.");
  const minimum = byName("cluster_minimum_size", "The number of collectors that must be there before clustered components work.");
  const expected = byName("cluster_expected_size", "How many collectors there should be, as far as this one knows.");
  const partitioned = byName(
    "cluster_partitioned",
    "Whether this collector is on the smaller side of a partition, and has stopped its clustered work.",
  );
  const owned = metrics.gauge("cluster_owned_keys", {
    help: "Targets, streams or sources that this collector does.",
    labels: ["cluster_name", "work"],
  });
  const known = metrics.gauge("cluster_known_keys", {
    help: "Targets, streams or sources that there are, whoever does them.",
    labels: ["cluster_name", "work"],
  });
  const moved = metrics.counter("cluster_moved_keys_total", {
    help: "Keys that were given to a peer, taken from one, or started because nobody had them.",
    labels: ["cluster_name", "move"],
  });
  let works = new Set<string>();
  metrics.beforeScrape(() => {
    const counts = new Map<string, number>(memberStates.slice(0, 3).map((state) => [state, 0]));
    for (const { state } of node.peers()) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const [state, count] of counts) {
      peers.of(node.name, state).set(count);
      if (state === node.state) info.of(node.name, state).set(1);
      else info.remove(node.name, state);
    }
    ready.set(node.isReadyForTraffic ? 1 : 0);
    minimum.set(minimumSize);
    expected.set(node.expected);
    partitioned.set(node.isPartitioned ? 1 : 0);
    for (const [move, count] of Object.entries(node.keys.counts)) {
      const counter = moved.of(node.name, move);
      counter.add(count - counter.value);
    }
    const seen = new Set<string>();
    for (const [work, all, own] of node.keys.sizes()) {
      seen.add(work);
      known.of(node.name, work).set(all);
      owned.of(node.name, work).set(own);
    }
    for (const work of works)
      if (!seen.has(work)) {
        known.remove(node.name, work);
        owned.remove(node.name, work);
      }
    works = seen;
  });
}
