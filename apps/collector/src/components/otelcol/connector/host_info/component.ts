import { Capsule } from "@invar/alloy-syntax";
import { InternTable } from "../../../../bytes/intern-table.ts";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { assumed, defaulted, duration, list, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { AnyValueReader } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import type { OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { ConnectorMetrics, connectorMetricDocs } from "../../../../signals/otlp/connector-metrics.ts";
import { metricField, resourceField, resourceLevel } from "../../../../signals/otlp/fields.ts";
import { debugMetrics, debugMetricsDoc, Output, outputBlock } from "../../../../signals/otlp/output.ts";
import { PeriodicFlush } from "../../../../signals/otlp/periodic-flush.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { writeTextAttribute } from "../../../../signals/otlp/write/attributes.ts";
import { MetricWriter, writeIntValue, writePointTimes } from "../../../../signals/otlp/write/metric.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";

/** What one remembered host takes beside its name. */
const ENTRY_BYTES = 32;

/** Counts hosts by the resources of their spans. */
export const component = defineComponent({
  name: "otelcol.connector.host_info",
  stability: "generally-available",
  summary:
    "Makes a metric traces_host_info of the hosts that spans come from, one point a host and flush interval. Spans are acknowledged when they come in.",
  arguments: {
    host_identifiers: defaulted(list(string), "Attributes of resources that name a host.", ["host.id"], {
      check: (names) => (names.length > 0 ? undefined : "host_identifiers must not be empty"),
    }),
    metrics_flush_interval: defaulted(duration, "How often the metric is sent.", "60s", {
      check: (ms) => (ms > 0 ? undefined : "metrics_flush_interval must be greater than 0"),
    }),
  },
  blocks: {
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans whose hosts are counted." } },
  metrics: connectorMetricDocs,
  needs: {},
  create(context, args) {
    const { clock, budget } = context;
    const output = new Output(args.output, context.debugStream);
    const flow = new ConnectorMetrics(context.metrics, "hostinfoconnector", context.id);
    const hosts = new InternTable();
    let identifiers = args.host_identifiers.map((name) => Buffer.from(name));
    let charged = 0;

    const fields = new ProtobufReader();
    const parts = new ProtobufReader();
    const attributes = new AttributeCursor();
    const value = new AnyValueReader();
    const remember = (batch: OtlpBatch): void => {
      for (const chunk of batch.chunks) {
        fields.reset(chunk);
        while (fields.next()) if (fields.field === 1) rememberResource(chunk, fields.start, fields.stop);
      }
    };
    const rememberResource = (chunk: Uint8Array, start: number, end: number): void => {
      parts.reset(chunk, start, end);
      let resourceStart = end;
      let resourceEnd = end;
      let hasScopes = false;
      while (parts.next()) {
        hasScopes ||= parts.field === resourceLevel.scopes;
        if (parts.field !== resourceLevel.resource) continue;
        resourceStart = parts.start;
        resourceEnd = parts.stop;
      }
      if (!hasScopes) return;
      attributes.reset(chunk, resourceStart, resourceEnd, resourceField.attributes);
      while (attributes.next()) {
        if (!identifiers.some((name) => attributes.keyIs(name))) continue;
        const text = value.reset(chunk, attributes.valueStart, attributes.valueEnd).text();
        const name = Buffer.from(text);
        if (hosts.find(name) >= 0) continue;
        if (!budget.reserve(name.length + ENTRY_BYTES)) flow.ignored(1, "memory_budget");
        else {
          charged += name.length + ENTRY_BYTES;
          hosts.intern(name);
        }
      }
    };

    const flush = new PeriodicFlush(
      context,
      output,
      {
        gather() {
          if (hosts.size === 0) return undefined;
          const request = new RequestWriter("metrics");
          request.beginScope({ name: "hostinfoconnector" });
          const metric = new MetricWriter(request);
          metric.begin({ name: "traces_host_info", kind: metricField.gauge });
          const now = clock.now();
          for (let id = 0; id < hosts.size; id++) {
            const point = metric.beginPoint();
            writeTextAttribute(metric.writer, 7, "grafana.host.id", hosts.textOf(id));
            writePointTimes(metric.writer, now, now);
            writeIntValue(metric.writer, 1);
            metric.endPoint(point);
          }
          metric.end();
          hosts.clear();
          budget.release(charged);
          charged = 0;
          return request.batch();
        },
        ended: (batch, error) => flow.ended(batch, error),
      },
      args.metrics_flush_interval,
    );

    const consumer: OtelConsumer = onlySignals(["traces"], {
      async consume(batch) {
        flow.incoming(batch.items);
        remember(batch);
      },
      pressure: () => undefined,
    });
    context.export({ input: new Capsule("otelcol.Consumer", consumer) });
    return {
      start: () => flush.start(),
      update(next) {
        identifiers = next.host_identifiers.map((name) => Buffer.from(name));
        output.update(next.output);
        flush.update(next.metrics_flush_interval);
      },
      stop: (deadline) => flush.stop(deadline),
      debugInfo: () => ({ hosts: hosts.size }),
    };
  },
});
