import { formatFloat } from "@invar/go-compat";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { attributeTexts, double, id, inner, type Json, list, number, plainValue, shortest, text } from "./values.ts";

/** One line an item. */
export function normalText(signal: Signal, request: Json): string {
  switch (signal) {
    case "traces":
      return grouped(list(request, "resourceSpans"), "ResourceTraces", "scopeSpans", "ScopeTraces", (scope) =>
        list(scope, "spans").map(spanLine),
      );
    case "logs":
      return grouped(list(request, "resourceLogs"), "ResourceLog", "scopeLogs", "ScopeLog", (scope) =>
        list(scope, "logRecords").map(logLine),
      );
    case "metrics":
      return grouped(list(request, "resourceMetrics"), "ResourceMetrics", "scopeMetrics", "ScopeMetrics", (scope) =>
        list(scope, "metrics").flatMap(metricLines),
      );
  }
}

function grouped(
  resources: readonly Json[],
  resourceTitle: string,
  scopes: string,
  scopeTitle: string,
  lines: (scope: Json) => readonly string[],
): string {
  let printed = "";
  for (const [i, resource] of resources.entries()) {
    const url = text(resource, "schemaUrl");
    const attributes = list(inner(resource, "resource"), "attributes");
    printed += `${resourceTitle} #${i}${url === "" ? "" : ` [${url}]`}${spaced(attributeTexts(attributes))}\n`;
    for (const [j, each] of list(resource, scopes).entries()) {
      const scope = inner(each, "scope");
      printed += `${scopeTitle} #${j}${scopeDetails(scope, text(each, "schemaUrl"))}${spaced(attributeTexts(list(scope, "attributes")))}\n`;
      for (const line of lines(each)) printed += `${line}\n`;
    }
  }
  return printed;
}

function spaced(texts: readonly string[]): string {
  return texts.length === 0 ? "" : ` ${texts.join(" ")}`;
}

function scopeDetails(scope: Json, url: string): string {
  const version = text(scope, "version");
  const name = `${text(scope, "name")}${version === "" ? "" : `@${version}`}`;
  return spaced([name, url === "" ? "" : `[${url}]`].filter((part) => part !== ""));
}

function spanLine(span: Json): string {
  return `${text(span, "name")} ${id(span, "traceId")} ${id(span, "spanId")}${spaced(attributeTexts(list(span, "attributes")))}`;
}

function logLine(record: Json): string {
  return `${plainValue(inner(record, "body"))} ${attributeTexts(list(record, "attributes")).join(" ")}`;
}

function metricLines(metric: Json): string[] {
  const line = (describe: (point: Json) => string) => (point: Json) =>
    `${text(metric, "name")}{${attributeTexts(list(point, "attributes")).join(",")}} ${describe(point)}`;
  const points = (kind: string) => list(inner(metric, kind), "dataPoints");
  if (metric.gauge !== undefined) return points("gauge").map(line(numberText));
  if (metric.sum !== undefined) return points("sum").map(line(numberText));
  if (metric.histogram !== undefined) return points("histogram").map(line(histogramText));
  if (metric.exponentialHistogram !== undefined) return points("exponentialHistogram").map(line(exponentialText));
  return points("summary").map(line(summaryText));
}

function numberText(point: Json): string {
  if (point.asInt !== undefined) return String(point.asInt);
  return point.asDouble === undefined ? "" : shortest(point.asDouble);
}

function countText(point: Json): string {
  const extra = ["sum", "min", "max"].filter((name) => point[name] !== undefined).map((name) => ` ${name}=${shortest(point[name])}`);
  return `count=${number(point, "count")}${extra.join("")}`;
}

function histogramText(point: Json): string {
  const bounds = (point.explicitBounds ?? []) as readonly unknown[];
  const counts = (point.bucketCounts ?? []) as readonly unknown[];
  const buckets = counts.map((count, i) => ` ${i < bounds.length ? `le${shortest(bounds[i])}=` : ""}${count}`);
  return countText(point) + buckets.join("");
}

function exponentialText(point: Json): string {
  const factor = Math.LN2 * 2 ** -Number(number(point, "scale"));
  const counts = (side: string) => (inner(point, side).bucketCounts ?? []) as readonly unknown[];
  const offset = (side: string) => Number(number(inner(point, side), "offset"));
  const negative = counts("negative").map((count, i) => ` le${shortest(-Math.exp((offset("negative") + i) * factor))}=${count}`);
  const positive = counts("positive").map((count, i) => ` le${shortest(Math.exp((offset("positive") + i + 1) * factor))}=${count}`);
  const zero = number(point, "zeroCount");
  return `${countText(point)}${negative.reverse().join("")}${zero === 0 ? "" : ` zero=${zero}`}${positive.join("")}`;
}

function summaryText(point: Json): string {
  const quantiles = list(point, "quantileValues").map((each) => ` q${shortest(each.quantile)}=${shortest(each.value)}`);
  return `count=${number(point, "count")} sum=${formatFloat(double(point.sum), "f", 6)}${quantiles.join("")}`;
}
