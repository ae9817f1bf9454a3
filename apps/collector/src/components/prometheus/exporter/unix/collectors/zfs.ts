import type { Collector } from "../collector.ts";
import { type HostFiles, NoData } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

const folder = "spl/kstat/zfs";

/** File → what its metrics are named after. */
const modules = [
  ["abdstats", "zfs_abd"],
  ["arcstats", "zfs_arc"],
  ["dbufstats", "zfs_dbuf"],
  ["dmu_tx", "zfs_dmu_tx"],
  ["dnodestats", "zfs_dnode"],
  ["fm", "zfs_fm"],
  ["vdev_cache_stats", "zfs_vdev_cache"],
  ["vdev_mirror_stats", "zfs_vdev_mirror"],
  ["xuio_stats", "zfs_xuio"],
  ["zfetchstats", "zfs_zfetch"],
  ["zil", "zfs_zil"],
] as const;

const states = ["online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"];

/** Types of values that are numbers: signed and unsigned. */
const signed = "3";
const unsigned = "4";

export const zfs: Collector = {
  name: "zfs",
  isDefault: true,
  prepare: () => (host, page) => {
    const entries = host.procList(folder);
    if (entries.length === 0) throw new NoData("ZFS is not there");
    for (const [file, name] of modules) {
      const text = host.procIfThere(`${folder}/${file}`);
      if (text === undefined) continue;
      for (const [field, type, value] of table(file, text)) {
        if (type !== signed && type !== unsigned) continue;
        page.untyped(`node_${name}_${metricPart(field)}`, `The statistic ${field} of ${file}.`).sample(numberOf(value));
      }
    }
    for (const pool of entries) exposePool(host, page, pool);
  },
};

function exposePool(host: HostFiles, page: MetricPage, pool: string): void {
  for (const file of host.procList(`${folder}/${pool}`)) {
    const path = `${folder}/${pool}/${file}`;
    if (file === "io") exposeTraffic(page, pool, host.proc(path));
    else if (file.startsWith("objset-")) exposeDataset(page, pool, file, host.proc(path));
    else if (file === "state") {
      const state = host.proc(path).split("\n")[0]?.toLowerCase();
      const metric = page.gauge("node_zfs_zpool_state", "The state of the pool.", "zpool", "state");
      for (const name of states) metric.sample(state === name ? 1 : 0, pool, name);
    }
  }
}

/** A line of names and one of values, behind a line for the kernel's own use. */
function exposeTraffic(page: MetricPage, pool: string, text: string): void {
  const lines = linesOf(text).map(wordsOf);
  const head = lines.findIndex((words) => words.length >= 12 && words[0] === "nread");
  if (head < 0) return;
  for (const [index, field] of (lines[head] ?? []).entries())
    page
      .untyped(`node_zfs_zpool_${metricPart(field)}`, `The statistic ${field} of pools.`, "zpool")
      .sample(numberOf(lines[head + 1]?.[index]), pool);
}

function exposeDataset(page: MetricPage, pool: string, file: string, text: string): void {
  let dataset = "";
  for (const [field, type, value] of table(file, text)) {
    if (field === "dataset_name") dataset = value;
    else if (type === unsigned)
      page
        .untyped(`node_zfs_zpool_dataset_${metricPart(field)}`, `The statistic ${field} of datasets.`, "zpool", "dataset")
        .sample(numberOf(value), pool, dataset);
  }
}

/** The lines `name type data` behind the line of that text; names of datasets may have blanks. */
function table(file: string, text: string): [field: string, type: string, value: string][] {
  const lines = linesOf(text);
  const head = lines.findIndex((line) => wordsOf(line).join(" ") === "name type data");
  if (head < 0) throw new Error(`${file} has no line "name type data"`);
  return lines.slice(head + 1).flatMap((line) => {
    const [, field, type, value] = /^(\S+)\s+(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    return field === undefined || type === undefined || value === undefined ? [] : [[field, type, value]];
  });
}

function metricPart(field: string): string {
  return (field.split(".").at(-1) ?? "").replaceAll("-", "_");
}
