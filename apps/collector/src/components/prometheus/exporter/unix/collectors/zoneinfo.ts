import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** Field → metric. */
const gauges = new Map([
  ...["min", "low", "high", "scanned", "spanned", "present", "managed"].map((field) => [field, `${field}_pages`] as const),
  ["nr_free_pages", "nr_free_pages"] as const,
  ...(
    "active_anon inactive_anon isolated_anon anon active_file inactive_file isolated_file file slab_reclaimable slab_unreclaimable mlock_stack " +
    "mapped dirty writeback unevictable shmem"
  )
    .split(" ")
    .map((field) => [field === "anon" || field === "file" ? `nr_${field}_pages` : `nr_${field}`, `nr_${field}_pages`] as const),
  ["nr_anon_transparent_hugepages", "nr_anon_transparent_hugepages"] as const,
  ["nr_kernel_stack", "nr_kernel_stacks"] as const,
]);

const counters = new Map(
  "nr_dirtied nr_written numa_hit numa_miss numa_foreign numa_interleave numa_local numa_other"
    .split(" ")
    .map((field) => [field, `${field}_total`] as const),
);

export const zoneinfo: Collector = {
  name: "zoneinfo",
  isDefault: false,
  prepare: () => (host, page) => {
    let place: [node: string, zone: string] = ["", ""];
    for (const line of linesOf(host.proc("zoneinfo"))) {
      const [, node, zone] = /^Node (\d+), zone\s+(\w+)/.exec(line) ?? [];
      if (node !== undefined && zone !== undefined) {
        place = [node, zone];
        continue;
      }
      const [field = "", value] = wordsOf(line);
      const gauge = gauges.get(field);
      const counter = counters.get(field);
      const help = `The field ${field} of a zone of memory.`;
      if (gauge !== undefined) page.gauge(`node_zoneinfo_${gauge}`, help, "node", "zone").sample(numberOf(value), ...place);
      else if (counter !== undefined) page.counter(`node_zoneinfo_${counter}`, help, "node", "zone").sample(numberOf(value), ...place);
      else if (field === "protection:") exposeProtection(line);
    }

    // `protection: (0, 2877, 7826, 7826)`
    function exposeProtection(line: string): void {
      const numbers = /\((.*)\)/.exec(line)?.[1]?.split(", ") ?? [];
      for (const [index, number] of numbers.entries())
        page
          .gauge(`node_zoneinfo_protection_${index}`, "Pages that are kept for zones below.", "node", "zone")
          .sample(numberOf(number), ...place);
    }
  },
};
