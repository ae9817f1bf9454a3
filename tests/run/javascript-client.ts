import { SeverityNumber, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** Sends spans, metrics and log records by the SDK for JavaScript, whose exporters of these names write OTLP in JSON. */
export async function sendFromJavaScript(url: string, count: number): Promise<void> {
  const resource = resourceFromAttributes({ "service.name": "shop" });
  const traces = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }), maxExportBatchSize: 64 })],
  });
  const tracer = traces.getTracer("clients", "1.2.3");
  for (let i = 0; i < count; i++) {
    const span = tracer.startSpan("GET /orders", {
      kind: SpanKind.SERVER,
      attributes: { number: i, route: "/orders", ok: true, share: 0.5, tags: ["a", "b"] },
    });
    span.addEvent("read", { bytes: 10 });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "bad" });
    span.end();
  }

  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics` });
  const metrics = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  const meter = metrics.getMeter("clients");
  const counter = meter.createCounter("requests", { unit: "1" });
  const histogram = meter.createHistogram("duration", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 1] } });
  for (let i = 0; i < count; i++) {
    counter.add(1, { route: "/orders" });
    histogram.record(0.25);
  }
  meter.createUpDownCounter("queued").add(-2.5);
  meter.createGauge("temperature", { unit: "Cel" }).record(21.5);

  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/v1/logs` }), maxExportBatchSize: 64 })],
  });
  const logger = logs.getLogger("clients");
  for (let i = 0; i < count; i++)
    logger.emit({
      timestamp: new Date(),
      severityNumber: SeverityNumber.WARN,
      severityText: "WARN",
      body: `order ${i}`,
      attributes: { number: i, user: { name: "ann" } },
    });
  for (const provider of [traces, metrics, logs]) await provider.shutdown();
}
