import type { Finding } from "../finding.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

/** Helm's rule about API versions on their way out, and those that are gone. */
export const deprecatedVersions: Rule = {
  id: "helm/deprecated-version",
  summary: "API versions are served by the Kubernetes version, and will be.",
  check: (input) => input.objects.flatMap((object) => finding(input, object)),
};

interface Lifecycle {
  readonly deprecated: number;
  readonly removed: number;
  readonly replacement: string;
}

function rows(replacement: string, deprecated: number, removed: number, ...objects: readonly string[]): [string, Lifecycle][] {
  return objects.map((object) => [object, { deprecated, removed, replacement }]);
}

// Minor versions of Kubernetes 1 in which a version of a kind was deprecated and removed.
const LIFECYCLES = new Map<string, Lifecycle>([
  ...rows("apps/v1", 8, 16, "extensions/v1beta1 Deployment", "extensions/v1beta1 DaemonSet", "extensions/v1beta1 ReplicaSet"),
  ...rows("apps/v1", 8, 16, "apps/v1beta1 Deployment", "apps/v1beta1 StatefulSet"),
  ...rows("apps/v1", 9, 16, "apps/v1beta2 Deployment", "apps/v1beta2 StatefulSet", "apps/v1beta2 DaemonSet", "apps/v1beta2 ReplicaSet"),
  ...rows("networking.k8s.io/v1", 9, 16, "extensions/v1beta1 NetworkPolicy"),
  ...rows("networking.k8s.io/v1", 14, 22, "extensions/v1beta1 Ingress"),
  ...rows("networking.k8s.io/v1", 19, 22, "networking.k8s.io/v1beta1 Ingress", "networking.k8s.io/v1beta1 IngressClass"),
  ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].flatMap((kind) =>
    rows("rbac.authorization.k8s.io/v1", 17, 22, `rbac.authorization.k8s.io/v1beta1 ${kind}`),
  ),
  ...rows("admissionregistration.k8s.io/v1", 16, 22, "admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration"),
  ...rows("admissionregistration.k8s.io/v1", 16, 22, "admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration"),
  ...rows("apiextensions.k8s.io/v1", 16, 22, "apiextensions.k8s.io/v1beta1 CustomResourceDefinition"),
  ...rows("apiregistration.k8s.io/v1", 19, 22, "apiregistration.k8s.io/v1beta1 APIService"),
  ...rows("scheduling.k8s.io/v1", 14, 22, "scheduling.k8s.io/v1beta1 PriorityClass"),
  ...rows("storage.k8s.io/v1", 19, 22, "storage.k8s.io/v1beta1 StorageClass", "storage.k8s.io/v1beta1 CSIDriver"),
  ...rows("storage.k8s.io/v1", 24, 27, "storage.k8s.io/v1beta1 CSIStorageCapacity"),
  ...rows("coordination.k8s.io/v1", 19, 22, "coordination.k8s.io/v1beta1 Lease"),
  ...rows("certificates.k8s.io/v1", 19, 22, "certificates.k8s.io/v1beta1 CertificateSigningRequest"),
  ...rows("node.k8s.io/v1", 22, 25, "node.k8s.io/v1beta1 RuntimeClass"),
  ...rows("policy/v1", 21, 25, "policy/v1beta1 PodDisruptionBudget"),
  ...rows("", 21, 25, "policy/v1beta1 PodSecurityPolicy"),
  ...rows("batch/v1", 21, 25, "batch/v1beta1 CronJob"),
  ...rows("autoscaling/v2", 22, 25, "autoscaling/v2beta1 HorizontalPodAutoscaler"),
  ...rows("autoscaling/v2", 23, 26, "autoscaling/v2beta2 HorizontalPodAutoscaler"),
  ...rows("discovery.k8s.io/v1", 21, 25, "discovery.k8s.io/v1beta1 EndpointSlice"),
  ...rows("events.k8s.io/v1", 22, 25, "events.k8s.io/v1beta1 Event"),
  ...[
    [1, 23, 26],
    [2, 26, 29],
    [3, 29, 32],
  ].flatMap(([version, deprecated, removed]) =>
    ["FlowSchema", "PriorityLevelConfiguration"].flatMap((kind) =>
      rows(
        "flowcontrol.apiserver.k8s.io/v1",
        deprecated as number,
        removed as number,
        `flowcontrol.apiserver.k8s.io/v1beta${version} ${kind}`,
      ),
    ),
  ),
]);

function finding(input: LintInput, object: LintInput["objects"][number]): Finding[] {
  const { apiVersion, kind } = object;
  const lifecycle = LIFECYCLES.get(`${apiVersion} ${kind}`);
  const minor = Number(input.kubeVersion.split(".")[1] ?? 0);
  if (lifecycle === undefined || minor < lifecycle.deprecated) return [];
  const { deprecated, removed, replacement } = lifecycle;
  const instead = replacement === "" ? "" : `; use ${replacement} ${kind}`;
  return [
    objectFinding(input, object, ["apiVersion"], {
      rule: "helm/deprecated-version",
      severity: minor >= removed ? "error" : "warning",
      message: `${apiVersion} ${kind} is deprecated in v1.${deprecated}+, unavailable in v1.${removed}+${instead}`,
      ...(replacement === "" ? {} : { fix: `write apiVersion: ${replacement}` }),
    }),
  ];
}
