import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { splitManifests } from "../manifests/manifests.ts";
import type { RenderedChart } from "../render-chart.ts";
import { readYaml } from "../yaml/read.ts";

/** One Kubernetes object of a render. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The template it comes from, "" where it is not known. */
  readonly template: string;
  readonly content: GoMap;
}

/** The objects of a render, hooks included. */
export function objectsOf(rendered: RenderedChart): RenderedObject[] {
  return [...rendered.documents, ...rendered.hooks].flatMap(({ content, path }) => objectsIn(content, path));
}

/** The objects of a text with documents, lists taken apart. Throws `GoError`. */
export function objectsOfText(text: string): RenderedObject[] {
  return splitManifests(text).flatMap(({ content }) => objectsIn(content, /^# Source: (.+)$/m.exec(content)?.[1] ?? ""));
}

function objectsIn(content: string, template: string): RenderedObject[] {
  const document = readYaml(content);
  if (document === null) return [];
  if (!(document instanceof Map)) throw new GoError(`a document of ${template || "the file"} is no mapping: is it a rendered manifest?`);
  const items = document.get("items");
  const isList = Array.isArray(items) && textOf(document.get("kind")).endsWith("List");
  return (isList ? items.filter((item) => item instanceof Map) : [document]).map((object) => objectOf(object, template));
}

function objectOf(content: GoMap, template: string): RenderedObject {
  const own = content.get("metadata");
  const metadata: GoMap = own instanceof Map ? own : new Map();
  return {
    apiVersion: textOf(content.get("apiVersion")),
    kind: textOf(content.get("kind")),
    namespace: textOf(metadata.get("namespace")),
    name: textOf(metadata.get("name")) || textOf(metadata.get("generateName")),
    template,
    content,
  };
}

function textOf(value: GoValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What makes two objects the same one: group, kind, namespace and name, whatever the version. */
export function identityOf({ apiVersion, kind, namespace, name }: RenderedObject): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return `${group}/${kind}/${namespace}/${name}`;
}
