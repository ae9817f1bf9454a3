import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

const types = new Set(["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"]);

export const softirqs: Collector = {
  name: "softirqs",
  isDefault: false,
  prepare: () => (host, page) => {
    const total = page.counter("node_softirqs_functions_total", "Soft interrupts by processor and kind.", "cpu", "type");
    for (const line of linesOf(host.proc("softirqs"))) {
      const [name = "", ...counts] = wordsOf(line);
      const type = name.replace(/:$/, "");
      if (types.has(type)) for (const [cpu, count] of counts.entries()) total.sample(numberOf(count), String(cpu), type);
    }
  },
};
