import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { driverNumber } from "../host-files.ts";

/** Attribute of a device → metric. */
const numbers = [
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

const infoLabels = ["device", "address", "broadcast", "duplex", "operstate", "adminstate", "ifalias"] as const;

/** A bit of a device's flags: it was switched on. */
const flagUp = 1;

const bytesASecondAMegabit = 125_000;

export const netclass: Collector = {
  name: "netclass",
  isDefault: true,
  prepare({ netclass: options }) {
    const ignored = compileRegexp(options.ignored_devices);
    return (host, page) => {
      const up = page.gauge("node_network_up", "Whether the device works.", "device");
      const info = page.gauge("node_network_info", "What the device is.", ...infoLabels);
      const speedBytes = page.gauge("node_network_speed_bytes", "Speed of the device, in bytes a second.", "device");
      const metrics = numbers.map(([file, name, kind]) =>
        page[kind](`node_network_${name}`, `The attribute ${file} of network devices.`, "device"),
      );
      for (const device of host.sysFolder("class/net")) {
        if (ignored.test(device)) continue;
        const attributes = new Set(host.sysList(`class/net/${device}`));
        // Among the devices lie settings of drivers, which are plain files.
        if (attributes.size === 0) continue;
        const read = (file: string) => (attributes.has(file) ? host.sysValue(`class/net/${device}/${file}`) : undefined);
        const text = (file: string) => read(file) ?? "";
        const flags = read("flags");
        const state = text("operstate");
        up.sample(state === "up" ? 1 : 0, device);
        info.sample(1, device, text("address"), text("broadcast"), text("duplex"), state, adminState(driverNumber(flags)), text("ifalias"));
        for (const [index, [file]] of numbers.entries()) {
          const value = driverNumber(file === "flags" ? flags : read(file));
          if (value !== undefined) metrics[index]?.sample(value, device);
        }
        const speed = driverNumber(read("speed"));
        if (speed !== undefined && (!options.ignore_invalid_speed_device || speed >= 0))
          speedBytes.sample(speed * bytesASecondAMegabit, device);
      }
    };
  },
};

function adminState(flags: number | undefined): string {
  if (flags === undefined) return "unknown";
  return (flags & flagUp) === flagUp ? "up" : "down";
}
