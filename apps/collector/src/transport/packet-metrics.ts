import type { MetricDoc } from "../component/definition.ts";
import type { MetricScope } from "../component/metrics.ts";

const name = "invar_receiver_dropped_packets_total";
const help = "Packets over UDP that were dropped, by reason: nobody can be asked to send them again.";

export const packetMetricDocs: readonly MetricDoc[] = [{ name, kind: "counter", doc: help }];

/** Why a packet is lost. */
export type PacketLoss = "queue_full" | "memory_budget" | "too_large" | "stopping";

/** Counts packets that are lost. */
export function packetLosses(metrics: MetricScope, transport: string): (reason: PacketLoss, packets?: number) => void {
  const family = metrics.counter(name, { help, labels: ["transport", "reason"] });
  return (reason, packets = 1) => family.of(transport, reason).add(packets);
}
