import type { Described } from "../../kubernetes/kind.ts";
import type { Namespace } from "../../kubernetes/kinds/namespace.ts";
import type { Node } from "../../kubernetes/kinds/node.ts";

export const prefix = "__meta_kubernetes_";

/** Labels of one target while it is built. */
export type MetaLabels = Record<string, string>;

/** Name, labels and annotations of an object, under the name of its role. */
export function addObject(to: MetaLabels, object: Described, role: string): void {
  to[`${prefix}${role}_name`] = object.name;
  addWritten(to, object, role);
}

export function addNode(to: MetaLabels, node: Node | undefined): void {
  if (node !== undefined) addObject(to, node, "node");
}

/** Without the name, which targets have anyway. */
export function addNamespace(to: MetaLabels, namespace: Namespace | undefined): void {
  if (namespace !== undefined) addWritten(to, namespace, "namespace");
}

function addWritten(to: MetaLabels, { labels, annotations }: Described, role: string): void {
  for (const key in labels) {
    const name = labelName(key);
    to[`${prefix}${role}_label_${name}`] = labels[key] as string;
    to[`${prefix}${role}_labelpresent_${name}`] = "true";
  }
  for (const key in annotations) {
    const name = labelName(key);
    to[`${prefix}${role}_annotation_${name}`] = annotations[key] as string;
    to[`${prefix}${role}_annotationpresent_${name}`] = "true";
  }
}

/** A text as part of a label's name. */
export function labelName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/g, "_");
}

/** As a URL has them: an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
