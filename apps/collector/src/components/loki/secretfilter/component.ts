import { Capsule } from "@invar/alloy-syntax";
import type { Report } from "../../../component/arguments.ts";
import { lokiReceiver } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { type SecretFilterArgs, schema } from "./arguments.ts";
import { secretFilterMetricDocs } from "./metrics.ts";
import { SecretFilter } from "./secret-filter.ts";

/** Takes secrets out of lines. */
export const component = defineComponent({
  name: "loki.secretfilter",
  stability: "experimental",
  summary: "Redacts secrets in log lines.",
  arguments: schema.arguments,
  exports: { receiver: { type: lokiReceiver, doc: "Takes lines to be looked at." } },
  metrics: secretFilterMetricDocs,
  needs: {},
  check: checkRate,
  create(context, args) {
    const filter = new SecretFilter(context, args);
    context.export({ receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", filter) });
    return filter;
  },
});

function checkRate({ rate }: SecretFilterArgs, report: Report): void {
  if (!(rate >= 0 && rate <= 1)) report(`secretfilter: rate must be between 0.0 and 1.0, received ${rate.toFixed(6)}`, "rate");
}
