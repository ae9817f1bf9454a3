import { compareTexts, GoError, type GoMap, quote } from "@invar/go-compat";
import { type RenderedText, templateLines } from "../engine/rendered-text.ts";
import type { Finding } from "../finding.ts";
import { type LogEntry, logLine, textOfEntry } from "../helm-log.ts";
import { DEFAULT_HELM_VERSION, HELM_VERSIONS, type HelmVersion, isHelm4 } from "../helm-version.ts";
import { readYaml } from "../yaml/read.ts";
import { decodeTyped, type StructShape } from "../yaml/typed.ts";

export interface Manifest {
  /** The template that it comes from. */
  readonly path: string;
  readonly content: string;
  readonly kind: string;
  readonly name: string;
  /** The hook's events; empty for what is no hook. */
  readonly events: readonly string[];
  /** The whole text of its template, and where in it the content begins. */
  readonly rendered: RenderedText;
  readonly start: number;
}

export interface SortedManifests {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/** For each line of a document, the line of the template that wrote it; both count from 1. */
export function templateLinesOf({ rendered, start, content }: Manifest): number[] {
  return templateLines(rendered, start, start + content.length);
}

/** Splits rendered templates into documents, takes the hooks apart and puts both into the order of installation. */
export function sortManifests(texts: ReadonlyMap<string, RenderedText>, helmVersion: HelmVersion = DEFAULT_HELM_VERSION): SortedManifests {
  const manifests: Manifest[] = [];
  const hooks: Manifest[] = [];
  const findings: Finding[] = [];
  for (const path of [...texts.keys()].sort(compareTexts)) {
    const rendered = texts.get(path) as RenderedText;
    for (const { content, start } of splitManifests(rendered.text, helmVersion)) {
      const head = headOf(content, helmVersion);
      if (typeof head === "string") {
        findings.push(manifestFinding(rendered, start, content, head));
        continue;
      }
      const { kind, name, hook } = head;
      const events = hook === undefined ? [] : hook.split(",").map((event) => event.trim().toLowerCase());
      const manifest = { path, content, kind, name, events: events.map(presentName), rendered, start };
      if (hook === undefined) manifests.push(manifest);
      else if (events.every((event) => HOOK_EVENTS.has(event))) hooks.push(manifest);
      else
        findings.push({
          rule: "helm/hook",
          severity: "warning",
          message: textOfEntry(unknownHook(hook), helmVersion),
        });
    }
  }
  const compare = comparison(RANKS[helmVersion]);
  const sorted = manifests.sort(compare);
  findings.push(...orderFindings(sorted, helmVersion));
  return { manifests: sorted, hooks: hooks.sort(compare), findings };
}

function unknownHook(events: string): LogEntry {
  return {
    helm3: `manifest_sorter.go:199: info: skipping unknown hook: ${quote(events)}`,
    helm4: logLine("INFO", "skipping unknown hooks", { hookTypes: events }),
  };
}

/** Tells that other versions put the documents into another order. */
function orderFindings(sorted: readonly Manifest[], helmVersion: HelmVersion): Finding[] {
  const others = HELM_VERSIONS.filter((version) => RANKS[version] !== RANKS[helmVersion]);
  const [other] = others;
  if (other === undefined) return [];
  const differently = [...sorted].sort(comparison(RANKS[other]));
  const moved = differently.find((manifest, index) => manifest !== sorted[index]);
  if (moved === undefined) return [];
  const subject = `Helm ${others.join(" and ")} ${others.length > 1 ? "put" : "puts"}`;
  const message = `${subject} ${`${moved.kind} ${moved.name}`.trim()} at another place than Helm ${helmVersion}: see --helm-version`;
  return [{ rule: "helm/version", severity: "warning", message, place: { file: moved.path, line: 1 } }];
}

function presentName(event: string): string {
  return event === "test-success" ? "test" : event;
}

export interface Part {
  readonly content: string;
  /** Where the content begins in the text. */
  readonly start: number;
}

/** The documents of a text: split at lines of three dashes, without the white space around; Helm 4.2 keeps that behind. */
export function splitManifests(text: string, helmVersion: HelmVersion = DEFAULT_HELM_VERSION): Part[] {
  const parts: Part[] = [];
  const keepsEnd = helmVersion === "4.2";
  const [begin, trimmedEnd] = withoutSpace(text, 0, text.length);
  const end = keepsEnd ? text.length : trimmedEnd;
  const separator = keepsEnd ? /^---[ \t]*/gm : /(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/g;
  const whole = text.slice(begin, end);
  let at = 0;
  const add = (to: number): void => {
    if (to === at) return;
    const [first, last] = withoutSpace(whole, at, to);
    if (keepsEnd && first === last) return;
    parts.push({ content: whole.slice(first, keepsEnd ? to : last), start: begin + first });
  };
  for (const match of whole.matchAll(separator)) {
    add(match.index);
    at = match.index + match[0].length;
  }
  add(whole.length);
  return parts;
}

/** The bounds of a part of the text without the white space at both ends. */
function withoutSpace(text: string, from: number, to: number): [number, number] {
  let start = from;
  let end = to;
  while (start < end && SPACE.test(text[start] as string)) start++;
  while (end > start && SPACE.test(text[end - 1] as string)) end--;
  return [start, end];
}

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function manifestFinding(rendered: RenderedText, start: number, content: string, problem: string): Finding {
  const lineInContent = Number(/yaml: line (\d+):/.exec(problem)?.[1] ?? 1);
  const lines = templateLines(rendered, start, start + content.length);
  const line = lines[Math.min(Math.max(lineInContent, 1), lines.length) - 1] ?? 1;
  const excerpt = content.split("\n")[lineInContent - 1];
  return {
    rule: "helm/manifest",
    severity: "error",
    message: `YAML parse error on ${rendered.path}: ${problem}`,
    place: { file: rendered.path, line },
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

interface Head {
  readonly kind: string;
  readonly name: string;
  readonly hook: string | undefined;
}

/** What tells documents apart, or what is wrong with this one. */
function headOf(content: string, helmVersion: HelmVersion): Head | string {
  try {
    const document = decodeTyped(readYaml(content), isHelm4(helmVersion) ? HEAD_4 : HEAD);
    const metadata = mapAt(document, "metadata");
    const hook = metadata === undefined ? undefined : mapAt(metadata, "annotations")?.get("helm.sh/hook");
    return { kind: textAt(document, "kind"), name: textAt(metadata, "name"), hook: typeof hook === "string" ? hook : undefined };
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

const HEAD: StructShape = {
  struct: "SimpleHead",
  type: "releaseutil.SimpleHead",
  fields: {
    apiVersion: "string",
    kind: "string",
    metadata: {
      struct: "",
      type: 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
      fields: { name: "string", annotations: { mapOf: "string", type: "map[string]string" } },
    },
  },
};

const HEAD_4: StructShape = { ...HEAD, type: "util.SimpleHead" };

function mapAt(map: GoMap, key: string): GoMap | undefined {
  const value = map.get(key);
  return value instanceof Map ? value : undefined;
}

function textAt(map: GoMap | undefined, key: string): string {
  const value = map?.get(key);
  return typeof value === "string" ? value : "";
}

type Ranks = ReadonlyMap<string, number>;

function comparison(ranks: Ranks): (a: Manifest, b: Manifest) => number {
  return (a, b) => {
    const first = ranks.get(a.kind);
    const second = ranks.get(b.kind);
    if (first === undefined && second === undefined) return compareTexts(a.kind, b.kind);
    return (first ?? Number.MAX_SAFE_INTEGER) - (second ?? Number.MAX_SAFE_INTEGER);
  };
}

const HOOK_EVENTS = new Set(
  "pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test test-success".split(" "),
);

const KINDS =
  "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret SecretList " +
  "ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding " +
  "ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment " +
  "HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService";
const ranked = (kinds: string): Ranks => new Map(kinds.split(" ").map((kind, rank) => [kind, rank]));
const RANKS_3 = ranked(KINDS);
const RANKS_4 = ranked(`${KINDS} MutatingWebhookConfiguration ValidatingWebhookConfiguration`);
const RANKS: Readonly<Record<HelmVersion, Ranks>> = { "3.22": RANKS_3, "4.1": RANKS_4, "4.2": RANKS_4 };
