import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { linesOf, wordsOf } from "../text-table.ts";
import { bcacheNumber, cachePart, ofSet, type Part, perDevice, traffic, writeback } from "./bcache-attributes.ts";

const folder = "fs/bcache";

export const bcache: Collector = {
  name: "bcache",
  isDefault: true,
  prepare:
    ({ bcache: { priority_stats: withPriorities } }) =>
    (host, page) => {
      for (const uuid of host.sysList(folder).filter((name) => name.includes("-"))) {
        const path = `${folder}/${uuid}`;
        expose(host, page, path, ofSet, ["uuid"], [uuid]);
        for (const entry of host.sysList(path)) {
          if (/^bdev\d/.test(entry)) exposeBacking(host, page, `${path}/${entry}`, [uuid, entry]);
          if (!/^cache\d/.test(entry)) continue;
          expose(host, page, `${path}/${entry}`, cachePart, ["uuid", "cache_device"], [uuid, entry]);
          if (withPriorities) exposePriorities(host, page, `${path}/${entry}`, [uuid, entry]);
        }
      }
    },
};

function expose(host: HostFiles, page: MetricPage, path: string, part: Part, labels: readonly string[], values: readonly string[]): void {
  for (const [file, name, kind, help, factor = 1] of part)
    page[kind](`node_bcache_${name}`, help, ...labels).sample(bcacheNumber(host.sysValue(`${path}/${file}`) ?? "0") * factor, ...values);
}

function exposeBacking(host: HostFiles, page: MetricPage, path: string, values: readonly string[]): void {
  const labels = ["uuid", "backing_device"];
  expose(host, page, path, perDevice, labels, values);
  expose(host, page, `${path}/stats_total`, traffic, labels, values);
  const readAhead = bcacheNumber(host.sysValue(`${path}/stats_total/cache_readaheads`) ?? "0");
  if (readAhead !== 0)
    page.counter("node_bcache_cache_readaheads_total", "Times that data was read ahead.", ...labels).sample(readAhead, ...values);
  const lines = new Map(
    linesOf(host.sys(`${path}/writeback_rate_debug`)).map((line) => [line.split(":")[0] ?? "", wordsOf(line).at(-1) ?? ""]),
  );
  for (const [key, name, help] of writeback)
    page.gauge(`node_bcache_${name}`, help, ...labels).sample(bcacheNumber((lines.get(key) ?? "0").replace("/sec", "")), ...values);
}

function exposePriorities(host: HostFiles, page: MetricPage, path: string, values: readonly string[]): void {
  for (const line of linesOf(host.sys(`${path}/priority_stats`))) {
    const [, key, percent] = /^(Unused|Metadata):\s+(\d+)%/.exec(line) ?? [];
    if (key === undefined) continue;
    page
      .gauge(
        `node_bcache_priority_stats_${key.toLowerCase()}_percent`,
        `Share of the cache that is ${key.toLowerCase()}.`,
        "uuid",
        "cache_device",
      )
      .sample(Number(percent), ...values);
  }
}
