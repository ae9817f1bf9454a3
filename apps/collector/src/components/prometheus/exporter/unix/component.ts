import type { Report } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { exporterTarget, metricsPage } from "../../../../discovery/exporter.ts";
import { targetsExport } from "../../../../discovery/targets.ts";
import { type UnixArguments, unixArguments, unixBlocks } from "./arguments.ts";
import type { Choice } from "./choice.ts";
import { whyNot } from "./collector-names.ts";
import { preparedCollectors } from "./collectors.ts";
import { exposeExporter, noAnswers } from "./exporter-metrics.ts";
import { HostFiles } from "./host-files.ts";
import { hostPage } from "./page.ts";

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
    let exporter = exporterOf(args);
    const answers = noAnswers();
    const problems = new Map<string, string>();
    const note = (collector: string, problem: string | undefined) => {
      const before = problems.get(collector);
      if (problem === undefined) problems.delete(collector);
      else problems.set(collector, problem);
      if (problem !== undefined && problem !== before) context.log.warn("a collector failed", { collector, err: problem });
    };
    const text = async () => {
      const { collectors, host, withExporter } = exporter;
      answers.inFlight++;
      try {
        const page = await hostPage(collectors, host, note);
        exposeExporter(page, withExporter ? answers : undefined);
        answers.byCode.set("200", (answers.byCode.get("200") ?? 0) + 1);
        return page.text();
      } finally {
        answers.inFlight--;
      }
    };
    context.http.handle(metricsPage(text));
    context.export({ targets: [exporterTarget(context, "unix")] });
    return {
      start() {},
      update(next) {
        exporter = exporterOf(next);
        problems.clear();
      },
      stop() {},
      debugInfo: () => ({ collectors: exporter.collectors.map(({ name }) => name), failing: Object.fromEntries(problems) }),
    };
  },
});

function exporterOf(args: UnixArguments) {
  const host = new HostFiles({ procfs: args.procfs_path, sysfs: args.sysfs_path, rootfs: args.rootfs_path, udev: args.udev_data_path });
  return { collectors: preparedCollectors(args), host, withExporter: args.include_exporter_metrics };
}

function checkChoice({ set_collectors: set = [], enable_collectors: enabled }: Choice, report: Report): void {
  const lists = { set_collectors: set, enable_collectors: enabled };
  for (const [argument, names] of Object.entries(lists))
    for (const problem of names.map(whyNot)) if (problem !== undefined) report(problem, argument);
}
