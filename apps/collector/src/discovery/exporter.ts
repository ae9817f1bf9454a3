import { hostname } from "node:os";
import type { ComponentContext, PageHandler } from "../component/context.ts";
import { type Target, target } from "./targets.ts";

/** The target of an exporter that is part of this process: read without a socket by `prometheus.scrape`. */
export function exporterTarget(context: ComponentContext, name: string, instance = hostname()): Target {
  return target({
    __address__: context.http.address,
    __scheme__: "http",
    __metrics_path__: `${context.http.path}metrics`,
    job: `integrations/${name}`,
    instance,
    __meta_component_name: `prometheus.exporter.${name}`,
    __meta_component_id: context.id,
  });
}

/** Serves an exporter's metrics under its `metrics` path. */
export function metricsPage(text: () => string | Promise<string>): PageHandler {
  return async ({ path }) => {
    if (path !== "metrics") return { status: 404, contentType: "text/plain", body: "404 page not found\n" };
    return { status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: await text() };
  };
}
