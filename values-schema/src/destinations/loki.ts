import { duration, flag, integer, labels, section, text, textOrNumber } from "../words.ts";
import { auth, clusterLabels, credential, proxy, secret, tls } from "./client.ts";
import { destination } from "./destination.ts";

export const loki = destination("Loki, by its push API.", "loki", {
  url: text("The push endpoint, such as https://loki.example.com/loki/api/v1/push."),
  urlFrom: text("An expression of the configuration language that gives it."),
  timeout: duration("How long a request may take."),
  retryOnHttp429: flag("Try again when Loki answers 429.", true),
  ...proxy,
  ...credential("tenantId", "The tenant, sent as X-Scope-OrgID."),
  extraHeaders: labels("More headers."),
  extraHeadersFrom: labels("More headers, their values expressions of the configuration language."),
  extraLabels: labels("Labels of every line."),
  extraLabelsFrom: labels("Labels of every line, their values expressions of the configuration language."),
  clusterLabels,
  logProcessingStages: text("Stages of loki.process that every line passes before it is sent."),
  minBackoffPeriod: duration("The first pause before a request is repeated.", "500ms"),
  maxBackoffPeriod: duration("The longest pause.", "5m"),
  maxBackoffRetries: integer("How often a request is repeated.", 10, { minimum: 0 }),
  batchSize: textOrNumber("The size of a request, such as 1MiB.", ""),
  batchWait: duration("How long lines wait for a request to fill."),
  writeAheadLog: section("Arguments of the `wal` block.", {
    enabled: flag("Write the block."),
    drainTimeout: duration("How long is waited at the stop for what is kept to be sent.", "30s"),
    minReadFrequency: duration("", "250ms"),
    maxReadFrequency: duration("", "1s"),
    maxSegmentAge: duration("How long data is kept.", "1h"),
  }),
  auth: auth(["none", "basic", "bearerToken", "oauth2"]),
  secret,
  tls: tls(),
});
