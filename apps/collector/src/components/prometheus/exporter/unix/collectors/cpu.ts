import { isChosen } from "../choice.ts";
import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { cpuRange, linesOf, numberOf, wordsOf } from "../text-table.ts";
import { processors } from "./cpu-info.ts";

/** The kernel counts in hundredths of a second, whatever its own clock does. */
const ticksASecond = 100;
const modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;
const idle = modes.indexOf("idle");
const guestModes = ["user", "nice"] as const;
/** Idle time goes back by rounding; by more than this the processor was switched off and on again. */
const jumpBackSeconds = 3;

const folder = "devices/system/cpu";

export const cpu: Collector = {
  name: "cpu",
  isDefault: true,
  prepare(args) {
    const withFrequency = isChosen("cpufreq", true, args);
    // The last times by processor: a counter never goes back.
    let known = new Map<string, number[]>();
    return (host, page) => {
      processors(host, page, args.cpu, withFrequency);
      known = times(host, known);
      exposeTimes(page, known, args.cpu.guest);
      const isolated = page.gauge("node_cpu_isolated", "Processors that the scheduler leaves alone.", "cpu");
      for (const name of cpuRange(host.sysValue(`${folder}/isolated`) ?? "")) isolated.sample(1, name);
      const names = host.sysList(folder).filter((name) => /^cpu\d/.test(name));
      throttles(host, page, names);
      online(host, page, names);
    };
  },
};

/** Modes and then guest modes of each processor, in seconds. */
function times(host: HostFiles, before: ReadonlyMap<string, number[]>): Map<string, number[]> {
  const now = new Map<string, number[]>();
  for (const line of linesOf(host.proc("stat"))) {
    const [name = "", ...words] = line.startsWith("cpu") ? wordsOf(line) : [];
    if (!/^cpu\d+$/.test(name)) continue;
    const seconds = Array.from({ length: modes.length + guestModes.length }, (_, index) => numberOf(words[index] ?? "0") / ticksASecond);
    const last = before.get(name);
    const isNew = last === undefined || (last[idle] ?? 0) - (seconds[idle] ?? 0) >= jumpBackSeconds;
    now.set(name, isNew ? seconds : seconds.map((value, index) => Math.max(value, last[index] ?? 0)));
  }
  return now;
}

function exposeTimes(page: MetricPage, all: ReadonlyMap<string, readonly number[]>, withGuests: boolean): void {
  const metric = page.counter("node_cpu_seconds_total", "Time of each processor by mode, in seconds.", "cpu", "mode");
  const guests = page.counter("node_cpu_guest_seconds_total", "Time of each processor in virtual guests, in seconds.", "cpu", "mode");
  for (const [name, seconds] of all) {
    const number = name.slice("cpu".length);
    for (const [index, mode] of modes.entries()) metric.sample(seconds[index] ?? 0, number, mode);
    if (!withGuests) continue;
    for (const [index, mode] of guestModes.entries()) guests.sample(seconds[modes.length + index] ?? 0, number, mode);
  }
}

/** How often a core, or a package of cores, was slowed down because it was hot: told by each of its threads, counted once. */
function throttles(host: HostFiles, page: MetricPage, names: readonly string[]): void {
  const cores = page.counter("node_cpu_core_throttles_total", "Times that a core was slowed down for its heat.", "package", "core");
  const packages = page.counter("node_cpu_package_throttles_total", "Times that a package was slowed down for its heat.", "package");
  for (const name of names) {
    const owner = host.sysNumber(`${folder}/${name}/topology/physical_package_id`);
    const core = host.sysNumber(`${folder}/${name}/topology/core_id`);
    if (owner === undefined || core === undefined || owner < 0) continue;
    const ofCore = host.sysNumber(`${folder}/${name}/thermal_throttle/core_throttle_count`);
    if (ofCore !== undefined) cores.sample(ofCore, String(owner), String(core));
    const ofPackage = host.sysNumber(`${folder}/${name}/thermal_throttle/package_throttle_count`);
    if (ofPackage !== undefined) packages.sample(ofPackage, String(owner));
  }
}

function online(host: HostFiles, page: MetricPage, names: readonly string[]): void {
  const metric = page.gauge("node_cpu_online", "Whether a processor is switched on.", "cpu");
  const stateOf = (name: string) => host.sysValue(`${folder}/${name}/online`);
  // Where the first one can't be switched off, the reference says nothing of the others either.
  if (names[0] === undefined || stateOf(names[0]) === undefined) return;
  for (const name of names) metric.sample(stateOf(name) === "1" ? 1 : 0, name.slice("cpu".length));
}
