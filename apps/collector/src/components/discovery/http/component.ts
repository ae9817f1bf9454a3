import { defaulted, duration, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { refreshing } from "../../../discovery/refresh.ts";
import { readTargetGroups } from "../../../discovery/target-groups.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../../../transport/http-client-arguments.ts";

/** A longer answer is no list of targets. */
const mostBytes = 64 * 1024 * 1024;

export const component = defineComponent({
  name: "discovery.http",
  stability: "generally-available",
  summary: "Finds targets in what an HTTP server answers.",
  arguments: {
    url: required(string, "Where the targets are asked for.", { check: urlText }),
    refresh_interval: defaulted(duration, "How often they are asked for.", "60s"),
    ...httpClientArguments,
  },
  blocks: httpClientBlocks,
  exports: { targets: targetsExport },
  metrics: [
    { name: "prometheus_sd_http_failures_total", kind: "counter", doc: "Times that the server gave no list of targets." },
    { name: "prometheus_sd_refresh_failures_total", kind: "counter", doc: "Times that targets could not be asked for." },
  ],
  needs: {},
  check: checkHttpClient,
  create(context, args) {
    const failures = context.metrics
      .counter("prometheus_sd_http_failures_total", { help: "Times that the server gave no list of targets." })
      .of();
    return refreshing(context, "http", args, (opened) => {
      const http = httpClient(opened, context);
      return {
        async discover({ url, refresh_interval }, signal) {
          try {
            const response = await http.request({
              method: "GET",
              url,
              headers: { accept: "application/json", "x-prometheus-refresh-interval-seconds": String(refresh_interval / 1000) },
              timeoutMs: refresh_interval,
              maxResponseBytes: mostBytes,
              signal,
            });
            if (response.status !== 200) throw new Error(`server returned HTTP status ${response.status}`);
            const type = response.headers["content-type"] ?? "";
            if (!/^application\/json(;.*)?$/i.test(type.trim())) throw new Error(`unsupported content type ${JSON.stringify(type)}`);
            return readTargetGroups(Buffer.concat(response.body).toString("utf8"), "json", { __meta_url: url });
          } catch (error) {
            if (!signal.aborted) failures.add(1);
            throw error;
          }
        },
        close: () => http.close(),
      };
    });
  },
});

function urlText(text: string): string | undefined {
  if (!URL.canParse(text)) return `${JSON.stringify(text)} is not a URL`;
  const { protocol, host } = new URL(text);
  if (protocol !== "http:" && protocol !== "https:") return "URL scheme must be 'http' or 'https'";
  return host === "" ? "host is missing in URL" : undefined;
}
