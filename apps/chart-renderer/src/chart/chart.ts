import type { GoMap, GoValue } from "@invar/go-compat";
import type { LogEntry } from "../helm-log.ts";

export interface ChartFile {
  /** From the chart's root, with slashes. */
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly alias: string;
  readonly importValues: readonly GoValue[];
}

export interface Chart {
  /** Its alias where it has one. */
  readonly name: string;
  readonly version: string;
  readonly kubeVersion: string;
  readonly type: string;
  /** Chart.yaml as it was read. */
  readonly metadata: GoMap;
  readonly declared: readonly Dependency[];
  readonly dependencies: readonly Chart[];
  readonly values: GoMap;
  /** values.yaml as it is written; empty where there is none. */
  readonly valuesText: string;
  readonly schema: string | undefined;
  /** What Helm says about the chart's files when it loads them. */
  readonly warnings: readonly LogEntry[];
  readonly templates: readonly ChartFile[];
  readonly files: readonly ChartFile[];
}

/** What is wrong with a chart, its values or its templates. The message is what Helm says. */
export class ChartError extends Error {
  override readonly name = "ChartError";
}
