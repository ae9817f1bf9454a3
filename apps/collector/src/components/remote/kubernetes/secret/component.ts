import { map, optionalSecret } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { pollData, polledDataSchema, polledSecret } from "../../../../kubernetes/polled-data.ts";

export const component = defineComponent({
  name: "remote.kubernetes.secret",
  stability: "generally-available",
  summary: "Hands on the data of a Kubernetes Secret, as secrets.",
  ...polledDataSchema,
  exports: { data: { type: map(optionalSecret), doc: "What the Secret holds, by key." } },
  metrics: [],
  needs: { kubernetes: [{ group: "", resource: "secrets", verbs: ["get"] }] },
  create: (context, args) => pollData(context, polledSecret, args),
});
