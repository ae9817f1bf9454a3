import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { driverNumber } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

const folder = "fs/btrfs";
const sectorBytes = 512;

/** Line of `commit_stats` → metric. */
const commits = [
  ["commits", "commits_total", "counter", 1, "Commits that were made."],
  ["last_commit_ms", "last_commit_seconds", "gauge", 1000, "Time of the last commit, in seconds."],
  ["max_commit_ms", "max_commit_seconds", "gauge", 1000, "Time of the slowest commit, in seconds."],
  ["total_commit_ms", "commit_seconds_total", "counter", 1000, "Time of all commits, in seconds."],
] as const;

export const btrfs: Collector = {
  name: "btrfs",
  isDefault: true,
  prepare: () => (host, page) => {
    for (const entry of host.sysList(folder).filter((name) => name.includes("-"))) {
      const path = `${folder}/${entry}`;
      const uuid = host.sysValue(`${path}/metadata_uuid`) || entry;
      const gauge = (name: string, help: string) => page.gauge(`node_btrfs_${name}`, help, "uuid");
      page.gauge("node_btrfs_info", "What the file system is.", "uuid", "label").sample(1, uuid, host.sysValue(`${path}/label`) ?? "");
      const reserve = "Size of the reserve for all, in bytes.";
      gauge("global_rsv_size_bytes", reserve).sample(host.sysNumber(`${path}/allocation/global_rsv_size`) ?? 0, uuid);
      exposeCommits(host, page, path, uuid);
      const devices = host.sysFolder(`${path}/devices`);
      const size = page.gauge("node_btrfs_device_size_bytes", "Size of a device of the file system, in bytes.", "uuid", "device");
      for (const device of devices) size.sample((host.sysNumber(`${path}/devices/${device}/size`) ?? 0) * sectorBytes, uuid, device);
      for (const type of ["data", "metadata", "system"]) exposeAllocation(host, page, path, uuid, type, devices.length);
    }
  },
};

/** Older kernels have no such file: their commits count 0. */
function exposeCommits(host: HostFiles, page: MetricPage, path: string, uuid: string): void {
  const lines = new Map(linesOf(host.sysValue(`${path}/commit_stats`) ?? "").map((line) => [wordsOf(line)[0] ?? "", wordsOf(line)[1]]));
  for (const [key, name, kind, divisor, help] of commits)
    page[kind](`node_btrfs_${name}`, help, "uuid").sample(numberOf(lines.get(key) ?? "0") / divisor, uuid);
}

function exposeAllocation(host: HostFiles, page: MetricPage, path: string, uuid: string, type: string, devices: number): void {
  const allocation = `${path}/allocation/${type}`;
  page
    .gauge("node_btrfs_reserved_bytes", "Space that is set aside, in bytes.", "uuid", "block_group_type")
    .sample(host.sysNumber(`${allocation}/bytes_reserved`) ?? 0, uuid, type);
  const gauge = (name: string, help: string) => page.gauge(`node_btrfs_${name}`, help, "uuid", "block_group_type", "mode");
  for (const mode of host.sysFolder(allocation)) {
    // A mode is a folder, all else are files.
    const total = driverNumber(host.sysValue(`${allocation}/${mode}/total_bytes`));
    if (total === undefined) continue;
    gauge("used_bytes", "Space in use, in bytes.").sample(host.sysNumber(`${allocation}/${mode}/used_bytes`) ?? 0, uuid, type, mode);
    gauge("size_bytes", "Space that is allocated, in bytes.").sample(total, uuid, type, mode);
    gauge("allocation_ratio", "Bytes on disk for a byte of data.").sample(ratioOf(mode, devices), uuid, type, mode);
  }
}

const copies: Readonly<Record<string, number>> = { single: 1, raid0: 1, dup: 2, raid1: 2, raid10: 2, raid1c3: 3, raid1c4: 4 };

function ratioOf(mode: string, devices: number): number {
  if (mode === "raid5") return devices / (devices - 1);
  if (mode === "raid6") return devices / (devices - 2);
  return copies[mode] ?? 0;
}
