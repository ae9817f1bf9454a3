import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";
import { fieldName } from "./meminfo.ts";

const folder = "devices/system/node";

export const meminfoNuma: Collector = {
  name: "meminfo_numa",
  isDefault: false,
  prepare: () => (host, page) => {
    for (const entry of host.sysList(folder)) {
      const number = /^node(\d+)/.exec(entry)?.[1];
      if (number === undefined) continue;
      const memory = host.sys(`${folder}/${entry}/meminfo`);
      const statistics = host.sys(`${folder}/${entry}/numastat`);
      // `Node 0 Active(anon):    12 kB`
      for (const line of linesOf(memory)) {
        const [, node = "", field = "", value, unit] = wordsOf(line);
        const metric = page.gauge(
          `node_memory_numa_${fieldName(field)}`,
          `The field ${field.replace(/:$/, "")} of a node's memory.`,
          "node",
        );
        metric.sample(numberOf(value) * (unit === undefined ? 1 : 1024), node);
      }
      for (const line of linesOf(statistics)) {
        const [field = "", value] = wordsOf(line);
        page
          .counter(`node_memory_numa_${field}_total`, `The statistic ${field} of a node's memory.`, "node")
          .sample(numberOf(value), number);
      }
    }
  },
};
