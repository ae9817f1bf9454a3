import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { linesOf, wordsOf } from "../text-table.ts";

interface Mount {
  readonly device: string;
  readonly point: string;
  readonly kind: string;
  readonly isReadOnly: boolean;
  readonly major: string;
  readonly minor: string;
}

/** Space and files of each mounted file system. A mount that does not answer is left alone until it does. */
export function filesystem(): Collector {
  const stuck = new Set<string>();
  return {
    name: "filesystem",
    isDefault: true,
    async collect(host, page, { filesystem: options }) {
      const withoutPoint = compileRegexp(options.mount_points_exclude);
      const withoutKind = compileRegexp(options.fs_types_exclude);
      const text = host.optional(join(host.procfs, "1/mountinfo")) ?? host.proc("self/mountinfo");
      const mounts = distinct(linesOf(text).map((line) => mountOf(line, host.rootfs))).filter(
        ({ point, kind }) => !withoutPoint.test(point) && !withoutKind.test(kind),
      );
      const gauge = (name: string, help: string) => page.gauge(`node_filesystem_${name}`, help);
      const metrics = {
        size: gauge("size_bytes", "Size of the file system, in bytes."),
        free: gauge("free_bytes", "Free space of the file system, in bytes."),
        available: gauge("avail_bytes", "Space that ordinary users may take, in bytes."),
        files: gauge("files", "Files that the file system may have."),
        filesFree: gauge("files_free", "Files that may still be made."),
        purgeable: gauge("purgeable_bytes", "Space that would be free after a purge, in bytes; 0 on Linux."),
        readonly: gauge("readonly", "Whether it is mounted for reading alone."),
        error: gauge("device_error", "Whether its numbers could not be read."),
        info: gauge("mount_info", "Device numbers of the mount."),
      };
      for (const mount of mounts) {
        const result = await measure(join(host.rootfs, mount.point), options.mount_timeout, stuck);
        const labels = ["device", mount.device, "mountpoint", mount.point, "fstype", mount.kind];
        const failed = "error" in result;
        const all = [...labels, "device_error", failed ? result.error : ""];
        metrics.error.sample(failed ? 1 : 0, ...all);
        metrics.readonly.sample(mount.isReadOnly ? 1 : 0, ...all);
        if (failed) continue;
        const { bsize, blocks, bfree, bavail, files, ffree } = result;
        metrics.size.sample(blocks * bsize, ...all);
        metrics.free.sample(bfree * bsize, ...all);
        metrics.available.sample(bavail * bsize, ...all);
        metrics.files.sample(files, ...all);
        metrics.filesFree.sample(ffree, ...all);
        metrics.purgeable.sample(0, ...all);
        metrics.info.sample(1, "device", mount.device, "major", mount.major, "minor", mount.minor, "mountpoint", mount.point);
      }
    },
  };
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue` */
function mountOf(line: string, rootfs: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const [, , numbers = "", , point = "", options = ""] = before.split(" ");
  const [kind = "", device = "", superOptions = ""] = wordsOf(after);
  const [major = "", minor = ""] = numbers.split(":");
  const isReadOnly = options.split(",").includes("ro") || superOptions.split(",").includes("ro");
  return { device: unescaped(device), point: withoutRoot(unescaped(point), rootfs), kind, isReadOnly, major, minor };
}

/** Blanks in names are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function withoutRoot(point: string, rootfs: string): string {
  const root = rootfs.replace(/\/$/, "");
  if (root === "" || !(point === root || point.startsWith(`${root}/`))) return point;
  return point.slice(root.length) || "/";
}

/** One of several mounts of a device on the same point. */
function distinct(mounts: readonly Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [`${mount.device} ${mount.point} ${mount.kind}`, mount])).values()];
}

async function measure(path: string, timeoutMs: number, stuck: Set<string>): Promise<StatsFs | { readonly error: string }> {
  if (stuck.has(path)) return { error: "mountpoint timeout" };
  const asked = statfs(path);
  // A mount that hangs holds one thread of the pool: it is not asked again before it has answered.
  stuck.add(path);
  const answered = asked.then(
    (result) => {
      stuck.delete(path);
      return result;
    },
    (error: NodeJS.ErrnoException) => {
      stuck.delete(path);
      return { error: error.code ?? error.message };
    },
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<{ error: string }>((resolve) => {
    timer = setTimeout(() => resolve({ error: "mountpoint timeout" }), timeoutMs);
    timer.unref();
  });
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  return result;
}
