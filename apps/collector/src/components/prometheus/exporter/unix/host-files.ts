import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A collector has nothing to show on this host: no such hardware, or a kernel without the feature. */
export class NoData extends Error {}

/** The kernel's files, below the folders where the host's are mounted. Missing files are `NoData`. */
export class HostFiles {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udev: string;

  constructor(paths: { readonly procfs: string; readonly sysfs: string; readonly rootfs: string; readonly udev: string }) {
    this.procfs = paths.procfs;
    this.sysfs = paths.sysfs;
    this.rootfs = paths.rootfs;
    this.udev = paths.udev;
  }

  proc(path: string): string {
    return read(join(this.procfs, path));
  }

  sys(path: string): string {
    return read(join(this.sysfs, path));
  }

  /** A file of one value; undefined where it is missing or the device refuses to tell. */
  sysValue(path: string): string | undefined {
    return this.optional(join(this.sysfs, path))?.trim();
  }

  /** A number, as drivers write them: decimal or 0x; undefined where there is none. */
  sysNumber(path: string): number | undefined {
    const text = this.sysValue(path);
    return text === undefined || text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  }

  optional(path: string): string | undefined {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  }

  /** The names in a folder of sysfs, sorted; none where it is missing. */
  sysList(path: string): string[] {
    try {
      return readdirSync(join(this.sysfs, path)).sort();
    } catch {
      return [];
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === "ENOENT" ? new NoData(`${path} is not there`) : new Error(message);
  }
}
