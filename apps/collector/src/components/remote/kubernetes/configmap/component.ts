import { map, string } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { pollData, polledConfigMap, polledDataSchema } from "../../../../kubernetes/polled-data.ts";

export const component = defineComponent({
  name: "remote.kubernetes.configmap",
  stability: "generally-available",
  summary: "Hands on the data of a Kubernetes ConfigMap.",
  ...polledDataSchema,
  exports: { data: { type: map(string), doc: "What the ConfigMap holds, by key." } },
  metrics: [],
  needs: { kubernetes: [{ group: "", resource: "configmaps", verbs: ["get"] }] },
  create: (context, args) => pollData(context, polledConfigMap, args),
});
