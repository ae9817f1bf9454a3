import { formatDuration, formatPrometheusDuration } from "@invar/go-compat";
import {
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  float,
  labels,
  list,
  map,
  maybe,
  oneOf,
  optional,
  type Report,
  required,
  string,
  uint,
} from "../component/arguments.ts";
import { prometheusReceiver } from "../component/capsules.ts";
import { checkHttpClient, httpClientArguments, httpClientBlocks } from "../transport/http-client-arguments.ts";
import { type EscapingScheme, isScrapeProtocol, type ScrapeProtocol, scrapeProtocols } from "./content-type.ts";
import type { JobSettings } from "./target.ts";

const defaultProtocols: readonly ScrapeProtocol[] = [
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
];
const protobufFirst: readonly ScrapeProtocol[] = ["PrometheusProto", ...defaultProtocols];
const escapingSchemes = ["allow-utf-8", "underscores", "dots", "values"] as const;

export const scrapeSchema = {
  arguments: {
    targets: required(
      list(labels),
      "What is scraped: `__address__` is host and port; labels that do not begin with `__` go into the series.",
    ),
    forward_to: required(list(prometheusReceiver), "Where samples go."),
    job_name: defaulted(string, "The `job` label of targets that have none; the component's id unless written.", ""),
    extra_metrics: defaulted(bool, "Adds series about timeout, sample limit and page size to each scrape.", false),
    enable_protobuf_negotiation: defaulted(bool, "Asks for protobuf first, and for native histograms.", false, {
      deprecated: "write scrape_protocols instead",
    }),
    scrape_protocols: defaulted(list(string), "The formats that targets are asked for, the preferred first.", defaultProtocols, {
      check: protocolsFinding,
    }),
    scrape_fallback_protocol: defaulted(
      string,
      "The format of answers whose Content-Type says none; empty fails them.",
      "PrometheusText0.0.4",
      {
        check: fallbackFinding,
      },
    ),
    scrape_native_histograms: defaulted(bool, "Takes native histograms.", false),
    scrape_classic_histograms: defaulted(bool, "Takes classic histograms also where a native one stands beside them.", false),
    convert_classic_histograms_to_nhcb: defaulted(bool, "Turns classic histograms into native ones with custom buckets.", false),
    native_histogram_bucket_limit: defaulted(uint, "Native histograms with more buckets lose resolution until they fit; 0: no limit.", 0),
    native_histogram_min_bucket_factor: defaulted(
      float,
      "Native histograms whose buckets grow by less than this factor lose resolution; 0: none do.",
      0,
    ),
    honor_labels: defaulted(bool, "Exposed labels win over those of the target, which otherwise rename them to `exported_…`.", false),
    honor_timestamps: defaulted(bool, "Exposed timestamps are kept.", true),
    honor_metadata: defaulted(bool, "Sends type, help and unit along with the samples.", false, { stability: "experimental" }),
    track_timestamps_staleness: defaulted(bool, "Series with exposed timestamps end, too, when they are no longer exposed.", false),
    enable_type_and_unit_labels: defaulted(bool, "Adds the labels `__type__` and `__unit__`.", false, { stability: "experimental" }),
    start_timestamp_zero_ingestion: defaulted(bool, "Adds a sample of 0 at the moment when a counter began.", false, {
      stability: "experimental",
    }),
    params: defaulted(map(list(string)), "Query parameters of each scrape.", {}),
    scrape_failure_log_file: defaulted(string, "A file to which failed scrapes are written, one JSON object a line.", ""),
    scrape_interval: defaulted(duration, "The time between scrapes of a target.", "60s", { check: positive }),
    scrape_timeout: defaulted(duration, "How long a scrape may take.", "10s", { check: positive }),
    metrics_path: defaulted(string, "The path of the page.", "/metrics"),
    scheme: defaulted(string, "`http` or `https`.", "http"),
    body_size_limit: defaulted(bytes, "Pages of this size or more, unpacked, fail the scrape; 0: no limit but the memory budget's.", 0),
    sample_limit: defaulted(uint, "More samples fail the scrape; 0: no limit.", 0),
    target_limit: defaulted(uint, "More targets fail all scrapes; 0: no limit.", 0),
    label_limit: defaulted(uint, "More labels of a series fail the scrape; 0: no limit.", 0),
    label_name_length_limit: defaulted(uint, "A longer name of a label fails the scrape; 0: no limit.", 0),
    label_value_length_limit: defaulted(uint, "A longer value of a label fails the scrape; 0: no limit.", 0),
    metric_name_validation_scheme: defaulted(oneOf("legacy", "utf8"), "Which names of metrics and labels are valid.", "legacy"),
    metric_name_escaping_scheme: optional(
      string,
      "How targets write names that are not valid: allow-utf-8, underscores, dots or values; underscores unless names may be UTF-8.",
      { check: escapingFinding },
    ),
    enable_compression: defaulted(bool, "Asks targets for compressed pages.", true),
    ...httpClientArguments,
  },
  blocks: {
    ...httpClientBlocks,
    clustering: maybe("Shares the targets with the other nodes of the cluster.", {
      arguments: { enabled: required(bool, "Whether targets are shared.") },
    }),
  },
} as const;

