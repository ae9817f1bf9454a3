import { choice, duration, flag, integer, labels, section, text, texts } from "../words.ts";
import { auth, clusterLabels, credential, proxy, secret, tls } from "./client.ts";
import { absent, destination } from "./destination.ts";

/** How requests are signed for AWS. */
const sigv4 = section("Signatures of AWS.", {
  ...credential("accessKey", "The id of the access key. Empty: what AWS' usual sources give."),
  ...credential("secretKey", "The access key."),
  profile: text("The profile of AWS' configuration."),
  region: text("The region. Empty: as AWS' usual sources say."),
  roleArn: text("The role to assume."),
});

export const prometheus = destination("Prometheus, Thanos, Mimir and their like, by remote write.", "prometheus", {
  url: text("The endpoint, such as https://prometheus.example.com/api/v1/write."),
  urlFrom: text("An expression of the configuration language that gives it."),
  ...proxy,
  ...credential("tenantId", "The tenant, sent as X-Scope-OrgID."),
  extraHeaders: labels("More headers."),
  extraHeadersFrom: labels("More headers, their values expressions of the configuration language."),
  extraLabels: labels("Labels of every series."),
  extraLabelsFrom: labels("Labels of every series, their values expressions of the configuration language."),
  clusterLabels,
  metricProcessingRules: text("`write_relabel_config` blocks that every series passes before it is sent."),
  metricEnrichment: section("Labels of the pod's objects to copy to series that carry `namespace` and `pod`.", {
    namespaceLabels: texts("Labels of the namespace."),
    podLabels: texts("Labels of the pod."),
  }),
  auth: auth(["none", "basic", "bearerToken", "oauth2", "sigv4"], { sigv4 }),
  secret,
  tls: tls(),
  sendNativeHistograms: flag("Send native histograms."),
  queueConfig: section("Arguments of the `queue_config` block.", {
    capacity: integer("How many samples wait for each connection.", 10_000, { minimum: 1 }),
    minShards: integer("The fewest connections at a time.", 1, { minimum: 1 }),
    maxShards: integer("The most connections at a time.", 50, { minimum: 1 }),
    maxSamplesPerSend: integer("How many samples a request carries at most.", 2000, { minimum: 1 }),
    batchSendDeadline: duration("How long samples wait for a request to fill.", "5s"),
    minBackoff: duration("The first pause before a request is repeated.", "30ms"),
    maxBackoff: duration("The longest pause.", "5s"),
    retryOnHttp429: flag("Try again when the endpoint answers 429.", true),
    sampleAgeLimit: duration("Samples older than this are dropped; 0s: none.", "0s"),
  }),
  writeAheadLog: section("Arguments of the `wal` block.", {
    truncateFrequency: duration("How often data that is sent is removed.", "2h"),
    minKeepaliveTime: duration("How long data is kept at least.", "5m"),
    maxKeepaliveTime: duration("How long data is kept at most.", "8h"),
  }),
  protobufMessage: choice("The message that is sent.", ["", "prometheus.WriteRequest", "io.prometheus.write.v2.Request"], ""),
  remoteWriteProtocol: integer("The version of remote write, where `protobufMessage` is empty.", 1, { minimum: 1, maximum: 2 }),
  openTelemetryConversion: section("How metrics of OpenTelemetry become series.", {
    addMetricSuffixes: flag("Append units and `_total` to names.", true),
    keepIdentifyingResourceAttributes: flag("Keep service.name and its like in target_info.", true),
    resourceToTelemetryConversion: flag("Copy resource attributes to every series."),
  }),
  rules: absent("Rules for Mimir's ruler."),
});
