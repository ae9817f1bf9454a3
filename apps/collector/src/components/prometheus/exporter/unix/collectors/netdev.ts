import { networkInterfaces } from "node:os";
import type { Collector } from "../collector.ts";
import type { MetricPage } from "../metric-page.ts";
import { deviceFilter, linesOf, numberOf, wordsOf } from "../text-table.ts";

/** The columns behind a device's name. */
const columns = [
  ...["bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast"].map((field) => ["receive", field] as const),
  ...["bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed"].map((field) => ["transmit", field] as const),
];

export const netdev: Collector = {
  name: "netdev",
  isDefault: true,
  prepare({ netdev: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_exclude);
    return (host, page) => {
      const metrics = columns.map(([direction, field]) =>
        page.counter(`node_network_${direction}_${field}_total`, `The statistic ${direction} ${field} of network devices.`, "device"),
      );
      for (const line of linesOf(host.proc("net/dev")).slice(2)) {
        const colon = line.lastIndexOf(":");
        const device = line.slice(0, colon).trim();
        if (colon < 0 || device === "") throw new Error(`${JSON.stringify(line)} names no device`);
        if (!isWanted(device)) continue;
        const words = wordsOf(line.slice(colon + 1));
        const numbers = columns.map((_, index) => numberOf(words[index]));
        for (const [index, metric] of metrics.entries()) metric.sample(numbers[index] ?? 0, device);
      }
      if (options.address_info) addresses(page);
    };
  },
};

function addresses(page: MetricPage): void {
  const metric = page.gauge("node_network_address_info", "Addresses of network devices.", "device", "address", "netmask", "scope");
  for (const [device, entries] of Object.entries(networkInterfaces()))
    for (const { address, cidr } of entries ?? []) metric.sample(1, device, address, cidr?.split("/")[1] ?? "", scopeOf(address));
}

/** How far an address reaches. */
function scopeOf(address: string): string {
  const isNear = /^(127\.|169\.254\.|224\.0\.0\.|::1$|fe[89ab]|ff.2:)/i.test(address);
  if (isNear) return "link-local";
  if (/^ff.1:/i.test(address)) return "interface-local";
  return /^(0\.0\.0\.0$|::$|22[4-9]\.|23\d\.|255\.255\.255\.255$|ff)/i.test(address) ? "" : "global";
}
