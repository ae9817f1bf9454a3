import type { Collector } from "../collector.ts";
import { hexOf, linesOf, wordsOf } from "../text-table.ts";

/** Column → metric. Each kernel has more of them than the one before. */
const columns = [
  [0, "processed_total", "counter", "Packets that were processed."],
  [1, "dropped_total", "counter", "Packets that were dropped."],
  [2, "times_squeezed_total", "counter", "Times that processing ended before all was done."],
  [8, "cpu_collision_total", "counter", "Collisions over a device's lock while sending."],
  [9, "received_rps_total", "counter", "Times that the processor was woken for steered packets."],
  [10, "flow_limit_count_total", "counter", "Times that the limit of a flow was reached."],
  [11, "backlog_len", "gauge", "Packets that wait."],
] as const;

const fewestColumns = 9;
const cpuColumn = 12;

export const softnet: Collector = {
  name: "softnet",
  isDefault: true,
  prepare: () => (host, page) => {
    for (const [row, line] of linesOf(host.proc("net/softnet_stat")).entries()) {
      const words = wordsOf(line);
      if (words.length < fewestColumns)
        throw new Error(`net/softnet_stat has ${words.length} columns, at least ${fewestColumns} are known`);
      const cpu = words.length > cpuColumn ? hexOf(words[cpuColumn]) : row;
      for (const [column, name, kind, help] of columns) {
        const isKnown = column < words.length && (kind === "counter" || words.length > cpuColumn);
        page[kind](`node_softnet_${name}`, help, "cpu").sample(isKnown ? hexOf(words[column]) : 0, String(cpu));
      }
    }
  },
};
