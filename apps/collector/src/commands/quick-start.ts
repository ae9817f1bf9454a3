import type { Source } from "@invar/alloy-syntax";
import type { PreviewSignal, PreviewStore } from "../services/preview/store.ts";

/** The built-in configuration: every signal from this host to the preview backend on `port`, over the real protocols. */
export function quickStartSource(port: number): Source {
  return { name: "quick-start", text: quickStart(port) };
}

function quickStart(port: number): string {
  return `// What runs when no configuration is given: try it, then write your own.

livedebugging {
	enabled = true
}

// Traces, metrics and logs of applications, through OpenTelemetry.
otelcol.receiver.otlp "applications" {
	grpc {
		endpoint = "127.0.0.1:4317"
	}

	http {
		endpoint = "127.0.0.1:4318"
	}

	output {
		traces  = [otelcol.processor.batch.applications.input]
		metrics = [otelcol.processor.batch.applications.input]
		logs    = [otelcol.processor.batch.applications.input]
	}
}

otelcol.processor.batch "applications" {
	output {
		traces  = [otelcol.exporter.otlphttp.preview.input]
		metrics = [otelcol.exporter.otlphttp.preview.input]
		logs    = [otelcol.exporter.otlphttp.preview.input]
	}
}

otelcol.exporter.otlphttp "preview" {
	client {
		endpoint = "http://127.0.0.1:${port}"
	}
}

// Metrics of this collector and of this host.
prometheus.exporter.self "collector" { }

prometheus.exporter.unix "host" { }

prometheus.scrape "local" {
	targets         = array.concat(prometheus.exporter.self.collector.targets, prometheus.exporter.unix.host.targets)
	scrape_interval = "15s"
	forward_to      = [prometheus.remote_write.preview.receiver]
}

prometheus.remote_write "preview" {
	endpoint {
		url = "http://127.0.0.1:${port}/api/v1/write"
	}
}

// Log files of this host.
local.file_match "logs" {
	path_targets = [{
		"__path__" = "/var/log/**/*.log",
		"job"      = "files",
	}]
}

loki.source.file "logs" {
	targets       = local.file_match.logs.targets
	tail_from_end = true
	forward_to    = [loki.write.preview.receiver]
}

loki.write "preview" {
	endpoint {
		url = "http://127.0.0.1:${port}/loki/api/v1/push"
	}
}
`;
}

const names: Readonly<Record<PreviewSignal, string>> = { traces: "spans", metrics: "samples", logs: "lines" };
const intervalMs = 2_000;

/** Prints a line a signal, over and over on a terminal, and when it moved elsewhere; the returned function ends it. */
export function printProgress(store: PreviewStore, output: { readonly isTTY?: boolean; write(text: string): unknown }): () => void {
  let before = { traces: 0, metrics: 0, logs: 0 };
  let printed = 0;
  const timer = setInterval(() => {
    const now = { ...store.totals };
    const lines = (Object.keys(names) as PreviewSignal[]).map((signal) => {
      const rate = (now[signal] - before[signal]) / (intervalMs / 1000);
      return `${signal.padEnd(8)}${String(now[signal]).padStart(10)} ${names[signal].padEnd(8)}${rate.toFixed(1).padStart(10)}/s ${"▮".repeat(Math.min(Math.ceil(Math.log2(rate + 1)), 20))}`;
    });
    const moved = (Object.keys(names) as PreviewSignal[]).some((signal) => now[signal] !== before[signal]);
    before = now;
    if (output.isTTY === true)
      output.write(`${printed > 0 ? `\u001b[${lines.length}A` : ""}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    else if (moved) output.write(`${lines.join("\n")}\n`);
    printed++;
  }, intervalMs);
  return () => clearInterval(timer);
}
