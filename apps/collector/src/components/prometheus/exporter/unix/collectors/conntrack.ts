import type { Collector } from "../collector.ts";
import { hexOf, linesOf, numberOf, wordsOf } from "../text-table.ts";

/** Column of a processor's line → metric. Older kernels lack the last. */
const columns = [
  [2, "found", "Searches that found an entry."],
  [4, "invalid", "Packets that can't be tracked."],
  [5, "ignore", "Packets that belong to an entry already."],
  [8, "insert", "Entries that were added."],
  [9, "insert_failed", "Entries that could not be added."],
  [10, "drop", "Packets that were dropped because tracking failed."],
  [11, "early_drop", "Entries dropped to make room for others."],
  [16, "search_restart", "Searches that began again because the table was resized."],
] as const;

export const conntrack: Collector = {
  name: "conntrack",
  isDefault: true,
  prepare: () => (host, page) => {
    const entries = numberOf(host.proc("sys/net/netfilter/nf_conntrack_count"));
    page.gauge("node_nf_conntrack_entries", "Connections that are tracked.").sample(entries);
    const limit = numberOf(host.proc("sys/net/netfilter/nf_conntrack_max"));
    page.gauge("node_nf_conntrack_entries_limit", "Connections that may be tracked.").sample(limit);
    const rows = linesOf(host.proc("net/stat/nf_conntrack")).slice(1).map(wordsOf);
    for (const row of rows)
      if (row.length < 16 || row.length > 17) throw new Error(`net/stat/nf_conntrack has ${row.length} columns, 16 or 17 are known`);
    for (const [column, name, help] of columns) {
      const sum = rows.reduce((total, row) => total + hexOf(row[column] ?? "0"), 0);
      page.gauge(`node_nf_conntrack_stat_${name}`, help).sample(sum);
    }
  },
};
