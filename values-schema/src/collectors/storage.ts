import { choice, kubernetes, section, text, texts } from "../words.ts";

/** Where a collector keeps queues and positions. */
export const storage = section("What is kept while a destination is away, and where reading stopped.", {
  kind: choice(
    "Where it lies: `ephemeral`, gone with the pod; `node`, a folder of the node, for DaemonSets; `claim`, a volume claim for each pod of a StatefulSet, or one for a Deployment.",
    ["ephemeral", "node", "claim"],
    "ephemeral",
  ),
  sizeLimit: text("How much an `ephemeral` one may take, such as 2Gi. Empty: no limit of its own."),
  path: text("The folder on the node. Empty: /var/lib/invar/<namespace>/<name>."),
  size: text("The size of the `claim`.", "10Gi"),
  storageClass: text("The storage class of the `claim`. Empty: the cluster's default."),
  accessModes: texts("How the `claim` may be mounted.", ["ReadWriteOnce"]),
  selector: kubernetes("Which volumes the `claim` takes."),
});
