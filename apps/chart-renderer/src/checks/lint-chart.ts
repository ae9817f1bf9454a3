import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { GoMap } from "@invar/go-compat";
import type { RenderedObject } from "../difference/objects.ts";
import { capabilitiesOf } from "../engine/capabilities.ts";
import { ReadRecorder } from "../engine/read-recorder.ts";
import type { Finding } from "../finding.ts";
import { type RenderOptions, renderChart } from "../render-chart.ts";
import type { ValueLayer } from "../values/origins.ts";
import { checkedObjects, type LintInput } from "./lint-input.ts";
import { rules } from "./rules.ts";

export interface LintRequest {
  /** Of the chart: a folder or an archive. */
  readonly path: string;
  readonly options: RenderOptions;
  readonly layers: readonly ValueLayer[];
  readonly previous?: readonly RenderedObject[];
  readonly crds?: readonly GoMap[];
  /** Default: off. */
  readonly podSecurity?: LintInput["podSecurity"];
  readonly allowedImages?: readonly string[];
  readonly includesSubcharts?: boolean;
  readonly toggleRenders?: number;
}

/** Renders a chart and gives everything that the renderer and the rules find, in the order of the rules. */
export function lintChart(request: LintRequest): Finding[] {
  const { options, layers, path } = request;
  const recorder = new ReadRecorder();
  const rendered = renderChart({ ...options, recorder });
  const { major, minor } = capabilitiesOf(options.kubeVersion, []);
  const folder = statSync(path).isDirectory() ? path : "";
  const input: LintInput = {
    chart: options.chart,
    folder,
    chartText: folder === "" ? "" : readFileSync(join(folder, "Chart.yaml"), "utf8"),
    layers,
    values: options.values ?? new Map(),
    rendered,
    reads: recorder.reads(),
    readsThrough: recorder.readsThrough(),
    objects: checkedObjects([...rendered.documents, ...rendered.hooks]),
    previous: request.previous,
    kubeVersion: `${major}.${minor}`,
    crds: request.crds ?? [],
    podSecurity: request.podSecurity ?? "off",
    allowedImages: request.allowedImages,
    includesSubcharts: request.includesSubcharts === true,
    toggleRenders: request.toggleRenders ?? 0,
    render: (other) => renderChart({ ...options, ...other }),
  };
  const found = rules.flatMap((rule) => rule.check(input));
  return [...ownFindings(input, found), ...found];
}

/** What the renderer itself found, unless a rule says it better; a chart that wants values is no broken chart. */
function ownFindings({ rendered, layers }: LintInput, found: readonly Finding[]): Finding[] {
  const explained = new Set(
    found.filter(({ rule }) => rule === "template/nil-dereference").map(({ place }) => `${place?.file}:${place?.line}`),
  );
  return rendered.findings
    .filter(({ place }) => place === undefined || !explained.has(`${place.file}:${place.line}`))
    .map((finding) => {
      if (layers.length > 0 || !finding.message.startsWith("execution error at")) return finding;
      return { ...finding, severity: "info", fix: finding.fix ?? "give the values that it asks for with -f or --set" };
    });
}
