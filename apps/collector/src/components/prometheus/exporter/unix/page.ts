import type { UnixArguments } from "./arguments.ts";
import type { Collector } from "./collector.ts";
import { HostFiles, NoData } from "./host-files.ts";
import { MetricPage } from "./metric-page.ts";

/** What is said when a collector fails, once until it works again. */
export type Complain = (collector: string, problem: string) => void;

/** Runs collectors one after another; one that fails takes nothing from the others. */
export async function unixPage(collectors: readonly Collector[], args: UnixArguments, complain: Complain): Promise<string> {
  const host = new HostFiles({ procfs: args.procfs_path, sysfs: args.sysfs_path, rootfs: args.rootfs_path, udev: args.udev_data_path });
  const page = new MetricPage();
  const duration = page.gauge("node_scrape_collector_duration_seconds", "How long a collector took, in seconds.");
  const success = page.gauge("node_scrape_collector_success", "Whether a collector worked.");
  for (const collector of collectors) {
    const started = performance.now();
    let worked = true;
    try {
      await collector.collect(host, page, args);
    } catch (error) {
      worked = false;
      if (!(error instanceof NoData)) complain(collector.name, error instanceof Error ? error.message : String(error));
    }
    duration.sample((performance.now() - started) / 1000, "collector", collector.name);
    success.sample(worked ? 1 : 0, "collector", collector.name);
  }
  return page.text();
}
