import { readFileSync } from "node:fs";
import { hostname, machine, release, type, version } from "node:os";
import type { Collector } from "../collector.ts";

/** What the system call tells this process: in a container the name of the pod, unless it uses the host's network. */
export const uname: Collector = {
  name: "uname",
  isDefault: true,
  prepare: () => (_host, page) => {
    page
      .gauge("node_uname_info", "What uname tells of the system.", "sysname", "release", "version", "machine", "nodename", "domainname")
      .sample(1, type(), release(), version(), machine(), hostname(), domainName());
  },
};

/** The one part that Node does not hand on; this process's own procfs has it. */
function domainName(): string {
  try {
    return readFileSync("/proc/sys/kernel/domainname", "utf8").trim();
  } catch {
    return "(none)";
  }
}
