import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { ChartError } from "../chart/chart.ts";
import { loadChart } from "../chart/load-chart.ts";
import { capabilitiesOf } from "../engine/capabilities.ts";
import { lookupIn } from "../engine/lookup.ts";
import { DEFAULT_HELM_VERSION, type HelmVersion, helmVersionOf } from "../helm-version.ts";
import type { RenderOptions } from "../render-chart.ts";
import { answerHelp } from "../usage-request.ts";
import type { ValueLayer } from "../values/origins.ts";
import { mergedValues, objectsAt, readText, SET_KINDS, valuesIn, withSet } from "./given-values.ts";

const TEXT = { type: "string" } as const;
const TEXTS = { type: "string", multiple: true } as const;
const SWITCH = { type: "boolean" } as const;

/** The flags with which a chart is rendered, as `helm template` has them; commands add their own. */
export const CHART_OPTIONS = {
  values: { ...TEXTS, short: "f" },
  set: TEXTS,
  "set-string": TEXTS,
  "set-json": TEXTS,
  "set-file": TEXTS,
  "set-literal": TEXTS,
  namespace: { ...TEXT, short: "n" },
  name: TEXT,
  "kube-version": TEXT,
  "api-versions": { ...TEXTS, short: "a" },
  "helm-version": TEXT,
  objects: TEXTS,
  "is-upgrade": SWITCH,
  "skip-schema-validation": SWITCH,
} as const;

export type ChartFlags = Readonly<Partial<Record<keyof typeof CHART_OPTIONS, string | boolean | readonly (string | boolean)[]>>>;

/** A chart, and how it is to be rendered. */
export interface ChartRequest {
  readonly options: RenderOptions;
  /** What the user says, one after the other. */
  readonly layers: readonly ValueLayer[];
}

/** Reads arguments. Throws `ChartError` that ends with how the command is written. */
export function readFlags<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options, usage: string) {
  answerHelp(args, usage);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = (error as Error).message.split(". ")[0];
    throw new ChartError(`${message}: write \`${usage}\``, { cause: error });
  }
}

/** The chart at a path with the values of the flags. Throws `ChartError` or `GoError`. */
export function chartRequest(path: string, flags: ChartFlags): ChartRequest {
  const helmVersion = helmVersionOf(textOf(flags["helm-version"]));
  const layers = layersOf(flags, helmVersion);
  const files = layers.filter(({ source }) => source !== undefined).map(({ values }) => values);
  const kubeVersion = flags["kube-version"];
  if (typeof kubeVersion === "string") capabilitiesOf(kubeVersion, [], helmVersion);
  return {
    options: {
      chart: loadChart(path, helmVersion),
      values: mergedValues(files, (kind) => textsOf(flags[kind]), helmVersion),
      release: {
        name: textOf(flags.name) ?? "release-name",
        namespace: textOf(flags.namespace) ?? "default",
        isUpgrade: flags["is-upgrade"] === true,
      },
      ...(typeof kubeVersion === "string" ? { kubeVersion } : {}),
      apiVersions: textsOf(flags["api-versions"]).flatMap((text) => text.split(",")),
      skipsSchemaValidation: flags["skip-schema-validation"] === true,
      helmVersion,
      lookup: lookupIn(textsOf(flags.objects).flatMap(objectsAt)),
    },
    layers,
  };
}

function textOf(flag: ChartFlags[keyof ChartFlags]): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}

function textsOf(flag: ChartFlags[keyof ChartFlags]): string[] {
  return Array.isArray(flag) ? flag.filter((one) => typeof one === "string") : [];
}

function layersOf(flags: ChartFlags, helmVersion: HelmVersion): ValueLayer[] {
  const files = textsOf(flags.values).flatMap((paths) => paths.split(","));
  return [
    ...files.map((path) => valuesFile(path, helmVersion)),
    ...SET_KINDS.flatMap((kind) =>
      textsOf(flags[kind]).map((expression) => ({
        label: `--${kind} ${expression}`,
        values: withSet(kind, expression, new Map(), helmVersion),
      })),
    ),
  ];
}

/** One values file as a layer. */
export function valuesFile(path: string, helmVersion: HelmVersion = DEFAULT_HELM_VERSION): ValueLayer {
  const source = readText(path);
  return { label: path, values: valuesIn(path, source, helmVersion), source };
}
