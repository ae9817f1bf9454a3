import type { Collector } from "../collector.ts";
import { numberOf, wordsOf } from "../text-table.ts";

const minutes = [
  ["node_load1", "one minute"],
  ["node_load5", "five minutes"],
  ["node_load15", "fifteen minutes"],
] as const;

export const loadavg: Collector = {
  name: "loadavg",
  isDefault: true,
  prepare: () => (host, page) => {
    const words = wordsOf(host.proc("loadavg"));
    const loads = minutes.map((_, index) => numberOf(words[index]));
    for (const [index, [name, period]] of minutes.entries()) page.gauge(name, `Load average of ${period}.`).sample(loads[index] ?? 0);
  },
};
