import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** The columns behind a cache's name. */
const columns = [
  ["active_objects", "Objects in use."],
  ["objects", "Objects that were made."],
  ["object_size_bytes", "Size of an object, in bytes."],
  ["objects_per_slab", "Objects that are made at once."],
  ["pages_per_slab", "Pages that these take."],
] as const;

/** With the limits and the slabs, which are not exposed. */
const allColumns = 16;

/** The kernel's own caches. */
export const slabinfo: Collector = {
  name: "slabinfo",
  isDefault: false,
  prepare: () => (host, page) => {
    const metrics = columns.map(([name, help]) => page.gauge(`node_slabinfo_${name}`, help, "slab"));
    for (const line of linesOf(host.proc("slabinfo"))) {
      if (line.startsWith("slabinfo -") || line.startsWith("# name")) continue;
      const [slab = "", ...words] = wordsOf(line);
      if (words.length !== allColumns - 1) throw new Error(`slabinfo has ${words.length + 1} columns, ${allColumns} are known`);
      for (const [index, metric] of metrics.entries()) metric.sample(numberOf(words[index]), slab);
    }
  },
};
