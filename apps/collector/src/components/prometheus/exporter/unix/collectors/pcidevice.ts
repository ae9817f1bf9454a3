import { readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { driverNumber } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { hexOf } from "../text-table.ts";

const folder = "bus/pci/devices";
const place = ["segment", "bus", "device", "function"] as const;
const powerStates = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"];

/** File → label, hexadecimal digits. */
const ids = [
  ["class", "class_id", 6],
  ["vendor", "vendor_id", 4],
  ["device", "device_id", 4],
  ["subsystem_vendor", "subsystem_vendor_id", 4],
  ["subsystem_device", "subsystem_device_id", 4],
  ["revision", "revision", 2],
] as const;

/** File → metric, and the value where the device has none. */
const numbers = [
  ["max_link_width", "max_link_width", -1, "Most lanes of the link; -1 where it is not known."],
  ["current_link_width", "current_link_width", -1, "Lanes of the link in use; -1 where that is not known."],
  ["d3cold_allowed", "d3cold_allowed", 0, "Whether the device may be switched off."],
  ["sriov_drivers_autoprobe", "sriov_drivers_autoprobe", 0, "Whether drivers take virtual functions by themselves."],
  ["sriov_numvfs", "sriov_numvfs", 0, "Virtual functions that are on."],
  ["sriov_totalvfs", "sriov_totalvfs", 0, "Virtual functions that the device can have."],
  ["sriov_vf_total_msix", "sriov_vf_total_msix", 0, "Interrupts that virtual functions may share."],
] as const;

export const pcidevice: Collector = {
  name: "pcidevice",
  isDefault: false,
  prepare: () => (host, page) => {
    for (const name of host.sysFolder(folder)) exposeDevice(host, page, name);
  },
};

function exposeDevice(host: HostFiles, page: MetricPage, name: string): void {
  const path = `${folder}/${name}`;
  const target = readlinkSync(`${host.sysfs}/${path}`);
  const location = locationOf(basename(target));
  const parent = basename(dirname(target));
  const owner = parent.startsWith("pci") ? ["*", "*", "*", "*"] : locationOf(parent);
  const idValues = ids.map(
    ([file, , digits]) =>
      `0x${hexOf(host.sysText(`${path}/${file}`).replace(/^0x/, ""))
        .toString(16)
        .padStart(digits, "0")}`,
  );
  page
    .gauge(
      "node_pcidevice_info",
      "What the device is.",
      ...place,
      ...place.map((label) => `parent_${label}`),
      ...ids.map(([, label]) => label),
    )
    .sample(1, ...location, ...owner, ...idValues);
  const gauge = (metric: string, help: string) => page.gauge(`node_pcidevice_${metric}`, help, ...place);
  const speed = "Transfers a second of the link; -1 where that is not known.";
  for (const kind of ["max", "current"])
    gauge(`${kind}_link_transfers_per_second`, speed).sample(transfers(host.sysValue(`${path}/${kind}_link_speed`)), ...location);
  for (const [file, metric, otherwise, help] of numbers)
    gauge(metric, help).sample(host.sysNumber(`${path}/${file}`) ?? otherwise, ...location);
  const node = host.sysNumber(`${path}/numa_node`) ?? -1;
  if (node !== -1) gauge("numa_node", "The part of the memory that is near.").sample(node, ...location);
  const state = host.sysValue(`${path}/power_state`);
  if (!state) return;
  const metric = page.gauge("node_pcidevice_power_state", "The state of the device's power.", ...place, "state");
  for (const candidate of powerStates) metric.sample(candidate === state ? 1 : 0, ...location, candidate);
}

/** `0000:a2:1f.4` */
function locationOf(text: string): string[] {
  const [, segment, bus, device, number] = /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)\.([0-9a-f]+)$/.exec(text) ?? [];
  if (segment === undefined || bus === undefined || device === undefined || number === undefined)
    throw new Error(`${JSON.stringify(text)} is not the place of a device`);
  return [segment.padStart(4, "0"), bus.padStart(2, "0"), device.padStart(2, "0"), number];
}

/** `8.0 GT/s PCIe` */
function transfers(text: string | undefined): number {
  const [number, unit] = (text ?? "").split(" ");
  const value = unit === "GT/s" ? driverNumber(number) : undefined;
  return value === undefined ? -1 : value * 1e9;
}
