import type { ExpositionParser } from "../signals/prometheus/exposition.ts";
import { OpenMetricsTextParser } from "../signals/prometheus/openmetrics-text.ts";
import { PrometheusTextParser } from "../signals/prometheus/prometheus-text.ts";
import type { MediaType } from "./content-type.ts";

export interface ParserSettings {
  readonly typeAndUnitLabels: boolean;
  /** Leaves out `_created` series: they only tell when counters began. */
  readonly skipsCreated: boolean;
  readonly scrapesNativeHistograms: boolean;
  readonly scrapesClassicHistograms: boolean;
  readonly convertsToNhcb: boolean;
}

/** The parser for a page of `length` bytes; behind them there is room for it. */
export function parserFor(format: MediaType, bytes: Uint8Array, length: number, settings: ParserSettings): ExpositionParser {
  switch (format) {
    case "text/plain":
      return new PrometheusTextParser(bytes, length, settings);
    case "application/openmetrics-text":
      return new OpenMetricsTextParser(bytes, length, settings);
    case "application/vnd.google.protobuf":
      throw new Error("protobuf");
    default:
      return format satisfies never;
  }
}
