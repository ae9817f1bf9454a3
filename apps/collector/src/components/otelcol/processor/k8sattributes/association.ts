import { isIP } from "node:net";
import type { Pod } from "../../../../kubernetes/kinds/pod.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { ResourceText } from "./resource-text.ts";

/** One of the things by which a resource tells its pod. */
export interface Source {
  readonly from: "connection" | "resource_attribute";
  /** The attribute; empty for the connection. */
  readonly name: string;
}

/** All sources of a rule have to be there. */
export type Association = readonly Source[];

/** How a resource tells its pod. */
export interface Identity {
  /** Equal to one of `identitiesOf` that pod. */
  readonly key: string;
  /** Which sources told it: `resource_attribute/k8s.pod.ip`. */
  readonly how: string;
  /** What the connection's address was, where that told it. */
  readonly connection: string | undefined;
}

const connection: Source = { from: "connection", name: "" };
const attribute = (name: string): Source => ({ from: "resource_attribute", name });

/** The first rule whose sources are all there; undefined: the resource tells no pod. */
export function identityOf(resource: ResourceText, peer: string, associations: readonly Association[]): Identity | undefined {
  if (associations.length === 0) return usualIdentity(resource, peer);
  for (const association of associations) {
    const values = association.map((source) => valueIn(source, resource, peer));
    if (values.every((value) => value !== "")) return identity(association, values);
  }
  return undefined;
}

function valueIn({ from, name }: Source, resource: ResourceText, peer: string): string {
  if (from === "connection") return peer;
  const value = resource.text(name);
  // A host's name is the address of a pod only where it looks like one.
  return name === "host.name" && isIP(value) === 0 ? "" : value;
}

function usualIdentity(resource: ResourceText, peer: string): Identity | undefined {
  const host = resource.text("host.name");
  const address = resource.text("k8s.pod.ip") || resource.text("ip") || peer || (isIP(host) === 0 ? "" : host);
  return address === "" ? undefined : identity([connection], [address]);
}

function identity(association: Association, values: readonly string[]): Identity {
  const at = association.findIndex(({ from }) => from === "connection");
  return {
    key: keyOf(association, values),
    how: association.map(({ from, name }) => (name === "" ? from : `${from}/${name}`)).join("+"),
    connection: at < 0 ? undefined : values[at],
  };
}

/** Everything by which resources of a pod may tell it. */
export function identitiesOf(pod: Pod, facts: PodFacts, associations: readonly Association[]): string[] {
  const keys = associations.flatMap((association) => keysOf(association, pod, facts));
  if (pod.uid !== "") keys.push(keyOf([attribute("k8s.pod.uid")], [pod.uid]));
  if (pod.podIp !== "" && !pod.hostNetwork) keys.push(keyOf([connection], [pod.podIp]), keyOf([attribute("k8s.pod.ip")], [pod.podIp]));
  return [...new Set(keys)];
}

function keysOf(association: Association, pod: Pod, facts: PodFacts): string[] {
  const values = association.map(({ from, name }) => {
    // Pods in the host's network share its address.
    if (from === "connection") return pod.hostNetwork ? "" : pod.podIp;
    return name === "container.id" ? containerId : ofPod(name, pod, facts);
  });
  if (values.includes("")) return [];
  if (!values.includes(containerId)) return [keyOf(association, values)];
  return facts.containers
    .filter(({ id }) => id !== "")
    .map(({ id }) =>
      keyOf(
        association,
        values.map((value) => (value === containerId ? id : value)),
      ),
    );
}

/** Stands for the id of each container of a pod. */
const containerId = "\u0000container.id";

function ofPod(name: string, pod: Pod, facts: PodFacts): string {
  switch (name) {
    case "k8s.namespace.name":
      return pod.namespace;
    case "k8s.pod.name":
      return pod.name;
    case "k8s.pod.uid":
      return pod.uid;
    case "host.name":
    case "k8s.pod.ip":
      return pod.podIp;
    default:
      return facts.attributes.get(name) ?? "";
  }
}

function keyOf(association: Association, values: readonly string[]): string {
  return association.map(({ from, name }, i) => `${from}/${name}=${values[i]}`).join("\u0000");
}
