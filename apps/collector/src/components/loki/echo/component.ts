import { Capsule } from "@invar/alloy-syntax";
import { lokiReceiver } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { lineAt, timeText } from "../../../signals/loki/log-lines.ts";

/** Writes log lines to the process's own log, to look at them. */
export const component = defineComponent({
  name: "loki.echo",
  stability: "generally-available",
  summary: "Prints log lines.",
  arguments: {},
  exports: { receiver: { type: lokiReceiver, doc: "Takes the lines to be printed." } },
  metrics: [],
  needs: {},
  create(context) {
    context.export({
      receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", {
        async consume(batch) {
          for (let row = 0; row < batch.rows; row++) {
            const { labels, line, seconds, nanos, metadata } = lineAt(batch, row);
            context.log.info("received log entry", {
              entry: line,
              entry_timestamp: timeText(seconds, nanos),
              labels: labels.text,
              structured_metadata: JSON.stringify(Object.fromEntries(metadata)),
            });
          }
        },
        pressure: () => undefined,
      }),
    });
    return { start() {}, update() {}, stop() {} };
  },
});
