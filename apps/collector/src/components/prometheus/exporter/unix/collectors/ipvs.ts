import { SocketAddress } from "node:net";

import type { Collector } from "../collector.ts";
import { hexOf, linesOf, numberOf, wordsOf } from "../text-table.ts";
import { type BackendLabel, backendLabels } from "./ipvs-labels.ts";

interface Backend {
  readonly labels: Readonly<Record<BackendLabel, string>>;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

const totals = [
  ["connections_total", "Connections that were made."],
  ["incoming_packets_total", "Packets that came in."],
  ["outgoing_packets_total", "Packets that went out."],
  ["incoming_bytes_total", "Bytes that came in."],
  ["outgoing_bytes_total", "Bytes that went out."],
] as const;

export const ipvs: Collector = {
  name: "ipvs",
  isDefault: true,
  prepare({ ipvs: { backend_labels: wanted } }) {
    const labels = backendLabels.filter((label) => wanted.length === 0 || wanted.includes(label));
    return (host, page) => {
      // Two lines of heads, then the sums.
      const sums = wordsOf(host.proc("net/ip_vs_stats").split("\n")[2] ?? "");
      if (sums.length !== totals.length) throw new Error(`net/ip_vs_stats has ${sums.length} columns, ${totals.length} are known`);
      for (const [index, [name, help]] of totals.entries()) page.counter(`node_ipvs_${name}`, help).sample(hexOf(sums[index]));

      const active = page.gauge("node_ipvs_backend_connections_active", "Connections to a backend that are in use.", ...labels);
      const inactive = page.gauge("node_ipvs_backend_connections_inactive", "Connections to a backend that are not.", ...labels);
      const weight = page.gauge("node_ipvs_backend_weight", "How many connections a backend gets compared to others.", ...labels);
      // Backends that differ in no label that is wanted are one.
      for (const backends of Map.groupBy(backendsOf(host.proc("net/ip_vs")), (backend) =>
        labels.map((label) => backend.labels[label]).join("\n"),
      ).values()) {
        const values = labels.map((label) => backends[0]?.labels[label] ?? "");
        const sum = (of: (backend: Backend) => number) => backends.reduce((total, backend) => total + of(backend), 0);
        active.sample(
          sum((backend) => backend.active),
          ...values,
        );
        inactive.sample(
          sum((backend) => backend.inactive),
          ...values,
        );
        weight.sample(
          sum((backend) => backend.weight),
          ...values,
        );
      }
    };
  },
};

/** A line of a service is followed by those of its backends. */
function backendsOf(text: string): Backend[] {
  const backends: Backend[] = [];
  let service = { local_address: "", local_port: "0", local_mark: "", proto: "" };
  for (const line of linesOf(text)) {
    const [kind, where = "", , ...numbers] = wordsOf(line);
    if (kind === "TCP" || kind === "UDP") {
      const [address, port] = addressOf(where);
      service = { local_address: address, local_port: port, local_mark: "", proto: kind };
    } else if (kind === "FWM") service = { local_address: "", local_port: "0", local_mark: where, proto: kind };
    else if (kind === "->" && where !== "RemoteAddress:Port" && numbers.length >= 3) {
      const [address, port] = addressOf(where);
      const [weight, active, inactive] = numbers.map(numberOf);
      const labels = { ...service, remote_address: address, remote_port: port };
      backends.push({ labels, weight: weight ?? 0, active: active ?? 0, inactive: inactive ?? 0 });
    }
  }
  return backends;
}

/** `C0A80016:0CEA`, or `[2620:0000:0000:0000:0000:0000:0000:0001]:0050`. */
function addressOf(text: string): [address: string, port: string] {
  const [, four, six, port] = /^(?:([0-9A-F]{8})|\[([0-9a-fA-F:]+)\]):([0-9A-F]{4})$/.exec(text) ?? [];
  if (port === undefined) throw new Error(`${JSON.stringify(text)} is not an address`);
  const address =
    four === undefined ? new SocketAddress({ address: six ?? "", family: "ipv6" }).address : [...Buffer.from(four, "hex")].join(".");
  return [address, String(hexOf(port))];
}
