import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import { checkScrape, type ScrapeArgs, scrapeSchema } from "../../../scraping/arguments.ts";
import { scrapeMetricDocs, scrapeMetrics } from "../../../scraping/metrics.ts";
import { ScrapeJob } from "../../../scraping/scrape-job.ts";
import { Forward, forwardMetricDocs } from "../../../signals/prometheus/forward.ts";

/** Scrapes targets and forwards their samples. */
export const component = defineComponent({
  name: "prometheus.scrape",
  stability: "generally-available",
  summary: "Scrapes metrics from targets.",
  arguments: scrapeSchema.arguments,
  blocks: scrapeSchema.blocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...scrapeMetricDocs],
  needs: {},
  check: checkScrape,
  create: (context, args) => scraper(context, args),
});

function scraper(context: ComponentContext, args: ScrapeArgs): Component<ScrapeArgs> {
  const forward = new Forward(args.forward_to, context.metrics, context.clock);
  const job = new ScrapeJob(args, {
    context,
    metrics: scrapeMetrics(context.metrics),
    consumer: forward,
    shed: (message) => context.health(message === undefined ? "healthy" : "unhealthy", message ?? "all targets are scraped"),
  });
  if (args.enable_protobuf_negotiation)
    context.log.warn(
      "enable_protobuf_negotiation is deprecated and will be removed in a future major release, use scrape_protocols instead",
    );
  return {
    start: () => job.start(),
    async update(next) {
      forward.update(next.forward_to);
      await job.update(next);
    },
    stop: () => job.stop(),
    debugInfo: () => ({ target: job.targetStatus() }),
  };
}
