import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { linesOf, pairsOf, wordsOf } from "../text-table.ts";

// Collectors whose whole work is to read one file of /proc.

export const meminfo: Collector = {
  name: "meminfo",
  isDefault: true,
  collect(host, page) {
    for (const [key, value] of pairsOf(host.proc("meminfo"))) {
      const [number = "0", unit] = wordsOf(value);
      const name = key.replace(/[()]/g, (bracket) => (bracket === "(" ? "_" : ""));
      const [full, bytes] = unit === "kB" ? [`${name}_bytes`, Number(number) * 1024] : [name, Number(number)];
      page.gauge(`node_memory_${full}`, `The field ${key} of /proc/meminfo.`).sample(bytes);
    }
  },
};

export const loadavg: Collector = {
  name: "loadavg",
  isDefault: true,
  collect(host, page) {
    const [one, five, fifteen] = wordsOf(host.proc("loadavg")).map(Number);
    page.gauge("node_load1", "Load average of one minute.").sample(one ?? 0);
    page.gauge("node_load5", "Load average of five minutes.").sample(five ?? 0);
    page.gauge("node_load15", "Load average of fifteen minutes.").sample(fifteen ?? 0);
  },
};

export const stat: Collector = {
  name: "stat",
  isDefault: true,
  collect(host, page) {
    const fields = new Map(linesOf(host.proc("stat")).map((line) => [wordsOf(line)[0] ?? "", Number(wordsOf(line)[1])]));
    const of = (name: string) => fields.get(name) ?? 0;
    page.counter("node_intr_total", "Interrupts that were served.").sample(of("intr"));
    page.counter("node_context_switches_total", "Switches between tasks.").sample(of("ctxt"));
    page.counter("node_forks_total", "Processes that were started.").sample(of("processes"));
    page.gauge("node_boot_time_seconds", "When the host started, in seconds since the epoch.").sample(of("btime"));
    page.gauge("node_procs_running", "Processes that run or could.").sample(of("procs_running"));
    page.gauge("node_procs_blocked", "Processes that wait for input or output.").sample(of("procs_blocked"));
  },
};

export const vmstat: Collector = {
  name: "vmstat",
  isDefault: true,
  collect(host, page, { vmstat: { fields } }) {
    const wanted = compileRegexp(fields);
    for (const line of linesOf(host.proc("vmstat"))) {
      const [name = "", value] = wordsOf(line);
      if (wanted.test(name)) page.metric(`node_vmstat_${name}`, "untyped", `The field ${name} of /proc/vmstat.`).sample(Number(value));
    }
  },
};

export const filefd: Collector = {
  name: "filefd",
  isDefault: true,
  collect(host, page) {
    const [allocated, , maximum] = wordsOf(host.proc("sys/fs/file-nr")).map(Number);
    page.gauge("node_filefd_allocated", "File descriptors in use.").sample(allocated ?? 0);
    page.gauge("node_filefd_maximum", "File descriptors that may be in use.").sample(maximum ?? 0);
  },
};

export const entropy: Collector = {
  name: "entropy",
  isDefault: true,
  collect(host, page) {
    page.gauge("node_entropy_available_bits", "Entropy at hand, in bits.").sample(Number(host.proc("sys/kernel/random/entropy_avail")));
    page.gauge("node_entropy_pool_size_bits", "Entropy that can be kept, in bits.").sample(Number(host.proc("sys/kernel/random/poolsize")));
  },
};

const conntrackStats = {
  found: "Searches that found an entry.",
  invalid: "Packets that can't be tracked.",
  ignore: "Packets that belong to an entry already.",
  insert: "Entries that were added.",
  insert_failed: "Entries that could not be added.",
  drop: "Packets that were dropped because tracking failed.",
  early_drop: "Entries dropped to make room for others.",
  search_restart: "Searches that began again because the table was resized.",
};

