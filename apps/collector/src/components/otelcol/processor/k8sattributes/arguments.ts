import { GoError } from "@invar/go-compat";
import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  list,
  many,
  oneOf,
  type Report,
  required,
  string,
} from "../../../../component/arguments.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { metadataFields, wholeKey, writers } from "./rules.ts";

const written = {
  arguments: {
    key: defaulted(string, "The key of one label or annotation.", ""),
    key_regex: defaulted(string, "A pattern for the whole keys of several.", "", { check: patternText }),
    tag_name: defaulted(
      string,
      "The attribute's name, which may refer to groups of the pattern; without it k8s.pod.labels.KEY and its like.",
      "",
    ),
    from: defaulted(string, `Whose they are: ${writers.join(", ")}.`, "pod", {
      check: (from) =>
        from === "" || (writers as readonly string[]).includes(from)
          ? undefined
          : `${from} is not a valid choice for From. Must be one of: pod, namespace, deployment, statefulset, daemonset, job, node`,
    }),
  },
};

const filterEntry = (operators: string) => ({
  arguments: {
    key: required(string, "What is compared."),
    value: required(string, "With what it is compared."),
    op: defaulted(string, `How it is compared: ${operators}.`, "equals"),
  },
});

export const schema = {
  arguments: {
    auth_type: defaulted(oneOf("none", "serviceAccount", "kubeConfig"), "How the API server is reached.", "serviceAccount"),
    passthrough: defaulted(bool, "Add nothing but k8s.pod.ip, and ask no API server.", false),
    wait_for_metadata: defaulted(bool, "Be ready only when all metadata is there.", false),
    wait_for_metadata_timeout: defaulted(duration, "How long to wait for it.", "10s"),
    watch_sync_period: defaulted(duration, "How often what is known is gone through again.", "5m", {
      check: (ms) => (ms < 0 ? "watch_sync_period must be greater than or equal to 0" : undefined),
      withoutEffect: "what is known is up to date at each change, so there is nothing to go through again",
    }),
    pod_delete_grace_period: defaulted(duration, "How long a pod that is gone is known still.", "120s", {
      check: (ms) => (ms < 0 ? "pod_delete_grace_period must be greater than or equal to 0" : undefined),
    }),
  },
  blocks: {
    extract: assumed("What is said of pods.", {
      arguments: {
        metadata: defaulted(list(oneOf(...metadataFields)), "The attributes to add; without it the usual ones.", []),
        otel_annotations: defaulted(bool, "Make attributes of annotations resource.opentelemetry.io/NAME.", false),
        deployment_name_from_replicaset: defaulted(
          bool,
          "Take a deployment's name from that of its replica set, without watching these.",
          true,
        ),
      },
      blocks: { label: many("Makes attributes of labels.", written), annotation: many("Makes attributes of annotations.", written) },
    }),
    filter: assumed("Which pods are known.", {
      arguments: {
        node: defaulted(string, "Only those of this node.", ""),
        namespace: defaulted(string, "Only those of this namespace.", ""),
      },
      blocks: {
        field: many("Only those of this field.", filterEntry("equals, not-equals")),
        label: many("Only those of this label.", filterEntry("equals, not-equals, exists, does-not-exist")),
      },
    }),
    pod_association: many("By what a resource tells its pod; the first that fits counts.", {
      blocks: {
        source: many("All sources of a rule have to be there.", {
          arguments: {
            from: required(oneOf("resource_attribute", "connection"), "Where it is told."),
            name: defaulted(string, "The attribute's name.", ""),
          },
        }),
      },
    }),
    exclude: assumed("Which pods nothing is said of.", {
      blocks: {
        pod: many("Those whose names match.", { arguments: { name: required(string, "A pattern for names.", { check: patternText }) } }),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
};

type Args = Decoded<typeof schema>;

/** The longest rule of the incumbent's. */
const mostSources = 4;

export function check({ extract, filter, pod_association }: Args, report: Report): void {
  for (const { source } of pod_association)
    if (source.length > mostSources) report(`too many association sources. limit is ${mostSources}`, "pod_association");
  for (const { key, key_regex } of [...extract.label, ...extract.annotation])
    if (key !== "" && key_regex !== "")
      report(
        `Out of Key or KeyRegex only one option is expected to be configured at a time, currently Key:${key} and KeyRegex:${key_regex}`,
        "extract",
      );
  const wrong = (entries: Args["filter"]["label"], operators: readonly string[]) => {
    for (const { key, value, op } of entries)
      if (!operators.includes(op)) report(`'${op}' is not a valid label filter operation for key=${key}, value=${value}`, "filter");
  };
  wrong(filter.label, ["", "equals", "not-equals", "exists", "does-not-exist"]);
  wrong(filter.field, ["", "equals", "not-equals"]);
}

/** The filter as the API server takes it. */
export function selectorsOf({ node, label, field }: Args["filter"]): { readonly labels: string; readonly fields: string } {
  const labels = label.map(({ key, value, op }) => {
    if (op === "exists") return key;
    if (op === "does-not-exist") return `!${key}`;
    return `${key}${op === "not-equals" ? "!=" : "="}${value}`;
  });
  const fields = field.map(({ key, value, op }) => `${key}${op === "not-equals" ? "!=" : "="}${value}`);
  if (node !== "") fields.push(`spec.nodeName=${node}`);
  return { labels: labels.join(","), fields: fields.join(",") };
}

function patternText(pattern: string): string | undefined {
  try {
    wholeKey(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}
