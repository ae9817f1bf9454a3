import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Target, target } from "../../../discovery/targets.ts";
import type { Args } from "./component.ts";

export interface ProcessTargets {
  readonly targets: readonly Target[];
  /** Processes that this one may not look into. */
  readonly refused: number;
}

/** So many processes are looked at before other work has its turn. */
const AT_ONCE = 32;
const containerId = /^.*\/(?:.*-)?([0-9a-f]{64})(?:\.|\s*$)/;

/** A target for each process below `proc`. Those that end meanwhile, and threads of the kernel where programs are asked for, are left out. */
export async function processTargets(proc: string, config: Args["discover_config"], passwd = "/etc/passwd"): Promise<ProcessTargets> {
  const users = config.username ? userNames(passwd) : undefined;
  const targets: Target[] = [];
  let refused = 0;
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  pids.sort((a, b) => Number(a) - Number(b));
  for (const [i, pid] of pids.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    try {
      targets.push(targetOf(join(proc, pid), pid, config, users));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EACCES" || code === "EPERM") refused++;
      else if (code !== "ENOENT" && code !== "ESRCH") throw error;
    }
  }
  return { targets, refused };
}

function targetOf(folder: string, pid: string, config: Args["discover_config"], users: ReadonlyMap<string, string> | undefined): Target {
  const labels: Record<string, string> = { __process_pid__: pid };
  const add = (name: string, value: string) => {
    if (value !== "") labels[name] = value;
  };
  if (config.exe) add("__meta_process_exe", readlinkSync(join(folder, "exe")));
  if (config.cwd) add("__meta_process_cwd", readlinkSync(join(folder, "cwd")));
  if (config.commandline) add("__meta_process_commandline", words(readFileSync(join(folder, "cmdline"), "utf8")).join(" "));
  if (config.username || config.uid) {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(join(folder, "status"), "utf8"))?.[1] ?? "";
    if (config.uid) add("__meta_process_uid", uid);
    if (config.username) add("__meta_process_username", users?.get(uid) ?? "");
  }
  if (config.container_id || config.cgroup_path) {
    // Of version 2 there is one line, of version 1 one for each controller.
    const lines = readFileSync(join(folder, "cgroup"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    if (config.container_id) add("__container_id__", lines.map((line) => containerId.exec(line)?.[1] ?? "").find((id) => id !== "") ?? "");
    if (config.cgroup_path) add("__meta_process_cgroup_path", lines.join("|"));
  }
  return target(labels);
}

function words(text: string): string[] {
  return text.split("\0").filter((word) => word !== "");
}

/** Names by number. */
function userNames(passwd: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  try {
    for (const line of readFileSync(passwd, "utf8").split("\n")) {
      const [name = "", , uid = ""] = line.split(":");
      if (uid !== "" && !names.has(uid)) names.set(uid, name);
    }
  } catch {
    // A container without users has numbers only.
    return names;
  }
  return names;
}
