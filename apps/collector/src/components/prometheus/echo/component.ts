import { Capsule } from "@invar/alloy-syntax";
import { defaulted, oneOf } from "../../../component/arguments.ts";
import { prometheusReceiver } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { printExposition } from "../../../signals/prometheus/print-exposition.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";

/** Logs the samples that it gets. */
export const component = defineComponent({
  name: "prometheus.echo",
  stability: "generally-available",
  summary: "Writes the metrics that it gets to the log, in an exposition format.",
  arguments: { format: defaulted(oneOf("text", "openmetrics"), "The format in which metrics are written.", "text") },
  exports: { receiver: { type: prometheusReceiver, doc: "Takes the metrics to be written." } },
  metrics: [],
  needs: {},
  create(context, args) {
    let { format } = args;
    const receiver: Consumer<SampleBatch> = {
      async consume(batch) {
        context.log.info("received metrics", { metrics: printExposition(batch, format) });
      },
      pressure: () => undefined,
    };
    context.export({ receiver: new Capsule("storage.Appendable", receiver) });
    return {
      start() {},
      update(next) {
        format = next.format;
      },
      stop() {},
    };
  },
});
