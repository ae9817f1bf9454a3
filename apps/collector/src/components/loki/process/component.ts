import { Capsule } from "@invar/alloy-syntax";
import { list, required } from "../../../component/arguments.ts";
import { lokiReceiver } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { fanout } from "../../../signals/fanout.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { Processor } from "./processor.ts";
import { stageBlocks } from "./stages/registry.ts";

/** Changes, filters and labels log lines, stage by stage. */
export const component = defineComponent({
  name: "loki.process",
  stability: "generally-available",
  summary: "Processes log lines in stages.",
  arguments: { forward_to: required(list(lokiReceiver), "Where lines go after the last stage.") },
  ordered: { into: "stages", blocks: stageBlocks },
  exports: { receiver: { type: lokiReceiver, doc: "Takes the lines to be processed." } },
  metrics: [
    { name: "loki_process_dropped_lines_total", kind: "counter", doc: "Lines that stages dropped, by reason." },
    { name: "loki_process_dropped_lines_by_label_total", kind: "counter", doc: "Lines that `stage.limit` dropped, by the label's value." },
    { name: "loki_process_truncated_fields_total", kind: "counter", doc: "Lines and values that `stage.truncate` cut." },
    {
      name: "loki_process_cri_partial_lines_flushed_total",
      kind: "counter",
      doc: "Parts of lines sent on by themselves, since too many waited.",
    },
    { name: "loki_process_cri_lines_truncated_total", kind: "counter", doc: "Joined lines that were cut." },
  ],
  needs: {},
  create(context, args) {
    const processor = new Processor(context, args.stages, fanout(args.forward_to));
    context.export({
      receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", {
        consume: (batch) => processor.consume(batch),
        pressure: () => processor.pressure(),
      }),
    });
    return {
      start() {},
      update: (next) => processor.update(next.stages, fanout(next.forward_to)),
      stop: (deadline) => processor.stop(deadline),
    };
  },
});
