import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

export const buddyinfo: Collector = {
  name: "buddyinfo",
  isDefault: false,
  prepare: () => (host, page) => {
    const blocks = page.gauge(
      "node_buddyinfo_blocks",
      "Free blocks of memory by their size, as a power of two of pages.",
      "node",
      "zone",
      "size",
    );
    // `Node 0, zone      DMA      1      0`
    for (const line of linesOf(host.proc("buddyinfo"))) {
      const [, node = "", , zone = "", ...counts] = wordsOf(line);
      for (const [size, count] of counts.map(numberOf).entries())
        blocks.sample(count, node.replace(",", ""), zone.replace(",", ""), String(size));
    }
  },
};
