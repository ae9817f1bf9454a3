import { compileRegexp, type Regexp } from "@invar/go-compat";

export const metadataFields = [
  "container.id",
  "container.image.name",
  "container.image.repo_digests",
  "container.image.tag",
  "k8s.cluster.uid",
  "k8s.container.name",
  "k8s.cronjob.name",
  "k8s.cronjob.uid",
  "k8s.daemonset.name",
  "k8s.daemonset.uid",
  "k8s.deployment.name",
  "k8s.deployment.uid",
  "k8s.job.name",
  "k8s.job.uid",
  "k8s.namespace.name",
  "k8s.node.name",
  "k8s.node.uid",
  "k8s.pod.hostname",
  "k8s.pod.ip",
  "k8s.pod.name",
  "k8s.pod.start_time",
  "k8s.pod.uid",
  "k8s.replicaset.name",
  "k8s.replicaset.uid",
  "k8s.statefulset.name",
  "k8s.statefulset.uid",
  "service.instance.id",
  "service.name",
  "service.namespace",
  "service.version",
] as const;

export type MetadataField = (typeof metadataFields)[number];

/** What is extracted where nothing is written. */
export const usualFields: readonly MetadataField[] = [
  "container.image.name",
  "container.image.tag",
  "k8s.deployment.name",
  "k8s.namespace.name",
  "k8s.node.name",
  "k8s.pod.name",
  "k8s.pod.start_time",
  "k8s.pod.uid",
];

export const writers = ["pod", "namespace", "node", "deployment", "statefulset", "daemonset", "job"] as const;

/** Whose labels and annotations are meant. */
export type Writer = (typeof writers)[number];

export interface FieldRule {
  readonly from: Writer;
  readonly what: "labels" | "annotations";
  /** One key, or a pattern for many. */
  readonly key: string;
  readonly pattern: Regexp | undefined;
  /** The attribute's name, perhaps with references to the pattern's groups; empty: the usual one. */
  readonly name: string;
}

export interface Rules {
  readonly fields: ReadonlySet<MetadataField>;
  readonly written: readonly FieldRule[];
  /** The deployment's name is had from the replica set's, without a look at replica sets. */
  readonly deploymentFromReplicaSet: boolean;
}

export interface WrittenArgs {
  readonly key: string;
  readonly key_regex: string;
  readonly tag_name: string;
  readonly from: string;
}

/** Throws `GoError` where a pattern is wrong. */
export function rulesOf(extract: {
  readonly metadata: readonly MetadataField[];
  readonly label: readonly WrittenArgs[];
  readonly annotation: readonly WrittenArgs[];
  readonly otel_annotations: boolean;
  readonly deployment_name_from_replicaset: boolean;
}): Rules {
  const rule = (what: FieldRule["what"]) => (args: WrittenArgs) => ({
    from: (args.from || "pod") as Writer,
    what,
    key: args.key,
    pattern: args.key_regex === "" ? undefined : wholeKey(args.key_regex),
    name: args.tag_name,
  });
  const standard: readonly FieldRule[] = extract.otel_annotations
    ? [{ from: "pod", what: "annotations", key: "", pattern: compileRegexp("^resource\\.opentelemetry\\.io/(.+)$"), name: "$1" }]
    : [];
  return {
    fields: new Set(extract.metadata.length === 0 ? usualFields : extract.metadata),
    written: [...extract.label.map(rule("labels")), ...extract.annotation.map(rule("annotations")), ...standard],
    deploymentFromReplicaSet: extract.deployment_name_from_replicaset,
  };
}

export function wholeKey(pattern: string): Regexp {
  return compileRegexp(`^(?:${pattern})$`);
}

/** Whether labels or annotations of these objects are asked for. */
export function asksFor(rules: Rules, from: Writer): boolean {
  return rules.written.some((rule) => rule.from === from);
}

export function needsContainers({ fields }: Rules): boolean {
  return containerFields.some((field) => fields.has(field));
}

const containerFields: readonly MetadataField[] = [
  "container.id",
  "container.image.name",
  "container.image.repo_digests",
  "container.image.tag",
  "k8s.container.name",
  "service.instance.id",
  "service.version",
];

/** Adds what the rules take from the labels and annotations of one object. */
export function addWritten(
  to: Map<string, string>,
  rules: Rules,
  from: Writer,
  what: FieldRule["what"],
  entries: Readonly<Record<string, string>>,
): void {
  const usual = usualPrefix(from, what);
  for (const rule of rules.written) {
    if (rule.from !== from || rule.what !== what) continue;
    if (rule.pattern === undefined) {
      const value = entries[rule.key];
      if (value !== undefined) to.set(rule.name || usual + rule.key, value);
    } else addMatching(to, rule.pattern, rule.name, usual, entries);
  }
}

function addMatching(
  to: Map<string, string>,
  pattern: Regexp,
  name: string,
  usual: string,
  entries: Readonly<Record<string, string>>,
): void {
  const refers = name !== "" && pattern.groupNames.length > 1;
  for (const [key, value] of Object.entries(entries)) {
    const match = value === "" ? undefined : pattern.exec(key);
    if (match !== undefined) to.set(refers ? pattern.expand(name, match) : usual + key, value);
  }
}

/** Older kinds have the plural in their attributes' names, which the semantic conventions no longer have. */
function usualPrefix(from: Writer, what: FieldRule["what"]): string {
  const isPlural = from === "pod" || from === "namespace" || from === "node";
  return `k8s.${from}.${isPlural ? what : what.slice(0, -1)}.`;
}
