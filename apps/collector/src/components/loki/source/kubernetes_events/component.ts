import { assumed, bool, defaulted, list, maybe, oneOf, required, string } from "../../../../component/arguments.ts";
import { lokiReceiver } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { positionsIn } from "../../../../delivery/positions.ts";
import { apiServerBlock, checkApiServer } from "../../../../kubernetes/client-arguments.ts";
import { leaseAccess } from "../../../../kubernetes/lease.ts";
import { EventSource } from "./event-source.ts";

export const component = defineComponent({
  name: "loki.source.kubernetes_events",
  stability: "generally-available",
  summary: "Makes log lines of the events that a Kubernetes cluster tells of.",
  arguments: {
    forward_to: required(list(lokiReceiver), "Where lines go."),
    job_name: defaulted(string, "The label job of the lines.", "loki.source.kubernetes_events", {
      check: (name) => (name === "" ? "job_name must not be an empty string" : undefined),
    }),
    namespaces: defaulted(list(string), "The namespaces whose events are told; all of them where it is empty.", []),
    log_format: defaulted(oneOf("logfmt", "json"), "How lines are written.", "logfmt"),
  },
  blocks: {
    client: assumed("How the API server is reached; without it as pods do.", apiServerBlock, { check: checkApiServer }),
    clustering: maybe("Has one collector of a cluster tell the events.", {
      arguments: { enabled: required(bool, "Whether one does it for all; without a cluster of collectors it has no effect.") },
    }),
  },
  exports: {},
  metrics: [
    { name: "loki_source_kubernetes_events_dropped_lines_total", kind: "counter", doc: "Lines that were refused for good, by reason." },
  ],
  needs: { kubernetes: [{ group: "", resource: "events", verbs: ["get", "list", "watch"] }, leaseAccess], storage: true },
  async create(context, args) {
    const { dataPath, log } = context;
    const read = (value: unknown) => (typeof value === "number" && value >= 0 ? value : undefined);
    const positions = await positionsIn<number>(dataPath, { log, read });
    return new EventSource(context, positions, args);
  },
});
