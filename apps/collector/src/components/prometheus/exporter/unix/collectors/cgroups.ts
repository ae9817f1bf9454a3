import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

export const cgroups: Collector = {
  name: "cgroups",
  isDefault: false,
  prepare: () => (host, page) => {
    const count = page.gauge("node_cgroups_cgroups", "Groups of the controller.", "subsys_name");
    const enabled = page.gauge("node_cgroups_enabled", "Whether the controller is on.", "subsys_name");
    for (const line of linesOf(host.proc("cgroups"))) {
      if (line.startsWith("#")) continue;
      const [name = "", , groups, isOn] = wordsOf(line);
      count.sample(numberOf(groups), name);
      enabled.sample(numberOf(isOn), name);
    }
  },
};
