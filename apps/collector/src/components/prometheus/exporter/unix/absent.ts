import { allCollectors } from "./collectors.ts";

/** Collectors that the node exporter has and this one has not → why. */
export const absentCollectors = {
  ethtool: "it asks drivers by system calls that this program can't make",
  logind: "it speaks D-Bus with the host's login service",
  ntp: "it asks a time server over the network; timex shows whether this host's clock is in step",
  perf: "it counts with the processor's performance counters, by system calls that this program can't make",
  qdisc: "it asks the kernel over netlink",
  runit: "it reads the state of a service manager that clusters do not have",
  supervisord: "it asks a service manager that clusters do not have",
  systemd: "it speaks D-Bus with the host's service manager",
  wifi: "it asks the kernel over netlink",
} as const;

export type AbsentCollector = keyof typeof absentCollectors;

/** Collectors of other operating systems: to enable one changes nothing here. */
const elsewhere = new Set(["boottime", "devstat", "exec", "netisr", "thermal"]);

/** Why a collector can't be enabled; undefined where it can. */
export function whyNot(name: string): string | undefined {
  if (elsewhere.has(name) || allCollectors.some((collector) => collector.name === name)) return undefined;
  if (isAbsent(name))
    return `the collector ${name} is not available: ${absentCollectors[name]}; leave it out, or run the node exporter for it`;
  return `there is no collector ${JSON.stringify(name)}; there are ${allCollectors.map((collector) => collector.name).join(", ")}`;
}

function isAbsent(name: string): name is AbsentCollector {
  return Object.hasOwn(absentCollectors, name);
}
