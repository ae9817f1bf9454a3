import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { deviceFilter, linesOf, wordsOf } from "../text-table.ts";

const headColumns = 9;
const entryColumns = 6;

export const arp: Collector = {
  name: "arp",
  isDefault: true,
  prepare({ arp: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_exclude);
    return (host, page) => {
      const counts = new Map<string, number>();
      for (const device of devicesOfEntries(host)) counts.set(device, (counts.get(device) ?? 0) + 1);
      const entries = page.gauge("node_arp_entries", "Entries of the ARP table by device.", "device");
      for (const [device, count] of counts) if (isWanted(device)) entries.sample(count, device);
    };
  },
};

function devicesOfEntries(host: HostFiles): string[] {
  return linesOf(host.proc("net/arp")).flatMap((line) => {
    const words = wordsOf(line);
    if (words.length === headColumns || words.length === 0) return [];
    if (words.length !== entryColumns) throw new Error(`net/arp has ${words.length} columns, ${entryColumns} are known`);
    return [words[5] ?? ""];
  });
}
