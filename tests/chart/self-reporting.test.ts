import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "./rendering.ts";

// Metrics about the release: which collector sends them, and what they tell.

const metrics = "destinations: {prometheus: {type: prometheus, url: http://prometheus}, loki: {type: loki, url: http://loki}}\n";
const events = "clusterEvents: {enabled: true, collector: events}\n";
const monitors = "prometheusOperatorObjects: {enabled: true, collector: metrics, probes: {enabled: false}}\n";

/** The collectors that send metrics about the release. */
function reporters(values: string): string[] {
  const { configurations, errors } = render(values);
  assert.deepEqual(errors, []);
  return [...configurations].filter(([, text]) => text.includes("kubernetes_monitoring_telemetry")).map(([name]) => name);
}

test("a singleton reports, whatever sends metrics already", () => {
  const collectors = "collectors: {events: {presets: [singleton]}, metrics: {presets: [deployment]}}\n";
  assert.deepEqual(reporters(metrics + events + monitors + collectors), ["invar-events"]);
});

test("without a singleton the collector reports that sends metrics already", () => {
  const collectors = "collectors: {events: {presets: [deployment]}, metrics: {presets: [deployment]}}\n";
  assert.deepEqual(reporters(metrics + events + monitors + collectors), ["invar-metrics"]);
});

test("nobody reports without a destination for metrics", () => {
  const collectors = "collectors: {events: {presets: [singleton]}}\n";
  assert.deepEqual(reporters(`destinations: {loki: {type: loki, url: http://loki}}\n${events}${collectors}`), []);
});

test("nobody reports when it is switched off", () => {
  const collectors = "collectors: {events: {presets: [singleton]}, metrics: {presets: [deployment]}}\n";
  assert.deepEqual(reporters(`${metrics}${events}${monitors}${collectors}selfReporting: {enabled: false}\n`), []);
});

test("the metrics name the features with what is on in them, and the collectors with their presets", () => {
  const collectors =
    "collectors: {events: {presets: [singleton]}, metrics: {presets: [clustered, statefulset], controller: {replicas: 2}}}\n";
  const { objects } = render(metrics + events + monitors + collectors);
  const info = objects.find(({ metadata }) => metadata.name.endsWith("-release-info"));
  const lines = info?.data?.["self-reporting-metric.prom"]?.split("\n").filter((line) => /_(feature|collector)_info\{/.test(line));
  const version = /version="([^"]*)"/.exec(lines?.[0] ?? "")?.[1];
  assert.deepEqual(lines, [
    `grafana_kubernetes_monitoring_feature_info{feature="clusterEvents", version="${version}"} 1`,
    `grafana_kubernetes_monitoring_feature_info{feature="prometheusOperatorObjects", sources="ServiceMonitors,PodMonitors", version="${version}"} 1`,
    'grafana_kubernetes_monitoring_collector_info{kind="deployment", name="events", presets="singleton", replicas="1", type="alloy"} 1',
    'grafana_kubernetes_monitoring_collector_info{kind="statefulset", name="metrics", presets="clustered,statefulset", replicas="2", type="alloy"} 1',
  ]);
});

test("a feature's collector reports when its destination takes metrics, though it sends other signals", () => {
  const otlp = "destinations: {otlp: {type: otlp, url: 'http://otlp:4317'}}\n";
  const collectors = "collectors: {a: {presets: [deployment]}, events: {presets: [deployment]}}\n";
  assert.deepEqual(reporters(otlp + events + collectors), ["invar-events"]);
});
