import type { DimensionArguments } from "./dimension-arguments.ts";
import type { Shape } from "./series.ts";

/** The arguments in the form that aggregation needs; two that are equal as JSON aggregate alike. */
export interface SpanMetricsSettings {
  readonly namespace: string;
  readonly isDelta: boolean;
  readonly dimensions: readonly DimensionArguments[];
  readonly callsDimensions: readonly DimensionArguments[];
  readonly events: { readonly enabled: boolean; readonly dimensions: readonly DimensionArguments[] };
  readonly histogram: {
    readonly disable: boolean;
    readonly unit: "ms" | "s";
    readonly unitNs: number;
    readonly shape: Shape;
    readonly dimensions: readonly DimensionArguments[];
  };
  readonly exemplars: boolean;
  readonly maxExemplars: number;
  readonly excluded: {
    readonly serviceName: boolean;
    readonly spanName: boolean;
    readonly spanKind: boolean;
    readonly statusCode: boolean;
  };
  /** The value of collector.instance.id; undefined: no such attribute. */
  readonly instanceId: string | undefined;
  readonly includedScopes: readonly string[];
  readonly resourceKeyAttributes: readonly string[];
  readonly resourceCacheSize: number;
  readonly timestampCacheSize: number;
  readonly cardinalityLimit: number;
  readonly metricsExpirationMs: number;
  readonly seriesExpirationMs: number;
}
