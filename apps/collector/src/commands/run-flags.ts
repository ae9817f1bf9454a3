import { parseDurationMs } from "@invar/go-compat";
import { clusterFlags } from "./cluster-flags.ts";
import type { FlagSpec } from "./flags.ts";

export const stabilityFlag = {
  kind: "text",
  default: "generally-available",
  values: ["experimental", "public-preview", "generally-available"],
  doc: "The least stable features that may be used.",
} as const;

function durationFinding(text: string): string | undefined {
  try {
    return parseDurationMs(text) >= 0 ? undefined : "it must not be negative";
  } catch {
    return "write a duration such as 90s or 1h30m";
  }
}

const notHere = "there is nothing of the kind in this program";

/** The flags of `invar run`, by the incumbent's names. */
export const runFlags = {
  "server.http.listen-addr": { kind: "text", default: "127.0.0.1:12345", doc: "Address of the HTTP server: probes, metrics, API and UI." },
  "server.http.memory-addr": { kind: "text", default: "alloy.internal:12345", doc: "Address of targets that are read in process." },
  "server.http.ui-path-prefix": { kind: "text", default: "/", doc: "Where the UI is served." },
  "server.http.enable-pprof": { kind: "switch", default: true, doc: "Serve CPU and heap profiles under /debug/pprof/." },
  "server.http.disable-support-bundle": { kind: "switch", default: false, doc: "Do not serve /-/support." },
  "server.http.enable-graphql": {
    kind: "switch",
    default: false,
    doc: "",
    without: "there is no GraphQL API; what it tells is under /api/v0/web/ and /api/v1/",
  },
  "storage.path": { kind: "text", default: "data-alloy/", doc: "Folder for queues and positions; used when it can be written." },
  ...clusterFlags,
  "stability.level": stabilityFlag,
  "config.watch": { kind: "switch", default: false, doc: "Reload when the configuration changes, mounted ConfigMaps included." },
  "shutdown.drain-timeout": {
    kind: "text",
    default: "25s",
    doc: "How long to hand on what is held before what is left goes to disk.",
    check: durationFinding,
  },
  "storage.orphan-max-age": {
    kind: "text",
    default: "8h",
    doc: "How long data on disk waits for a destination that the configuration no longer has.",
    check: durationFinding,
  },
  "memory.budget": {
    kind: "text",
    default: "",
    doc: "Memory for data in flight, for example 256MiB; by default a share of the container's limit.",
  },
  "quick-start": {
    kind: "switch",
    default: false,
    doc: 'Run a backend for previews inside; sys.env("INVAR_PREVIEW_URL") is where it takes OTLP, remote write and Loki pushes.',
  },
  "disable-reporting": { kind: "switch", default: false, doc: "", without: "this program reports to nobody" },
  "feature.community-components.enabled": { kind: "switch", default: false, doc: "", without: notHere },
  "feature.component-shutdown-deadline": { kind: "text", default: "10m", doc: "", without: "write --shutdown.drain-timeout" },
  "feature.prometheus.direct-fanout.enabled": { kind: "switch", default: false, doc: "", without: "metrics are always forwarded directly" },
  "feature.prometheus.metric-validation-scheme": { kind: "text", default: "", doc: "", without: "each prometheus.scrape has its own" },
  "windows.priority": { kind: "text", default: "normal", doc: "", without: "this is not Windows" },
} as const satisfies FlagSpec;
