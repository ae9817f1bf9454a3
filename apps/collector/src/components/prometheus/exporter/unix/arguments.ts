import { compileRegexp } from "@invar/go-compat";
import {
  type ArgumentOptions,
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  list,
  optional,
  type Report,
  string,
} from "../../../../component/arguments.ts";

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

export const backendLabels = ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"] as const;
export type BackendLabel = (typeof backendLabels)[number];

function unknownLabels(labels: readonly string[]): string | undefined {
  const unknown = labels.filter((label) => !(backendLabels as readonly string[]).includes(label)).sort();
  if (unknown.length === 0) return undefined;
  return `unknown IPVS backend labels: ${JSON.stringify(unknown.join(", "))}; there are ${backendLabels.join(", ")}`;
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
    { arguments: { ...deviceArguments, netlink: defaulted(bool, "Ask the kernel over netlink, not its file.", false) } },
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
  powersupply: assumed("The collector powersupplyclass.", {
    arguments: { ignored_supplies: defaulted(string, "Which supplies to leave out.", "^$", pattern) },
  }),
  sysctl: assumed("The collector sysctl.", {
    arguments: {
      include: defaulted(list(string), "Settings of the kernel that are numbers, as `net.ipv4.tcp_rmem:min,default,max`.", []),
      include_info: defaulted(list(string), "Settings of the kernel that are text.", []),
    },
  }),
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
