import { readFileSync } from "node:fs";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { GoError, type GoMap } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { loadChart } from "../chart/load-chart.ts";
import { capabilitiesOf, HELM_VERSIONS, type HelmVersion } from "../engine/capabilities.ts";
import { lookupIn } from "../engine/lookup.ts";
import { splitManifests } from "../manifests/manifests.ts";
import type { RenderOptions } from "../render-chart.ts";
import { answerHelp } from "../usage-request.ts";
import type { ValueLayer } from "../values/origins.ts";
import { applySet, type SetKind } from "../values/set-flags.ts";
import { mergeFiles } from "../values/tables.ts";
import { readYamlMap } from "../yaml/read.ts";

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
  const layers = layersOf(flags);
  const kubeVersion = flags["kube-version"];
  const helmVersion = helmVersionOf(textOf(flags["helm-version"]));
  if (typeof kubeVersion === "string") capabilitiesOf(kubeVersion, [], helmVersion);
  return {
    options: {
      chart: loadChart(path),
      values: mergedValues(layers, flags),
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

function helmVersionOf(text: string | undefined): HelmVersion {
  if (text === undefined) return "3.22";
  const version = HELM_VERSIONS.find((known) => known === text.replace(/^v/, ""));
  if (version === undefined) throw new ChartError(`invalid Helm version "${text}": write one of ${HELM_VERSIONS.join(", ")}`);
  return version;
}

function objectsAt(path: string): GoMap[] {
  try {
    return splitManifests(readText(path)).map(({ content }) => readYamlMap(content));
  } catch (error) {
    if (error instanceof GoError) throw new ChartError(`failed to parse ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function textOf(flag: ChartFlags[keyof ChartFlags]): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}

function textsOf(flag: ChartFlags[keyof ChartFlags]): string[] {
  return Array.isArray(flag) ? flag.filter((one) => typeof one === "string") : [];
}

// The order in which Helm applies them, whatever the order on the command line.
const SET_KINDS: readonly SetKind[] = ["set-json", "set", "set-string", "set-file", "set-literal"];

function layersOf(flags: ChartFlags): ValueLayer[] {
  const files = textsOf(flags.values).flatMap((paths) => paths.split(","));
  return [
    ...files.map(valuesFile),
    ...SET_KINDS.flatMap((kind) =>
      textsOf(flags[kind]).map((expression) => ({
        label: `--${kind} ${expression}`,
        values: withSet(kind, expression, new Map()),
      })),
    ),
  ];
}

/** One values file as a layer. */
export function valuesFile(path: string): ValueLayer {
  const source = readText(path);
  try {
    return { label: path, values: readYamlMap(source), source };
  } catch (error) {
    if (error instanceof GoError) throw new ChartError(`failed to parse ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function mergedValues(layers: readonly ValueLayer[], flags: ChartFlags): GoMap {
  let values: GoMap = new Map();
  for (const layer of layers) if (layer.source !== undefined) values = mergeFiles(values, layer.values);
  // Flags write into what the files gave: an index into a list changes that element only.
  for (const kind of SET_KINDS) for (const expression of textsOf(flags[kind])) withSet(kind, expression, values);
  return values;
}

function withSet(kind: SetKind, expression: string, values: GoMap): GoMap {
  try {
    applySet(kind, expression, values, readText);
    return values;
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) {
      throw new ChartError(`failed parsing --${kind} data: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** A file's text; `-` is the standard input. Throws `ChartError`. */
export function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ChartError(code === "ENOENT" ? `open ${path}: no such file or directory` : `read ${path}: ${message}`, { cause: error });
  }
}
