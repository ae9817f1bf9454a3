import type { Collector } from "../collector.ts";
import { linesOf } from "../text-table.ts";

const nanoseconds = 1e9;

export const schedstat: Collector = {
  name: "schedstat",
  isDefault: true,
  prepare: () => (host, page) => {
    const running = page.counter("node_schedstat_running_seconds_total", "Time in which the processor ran tasks, in seconds.", "cpu");
    const waiting = page.counter("node_schedstat_waiting_seconds_total", "Time in which tasks waited for it, in seconds.", "cpu");
    const slices = page.counter("node_schedstat_timeslices_total", "Slices of time that it gave to tasks.", "cpu");
    for (const line of linesOf(host.proc("schedstat"))) {
      const [, cpu, ran, waited, count] = /^cpu(\d+)(?: \d+){6} (\d+) (\d+) (\d+)/.exec(line) ?? [];
      if (cpu === undefined) continue;
      running.sample(Number(ran) / nanoseconds, cpu);
      waiting.sample(Number(waited) / nanoseconds, cpu);
      slices.sample(Number(count), cpu);
    }
  },
};
