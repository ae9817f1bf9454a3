import type { Collector } from "../collector.ts";
import { driverNumber, type HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { SensorFiles } from "../sensor-files.ts";
import { cpuRange, wordsOf } from "../text-table.ts";

const folder = "devices/system/cpu";

/** File → metric; the kernel counts in kilohertz. */
const frequencies = [
  ["cpuinfo_cur_freq", "frequency_hertz", "Speed of the processor, in hertz."],
  ["cpuinfo_min_freq", "frequency_min_hertz", "Least speed of the processor, in hertz."],
  ["cpuinfo_max_freq", "frequency_max_hertz", "Highest speed of the processor, in hertz."],
  ["scaling_cur_freq", "scaling_frequency_hertz", "Speed that was chosen for the processor, in hertz."],
  ["scaling_min_freq", "scaling_frequency_min_hertz", "Least speed that may be chosen, in hertz."],
  ["scaling_max_freq", "scaling_frequency_max_hertz", "Highest speed that may be chosen, in hertz."],
] as const;

export const cpufreq: Collector = {
  name: "cpufreq",
  isDefault: true,
  prepare() {
    const sensors = new SensorFiles();
    return async (host, page) => {
      const offline = new Set(cpuRange(host.sys(`${folder}/offline`)));
      const names = host.sysList(folder).filter((name) => /^cpu\d/.test(name) && !offline.has(name.slice("cpu".length)));
      // Where a processor has to be woken up for its speed, all are asked at the same time.
      await Promise.all(names.map((name) => expose(host, page, sensors, name)));
    };
  },
};

async function expose(host: HostFiles, page: MetricPage, sensors: SensorFiles, name: string): Promise<void> {
  const files = host.sysList(`${folder}/${name}/cpufreq`);
  if (files.length === 0) return;
  const number = name.slice("cpu".length);
  const read = (file: string) => (files.includes(file) ? sensors.value(host, `${folder}/${name}/cpufreq/${file}`) : undefined);
  for (const [file, metric, help] of frequencies) {
    const value = driverNumber(await read(file));
    if (value !== undefined) page.gauge(`node_cpu_${metric}`, help, "cpu").sample(value * 1000, number);
  }
  const governor = await read("scaling_governor");
  if (governor === undefined || governor === "") return;
  const metric = page.gauge("node_cpu_scaling_governor", "Which policy chooses the speed.", "cpu", "governor");
  for (const candidate of wordsOf((await read("scaling_available_governors")) ?? ""))
    metric.sample(candidate === governor ? 1 : 0, number, candidate);
}
