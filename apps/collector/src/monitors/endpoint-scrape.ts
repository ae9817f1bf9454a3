import type { ScrapeArgs } from "../scraping/arguments.ts";
import { accessOf, defined, durationOf, limitsOf, proxyOf, type ReadKey } from "./job-plan.ts";
import type { WireEndpoint, WireLimits } from "./wire.ts";

/** How an endpoint is scraped, where it differs from the usual. */
export async function endpointScrape(
  endpoint: WireEndpoint,
  limits: WireLimits,
  namespace: string,
  read: ReadKey,
): Promise<Partial<ScrapeArgs>> {
  return {
    ...limitsOf(limits),
    ...defined<ScrapeArgs>({
      honor_labels: endpoint.honorLabels,
      honor_timestamps: endpoint.honorTimestamps,
      scrape_interval: durationOf(endpoint.interval, "interval"),
      scrape_timeout: durationOf(endpoint.scrapeTimeout, "scrapeTimeout"),
      metrics_path: endpoint.path || undefined,
      scheme: endpoint.scheme?.toLowerCase() || undefined,
      params: endpoint.params,
      proxy_url: proxyOf(endpoint.proxyUrl),
      follow_redirects: endpoint.followRedirects,
      enable_http2: endpoint.enableHttp2,
    }),
    ...(await accessOf(endpoint, namespace, read)),
  };
}
