import type { Target } from "../../../../discovery/targets.ts";
import { internLabels, type StreamLabels } from "../../../../signals/loki/stream-labels.ts";

/** One container whose log is read, with the labels of its lines. */
export interface LogTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly uid: string;
  readonly labels: StreamLabels;
  /** Tells it from all others: the same container with other labels is another target. */
  readonly key: string;
}

/** Reads a target; the text says which label is missing. */
export function logTargetOf(target: Target, defaultJob: string): LogTarget | string {
  const namespace = oneOf(target, "__pod_namespace__", "__meta_kubernetes_namespace");
  const pod = oneOf(target, "__pod_name__", "__meta_kubernetes_pod_name");
  const container = oneOf(target, "__pod_container_name__", "__meta_kubernetes_pod_container_name");
  const uid = oneOf(target, "__pod_uid__", "__meta_kubernetes_pod_uid");
  if (namespace === undefined) return missing("__pod_namespace__ or __meta_kubernetes_namespace");
  if (pod === undefined) return missing("__pod_name__ or __meta_kubernetes_pod_name");
  if (container === undefined) return missing("__pod_container_name__ or __meta_kubernetes_pod_container_name");
  if (uid === undefined) return missing("__pod_uid__ or __meta_kubernetes_pod_uid");
  const instance = target.instance ?? `${namespace}/${pod}:${container}`;
  const job = target.job ?? defaultJob;
  const own = Object.entries(target).filter(([name]) => !name.startsWith("__"));
  const labels = internLabels([...own.filter(([name]) => name !== "instance" && name !== "job"), ["instance", instance], ["job", job]]);
  return { namespace, pod, container, uid, labels, key: `${uid}:${container}:${labels.text}` };
}

function oneOf(target: Target, first: string, second: string): string | undefined {
  return target[first] || target[second] || undefined;
}

function missing(labels: string): string {
  return `missing ${labels} label: a target is left out`;
}
