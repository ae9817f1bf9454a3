import type { Report } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { exporterTarget, metricsPage } from "../../../../discovery/exporter.ts";
import { targetsExport } from "../../../../discovery/targets.ts";
import { unixArguments, unixBlocks } from "./arguments.ts";
import { allCollectors, type Choice, chosen, collectorNames } from "./collectors.ts";
import { unixPage } from "./page.ts";

export const component = defineComponent({
  name: "prometheus.exporter.unix",
  stability: "generally-available",
  summary: "Exposes metrics of the host: hardware, kernel, file systems, network.",
  arguments: unixArguments,
  blocks: unixBlocks,
  exports: { targets: targetsExport },
  metrics: [],
  needs: { hostPaths: ["/proc", "/sys", "/", "/run/udev/data"] },
  check: checkChoice,
  create(context, args) {
    let current = args;
    const all = allCollectors();
    const complaints = new Map<string, string>();
    const complain = (collector: string, problem: string) => {
      if (complaints.get(collector) === problem) return;
      complaints.set(collector, problem);
      context.log.warn("a collector failed", { collector, err: problem });
    };
    context.http.handle(
      metricsPage(async () => {
        const page = await unixPage(chosen(all, current), current, complain);
        return current.include_exporter_metrics ? page + context.peers.exposition() : page;
      }),
    );
    context.export({ targets: [exporterTarget(context, "unix")] });
    return {
      start() {},
      update(next) {
        current = next;
        complaints.clear();
      },
      stop() {},
      debugInfo: () => ({ collectors: chosen(all, current).map(({ name }) => name), failing: Object.fromEntries(complaints) }),
    };
  },
});

function checkChoice({ set_collectors: set = [], enable_collectors: enabled }: Choice, report: Report): void {
  for (const [at, names] of [
    ["set_collectors", set],
    ["enable_collectors", enabled],
  ] as const)
    for (const name of names)
      if (!collectorNames.has(name))
        report(`collector ${JSON.stringify(name)} is not available here; there are ${[...collectorNames].join(", ")}`, at);
}
