import type { Collector } from "../collector.ts";
import { linesOf, numberOf } from "../text-table.ts";

export const stat: Collector = {
  name: "stat",
  isDefault: true,
  prepare: () => (host, page) => {
    const fields = new Map<string, string>();
    for (const line of linesOf(host.proc("stat"))) {
      // The line of interrupts is long; only its sum is wanted.
      const blank = line.indexOf(" ");
      const next = line.indexOf(" ", blank + 1);
      fields.set(line.slice(0, blank), line.slice(blank + 1, next < 0 ? line.length : next));
    }
    const of = (name: string) => numberOf(fields.get(name) ?? "0");
    page.counter("node_intr_total", "Interrupts that were served.").sample(of("intr"));
    page.counter("node_context_switches_total", "Switches between tasks.").sample(of("ctxt"));
    page.counter("node_forks_total", "Processes that were started.").sample(of("processes"));
    page.gauge("node_boot_time_seconds", "When the host started, in seconds since the epoch.").sample(of("btime"));
    page.gauge("node_procs_running", "Processes that run or could.").sample(of("procs_running"));
    page.gauge("node_procs_blocked", "Processes that wait for input or output.").sample(of("procs_blocked"));
  },
};
