import { defaulted, duration, list, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { podTargets } from "../../../discovery/kubernetes/pod-targets.ts";
import { refreshing } from "../../../discovery/refresh.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import type { WireObject } from "../../../kubernetes/kind.ts";
import { pods } from "../../../kubernetes/kinds/pod.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../../../transport/http-client-arguments.ts";

/** A node runs some hundred pods; a longer answer is none of a kubelet. */
const mostBytes = 64 * 1024 * 1024;
const timeoutMs = 30_000;

export const component = defineComponent({
  name: "discovery.kubelet",
  stability: "generally-available",
  summary: "Finds targets in the pods that a kubelet runs, without asking the API server.",
  arguments: {
    url: defaulted(string, "The kubelet's URL; /pods is added to it.", "https://localhost:10250", {
      check: (text) => (URL.canParse(text) ? undefined : `"${text}" is not a URL`),
    }),
    refresh_interval: defaulted(duration, "How often the kubelet is asked.", "5s"),
    namespaces: defaulted(list(string), "The namespaces whose pods count; all of them where it is empty.", []),
    ...httpClientArguments,
  },
  blocks: httpClientBlocks,
  exports: { targets: targetsExport },
  metrics: [{ name: "prometheus_sd_refresh_failures_total", kind: "counter", doc: "Times that targets could not be asked for." }],
  needs: { kubernetes: [{ group: "", resource: "nodes/proxy", verbs: ["get"] }] },
  check: checkHttpClient,
  create: (context, args) =>
    refreshing(context, "kubelet", args, (opened) => {
      const http = httpClient(opened, context);
      return {
        async discover({ url, namespaces }, signal) {
          const response = await http.request({
            method: "GET",
            url: `${url.replace(/\/$/, "")}/pods`,
            headers: { accept: "application/json" },
            timeoutMs,
            maxResponseBytes: mostBytes,
            signal,
          });
          if (response.status !== 200) throw new Error(`error response from kubelet: ${response.status}`);
          const { items } = JSON.parse(Buffer.concat(response.body).toString("utf8")) as { items?: readonly WireObject[] };
          return (items ?? [])
            .map((wire) => pods.keep(wire))
            .filter(({ namespace }) => namespaces.length === 0 || namespaces.includes(namespace))
            .flatMap((pod) => podTargets(pod, {}));
        },
        close: () => http.close(),
      };
    }),
});
