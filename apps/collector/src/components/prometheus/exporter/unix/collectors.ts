import type { Collector } from "./collector.ts";
import { cpu } from "./collectors/cpu.ts";
import { diskstats } from "./collectors/diskstats.ts";
import { filesystem } from "./collectors/filesystem.ts";
import { arp, netclass, netdev, netstat, sockstat, udpQueues } from "./collectors/network.ts";
import { conntrack, entropy, filefd, loadavg, meminfo, pressure, selinux, softnet, stat, vmstat } from "./collectors/simple-files.ts";
import { os, time, uname } from "./collectors/system.ts";
import { textfile } from "./collectors/textfile.ts";

/** Every collector, ordered by name. Some keep what they saw: each exporter has its own. */
export function allCollectors(): Collector[] {
  const collectors = [
    arp,
    conntrack,
    cpu(),
    diskstats,
    entropy,
    filefd,
    filesystem(),
    loadavg,
    meminfo,
    netclass,
    netdev,
    netstat,
    os,
    pressure,
    selinux,
    sockstat,
    softnet,
    stat,
    textfile,
    time,
    udpQueues,
    uname,
    vmstat,
  ];
  return collectors.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names that may be enabled. */
export const collectorNames: ReadonlySet<string> = new Set(allCollectors().map(({ name }) => name));

export interface Choice {
  readonly set_collectors: readonly string[] | undefined;
  readonly enable_collectors: readonly string[];
  readonly disable_collectors: readonly string[];
}

/** Those to run: the set, or the default ones, and the enabled ones; a disabled one never. */
export function chosen(all: readonly Collector[], choice: Choice): Collector[] {
  const { set_collectors: set, enable_collectors: enabled, disable_collectors: disabled } = choice;
  const isInSet = ({ name, isDefault }: Collector) => (set === undefined || set.length === 0 ? isDefault : set.includes(name));
  return all.filter((collector) => (isInSet(collector) || enabled.includes(collector.name)) && !disabled.includes(collector.name));
}
