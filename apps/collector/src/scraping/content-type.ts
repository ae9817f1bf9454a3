export type ScrapeProtocol =
  | "PrometheusProto"
  | "OpenMetricsText1.0.0"
  | "OpenMetricsText0.0.1"
  | "PrometheusText1.0.0"
  | "PrometheusText0.0.4";

export type MediaType = "application/openmetrics-text" | "application/vnd.google.protobuf" | "text/plain";

/** What each protocol is asked for as. */
const headers: Readonly<Record<ScrapeProtocol, { readonly mediaType: MediaType; readonly parameters: string }>> = {
  PrometheusProto: {
    mediaType: "application/vnd.google.protobuf",
    parameters: "proto=io.prometheus.client.MetricFamily;encoding=delimited",
  },
  "OpenMetricsText1.0.0": { mediaType: "application/openmetrics-text", parameters: "version=1.0.0" },
  "OpenMetricsText0.0.1": { mediaType: "application/openmetrics-text", parameters: "version=0.0.1" },
  "PrometheusText1.0.0": { mediaType: "text/plain", parameters: "version=1.0.0" },
  "PrometheusText0.0.4": { mediaType: "text/plain", parameters: "version=0.0.4" },
};

export const scrapeProtocols = Object.keys(headers) as readonly ScrapeProtocol[];

export function isScrapeProtocol(text: string): text is ScrapeProtocol {
  return Object.hasOwn(headers, text);
}

export function mediaTypeOf(protocol: ScrapeProtocol): MediaType {
  return headers[protocol].mediaType;
}

export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** The Accept header that asks for the protocols in this order. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: EscapingScheme): string {
  let weight = scrapeProtocols.length + 1;
  const wanted = protocols.map((protocol) => {
    const { mediaType, parameters } = headers[protocol];
    // Older versions of the formats know nothing of escaping.
    const escapes = protocol === "PrometheusText1.0.0" || protocol === "OpenMetricsText1.0.0" ? `;escaping=${escaping}` : "";
    return `${mediaType};${parameters}${escapes};q=0.${weight--}`;
  });
  return [...wanted, `*/*;q=0.${weight}`].join(",");
}

/** The format that an answer is in, and what was wrong with its Content-Type; without a format the scrape fails. */
export function formatOf(contentType: string, fallback: MediaType | undefined): { format: MediaType | undefined; finding?: string } {
  const otherwise = (finding: string, consequence: string) => ({
    format: fallback,
    finding: fallback === undefined ? `${finding} ${consequence}` : `${finding}, using fallback_scrape_protocol "${fallback}"`,
  });
  if (contentType === "")
    return otherwise("non-compliant scrape target sending blank Content-Type", "and no fallback_scrape_protocol specified for target");
  const mediaType = mediaTypeIn(contentType);
  if (mediaType === undefined)
    return otherwise(`could not parse received Content-Type "${contentType}"`, "and no fallback_scrape_protocol for target");
  switch (mediaType) {
    case "application/openmetrics-text":
    case "application/vnd.google.protobuf":
    case "text/plain":
      return { format: mediaType };
    default:
      return otherwise(`received unsupported Content-Type "${contentType}"`, "and no fallback_scrape_protocol specified for target");
  }
}

/** The media type of a header with well-formed parameters. */
function mediaTypeIn(contentType: string): string | undefined {
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  const pattern = new RegExp(`^\\s*(${token}(?:/${token})?)\\s*(?:;\\s*(?:${token}\\s*=\\s*(?:${token}|"(?:[^"\\\\]|\\\\.)*")\\s*)?)*$`);
  return pattern.exec(contentType.slice(0, 1024))?.[1]?.toLowerCase();
}
