import type { HostFiles } from "../host-files.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** A file system where it is mounted, as the host's first process sees it. */
export interface Mount {
  readonly device: string;
  /** Below the host's root. */
  readonly point: string;
  readonly kind: string;
  readonly options: ReadonlySet<string>;
  readonly major: string;
  readonly minor: string;
}

/** Every mount of the host, in the order in which they were made. */
export function mountsOf(host: HostFiles): Mount[] {
  const text = host.procIfThere("1/mountinfo") ?? host.proc("self/mountinfo");
  return linesOf(text).map((line) => mountOf(line, host.rootfs));
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue` */
function mountOf(line: string, rootfs: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const [, , numbers = "", , point = "", options = ""] = before.split(" ");
  const [kind = "", device = "", superOptions = ""] = wordsOf(after);
  const [major, minor] = numbers.split(":").map((number) => String(numberOf(number)));
  if (major === undefined || minor === undefined) throw new Error(`${JSON.stringify(line)} names no device`);
  return {
    device,
    point: withoutRoot(unescaped(point), rootfs),
    kind,
    options: new Set([...options.split(","), ...superOptions.split(",")]),
    major,
    minor,
  };
}

/** Blanks in paths are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function withoutRoot(point: string, rootfs: string): string {
  const root = rootfs.replace(/\/$/, "");
  if (root === "" || !(point === root || point.startsWith(`${root}/`))) return point;
  return point.slice(root.length) || "/";
}
