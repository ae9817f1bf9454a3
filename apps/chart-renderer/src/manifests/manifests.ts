import { compareTexts, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { readYamlMap } from "../yaml/read.ts";

export interface Manifest {
  /** The template that it comes from. */
  readonly path: string;
  readonly content: string;
  readonly kind: string;
  readonly name: string;
  /** The hook's events; empty for what is no hook. */
  readonly events: readonly string[];
}

export interface SortedManifests {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  readonly warnings: readonly string[];
}

/** Splits rendered templates into documents, takes the hooks apart and puts both into the order of installation. */
export function sortManifests(rendered: ReadonlyMap<string, string>): SortedManifests {
  const manifests: Manifest[] = [];
  const hooks: Manifest[] = [];
  const warnings: string[] = [];
  for (const path of [...rendered.keys()].sort(compareTexts)) {
    for (const content of splitManifests(rendered.get(path) as string)) {
      const head = headOf(path, content);
      if (head.hook === undefined) manifests.push({ path, content, kind: head.kind, name: head.name, events: [] });
      else {
        const events = head.hook.split(",").map((event) => event.trim().toLowerCase());
        if (events.every((event) => HOOK_EVENTS.has(event))) {
          hooks.push({
            path,
            content,
            kind: head.kind,
            name: head.name,
            events: events.map((event) => (event === "test-success" ? "test" : event)),
          });
        } else warnings.push(`info: skipping unknown hook: ${JSON.stringify(head.hook)}`);
      }
    }
  }
  return { manifests: manifests.sort(compareKinds), hooks: hooks.sort(compareKinds), warnings };
}

/** The documents of a text: split at lines of three dashes, without the white space around. */
export function splitManifests(text: string): string[] {
  return trimmed(text)
    .split(/(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/)
    .filter((document) => document !== "")
    .map(trimmed);
}

function trimmed(text: string): string {
  return text.replace(/^[\s\u0085]+|[\s\u0085]+$/gu, "");
}

interface Head {
  readonly kind: string;
  readonly name: string;
  readonly hook: string | undefined;
}

function headOf(path: string, content: string): Head {
  try {
    const document = readYamlMap(content);
    checkText(document, "apiVersion", "SimpleHead.version");
    checkText(document, "kind", "SimpleHead.kind");
    const metadata = document.get("metadata");
    const fields = metadata instanceof Map ? metadata : new Map<string, GoValue>();
    const annotations = fields.get("annotations");
    const hook = annotations instanceof Map ? annotations.get("helm.sh/hook") : undefined;
    return { kind: textOr(document.get("kind")), name: textOr(fields.get("name")), hook: typeof hook === "string" ? hook : undefined };
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const message = error.message.replace("map[string]interface {}", "releaseutil.SimpleHead");
    throw new ChartError(`YAML parse error on ${path}: ${message}`, { cause: error });
  }
}

function checkText(document: GoMap, key: string, field: string): void {
  const value = document.get(key) ?? null;
  if (value === null || typeof value === "string") return;
  const kind = Array.isArray(value) ? "array" : value instanceof Map ? "object" : typeof value === "boolean" ? "bool" : "number";
  throw new GoError(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go struct field ${field.replace("version", "apiVersion")} of type string`,
  );
}

function textOr(value: GoValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function compareKinds(a: Manifest, b: Manifest): number {
  const first = RANKS.get(a.kind);
  const second = RANKS.get(b.kind);
  if (first === undefined && second === undefined) return compareTexts(a.kind, b.kind);
  return (first ?? Number.MAX_SAFE_INTEGER) - (second ?? Number.MAX_SAFE_INTEGER);
}

const HOOK_EVENTS = new Set(
  "pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test test-success".split(" "),
);

const KINDS =
  "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret SecretList " +
  "ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding " +
  "ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment " +
  "HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService";
const RANKS = new Map(KINDS.split(" ").map((kind, rank) => [kind, rank]));
