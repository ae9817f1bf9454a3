import { networkInterfaces } from "node:os";
import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { deviceFilter, linesOf, wordsOf } from "../text-table.ts";

const received = ["bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast"] as const;
const transmitted = ["bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed"] as const;

export const netdev: Collector = {
  name: "netdev",
  isDefault: true,
  collect(host, page, { netdev: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_exclude);
    for (const line of linesOf(host.proc("net/dev")).slice(2)) {
      const colon = line.lastIndexOf(":");
      const device = line.slice(0, colon).trim();
      if (!isWanted(device)) continue;
      const numbers = wordsOf(line.slice(colon + 1)).map(Number);
      const count = (direction: string, field: string, value: number) =>
        page
          .counter(`node_network_${direction}_${field}_total`, `The statistic ${direction} ${field} of network devices.`)
          .sample(value, "device", device);
      for (const [index, field] of received.entries()) count("receive", field, numbers[index] ?? 0);
      for (const [index, field] of transmitted.entries()) count("transmit", field, numbers[received.length + index] ?? 0);
      const unhandled = host.sysNumber(`class/net/${device}/statistics/rx_nohandler`);
      if (unhandled !== undefined) count("receive", "nohandler", unhandled);
    }
    if (options.address_info) addresses(page, isWanted);
  },
};

function addresses(page: Parameters<Collector["collect"]>[1], isWanted: (device: string) => boolean): void {
  const metric = page.gauge("node_network_address_info", "Addresses of network devices.");
  for (const [device, entries] of Object.entries(networkInterfaces()))
    for (const { address, cidr, internal } of entries ?? []) {
      if (!isWanted(device)) continue;
      const scope = internal ? "host" : /^(fe80|169\.254)/i.test(address) ? "link-local" : "global";
      metric.sample(1, "device", device, "address", address, "netmask", cidr?.split("/")[1] ?? "", "scope", scope);
    }
}

export const netstat: Collector = {
  name: "netstat",
  isDefault: true,
  collect(host, page, { netstat: { fields } }) {
    const wanted = compileRegexp(fields);
    const add = (group: string, field: string, value: string) => {
      const key = `${group}_${field}`;
      if (wanted.test(key)) page.metric(`node_netstat_${key}`, "untyped", `The statistic ${group} ${field}.`).sample(Number(value));
    };
    for (const file of ["net/netstat", "net/snmp"]) {
      const lines = linesOf(host.proc(file));
      for (let i = 0; i + 1 < lines.length; i += 2) {
        const names = wordsOf(lines[i] ?? "");
        const values = wordsOf(lines[i + 1] ?? "");
        const group = (names[0] ?? "").replace(/:$/, "");
        for (const [index, name] of names.slice(1).entries()) add(group, name, values[index + 1] ?? "0");
      }
    }
    // A host without IPv6 has no such file.
    for (const line of linesOf(host.optional(`${host.procfs}/net/snmp6`) ?? "")) {
      const [name = "", value = "0"] = wordsOf(line);
      const six = name.indexOf("6");
      if (six > 0) add(name.slice(0, six + 1), name.slice(six + 1), value);
    }
  },
};

export const sockstat: Collector = {
  name: "sockstat",
  isDefault: true,
  collect(host, page) {
    const gauge = (name: string, value: number) =>
      page.gauge(`node_sockstat_${name}`, `Sockets: ${name.replaceAll("_", " ")}.`).sample(value);
    for (const file of ["net/sockstat", "net/sockstat6"]) {
      const text = file === "net/sockstat" ? host.proc(file) : (host.optional(`${host.procfs}/${file}`) ?? "");
      for (const line of linesOf(text)) {
        const [protocol = "", ...pairs] = wordsOf(line.replace(":", ""));
        for (let i = 0; i + 1 < pairs.length; i += 2) {
          gauge(`${protocol}_${pairs[i]}`, Number(pairs[i + 1]));
          if (pairs[i] === "mem") gauge(`${protocol}_mem_bytes`, Number(pairs[i + 1]) * pageBytes);
        }
      }
    }
  },
};

/** Of memory, on the platforms that Node supports on Linux, but for arm64 kernels built with larger ones. */
const pageBytes = 4096;

