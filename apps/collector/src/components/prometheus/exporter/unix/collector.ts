import type { UnixArguments } from "./arguments.ts";
import type { HostFiles } from "./host-files.ts";
import type { MetricPage } from "./metric-page.ts";

/** One part of the exporter: reads some of the kernel's files and adds their metrics. */
export interface Collector {
  /** As `enable_collectors` and its like name it. */
  readonly name: string;
  readonly isDefault: boolean;
  /** Called once for each set of arguments: patterns are compiled here, and what a collector has to remember lives in what it returns. */
  prepare(args: UnixArguments): Collect;
}

/**
 * Adds what it finds to the page. Throws `NoData` where this host has nothing of the kind, what was added before stays. `warn` tells of what is
 * wrong though the collector worked.
 */
export type Collect = (host: HostFiles, page: MetricPage, warn: (problem: string) => void) => void | Promise<void>;
