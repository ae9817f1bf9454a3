import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";

/** File, kind of line → metric. */
const totals = [
  ["cpu", "some", "cpu_waiting", "Time in which tasks waited for a processor, in seconds."],
  ["io", "some", "io_waiting", "Time in which tasks waited for input or output, in seconds."],
  ["io", "full", "io_stalled", "Time in which all tasks waited for input or output, in seconds."],
  ["memory", "some", "memory_waiting", "Time in which tasks waited for memory, in seconds."],
  ["memory", "full", "memory_stalled", "Time in which all tasks waited for memory, in seconds."],
  ["irq", "full", "irq_stalled", "Time in which all tasks waited for interrupts, in seconds."],
] as const;

export const pressure: Collector = {
  name: "pressure",
  isDefault: true,
  prepare: () => (host, page) => {
    const texts = new Map(["cpu", "io", "memory", "irq"].map((file) => [file, host.procIfThere(`pressure/${file}`)]));
    let found = false;
    for (const [file, kind, name, help] of totals) {
      const text = texts.get(file);
      // Kernels of different age know different resources.
      if (text === undefined) continue;
      const total = new RegExp(`^${kind} .*total=(\\d+)`, "m").exec(text)?.[1];
      if (total === undefined) throw new NoData(`pressure/${file} has no ${JSON.stringify(kind)}`);
      page.counter(`node_pressure_${name}_seconds_total`, help).sample(Number(total) / 1e6);
      found = true;
    }
    if (!found) throw new NoData("the kernel does not measure pressure");
  },
};
