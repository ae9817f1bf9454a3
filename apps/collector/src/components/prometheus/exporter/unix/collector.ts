import type { UnixArguments } from "./arguments.ts";
import type { HostFiles } from "./host-files.ts";
import type { MetricPage } from "./metric-page.ts";

/** One part of the exporter: reads some of the kernel's files and adds their metrics. */
export interface Collector {
  /** As `enable_collectors` and its like name it. */
  readonly name: string;
  readonly isDefault: boolean;
  /** Throws `NoData` where this host has nothing of the kind. */
  collect(host: HostFiles, page: MetricPage, args: UnixArguments): void | Promise<void>;
}
