import type { Collector } from "../collector.ts";
import { numberOf } from "../text-table.ts";

const folder = "kernel/mm/ksm";

const same = (value: number) => value;
const milliseconds = (value: number) => value / 1000;

/** File → metric. */
const files = [
  ["full_scans", "full_scans_total", "counter", same, "Times that all memory was searched for equal pages."],
  ["merge_across_nodes", "merge_across_nodes", "gauge", same, "Whether pages of different nodes are merged."],
  ["pages_shared", "pages_shared", "gauge", same, "Pages that are shared."],
  ["pages_sharing", "pages_sharing", "gauge", same, "Pages that share these: what is saved."],
  ["pages_to_scan", "pages_to_scan", "gauge", same, "Pages that are looked at before a rest."],
  ["pages_unshared", "pages_unshared", "gauge", same, "Pages that have no equal."],
  ["pages_volatile", "pages_volatile", "gauge", same, "Pages that change too fast to be merged."],
  ["run", "run", "gauge", same, "Whether pages are merged."],
  ["sleep_millisecs", "sleep_seconds", "gauge", milliseconds, "Time of a rest, in seconds."],
] as const;

export const ksmd: Collector = {
  name: "ksmd",
  isDefault: false,
  prepare: () => (host, page) => {
    for (const [file, name, kind, inBase, help] of files)
      page[kind](`node_ksmd_${name}`, help).sample(inBase(numberOf(host.sysText(`${folder}/${file}`))));
  },
};
