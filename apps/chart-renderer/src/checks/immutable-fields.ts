import type { GoValue } from "@invar/go-compat";
import { compareValues } from "../difference/compare-objects.ts";
import { identityOf, type RenderedObject } from "../difference/objects.ts";
import type { Finding } from "../finding.ts";
import { type CheckedObject, type FieldPath, fieldText, type LintInput, type Rule } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";

/** Changes from an earlier render that the API server refuses. */
export const immutableFields: Rule = {
  id: "kubernetes/immutable-field",
  summary: "No field changes from the earlier render that cannot be changed in a cluster.",
  check: (input) => {
    if (input.previous === undefined) return [];
    const before = new Map(input.previous.map((object) => [identityOf(object), object]));
    return input.objects.flatMap((object) => {
      // Hooks are made anew each time.
      if (object.manifest.events.length > 0) return [];
      const { apiVersion, kind, namespace, name, content, manifest } = object;
      const previous = before.get(identityOf({ apiVersion, kind, namespace, name, content, template: manifest.path }));
      return previous === undefined ? [] : changedFields(input, object, previous);
    });
  },
};

const POD_TEMPLATE: FieldPath = ["spec", "template"];
const FIELDS: Readonly<Record<string, readonly FieldPath[]>> = {
  Deployment: [["spec", "selector"]],
  DaemonSet: [["spec", "selector"]],
  ReplicaSet: [["spec", "selector"]],
  StatefulSet: [
    ["spec", "selector"],
    ["spec", "serviceName"],
    ["spec", "podManagementPolicy"],
    ["spec", "volumeClaimTemplates"],
  ],
  Job: [["spec", "selector"], POD_TEMPLATE, ["spec", "completionMode"], ["spec", "podFailurePolicy"]],
  PersistentVolumeClaim: [
    ["spec", "accessModes"],
    ["spec", "storageClassName"],
    ["spec", "volumeMode"],
    ["spec", "volumeName"],
    ["spec", "selector"],
  ],
  PersistentVolume: [["spec", "volumeMode"]],
  StorageClass: [["provisioner"], ["parameters"], ["reclaimPolicy"], ["volumeBindingMode"]],
  RoleBinding: [["roleRef"]],
  ClusterRoleBinding: [["roleRef"]],
  Secret: [["type"]],
  IngressClass: [["spec", "controller"]],
  PriorityClass: [["value"], ["preemptionPolicy"]],
  RuntimeClass: [["handler"]],
  CSIDriver: [
    ["spec", "attachRequired"],
    ["spec", "fsGroupPolicy"],
  ],
};

function changedFields(input: LintInput, object: CheckedObject, previous: RenderedObject): Finding[] {
  const fields = [...(FIELDS[object.kind] ?? []), ...frozen(object, previous), ...clusterAddress(object, previous)];
  return fields.flatMap((path) => {
    const [older, newer] = [at(previous.content, path), at(object.content, path)];
    const [change] = compareValues(older, newer, fieldText(path));
    if (change === undefined) return [];
    return [
      objectFinding(input, object, path, {
        rule: "kubernetes/immutable-field",
        severity: "error",
        message: `${change.path} differs from the earlier render and cannot be changed in a cluster`,
        fix: "keep the earlier value, or give the object another name",
      }),
    ];
  });
}

function at(content: GoValue, path: FieldPath): GoValue {
  return path.reduce<GoValue>((value, step) => (value instanceof Map ? (value.get(String(step)) ?? null) : null), content);
}

/** The data of ConfigMaps and Secrets that were declared immutable. */
function frozen({ kind }: CheckedObject, previous: RenderedObject): FieldPath[] {
  if ((kind !== "ConfigMap" && kind !== "Secret") || previous.content.get("immutable") !== true) return [];
  return [["data"], ["binaryData"], ["stringData"], ["immutable"]];
}

/** A service's own address, once it has one. */
function clusterAddress({ kind }: CheckedObject, previous: RenderedObject): FieldPath[] {
  return kind === "Service" && at(previous.content, ["spec", "clusterIP"]) !== null ? [["spec", "clusterIP"]] : [];
}
