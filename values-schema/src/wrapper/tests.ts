import { Type } from "@sinclair/typebox";
import { flag, kubernetes, section, text } from "../words.ts";

const environment = (description: string, byDefault: Record<string, string>) =>
  Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description, default: byDefault, additionalProperties: Type.Union([Type.String(), Type.Number(), Type.Boolean()]) }),
  );

/** Tests that `helm test` runs. */
export const bbtests = section("Tests that run with `helm test`, in the collector's own image.", {
  enabled: flag("Whether there are any."),
  cypress: section("Whether Prometheus scrapes what it shall. No browser is needed for that.", {
    enabled: flag("Whether this is tested.", true),
    artifacts: flag("Nothing is left to do here: there are no pictures.", true),
    envs: environment("Where Prometheus is.", { cypress_prometheus_url: "https://prometheus.dev.bigbang.mil" }),
    resources: kubernetes("Nothing is left to do here: see `resources`."),
    secretEnvs: Type.Array(Type.Any(), { description: "Nothing is left to do here: nobody signs in.", default: [] }),
  }),
  scripts: section("Whether collectors are ready and Loki answers.", {
    enabled: flag("Whether this is tested.", true),
    image: text("Nothing is left to do here: the collector's own image is taken."),
    envs: environment("Loki's host, how many seconds an answer may take, how often it is asked for.", {
      LOKI_SERVICE: "loki.dev.bigbang.mil",
      TIMEOUT: "10",
      RETRIES: "7",
    }),
  }),
  resources: kubernetes("What the test requests, and its limits.", {
    requests: { cpu: "100m", memory: "128Mi" },
    limits: { cpu: "100m", memory: "128Mi" },
  }),
});
