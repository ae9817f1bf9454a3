import { Type } from "@sinclair/typebox";
import { flag, kubernetesList, labels, section, text, texts } from "../words.ts";

/** Who a collector is to the API server, and what it may do there. */
export const access = {
  rbac: section("What it may do: by default what the components in its configuration need.", {
    create: flag("Whether roles are created.", true),
    namespaces: texts("Only in these namespaces: a Role in each of them, and no ClusterRole."),
    rules: kubernetesList("Rules that stand in for those computed, of what lies in namespaces."),
    clusterRules: kubernetesList("Rules that stand in for those computed, of what lies in no namespace."),
  }),
  serviceAccount: section("The service account of its pods.", {
    create: flag("Whether it is created.", true),
    name: text("Its name. Empty: the collector's, or `default` where it is not created."),
    additionalLabels: labels("More labels of it."),
    annotations: labels("Annotations of it."),
    automountServiceAccountToken: Type.Boolean({
      description: "Whether pods get its token. By default where a component of the configuration asks the API server.",
    }),
  }),
};
