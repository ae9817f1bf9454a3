import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

export const interrupts: Collector = {
  name: "interrupts",
  isDefault: false,
  prepare: () => (host, page) => {
    const total = page.counter("node_interrupts_total", "Interrupts by processor and kind.", "cpu", "type", "info", "devices");
    const [head = "", ...lines] = linesOf(host.proc("interrupts"));
    const cpus = wordsOf(head).length;
    for (const line of lines) {
      const colon = line.indexOf(":");
      const words = wordsOf(line.slice(colon + 1));
      // Errors are counted for all processors together: they have no column for each.
      if (colon < 0 || words.length <= cpus) continue;
      const type = line.slice(0, colon).trim();
      const isNumbered = /^\d+$/.test(type);
      const info = isNumbered ? (words[cpus] ?? "") : words.slice(cpus).join(" ");
      const devices = isNumbered ? words.slice(cpus + 1).join(" ") : "";
      for (let cpu = 0; cpu < cpus; cpu++) total.sample(numberOf(words[cpu]), String(cpu), type, info, devices);
    }
  },
};
