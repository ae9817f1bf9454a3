import type { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { type Association, type Identity, identityOf } from "./association.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import type { ContainerFacts, PodFacts } from "./pod-facts.ts";
import type { KnownPod } from "./pod-table.ts";
import { ResourceText } from "./resource-text.ts";
import type { Rules } from "./rules.ts";

export interface EnrichOptions {
  readonly rules: Rules;
  readonly associations: readonly Association[];
  /** Undefined: passthrough, only the address of the connection is said. */
  readonly metadata: ClusterMetadata | undefined;
  /** Told of each resource whether its pod was found, and what told it. */
  readonly associated: (found: boolean, how: string) => void;
}

/** Says on a resource what is known of its pod, where that is not said already. `peer` is who sent it, or empty. */
export class Enricher {
  readonly #options: EnrichOptions;
  readonly #resource = new ResourceText();

  constructor(options: EnrichOptions) {
    this.#options = options;
  }

  enrich(attributes: AttributeEditor, peer: string): void {
    const { rules, associations, metadata, associated } = this.#options;
    const resource = this.#resource.reset(attributes);
    const identity = identityOf(resource, peer, associations);
    this.#sayAddress(resource, identity);
    if (metadata === undefined) return;
    const known = identity && metadata.table.find(identity.key);
    const facts = known?.facts;
    if (facts !== undefined) {
      for (const [name, value] of facts.attributes) resource.fill(name, value);
      sayContainer(resource, facts);
    }
    associated(facts !== undefined, identity?.how ?? "");
    this.#sayOthers(resource, metadata, facts === undefined ? undefined : known);
    if (!rules.fields.has("service.namespace")) return;
    const namespace = namespaceOf(resource, facts === undefined ? undefined : known);
    if (namespace !== "") resource.fill("service.namespace", namespace);
  }

  #sayAddress(resource: ResourceText, identity: Identity | undefined): void {
    const { metadata, rules } = this.#options;
    if (identity?.connection !== undefined && (metadata === undefined || rules.fields.has("k8s.pod.ip")))
      resource.fill("k8s.pod.ip", identity.connection);
  }

  /** What the labels and annotations of objects beside the pod give. */
  #sayOthers(resource: ResourceText, metadata: ClusterMetadata, known: KnownPod | undefined): void {
    const say = (attributes: ReadonlyMap<string, string> | undefined) => {
      for (const [name, value] of attributes ?? []) resource.fill(name, value);
    };
    const facts = known?.facts;
    say(metadata.attributesOf("namespace", namespaceOf(resource, known)));
    const node = known?.pod.nodeName || resource.text("k8s.node.name");
    if (node !== "") {
      say(metadata.attributesOf("node", node));
      const uid = metadata.nodeUid(node);
      if (uid !== undefined) resource.fill("k8s.node.uid", uid);
    }
    say(metadata.attributesOf("deployment", facts?.deploymentUid || resource.text("k8s.deployment.uid")));
    say(metadata.attributesOf("statefulset", facts?.statefulSetUid || resource.text("k8s.statefulset.uid")));
    say(metadata.attributesOf("daemonset", facts?.daemonSetUid || resource.text("k8s.daemonset.uid")));
    say(metadata.attributesOf("job", facts?.jobUid || resource.text("k8s.job.uid")));
  }
}

function namespaceOf(resource: ResourceText, known: KnownPod | undefined): string {
  return known?.pod.namespace || resource.text("k8s.namespace.name");
}

function sayContainer(resource: ResourceText, { containers }: PodFacts): void {
  const container = containerOf(resource, containers);
  if (container === undefined) return;
  for (const [name, value] of container.attributes) resource.fill(name, value);
  const wanted = resource.integer("k8s.container.restart_count");
  if (wanted !== undefined && wanted !== container.restarts) return;
  if (container.runId !== undefined && !resource.has("container.id")) resource.fill("container.id", container.runId);
  if (container.repoDigest !== undefined) resource.addList("container.image.repo_digests", container.repoDigest);
}

/** By its name or id; where neither is said, the only one of the pod. */
function containerOf(resource: ResourceText, containers: readonly ContainerFacts[]): ContainerFacts | undefined {
  const name = resource.text("k8s.container.name");
  if (name !== "") return containers.find((container) => container.name === name);
  const id = resource.text("container.id");
  if (id !== "") return containers.find((container) => container.id === id);
  const started = containers.filter((container) => container.id !== "");
  if (started.length === 1) return started[0];
  return containers.length === 1 ? containers[0] : undefined;
}
