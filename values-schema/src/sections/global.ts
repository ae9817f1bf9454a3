import { Type } from "@sinclair/typebox";
import { duration, flag, integer, kubernetes, list, section, text, texts } from "../words.ts";

const pullSecrets = list(
  "Secrets to pull images with: names, or objects with a `name`.",
  Type.Union([Type.String(), Type.Object({ name: Type.String() })]),
);

export const global = Type.Object(
  {
    namespaceOverride: text("The namespace of the objects, where it is not the release's."),
    platform: text("What runs the cluster: `aks`, `eks`, `gke`, `openshift`, or nothing."),
    kubernetesAPIService: text("The host and port of the API server, where the pods' environment does not tell."),
    scrapeInterval: duration("How often metrics are scraped.", "60s"),
    scrapeTimeout: duration("How long a scrape may take.", "10s"),
    scrapeProtocols: texts("The formats of metrics that are asked for, in order of preference.", [
      "OpenMetricsText1.0.0",
      "OpenMetricsText0.0.1",
      "PrometheusText0.0.4",
    ]),
    scrapeClassicHistograms: flag("Take classic histograms beside native ones."),
    scrapeNativeHistograms: flag("Take native histograms."),
    convertClassicHistogramsToNhcb: flag("Turn classic histograms into native ones with custom buckets."),
    maxCacheSize: integer("How many series a relabelling component remembers.", 100_000, { minimum: 0 }),
    image: section("The images of all pods.", {
      registry: text("The host that stands in for the one of each image."),
      pullPolicy: text("When images are pulled: Always, IfNotPresent or Never."),
      pullSecrets,
    }),
    imageRegistry: text("As `image.registry`."),
    imagePullPolicy: text("As `image.pullPolicy`."),
    imagePullSecrets: pullSecrets,
    podSecurityContext: kubernetes("The security context of all pods."),
  },
  // Other charts of the same release share this key.
  { description: "What holds for everything.", additionalProperties: true },
);
