import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  float,
  list,
  many,
  map,
  maybe,
  oneOf,
  required,
  string,
  uint,
} from "../component/arguments.ts";
import { prometheusReceiver } from "../component/capsules.ts";
import { apiServerBlock, checkApiServer } from "../kubernetes/client-arguments.ts";
import { ruleBlock } from "../relabel/rule.ts";

/** The arguments that the components for all kinds of monitors share. */
export const monitorArguments = {
  forward_to: required(list(prometheusReceiver), "Where samples go."),
  namespaces: defaulted(list(string), "The namespaces whose resources count; all of them where it is empty.", []),
  informer_sync_timeout: defaulted(duration, "After so long without all resources the component is unhealthy.", "1m"),
  kubernetes_role: defaulted(oneOf("endpoints", "endpointslice"), "Which objects stand for the targets behind a service.", "endpoints"),
};

export const monitorBlocks = {
  client: assumed("How the API server is reached; without it as pods do.", apiServerBlock, { check: checkApiServer }),
  clustering: maybe("Shares the targets between the collectors of a cluster.", {
    arguments: { enabled: required(bool, "Whether they are shared; without a cluster of collectors it has no effect.") },
  }),
  rule: ruleBlock("A relabelling rule for targets, before those of the resources; rules apply from top to bottom."),
  scrape: assumed("How targets are scraped, where a resource does not say.", {
    arguments: {
      default_scrape_interval: defaulted(duration, "The time between scrapes of a target.", "1m"),
      default_scrape_timeout: defaulted(duration, "How long a scrape may take.", "10s"),
      default_sample_limit: defaulted(uint, "More samples fail the scrape; 0: no limit.", 0),
      scrape_native_histograms: defaulted(bool, "Takes native histograms.", false),
      scrape_classic_histograms: defaulted(bool, "Takes classic histograms also where a native one stands beside them.", false),
      convert_classic_histograms_to_nhcb: defaulted(bool, "Turns classic histograms into native ones with custom buckets.", false),
      native_histogram_bucket_limit: defaulted(uint, "Native histograms with more buckets lose resolution until they fit; 0: no limit.", 0),
      native_histogram_min_bucket_factor: defaulted(
        float,
        "Native histograms whose buckets grow by less than this factor lose resolution; 0: none do.",
        0,
      ),
      honor_metadata: defaulted(bool, "Sends type, help and unit along with the samples.", false, { stability: "experimental" }),
      enable_type_and_unit_labels: defaulted(bool, "Adds the labels `__type__` and `__unit__`.", false, { stability: "experimental" }),
      start_timestamp_zero_ingestion: defaulted(bool, "Adds a sample of 0 at the moment when a counter began.", false, {
        stability: "experimental",
      }),
    },
  }),
  selector: maybe("Which resources count, by their labels.", {
    arguments: { match_labels: defaulted(map(string), "Labels and their values.", {}) },
    blocks: {
      match_expression: many("A condition on one label.", {
        arguments: {
          key: required(string, "The label."),
          operator: required(oneOf("In", "NotIn", "Exists", "DoesNotExist"), "What must hold of its value."),
          values: defaulted(list(string), "The values that In and NotIn look for.", []),
        },
      }),
    },
  }),
};

const schema = { arguments: monitorArguments, blocks: monitorBlocks };

export type MonitorArgs = Decoded<typeof schema>;

/** The selector as the API server takes it. */
export function selectorText(selector: MonitorArgs["selector"]): string {
  if (selector === undefined) return "";
  const exact = Object.entries(selector.match_labels).map(([key, value]) => `${key}=${value}`);
  const others = selector.match_expression.map(({ key, operator, values }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...exact, ...others].join(",");
}
