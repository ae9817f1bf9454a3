import { join } from "node:path";
import { loadChart, readYaml, readYamlMap, renderChart } from "../../apps/chart-renderer/src/index.ts";

/** What the chart makes of a values file. */
export interface Rendering {
  /** Each object, as read from its YAML. */
  readonly objects: readonly KubernetesObject[];
  /** The configuration of each collector, by the name of its ConfigMap or Secret. */
  readonly configurations: ReadonlyMap<string, string>;
  /** What the render failed with; empty where it did not. */
  readonly errors: readonly string[];
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
  readonly rules?: readonly unknown[];
}

export interface RenderRequest {
  readonly release?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
}

export const chartFolder = join(import.meta.dirname, "../../chart");

const chart = loadChart(chartFolder);

/** Renders the chart with the text of a values file. */
export function render(values: string, { release = "invar", namespace = "monitoring", ...request }: RenderRequest = {}): Rendering {
  const { documents, hooks, findings } = renderChart({
    chart,
    values: readYamlMap(values),
    release: { name: release, namespace },
    kubeVersion: request.kubeVersion ?? "1.35.0",
    apiVersions: request.apiVersions ?? ["monitoring.coreos.com/v1"],
  });
  const objects = [...documents, ...hooks].map(({ content }) => plain(readYaml(`${content}\n`)) as KubernetesObject);
  const configurations = objects.flatMap(({ metadata, data, stringData }) => {
    const text = data?.["config.alloy"] ?? stringData?.["config.alloy"];
    return text === undefined ? [] : [[metadata.name, text] as const];
  });
  return {
    objects,
    configurations: new Map(configurations),
    errors: findings.filter(({ severity }) => severity === "error").map(({ message }) => message),
  };
}

/** A value that was read from YAML as JSON has it. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  if (Array.isArray(value)) return value.map(plain);
  return value;
}