export type ScrapeArgs = Decoded<typeof scrapeSchema>;

/** What the targets of a job share. */
export function jobSettings(args: ScrapeArgs, jobName: string): JobSettings {
  return {
    jobName,
    scrapeInterval: prometheusDuration(args.scrape_interval),
    scrapeTimeout: prometheusDuration(args.scrape_timeout),
    metricsPath: args.metrics_path,
    scheme: args.scheme,
    params: args.params,
    scrapesNativeHistograms: args.scrape_native_histograms || args.enable_protobuf_negotiation,
    scrapesClassicHistograms: args.scrape_classic_histograms,
    convertsToNhcb: args.convert_classic_histograms_to_nhcb,
  };
}

function prometheusDuration(ms: number): string {
  return formatPrometheusDuration(BigInt(Math.round(ms)) * 1_000_000n);
}

/** What must hold between the arguments. */
export function checkScrape(args: ScrapeArgs, report: Report): void {
  if (args.scrape_timeout > args.scrape_interval)
    report(
      `scrape_timeout (${goDuration(args.scrape_timeout)}) greater than scrape_interval (${goDuration(args.scrape_interval)}) for scrape config with job name ${JSON.stringify(args.job_name)}`,
      "scrape_timeout",
    );
  const isDefault = args.scrape_protocols.join() === defaultProtocols.join();
  if (args.enable_protobuf_negotiation && !isDefault)
    report("both enable_protobuf_negotiation and scrape_protocols are set, only one can be set at a time", "scrape_protocols");
  if (args.scrape_native_histograms && !protocolsOf(args).includes("PrometheusProto"))
    report("scrape_native_histograms is set to true, but PrometheusProto is not in scrape_protocols", "scrape_native_histograms");
  if (args.metric_name_escaping_scheme === "allow-utf-8" && args.metric_name_validation_scheme !== "utf8")
    report(
      "metric_name_escaping_scheme cannot be set to 'allow-utf-8' while metric_name_validation_scheme is not set to 'utf8'",
      "metric_name_escaping_scheme",
    );
  checkHttpClient(args, report);
}

/** The formats that are asked for in the end: native histograms come by protobuf only. */
export function protocolsOf(args: ScrapeArgs): readonly ScrapeProtocol[] {
  const isDefault = args.scrape_protocols.join() === defaultProtocols.join();
  if ((args.enable_protobuf_negotiation || args.scrape_native_histograms) && isDefault) return protobufFirst;
  return args.scrape_protocols.filter(isScrapeProtocol);
}

export function escapingOf(args: ScrapeArgs): EscapingScheme {
  const written = escapingSchemes.find((scheme) => scheme === args.metric_name_escaping_scheme);
  return written ?? (args.metric_name_validation_scheme === "legacy" ? "underscores" : "allow-utf-8");
}

function protocolsFinding(protocols: readonly string[]): string | undefined {
  for (const [i, protocol] of protocols.entries()) {
    if (protocols.indexOf(protocol) < i)
      return `duplicate scrape protocol ${JSON.stringify(protocol)}: make sure the scrape protocols provided are unique`;
    if (!isScrapeProtocol(protocol)) return `invalid scrape protocol ${JSON.stringify(protocol)}: ${unknownProtocol(protocol)}`;
  }
  return undefined;
}

function fallbackFinding(protocol: string): string | undefined {
  if (protocol === "" || isScrapeProtocol(protocol)) return undefined;
  return `invalid scrape_fallback_protocol ${JSON.stringify(protocol)}: ${unknownProtocol(protocol)}`;
}

function unknownProtocol(protocol: string): string {
  return `unknown scrape protocol ${protocol}, supported: [${scrapeProtocols.toSorted().join(" ")}]`;
}

function escapingFinding(scheme: string): string | undefined {
  if (scheme === "" || escapingSchemes.some((known) => known === scheme)) return undefined;
  return `invalid metric_name_escaping_scheme: ${JSON.stringify(scheme)}, supported values: [${escapingSchemes.join(" ")}]`;
}

function positive(ms: number): string | undefined {
  return ms > 0 ? undefined : "must be longer than 0";
}

function goDuration(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)));
}
