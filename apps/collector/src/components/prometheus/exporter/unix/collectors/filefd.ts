import type { Collector } from "../collector.ts";
import { numberOf, wordsOf } from "../text-table.ts";

export const filefd: Collector = {
  name: "filefd",
  isDefault: true,
  prepare: () => (host, page) => {
    const [allocated, , maximum] = wordsOf(host.proc("sys/fs/file-nr"));
    const most = numberOf(maximum);
    page.gauge("node_filefd_allocated", "File descriptors in use.").sample(numberOf(allocated));
    page.gauge("node_filefd_maximum", "File descriptors that may be in use.").sample(most);
  },
};
