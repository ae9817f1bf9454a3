/** Collectors that the node exporter has and this one has not → why. */
export const absentCollectors = {
  ethtool: "it asks drivers by system calls that this program does not make",
  logind: "it speaks D-Bus with the host's login service",
  network_route: "it asks the kernel over netlink",
  ntp: "it asks a time server over the network, while timex says whether this host's clock is in step",
  perf: "it reads the processor's performance counters by system calls that this program does not make",
  qdisc: "it asks the kernel over netlink",
  runit: "it reads the state of a service manager that clusters do not have",
  supervisord: "it asks a service manager that clusters do not have",
  systemd: "it speaks D-Bus with the host's service manager",
  wifi: "it asks the kernel over netlink",
} as const;

export type AbsentCollector = keyof typeof absentCollectors;

/** Why one of them can't be had, and what to do. */
export function absence(name: AbsentCollector): string {
  return `the collector ${name} is not available: ${absentCollectors[name]}; leave it out, or run the node exporter for it`;
}
