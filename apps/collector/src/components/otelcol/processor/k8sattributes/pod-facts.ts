import type { Owner } from "../../../../kubernetes/kind.ts";
import type { Container, Pod } from "../../../../kubernetes/kinds/pod.ts";
import type { Workload } from "../../../../kubernetes/kinds/workload.ts";
import { parseImage, repoDigestOf, versionOfImage } from "./image-reference.ts";
import { addWritten, type MetadataField, needsContainers, type Rules } from "./rules.ts";

/** What is said of a pod's resources, by the rules. */
export interface PodFacts {
  readonly attributes: ReadonlyMap<string, string>;
  readonly containers: readonly ContainerFacts[];
  /** Of the objects above the pod, where they are known. */
  readonly deploymentUid: string;
  readonly statefulSetUid: string;
  readonly daemonSetUid: string;
  readonly jobUid: string;
}

export interface ContainerFacts {
  readonly name: string;
  readonly id: string;
  readonly restarts: number;
  readonly attributes: ReadonlyMap<string, string>;
  /** What is said of the time that it runs now; undefined where it is not asked for. */
  readonly runId: string | undefined;
  readonly repoDigest: string | undefined;
}

/** The objects that facts of pods are taken from; undefined where they are not watched. */
export interface Owners {
  replicaSet(uid: string): Workload | undefined;
  job(uid: string): Workload | undefined;
  readonly clusterUid: string | undefined;
}

export function podFacts(pod: Pod, rules: Rules, owners: Owners): PodFacts {
  const attributes = new Map<string, string>();
  const wants = (field: MetadataField) => rules.fields.has(field);
  const say = (field: MetadataField, value: string | undefined) => {
    if (value !== undefined && wants(field)) attributes.set(field, value);
  };
  say("k8s.pod.name", pod.name);
  say("service.name", pod.name);
  say("k8s.pod.hostname", pod.hostname);
  say("k8s.pod.ip", pod.podIp);
  say("k8s.namespace.name", pod.namespace);
  say("service.namespace", pod.namespace);
  say("k8s.pod.start_time", pod.creationTime || undefined);
  say("k8s.pod.uid", pod.uid);
  const deploymentUid = pod.controller === undefined ? "" : addOwner(pod, pod.controller, owners, say);
  say("k8s.node.name", pod.nodeName);
  say("k8s.cluster.uid", owners.clusterUid);
  addWritten(attributes, rules, "pod", "labels", pod.labels);
  // What is written on the pod for just this purpose wins over what else is known, the instance over the name.
  say("service.name", pod.labels["app.kubernetes.io/name"]);
  say("service.name", pod.labels["app.kubernetes.io/instance"]);
  say("service.version", pod.labels["app.kubernetes.io/version"]);
  addWritten(attributes, rules, "pod", "annotations", pod.annotations);
  const uidOf = (kind: string) => (pod.controller?.kind === kind ? pod.controller.uid : "");
  return {
    attributes,
    containers: needsContainers(rules) ? pod.containers.map((container) => containerFacts(pod, container, rules)) : [],
    deploymentUid,
    statefulSetUid: uidOf("StatefulSet"),
    daemonSetUid: uidOf("DaemonSet"),
    jobUid: uidOf("Job"),
  };
}

/** Says who looks after the pod; returns the uid of its deployment where that is known. */
function addOwner(pod: Pod, owner: Owner, owners: Owners, say: (field: MetadataField, value: string | undefined) => void): string {
  const kind = owner.kind.toLowerCase();
  if (kind !== "replicaset" && kind !== "daemonset" && kind !== "statefulset" && kind !== "job") return "";
  say(`k8s.${kind}.uid`, owner.uid);
  say(`k8s.${kind}.name`, owner.name);
  say("service.name", owner.name);
  if (kind === "replicaset") {
    const replicaSet = owners.replicaSet(owner.uid);
    const above = replicaSet?.controller?.kind === "Deployment" ? replicaSet.controller : undefined;
    const name = replicaSet === undefined ? withoutHash(owner.name, pod.labels["pod-template-hash"]) : above?.name;
    say("k8s.deployment.name", name || undefined);
    say("service.name", name || undefined);
    say("k8s.deployment.uid", above?.uid);
    return above?.uid ?? "";
  }
  if (kind === "job") {
    const job = owners.job(owner.uid);
    const above = job?.controller?.kind === "CronJob" ? job.controller : undefined;
    const name = job === undefined ? cronJobOf(owner.name, pod.creationTime) : above?.name;
    say("k8s.cronjob.name", name || undefined);
    say("service.name", name || undefined);
    say("k8s.cronjob.uid", above?.uid);
  }
  return "";
}

/** A deployment names its replica sets after itself and the hash of their template. */
function withoutHash(replicaSet: string, hash: string | undefined): string | undefined {
  if (!hash || !replicaSet.endsWith(`-${hash}`)) return undefined;
  return replicaSet.slice(0, -hash.length - 1);
}

const longestSkewMinutes = 24 * 60;

/** A cron job names its jobs after itself and the minute in which they were due: close to when their pods are made. */
function cronJobOf(job: string, podCreated: string): string | undefined {
  const [, name, minute] = /^(.*)-(\d{8})$/.exec(job) ?? [];
  if (name === undefined || minute === undefined) return undefined;
  return Math.abs(Date.parse(podCreated) / 60_000 - Number(minute)) <= longestSkewMinutes ? name : undefined;
}

function containerFacts(pod: Pod, container: Container, rules: Rules): ContainerFacts {
  const attributes = new Map<string, string>();
  const say = (field: MetadataField, value: string | undefined) => {
    if (value !== undefined && value !== "" && rules.fields.has(field)) attributes.set(field, value);
  };
  const image = parseImage(container.image);
  const hasStatus = container.id !== "" || container.restarts > 0;
  if (hasStatus) say("k8s.container.name", container.name);
  say("container.image.name", image?.repository);
  say("container.image.tag", image?.tag);
  if (hasStatus) say("service.instance.id", `${pod.namespace}.${pod.name}.${container.name}`);
  say("service.version", versionOfImage(container.image));
  const id = container.id.replace(/^[^:]*:\/\//, "");
  return {
    name: container.name,
    id,
    restarts: container.restarts,
    attributes,
    runId: rules.fields.has("container.id") && id !== "" ? id : undefined,
    repoDigest: rules.fields.has("container.image.repo_digests") ? repoDigestOf(container.imageId) : undefined,
  };
}