export const conntrack: Collector = {
  name: "conntrack",
  isDefault: true,
  collect(host, page) {
    const entries = Number(host.proc("sys/net/netfilter/nf_conntrack_count"));
    page.gauge("node_nf_conntrack_entries", "Connections that are tracked.").sample(entries);
    page
      .gauge("node_nf_conntrack_entries_limit", "Connections that may be tracked.")
      .sample(Number(host.proc("sys/net/netfilter/nf_conntrack_max")));
    const [head = "", ...rows] = linesOf(host.proc("net/stat/nf_conntrack"));
    const columns = wordsOf(head);
    for (const [name, help] of Object.entries(conntrackStats)) {
      const column = columns.indexOf(name);
      if (column < 0) throw new NoData(`/proc/net/stat/nf_conntrack has no column ${name}`);
      const sum = rows.reduce((total, row) => total + Number.parseInt(wordsOf(row)[column] ?? "0", 16), 0);
      page.gauge(`node_nf_conntrack_stat_${name}`, help).sample(sum);
    }
  },
};

export const pressure: Collector = {
  name: "pressure",
  isDefault: true,
  collect(host, page) {
    const total = (file: string, kind: string) => {
      const match = new RegExp(`^${kind} .*total=(\\d+)`, "m").exec(host.proc(`pressure/${file}`));
      return match === null ? undefined : Number(match[1]) / 1e6;
    };
    const counter = (name: string, value: number | undefined, help: string) => {
      if (value !== undefined) page.counter(`node_pressure_${name}_seconds_total`, help).sample(value);
    };
    counter("cpu_waiting", total("cpu", "some"), "Time in which tasks waited for a processor, in seconds.");
    counter("io_waiting", total("io", "some"), "Time in which tasks waited for input or output, in seconds.");
    counter("io_stalled", total("io", "full"), "Time in which all tasks waited for input or output, in seconds.");
    counter("memory_waiting", total("memory", "some"), "Time in which tasks waited for memory, in seconds.");
    counter("memory_stalled", total("memory", "full"), "Time in which all tasks waited for memory, in seconds.");
    // Kernels without interrupt accounting have no such file.
    if (host.optional(`${host.procfs}/pressure/irq`) !== undefined)
      counter("irq_stalled", total("irq", "full"), "Time in which all tasks waited for interrupts, in seconds.");
  },
};

export const softnet: Collector = {
  name: "softnet",
  isDefault: true,
  collect(host, page) {
    const columns = [
      [0, "processed_total", "counter", "Packets that were processed."],
      [1, "dropped_total", "counter", "Packets that were dropped."],
      [2, "times_squeezed_total", "counter", "Times that processing ended before all was done."],
      [8, "cpu_collision_total", "counter", "Collisions over a device's lock while sending."],
      [9, "received_rps_total", "counter", "Times that the processor was woken for steered packets."],
      [10, "flow_limit_count_total", "counter", "Times that the limit of a flow was reached."],
      [11, "backlog_len", "gauge", "Packets that wait."],
    ] as const;
    for (const [row, line] of linesOf(host.proc("net/softnet_stat")).entries()) {
      const numbers = wordsOf(line).map((word) => Number.parseInt(word, 16));
      const cpuNumber = String(numbers[12] ?? row);
      for (const [column, name, kind, help] of columns)
        page.metric(`node_softnet_${name}`, kind, help).sample(numbers[column] ?? 0, "cpu", cpuNumber);
    }
  },
};

export const selinux: Collector = {
  name: "selinux",
  isDefault: true,
  collect(host, page) {
    const enforce = host.sysValue("fs/selinux/enforce");
    page.gauge("node_selinux_enabled", "Whether SELinux is on.").sample(enforce === undefined ? 0 : 1);
    if (enforce === undefined) return;
    page.gauge("node_selinux_current_mode", "The mode of SELinux now: 1 enforcing, 0 permissive.").sample(Number(enforce));
    const config = host.optional(`${host.rootfs}/etc/selinux/config`) ?? "";
    const mode = /^SELINUX=(\w+)/m.exec(config)?.[1];
    page
      .gauge("node_selinux_config_mode", "The mode of SELinux by its configuration.")
      .sample(mode === "enforcing" ? 1 : mode === "permissive" ? 0 : -1);
  },
};
