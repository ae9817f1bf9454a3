import { flag, section } from "./words.ts";

/** The keys of Big Bang's package. */
export const wrapper = section("What Big Bang's package adds.", {
  monitoring: section("Whether the cluster has Prometheus' operator.", { enabled: flag("Whether it does.") }),
});

/** Keys at the root that belong to others: what the umbrella passes to every package. */
export const foreign = ["global", "sso", "domain", "openshift", "waitJob", "hostname", "helmRelease", "flux"] as const;
