import { compileRegexp } from "@invar/go-compat";
import {
  type ArgumentOptions,
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  int,
  list,
  maybe,
  optional,
  type Report,
  string,
} from "../../../../component/arguments.ts";
import { type AbsentCollector, absence } from "./absent.ts";
import { backendLabels } from "./collectors/ipvs-labels.ts";

const pattern: ArgumentOptions<string> = {
  check(text) {
    try {
      compileRegexp(text);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};

const deviceArguments = {
  device_exclude: optional(string, "Which devices to leave out, as a regular expression.", pattern),
  device_include: optional(string, "Which devices to keep, as a regular expression.", pattern),
};

function notBoth(
  args: { readonly device_exclude?: string | undefined; readonly device_include?: string | undefined },
  report: Report,
): void {
  if (args.device_exclude && args.device_include) report("device_exclude & device_include are mutually exclusive", "device_include");
}

function unknownLabels(labels: readonly string[]): string | undefined {
  const unknown = labels.filter((label) => !(backendLabels as readonly string[]).includes(label)).sort();
  if (unknown.length === 0) return undefined;
  return `unknown IPVS backend labels: ${JSON.stringify(unknown.join(", "))}; there are ${backendLabels.join(", ")}`;
}

/** The block of a collector that is not there is known, so that the finding says why. */
function refused(name: AbsentCollector) {
  return { check: (_args: unknown, report: Report) => report(absence(name)) };
}

export const unixArguments = {
  include_exporter_metrics: defaulted(bool, "Whether the exporter's own metrics are exposed as well.", false),
  procfs_path: defaulted(string, "Where the host's proc file system is mounted.", "/proc"),
  sysfs_path: defaulted(string, "Where the host's sys file system is mounted.", "/sys"),
  rootfs_path: defaulted(string, "Where the host's file systems are mounted.", "/"),
  udev_data_path: defaulted(string, "Where udev keeps what it knows of devices.", "/run/udev/data"),
  set_collectors: optional(list(string), "The collectors to run, in place of the default ones."),
  enable_collectors: defaulted(list(string), "Collectors to run beside these.", []),
  disable_collectors: defaulted(list(string), "Collectors that are not run.", []),
};

export const unixBlocks = {
  arp: assumed(
    "The collector arp.",
    {
      arguments: {
        ...deviceArguments,
        netlink: defaulted(bool, "Whether the incumbent asks the kernel over netlink.", false, {
          withoutEffect: "the kernel's file net/arp, which is read, has the same entries",
        }),
      },
    },
    { check: notBoth },
  ),
  bcache: assumed("The collector bcache.", { arguments: { priority_stats: defaulted(bool, "Read the expensive statistics too.", false) } }),
  cpu: assumed("The collector cpu.", {
    arguments: {
      guest: defaulted(bool, "Expose the time of virtual guests.", false),
      info: defaulted(bool, "Expose what the processors are.", false),
      bugs_include: optional(string, "Which known bugs to expose, as a regular expression.", pattern),
      flags_include: optional(string, "Which features to expose, as a regular expression.", pattern),
    },
  }),
  disk: assumed("The collector diskstats.", {
    arguments: {
      device_exclude: defaulted(string, "Which devices to leave out.", "^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$", pattern),
      device_include: optional(string, "Which devices to keep; device_exclude is ignored then.", pattern),
    },
  }),
  ethtool: maybe(
    "The collector ethtool, which is not available.",
    { arguments: { ...deviceArguments, metrics_include: defaulted(string, "Which statistics to expose.", ".*") } },
    refused("ethtool"),
  ),
  filesystem: assumed("The collector filesystem.", {
    arguments: {
      fs_types_exclude: defaulted(
        string,
        "Which kinds of file system to leave out.",
        "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$",
        pattern,
      ),
      mount_points_exclude: defaulted(
        string,
        "Which mount points to leave out.",
        "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)",
        pattern,
      ),
      mount_timeout: defaulted(duration, "How long a mount may take to answer.", "5s"),
    },
  }),
  hwmon: assumed("The collector hwmon.", {
    arguments: {
      chip_include: optional(string, "Which chips to keep, as a regular expression.", pattern),
      chip_exclude: optional(string, "Which chips to leave out, as a regular expression.", pattern),
    },
  }),
  ipvs: assumed("The collector ipvs.", {
    arguments: { backend_labels: defaulted(list(string), "The labels of a backend.", backendLabels, { check: unknownLabels }) },
  }),
  netclass: assumed("The collector netclass.", {
    arguments: {
      ignore_invalid_speed_device: defaulted(bool, "Leave out speeds that the device does not know.", false),
      ignored_devices: defaulted(string, "Which devices to leave out.", "^$", pattern),
    },
  }),
  netdev: assumed(
    "The collector netdev.",
    { arguments: { ...deviceArguments, address_info: defaulted(bool, "Expose the addresses of every device.", false) } },
    { check: notBoth },
  ),
  netstat: assumed("The collector netstat.", {
    arguments: {
      fields: defaulted(
        string,
        "Which fields to expose, as a regular expression.",
        "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$",
        pattern,
      ),
    },
  }),
  ntp: maybe(
    "The collector ntp, which is not available.",
    {
      arguments: {
        ip_ttl: defaulted(int, "How many routers a query may pass.", 1),
        local_offset_tolerance: defaulted(duration, "How far the clocks may be apart.", "1ms"),
        max_distance: defaulted(duration, "How far the reference clock may be.", "3466080us"),
        protocol_version: defaulted(int, "The version of NTP.", 4),
        server: defaulted(string, "Which server to ask.", "127.0.0.1"),
        server_is_local: defaulted(bool, "Whether the server is not a public one.", false),
      },
    },
    refused("ntp"),
  ),
  perf: maybe(
    "The collector perf, which is not available.",
    {
      arguments: {
        cache_profilers: optional(list(string), "Which counters of the caches to expose."),
        cpus: optional(string, "Which processors to measure."),
        disable_cache_profilers: defaulted(bool, "Whether to leave out the counters of the caches.", false),
        disable_hardware_profilers: defaulted(bool, "Whether to leave out the counters of the processor.", false),
        disable_software_profilers: defaulted(bool, "Whether to leave out the counters of the kernel.", false),
        hardware_profilers: optional(list(string), "Which counters of the processor to expose."),
        software_profilers: optional(list(string), "Which counters of the kernel to expose."),
        tracepoint: optional(list(string), "Which points of the kernel to count."),
      },
    },
    refused("perf"),
  ),
  powersupply: assumed("The collector powersupplyclass.", {
    arguments: { ignored_supplies: defaulted(string, "Which supplies to leave out.", "^$", pattern) },
  }),
  runit: maybe(
    "The collector runit, which is not available.",
    { arguments: { service_dir: defaulted(string, "The folder of the services.", "/etc/service") } },
    refused("runit"),
  ),
  supervisord: maybe(
    "The collector supervisord, which is not available.",
    { arguments: { url: defaulted(string, "Where it answers.", "http://localhost:9001/RPC2") } },
    refused("supervisord"),
  ),
  sysctl: assumed("The collector sysctl.", {
    arguments: {
      include: defaulted(list(string), "Settings of the kernel that are numbers, as `net.ipv4.tcp_rmem:min,default,max`.", []),
      include_info: defaulted(list(string), "Settings of the kernel that are text.", []),
    },
  }),
  systemd: maybe(
    "The collector systemd, which is not available.",
    {
      arguments: {
        enable_restarts: defaulted(bool, "Whether to count restarts of units.", false),
        start_time: defaulted(bool, "Whether to expose when units were started.", false),
        task_metrics: defaulted(bool, "Whether to count tasks of units.", false),
        unit_exclude: defaulted(string, "Which units to leave out.", ".+\\.(automount|device|mount|scope|slice)"),
        unit_include: defaulted(string, "Which units to keep.", ".+"),
      },
    },
    refused("systemd"),
  ),
  tapestats: assumed("The collector tapestats.", {
    arguments: { ignored_devices: defaulted(string, "Which devices to leave out.", "^$", pattern) },
  }),
  textfile: assumed("The collector textfile.", {
    arguments: { directory: defaulted(string, "The folder whose *.prom files are exposed.", "") },
  }),
  vmstat: assumed("The collector vmstat.", {
    arguments: {
      fields: defaulted(string, "Which fields to expose, as a regular expression.", "^(oom_kill|pgpg|pswp|pg.*fault).*", pattern),
    },
  }),
};

export type UnixArguments = Decoded<{ readonly arguments: typeof unixArguments; readonly blocks: typeof unixBlocks }>;
