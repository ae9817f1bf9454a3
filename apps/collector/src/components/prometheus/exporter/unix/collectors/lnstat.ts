import type { Collector } from "../collector.ts";
import { hexOf, linesOf, wordsOf } from "../text-table.ts";

export const lnstat: Collector = {
  name: "lnstat",
  isDefault: false,
  prepare: () => (host, page) => {
    for (const file of host.procList("net/stat")) {
      const [head = "", ...rows] = linesOf(host.proc(`net/stat/${file}`));
      const metrics = wordsOf(head).map((name) =>
        page.counter(`node_lnstat_${name}_total`, `The statistic ${name} of the network.`, "subsystem", "cpu"),
      );
      for (const [cpu, row] of rows.entries())
        for (const [index, word] of wordsOf(row).entries()) metrics[index]?.sample(hexOf(word), file, String(cpu));
    }
  },
};
