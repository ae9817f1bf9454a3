import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

const kibibytes = 1024;

export const swap: Collector = {
  name: "swap",
  isDefault: false,
  prepare: () => (host, page) => {
    const size = page.gauge("node_swap_size_bytes", "Size of the swap, in bytes.", "device", "swap_type");
    const used = page.gauge("node_swap_used_bytes", "Swap in use, in bytes.", "device", "swap_type");
    const priority = page.gauge("node_swap_priority", "Which swap is used first: the one with the highest number.", "device", "swap_type");
    for (const line of linesOf(host.proc("swaps")).slice(1)) {
      const [device = "", type = "", all, taken, rank] = wordsOf(line);
      size.sample(numberOf(all) * kibibytes, device, type);
      used.sample(numberOf(taken) * kibibytes, device, type);
      priority.sample(numberOf(rank), device, type);
    }
  },
};
