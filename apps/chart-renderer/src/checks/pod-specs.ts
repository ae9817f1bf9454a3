import type { GoMap, GoValue } from "@invar/go-compat";
import { type CheckedObject, type FieldPath, listAt } from "./lint-input.ts";

/** The pod that an object is or makes. */
export interface PodSpec {
  readonly path: FieldPath;
  readonly spec: GoMap;
}

const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  Deployment: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
  PodTemplate: ["template", "spec"],
};

/** Where the pod of an object stands; undefined where it has none. */
export function podOf({ kind, content }: CheckedObject): PodSpec | undefined {
  const path = TEMPLATE_PATHS[kind];
  if (path === undefined) return undefined;
  const spec = path.reduce<GoValue | undefined>((value, step) => (value instanceof Map ? value.get(step) : undefined), content);
  return spec instanceof Map ? { path, spec } : undefined;
}

export interface Container {
  readonly path: FieldPath;
  readonly content: GoMap;
}

/** All containers of a pod, those of its start first. */
export function containersOf({ path, spec }: PodSpec): Container[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    listAt(spec, field).flatMap((content, index) => (content instanceof Map ? [{ path: [...path, field, index], content }] : [])),
  );
}