export const udpQueues: Collector = {
  name: "udp_queues",
  isDefault: true,
  collect(host, page) {
    const queues = page.gauge("node_udp_queues", "Memory of UDP datagrams that wait in the kernel, in bytes.");
    let found = false;
    for (const [ip, file] of [
      ["v4", "net/udp"],
      ["v6", "net/udp6"],
    ] as const) {
      const text = host.optional(`${host.procfs}/${file}`);
      if (text === undefined) continue;
      found = true;
      let sending = 0;
      let receiving = 0;
      for (const line of linesOf(text).slice(1)) {
        const [tx = "0", rx = "0"] = (wordsOf(line)[4] ?? "").split(":");
        sending += Number.parseInt(tx, 16);
        receiving += Number.parseInt(rx, 16);
      }
      queues.sample(sending, "queue", "tx", "ip", ip);
      queues.sample(receiving, "queue", "rx", "ip", ip);
    }
    if (!found) throw new NoData("there is neither net/udp nor net/udp6");
  },
};

export const arp: Collector = {
  name: "arp",
  isDefault: true,
  collect(host, page, { arp: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_exclude);
    const counts = new Map<string, number>();
    for (const line of linesOf(host.proc("net/arp")).slice(1)) {
      const device = wordsOf(line)[5] ?? "";
      if (isWanted(device)) counts.set(device, (counts.get(device) ?? 0) + 1);
    }
    const entries = page.gauge("node_arp_entries", "Entries of the ARP table by device.");
    for (const [device, count] of counts) entries.sample(count, "device", device);
  },
};

/** Number of a file below the device's folder → its metric. */
const classNumbers = [
  ["addr_assign_type", "address_assign_type", "gauge"],
  ["carrier", "carrier", "gauge"],
  ["carrier_changes", "carrier_changes_total", "counter"],
  ["carrier_up_count", "carrier_up_changes_total", "counter"],
  ["carrier_down_count", "carrier_down_changes_total", "counter"],
  ["dev_id", "device_id", "gauge"],
  ["dormant", "dormant", "gauge"],
  ["flags", "flags", "gauge"],
  ["ifindex", "iface_id", "gauge"],
  ["iflink", "iface_link", "gauge"],
  ["link_mode", "iface_link_mode", "gauge"],
  ["mtu", "mtu_bytes", "gauge"],
  ["name_assign_type", "name_assign_type", "gauge"],
  ["netdev_group", "net_dev_group", "gauge"],
  ["tx_queue_len", "transmit_queue_length", "gauge"],
  ["type", "protocol_type", "gauge"],
] as const;

/** A bit of a device's flags: it was switched on. */
const flagUp = 1;

export const netclass: Collector = {
  name: "netclass",
  isDefault: true,
  collect(host, page, { netclass: options }) {
    const ignored = compileRegexp(options.ignored_devices);
    const devices = host
      .sysList("class/net")
      .filter((device) => !ignored.test(device) && host.sysNumber(`class/net/${device}/ifindex`) !== undefined);
    if (devices.length === 0) throw new NoData("there are no network devices in sysfs");
    for (const device of devices) {
      const text = (file: string) => host.sysValue(`class/net/${device}/${file}`) ?? "";
      const state = text("operstate");
      const flags = host.sysNumber(`class/net/${device}/flags`) ?? 0;
      page.gauge("node_network_up", "Whether the device works.").sample(state === "up" ? 1 : 0, "device", device);
      page
        .gauge("node_network_info", "What the device is.")
        .sample(
          1,
          "device",
          device,
          "address",
          text("address"),
          "broadcast",
          text("broadcast"),
          "duplex",
          text("duplex"),
          "operstate",
          state,
          "adminstate",
          (flags & flagUp) === 1 ? "up" : "down",
          "ifalias",
          text("ifalias"),
        );
      for (const [file, name, kind] of classNumbers) {
        const value = host.sysNumber(`class/net/${device}/${file}`);
        if (value !== undefined)
          page.metric(`node_network_${name}`, kind, `The value ${file} of network devices.`).sample(value, "device", device);
      }
      const speed = host.sysNumber(`class/net/${device}/speed`);
      if (speed !== undefined && (!options.ignore_invalid_speed_device || speed >= 0))
        page.gauge("node_network_speed_bytes", "Speed of the device, in bytes a second.").sample(speed * 125_000, "device", device);
    }
  },
};
