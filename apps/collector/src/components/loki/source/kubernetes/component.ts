import { assumed, bool, labels, list, maybe, required } from "../../../../component/arguments.ts";
import { lokiReceiver } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { positionsIn } from "../../../../delivery/positions.ts";
import { apiServerBlock, checkApiServer } from "../../../../kubernetes/client-arguments.ts";
import { PodLogs } from "./pod-logs.ts";
import { type ResumePoint, readResumePoint } from "./resume-point.ts";

export const component = defineComponent({
  name: "loki.source.kubernetes",
  stability: "generally-available",
  summary: "Follows the logs of containers through the Kubernetes API, without access to a node's files.",
  arguments: {
    targets: required(list(labels), "The containers, as discovery.kubernetes tells of them; labels without underscores go on the lines."),
    forward_to: required(list(lokiReceiver), "Where lines go."),
  },
  blocks: {
    client: assumed("How the API server is reached; without it as pods do.", apiServerBlock, { check: checkApiServer }),
    clustering: maybe("Shares the containers between the collectors of a cluster.", {
      arguments: { enabled: required(bool, "Whether they are shared; without a cluster of collectors it has no effect.") },
    }),
  },
  exports: {},
  metrics: [{ name: "loki_source_kubernetes_dropped_lines_total", kind: "counter", doc: "Lines that were refused for good, by reason." }],
  needs: {
    kubernetes: [
      { group: "", resource: "pods", verbs: ["get"] },
      { group: "", resource: "pods/log", verbs: ["get"] },
    ],
    storage: true,
  },
  async create(context, args) {
    const { dataPath, log } = context;
    const positions = await positionsIn<ResumePoint>(dataPath, { log, read: readResumePoint });
    return new PodLogs(context, positions, args);
  },
});
