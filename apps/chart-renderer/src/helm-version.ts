import { quote } from "@invar/go-compat";
import { ChartError } from "./chart/chart.ts";

export const HELM_VERSIONS = ["3.22", "4.1", "4.2"] as const;
/** The Helm whose output is wanted. */
export type HelmVersion = (typeof HELM_VERSIONS)[number];

export const DEFAULT_HELM_VERSION: HelmVersion = "3.22";

/** Throws `ChartError` for another version; nothing is the default one. */
export function helmVersionOf(text: string | undefined): HelmVersion {
  if (text === undefined) return DEFAULT_HELM_VERSION;
  const version = HELM_VERSIONS.find((known) => known === text.replace(/^v/, ""));
  if (version === undefined) throw new ChartError(`invalid Helm version ${quote(text)}: write one of ${HELM_VERSIONS.join(", ")}`);
  return version;
}

export function isHelm4(version: HelmVersion): boolean {
  return version !== "3.22";
}
