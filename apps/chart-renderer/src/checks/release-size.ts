import { gzipSync } from "node:zlib";
import { elementsOf, entriesOf, type GoValue, rawOf } from "@invar/go-compat";
import type { Chart } from "../chart/chart.ts";
import type { LintInput, Rule } from "./lint-input.ts";

// What etcd takes for one object, and from where on it gets tight.
const LIMIT = 1024 * 1024;
const TIGHT = 0.8;

/** Releases that do not fit the secret in which Helm keeps them. */
export const releaseSize: Rule = {
  id: "release/size",
  summary: "The release fits the 1 MiB of the secret in which Helm keeps it.",
  check: (input) => {
    const bytes = releaseBytes(input);
    if (bytes < LIMIT * TIGHT) return [];
    const isTooLarge = bytes >= LIMIT;
    const largest = largestFiles(input.chart).map(({ name, size }) => `${name} (${size} bytes)`);
    return [
      {
        rule: "release/size",
        severity: isTooLarge ? "error" : "warning",
        message: `Helm's release secret will have about ${bytes} bytes of the ${LIMIT} that Kubernetes takes`,
        place: { file: `${input.chart.name}/Chart.yaml`, line: 1 },
        fix: `list files in .helmignore that no template reads, or shorten them; the largest are ${largest.join(", ")}`,
      },
    ];
  },
};

/** The bytes of the release as Helm stores it: JSON, gzip, base64. Of subcharts it keeps nothing but what they render. */
export function releaseBytes({ chart, values, rendered }: LintInput): number {
  const { documents, hooks, notes } = rendered;
  const release = {
    name: "release",
    info: { first_deployed: "", last_deployed: "", deleted: "", description: "Install complete", status: "deployed", notes },
    chart: chartRecord(chart),
    config: plain(values),
    manifest: documents.map(({ path, content }) => `---\n# Source: ${path}\n${content}\n`).join(""),
    hooks: hooks.map(({ name, kind, path, content, events }) => ({ name, kind, path, manifest: content, events })),
    version: 1,
    namespace: "default",
  };
  return Math.ceil(gzipSync(JSON.stringify(release), { level: 9 }).length / 3) * 4;
}

function chartRecord(chart: Chart): unknown {
  const file = ({ name, data }: Chart["files"][number]) => ({ name, data: Buffer.from(data).toString("base64") });
  return {
    metadata: plain(chart.metadata),
    lock: null,
    templates: chart.templates.map(file),
    values: plain(chart.values),
    schema: chart.schema === undefined ? null : Buffer.from(chart.schema).toString("base64"),
    files: chart.files.map(file),
  };
}

function plain(value: GoValue): unknown {
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.map(plain);
  const entries = entriesOf(value);
  if (entries !== undefined) return Object.fromEntries([...entries].map(([key, one]) => [key, plain(one)]));
  const raw = rawOf(value);
  return typeof raw === "bigint" ? Number(raw) : raw;
}

function largestFiles(chart: Chart): { name: string; size: number }[] {
  return [...chart.templates, ...chart.files]
    .map(({ name, data }) => ({ name, size: data.length }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 3);
}
