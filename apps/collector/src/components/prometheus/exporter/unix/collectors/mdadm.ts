import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** What an array does → as it is labelled. Reshaping has no label of its own. */
const states = [
  ["active", "active"],
  ["inactive", "inactive"],
  ["recovering", "recovering"],
  ["resyncing", "resync"],
  ["checking", "check"],
] as const;

interface MdArray {
  readonly device: string;
  readonly state: string;
  readonly disks: { readonly required: number; readonly active: number; readonly failed: number; readonly spare: number };
  readonly blocks: number;
  readonly blocksSynced: number;
}

/** Software RAID. */
export const mdadm: Collector = {
  name: "mdadm",
  isDefault: true,
  prepare: () => (host, page) => {
    const disks = page.gauge("node_md_disks", "Disks of the array by state.", "device", "state");
    const required = page.gauge("node_md_disks_required", "Disks that the array should have.", "device");
    const state = page.gauge("node_md_state", "What the array does.", "device", "state");
    const blocks = page.gauge("node_md_blocks", "Blocks of the array.", "device");
    const synced = page.gauge("node_md_blocks_synced", "Blocks that are in step on all disks.", "device");
    for (const array of arraysOf(host.proc("mdstat"))) {
      required.sample(array.disks.required, array.device);
      for (const kind of ["active", "failed", "spare"] as const) disks.sample(array.disks[kind], array.device, kind);
      for (const [name, label] of states) state.sample(array.state === name ? 1 : 0, array.device, label);
      blocks.sample(array.blocks, array.device);
      synced.sample(array.blocksSynced, array.device);
    }
    fromDrivers(host, page);
  },
};

function fromDrivers(host: HostFiles, page: MetricPage): void {
  const raidDisks = page.gauge("node_md_raid_disks", "Disks that the array should have, by its driver.", "device");
  const degraded = page.gauge("node_md_degraded", "Disks that the array lacks.", "device");
  for (const device of host.sysList("block").filter((name) => name.startsWith("md"))) {
    const level = host.sysValue(`block/${device}/md/level`);
    if (level === undefined) continue;
    raidDisks.sample(numberOf(host.sysText(`block/${device}/md/raid_disks`)), device);
    // Without redundancy nothing can be lacking.
    const isRedundant = /^raid(1|4|5|6|10)$/.test(level);
    degraded.sample(isRedundant ? numberOf(host.sysText(`block/${device}/md/degraded`)) : 0, device);
  }
}

/** Each array takes a line at the margin, and indented ones below it. */
function arraysOf(text: string): MdArray[] {
  const arrays: { head: string; details: string[] }[] = [];
  for (const line of linesOf(text)) {
    if (/^(Personalities|unused|read_ahead)/.test(line) || line.trim() === "") continue;
    if (/^\S/.test(line)) arrays.push({ head: line, details: [] });
    else arrays.at(-1)?.details.push(line);
  }
  return arrays.map(arrayOf);
}

/** `md6 : active raid1 sdb2[2](F) sda2[0]` and `195310144 blocks [2/1] [U_]`. */
function arrayOf({ head, details }: { readonly head: string; readonly details: readonly string[] }): MdArray {
  const [device = "", , written = ""] = wordsOf(head);
  const [status = "", ...rest] = details;
  const blocks = numberOf(wordsOf(status)[0]);
  const failed = head.split("(F)").length - 1;
  const spare = head.split("(S)").length - 1;
  const disks = { ...countsOf(head, status), failed, spare };
  const progress = rest.find((line) => /recovery|reshape|resync|check/.test(line));
  if (progress === undefined) return { device, state: written, disks, blocks, blocksSynced: blocks };
  const state = progress.includes("recovery")
    ? "recovering"
    : progress.includes("reshape")
      ? "reshaping"
      : progress.includes("check")
        ? "checking"
        : "resyncing";
  if (/PENDING|DELAYED/.test(progress)) return { device, state, disks, blocks, blocksSynced: 0 };
  const done = /\((\d+)\/\d+\)/.exec(progress)?.[1];
  if (done === undefined) throw new Error(`${JSON.stringify(progress)} does not say how far ${device} is`);
  return { device, state, disks, blocks, blocksSynced: Number(done) };
}

function countsOf(head: string, status: string): { required: number; active: number } {
  if (/raid0|linear/.test(head)) {
    const all = head.split("[").length - 1;
    return { required: all, active: all };
  }
  if (head.includes("inactive")) return { required: 0, active: 0 };
  const [, required, active] = /\d+ blocks .*\[(\d+)\/(\d+)\] \[[U_]+\]/.exec(status) ?? [];
  if (required === undefined || active === undefined) throw new Error(`${JSON.stringify(status)} does not count the disks`);
  return { required: Number(required), active: Number(active) };
}
