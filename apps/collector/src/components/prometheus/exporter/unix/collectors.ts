import type { UnixArguments } from "./arguments.ts";
import { isChosen } from "./choice.ts";
import type { Collector } from "./collector.ts";
import { arp } from "./collectors/arp.ts";
import { bcache } from "./collectors/bcache.ts";
import { bonding } from "./collectors/bonding.ts";
import { btrfs } from "./collectors/btrfs.ts";
import { conntrack } from "./collectors/conntrack.ts";
import { cpu } from "./collectors/cpu.ts";
import { cpufreq } from "./collectors/cpufreq.ts";
import { diskstats } from "./collectors/diskstats.ts";
import { dmi } from "./collectors/dmi.ts";
import { edac } from "./collectors/edac.ts";
import { entropy } from "./collectors/entropy.ts";
import { fibrechannel } from "./collectors/fibrechannel.ts";
import { filefd } from "./collectors/filefd.ts";
import { filesystem } from "./collectors/filesystem.ts";
import { hwmon } from "./collectors/hwmon.ts";
import { infiniband } from "./collectors/infiniband.ts";
import { ipvs } from "./collectors/ipvs.ts";
import { loadavg } from "./collectors/loadavg.ts";
import { mdadm } from "./collectors/mdadm.ts";
import { meminfo } from "./collectors/meminfo.ts";
import { netclass } from "./collectors/netclass.ts";
import { netdev } from "./collectors/netdev.ts";
import { netstat } from "./collectors/netstat.ts";
import { nfs } from "./collectors/nfs.ts";
import { nfsd } from "./collectors/nfsd.ts";
import { nvme } from "./collectors/nvme.ts";
import { os } from "./collectors/os.ts";
import { powersupplyclass } from "./collectors/powersupplyclass.ts";
import { pressure } from "./collectors/pressure.ts";
import { rapl } from "./collectors/rapl.ts";
import { schedstat } from "./collectors/schedstat.ts";
import { selinux } from "./collectors/selinux.ts";
import { sockstat } from "./collectors/sockstat.ts";
import { softnet } from "./collectors/softnet.ts";
import { stat } from "./collectors/stat.ts";
import { tapestats } from "./collectors/tapestats.ts";
import { textfile } from "./collectors/textfile.ts";
import { thermalZone } from "./collectors/thermal-zone.ts";
import { time } from "./collectors/time.ts";
import { timex } from "./collectors/timex.ts";
import { udpQueues } from "./collectors/udp-queues.ts";
import { uname } from "./collectors/uname.ts";
import { vmstat } from "./collectors/vmstat.ts";
import { watchdog } from "./collectors/watchdog.ts";
import { xfs } from "./collectors/xfs.ts";
import { zfs } from "./collectors/zfs.ts";
import type { PreparedCollector } from "./page.ts";

/** Every collector, ordered by name. */
export const allCollectors: readonly Collector[] = [
  arp,
  bcache,
  bonding,
  btrfs,
  conntrack,
  cpu,
  cpufreq,
  diskstats,
  dmi,
  edac,
  entropy,
  fibrechannel,
  filefd,
  filesystem,
  hwmon,
  infiniband,
  ipvs,
  loadavg,
  mdadm,
  meminfo,
  netclass,
  netdev,
  netstat,
  nfs,
  nfsd,
  nvme,
  os,
  powersupplyclass,
  pressure,
  rapl,
  schedstat,
  selinux,
  sockstat,
  softnet,
  stat,
  tapestats,
  textfile,
  thermalZone,
  time,
  timex,
  udpQueues,
  uname,
  vmstat,
  watchdog,
  xfs,
  zfs,
];

/** Those that the user wants, made ready. */
export function preparedCollectors(args: UnixArguments): PreparedCollector[] {
  return allCollectors
    .filter(({ name, isDefault }) => isChosen(name, isDefault, args))
    .map((collector) => ({ name: collector.name, collect: collector.prepare(args) }));
}
