import { join } from "node:path";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent } from "../../../../component/definition.ts";
import { openFilePositions } from "../../../../files/tail/file-positions.ts";
import { Output } from "../../../../signals/otlp/output.ts";
import { ReceiverMetrics, receiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { type Args, check, schema } from "./arguments.ts";
import { EntrySink } from "./entry-sink.ts";
import { FileList } from "./file-list.ts";

const OPEN_FILES = "otelcol_fileconsumer_open_files";
const DROPPED = "invar_filelog_dropped_entries_total";
const OPEN_HELP = "Files that are open.";
const DROPPED_HELP =
  "Entries that went no further, by reason: filtered, operator_error, why they were refused. Those under operator_error_sent went on as they were.";

/** Reads log records from files. */
export const component = defineComponent({
  name: "otelcol.receiver.filelog",
  stability: "public-preview",
  summary: "Reads log records from files, through rotation and restarts, and parses them with operators.",
  ...schema,
  exports: {},
  metrics: [
    ...receiverMetrics(["logs"]),
    { name: OPEN_FILES, kind: "gauge", doc: OPEN_HELP },
    { name: DROPPED, kind: "counter", doc: DROPPED_HELP },
  ],
  needs: { storage: true },
  check,
  create: (context, args) => createReceiver(context, args),
});

async function createReceiver(context: ComponentContext, args: Args): Promise<Component<Args>> {
  const output = new Output(args.output, context.debugStream);
  const folder =
    args.storage === undefined ? context.dataPath : join(args.storage.directory, context.globalId.replace(/[^A-Za-z0-9._-]/g, "_"));
  const positions = await openFilePositions({
    folder: undefined,
    journal: folder === undefined ? undefined : join(folder, "positions.journal"),
    legacyPath: "",
    log: context.log,
  });
  const dropped = context.metrics.counter(DROPPED, { help: DROPPED_HELP, labels: ["reason"] });
  const sink = new EntrySink({
    context,
    output,
    metrics: new ReceiverMetrics(context, "filelog"),
    args,
    dropped: (reason, entries) => dropped.of(reason).add(entries),
  });
  const files = new FileList({ context, sink, positions, args });
  const open = context.metrics.gauge(OPEN_FILES, { help: OPEN_HELP }).of();
  context.metrics.beforeScrape(() => open.set(files.openFiles));
  return {
    start() {
      sink.start();
      return files.start();
    },
    async update(next) {
      await sink.update(next);
      output.update(next.output);
      await files.update(next);
    },
    async stop(deadline) {
      await files.stop(deadline);
      await positions.close();
    },
    debugInfo: () => ({ files: files.debugInfo() }),
  };
}
