import type { StatsFs } from "node:fs";
import { join } from "node:path";
import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import type { MetricPage } from "../metric-page.ts";
import { spaceOf } from "./mount-space.ts";
import { type Mount, mountsOf } from "./mounts.ts";

/** Space and files of each mounted file system. */
export const filesystem: Collector = {
  name: "filesystem",
  isDefault: true,
  prepare({ filesystem: options }) {
    const withoutPoint = compileRegexp(options.mount_points_exclude);
    const withoutKind = compileRegexp(options.fs_types_exclude);
    const isWanted = ({ point, kind }: Mount) =>
      (options.mount_points_exclude === "" || !withoutPoint.test(point)) && (options.fs_types_exclude === "" || !withoutKind.test(kind));
    return async (host, page) => {
      const mounts = mountsOf(host).filter(isWanted);
      // Several file systems mounted on one point: what the path leads to is the last of them.
      const asked = new Map(mounts.map(({ point, kind }) => [point, spaceOf(join(host.rootfs, point), kind, options.mount_timeout)]));
      const expose = exposure(page);
      for (const mount of mounts) {
        const space = await asked.get(mount.point);
        if (space !== undefined) expose(mount, space);
      }
    };
  },
};

function exposure(page: MetricPage): (mount: Mount, space: StatsFs | { readonly error: string }) => void {
  const gauge = (name: string, help: string) =>
    page.gauge(`node_filesystem_${name}`, help, "device", "mountpoint", "fstype", "device_error");
  const size = gauge("size_bytes", "Size of the file system, in bytes.");
  const free = gauge("free_bytes", "Free space of the file system, in bytes.");
  const available = gauge("avail_bytes", "Space that ordinary users may take, in bytes.");
  const files = gauge("files", "Files that the file system may have.");
  const filesFree = gauge("files_free", "Files that may still be made.");
  const purgeable = gauge("purgeable_bytes", "Space that would be free after a purge, in bytes; 0 on Linux.");
  const readonly = gauge("readonly", "Whether it is mounted for reading alone.");
  const failed = gauge("device_error", "Whether its numbers could not be read.");
  const info = page.gauge("node_filesystem_mount_info", "Device numbers of the mount.", "device", "major", "minor", "mountpoint");
  return ({ device, point, kind, options, major, minor }, space) => {
    const labels = [device, point, kind, "error" in space ? space.error : ""];
    failed.sample("error" in space ? 1 : 0, ...labels);
    readonly.sample(options.has("ro") ? 1 : 0, ...labels);
    if ("error" in space) return;
    size.sample(space.blocks * space.bsize, ...labels);
    free.sample(space.bfree * space.bsize, ...labels);
    available.sample(space.bavail * space.bsize, ...labels);
    files.sample(space.files, ...labels);
    filesFree.sample(space.ffree, ...labels);
    purgeable.sample(0, ...labels);
    info.sample(1, device, major, minor, point);
  };
}
