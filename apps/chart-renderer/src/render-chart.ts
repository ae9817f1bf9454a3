import { GoError, type GoMap } from "@invar/go-compat";
import { type Chart, ChartError } from "./chart/chart.ts";
import { textOf } from "./chart/load-chart.ts";
import { type Capabilities, capabilitiesOf } from "./engine/capabilities.ts";
import type { Lookup } from "./engine/functions.ts";
import type { ReadRecorder } from "./engine/read-recorder.ts";
import { type Release, renderTemplates } from "./engine/render.ts";
import type { RenderedText } from "./engine/rendered-text.ts";
import type { Finding } from "./finding.ts";
import { type LogEntry, logLine, textOfEntry, type Warn } from "./helm-log.ts";
import { DEFAULT_HELM_VERSION, type HelmVersion, isHelm4 } from "./helm-version.ts";
import { type Manifest, sortManifests } from "./manifests/manifests.ts";
import { coalesceValues } from "./values/coalesce.ts";
import { isInRange, missingDependencies, resolveDependencies } from "./values/dependencies.ts";
import { validateValues } from "./values/schema.ts";
import { valuesDependence } from "./values/version-dependence.ts";

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
  /** Default 3.22. */
  readonly helmVersion?: HelmVersion;
  /** Is told which values the templates read. */
  readonly recorder?: ReadRecorder;
}

export interface RenderedChart {
  /** In the order of installation. */
  readonly documents: readonly Manifest[];
  readonly hooks: readonly Manifest[];
  /** The files of the `crds` folders, the chart's own first. */
  readonly crds: readonly { readonly path: string; readonly content: string }[];
  readonly notes: string;
  /** With an error among them, the rest is what could be rendered nevertheless. The first error is the one that Helm stops at. */
  readonly findings: readonly Finding[];
  /** What the templates gave, by path, notes left out. */
  readonly texts: ReadonlyMap<string, RenderedText>;
  /** The chart as it was rendered: aliases applied, disabled dependencies gone. */
  readonly chart: Chart;
}

/**
 * Renders a chart as `helm template` does, as often as one likes: nothing of the chart or the values is changed. Never throws for what
 * is wrong with them. Deep includes need a large stack: run it in a worker with `resourceLimits.stackSizeMb` of 16 or more when charts
 * are not known to be harmless.
 */
export function renderChart(options: RenderOptions): RenderedChart {
  const warnings: Finding[] = [];
  const { helmVersion = DEFAULT_HELM_VERSION } = options;
  const warn: Warn = (entry) => void warnings.push({ rule: "helm/warning", severity: "warning", message: textOfEntry(entry, helmVersion) });
  try {
    const rendered = render(options, warn);
    return { ...rendered, findings: [...warnings, ...rendered.findings] };
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof GoError)) throw error;
    const finding: Finding = { rule: "helm/chart", severity: "error", message: error.message };
    return { documents: [], hooks: [], crds: [], notes: "", findings: [...warnings, finding], texts: new Map(), chart: options.chart };
  }
}

function render(options: RenderOptions, warn: Warn): RenderedChart {
  const { chart: given, values = new Map(), release = {}, helmVersion = DEFAULT_HELM_VERSION } = options;
  warnOfFiles(given, warn);
  if (given.type !== "" && given.type !== "application") throw new ChartError(`${given.type} charts are not installable`);
  if (given.metadata.get("deprecated") === true) warn(DEPRECATED);
  checkDependencies(given, helmVersion);
  logged("release name check failed", helmVersion, warn, () => checkReleaseName(release.name ?? DEFAULT_RELEASE_NAME));
  const chart = logged("chart dependencies processing failed", helmVersion, warn, () => resolveDependencies(given, values, warn));
  const capabilities = capabilitiesOf(options.kubeVersion, options.apiVersions ?? [], helmVersion);
  const merged = coalesceValues(chart, values, { warn, cleansDefaults: helmVersion === "4.2" });
  if (options.skipsSchemaValidation !== true) validateValues(chart, merged, warn);
  checkKubeVersion(chart, capabilities);
  const { texts, findings } = renderTemplates({
    chart,
    values: merged,
    release: { name: DEFAULT_RELEASE_NAME, namespace: "default", isUpgrade: false, ...release },
    capabilities,
    lookup: options.lookup ?? (() => new Map()),
    recorder: options.recorder,
    helmVersion,
  });
  const ownNotes = `${chart.name}/templates/NOTES.txt`;
  const notes = [...texts.values()].filter(({ path }) => path.endsWith("NOTES.txt"));
  const others = new Map([...texts].filter(([path]) => !path.endsWith("NOTES.txt")));
  const sorted = sortManifests(others, helmVersion);
  return {
    documents: sorted.manifests,
    hooks: sorted.hooks,
    crds: crdsOf(chart, chart.name),
    notes: notes
      .filter(({ path }) => options.rendersSubchartNotes === true || path === ownNotes)
      .map(({ text }) => text)
      .join("\n"),
    findings: [...findings, ...sorted.findings, ...valuesDependence(chart, values, merged, helmVersion)],
    texts: others,
    chart,
  };
}

const DEFAULT_RELEASE_NAME = "release-name";
const DEPRECATED: LogEntry = { helm3: "WARNING: This chart is deprecated", helm4: logLine("WARN", "this chart is deprecated") };

/** Helm 4 logs these errors before it ends with them. */
function logged<Result>(context: string, helmVersion: HelmVersion, warn: Warn, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!isHelm4(helmVersion) || !(error instanceof ChartError || error instanceof GoError)) throw error;
    warn({ helm3: "", helm4: logLine("ERROR", context, { error: error.message }) });
    throw new ChartError(`${context}: ${error.message}`, { cause: error });
  }
}

const NAME_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

function checkReleaseName(name: string): void {
  if (name.length <= 53 && new RegExp(NAME_PATTERN).test(name)) return;
  throw new ChartError(
    `release name "${name}": invalid release name, must match regex ${NAME_PATTERN} and the length must not be longer than 53`,
  );
}

function warnOfFiles(chart: Chart, warn: Warn): void {
  for (const warning of chart.warnings) warn(warning);
  for (const child of chart.dependencies) warnOfFiles(child, warn);
}

function checkDependencies(chart: Chart, helmVersion: HelmVersion): void {
  const missing = missingDependencies(chart);
  if (missing.length === 0) return;
  const first = isHelm4(helmVersion) ? "an" : "An";
  const mark = helmVersion === "4.2" ? "'" : "`";
  throw new ChartError(
    `${first} error occurred while checking for chart dependencies. ` +
      `You may need to run ${mark}helm dependency build${mark} to fetch missing dependencies: ` +
      `found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`,
  );
}

function checkKubeVersion(chart: Chart, { kubeVersion, fullKubeVersion }: Capabilities): void {
  if (chart.kubeVersion === "" || isInRange(chart.kubeVersion, kubeVersion)) return;
  throw new ChartError(`chart requires kubeVersion: ${chart.kubeVersion} which is incompatible with Kubernetes ${fullKubeVersion}`);
}

function crdsOf(chart: Chart, path: string): { path: string; content: string }[] {
  const own = chart.files.filter(({ name }) => name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(name));
  return [
    ...own.map((file) => ({ path: `${path}/${file.name}`, content: textOf(file) })),
    ...chart.dependencies.flatMap((child) => crdsOf(child, `${path}/charts/${child.name}`)),
  ];
}
