import type { GoMap } from "@invar/go-compat";
import { type Chart, ChartError } from "./chart/chart.ts";
import { textOf } from "./chart/load-chart.ts";
import { type Capabilities, capabilitiesOf } from "./engine/capabilities.ts";
import type { Lookup } from "./engine/functions.ts";
import { type Release, renderTemplates } from "./engine/render.ts";
import { type Manifest, sortManifests } from "./manifests/manifests.ts";
import { coalesceValues } from "./values/coalesce.ts";
import { isInRange, missingDependencies, resolveDependencies } from "./values/dependencies.ts";
import { validateValues } from "./values/schema.ts";

export interface RenderOptions {
  readonly chart: Chart;
  /** The user's values, files and flags merged. */
  readonly values?: GoMap;
  readonly release?: Partial<Release>;
  /** Default: that of Helm's official build. */
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly skipsSchemaValidation?: boolean;
  readonly rendersSubchartNotes?: boolean;
  /** What `lookup` finds; nothing by default. */
  readonly lookup?: Lookup;
}

export interface RenderedChart {
  /** In the order of installation. */
  readonly documents: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  /** The files of the `crds` folders, the chart's own first. */
  readonly crds: readonly { readonly path: string; readonly content: string }[];
  readonly notes: string;
  /** Texts that Helm logs and goes on. */
  readonly warnings: readonly string[];
}

/** What was rendered before an error in a manifest: Helm shows it when asked to debug. */
export class ManifestProblem extends ChartError {
  readonly rendered: ReadonlyMap<string, string>;
  constructor(cause: ChartError, rendered: ReadonlyMap<string, string>) {
    super(cause.message, { cause });
    this.rendered = rendered;
  }
}

/**
 * Renders a chart as `helm template` does. Throws `ChartError` with Helm's text. Deep includes need a large stack: run it in a
 * worker with `resourceLimits.stackSizeMb` of 16 or more when charts are not known to be harmless.
 */
export function renderChart(options: RenderOptions): RenderedChart {
  const { chart: given, values = new Map(), release = {} } = options;
  checkInstallable(given);
  const chart = resolveDependencies(given, values);
  const capabilities = capabilitiesOf(options.kubeVersion, options.apiVersions ?? []);
  const merged = coalesceValues(chart, values);
  if (options.skipsSchemaValidation !== true) validateValues(chart, merged);
  checkKubeVersion(chart, capabilities);
  const rendered = renderTemplates({
    chart,
    values: merged,
    release: { name: "release-name", namespace: "default", isUpgrade: false, ...release },
    capabilities,
    lookup: options.lookup ?? (() => new Map()),
  });
  const notes = takeNotes(rendered, `${chart.name}/templates/NOTES.txt`, options.rendersSubchartNotes === true);
  try {
    const { manifests, hooks, warnings } = sortManifests(rendered);
    return { documents: manifests, hooks, crds: crdsOf(chart, chart.name), notes, warnings };
  } catch (error) {
    if (error instanceof ChartError) throw new ManifestProblem(error, rendered);
    throw error;
  }
}

function checkInstallable(chart: Chart): void {
  if (chart.type !== "" && chart.type !== "application") throw new ChartError(`${chart.type} charts are not installable`);
  const missing = missingDependencies(chart);
  if (missing.length === 0) return;
  throw new ChartError(
    "An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: " +
      `found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`,
  );
}

function checkKubeVersion(chart: Chart, { kubeVersion }: Capabilities): void {
  if (chart.kubeVersion === "" || isInRange(chart.kubeVersion, kubeVersion)) return;
  throw new ChartError(`chart requires kubeVersion: ${chart.kubeVersion} which is incompatible with Kubernetes ${kubeVersion}`);
}

function takeNotes(rendered: Map<string, string>, ownPath: string, takesAll: boolean): string {
  const notes: string[] = [];
  for (const [path, text] of rendered) {
    if (!path.endsWith("NOTES.txt")) continue;
    if (takesAll || path === ownPath) notes.push(text);
    rendered.delete(path);
  }
  return notes.join("\n");
}

function crdsOf(chart: Chart, path: string): { path: string; content: string }[] {
  const own = chart.files.filter(({ name }) => name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(name));
  return [
    ...own.map((file) => ({ path: `${path}/${file.name}`, content: textOf(file) })),
    ...chart.dependencies.flatMap((child) => crdsOf(child, `${path}/charts/${child.name}`)),
  ];
}
