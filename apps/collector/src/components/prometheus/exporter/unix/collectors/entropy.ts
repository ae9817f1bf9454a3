import type { Collector } from "../collector.ts";
import { numberOf } from "../text-table.ts";

export const entropy: Collector = {
  name: "entropy",
  isDefault: true,
  prepare: () => (host, page) => {
    const available = numberOf(host.proc("sys/kernel/random/entropy_avail"));
    page.gauge("node_entropy_available_bits", "Entropy at hand, in bits.").sample(available);
    page
      .gauge("node_entropy_pool_size_bits", "Entropy that can be kept, in bits.")
      .sample(numberOf(host.proc("sys/kernel/random/poolsize")));
  },
};
