import type { ExpositionParser } from "../signals/prometheus/exposition.ts";
import { NhcbParser } from "../signals/prometheus/nhcb-parser.ts";
import { OpenMetricsTextParser } from "../signals/prometheus/openmetrics-text.ts";
import { PrometheusTextParser } from "../signals/prometheus/prometheus-text.ts";
import { ProtobufExpositionParser } from "../signals/prometheus/protobuf-exposition.ts";
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
  if (format === "application/vnd.google.protobuf") return new ProtobufExpositionParser(bytes, length, settings);
  const text =
    format === "text/plain" ? new PrometheusTextParser(bytes, length, settings) : new OpenMetricsTextParser(bytes, length, settings);
  if (!settings.convertsToNhcb) return text;
  return new NhcbParser(text, { keepsClassic: settings.scrapesClassicHistograms, wantsStarts: settings.skipsCreated });
}
