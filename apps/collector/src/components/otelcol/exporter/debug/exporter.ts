import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { ExporterMetrics } from "../../../../signals/otlp/exporter-metrics.ts";
import { resourceLevel, scopeLevel } from "../../../../signals/otlp/fields.ts";
import { jsonFromProtobuf } from "../../../../signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { detailedText } from "./detailed.ts";
import { normalText } from "./normal.ts";
import { Sampler } from "./sampler.ts";
import type { Json } from "./values.ts";
import { type LineWriter, openWriters } from "./writer.ts";

export interface DebugArguments {
  readonly verbosity: string;
  readonly sampling_initial: number;
  readonly sampling_thereafter: number;
  readonly use_internal_logger: boolean;
  readonly output_paths: readonly string[] | undefined;
}

export function createDebugExporter(
  context: ComponentContext,
  args: DebugArguments,
): Component<DebugArguments> & { readonly consumer: OtelConsumer } {
  let current = args;
  const sampler = new Sampler(context.clock);
  const metrics = new ExporterMetrics(context.metrics, "debug", context.id);
  let writer = writerOf(context, args);

  const print = async (message: string, fields: Readonly<Record<string, number>>) => {
    if (!sampler.accepts(message, current.sampling_initial, current.sampling_thereafter)) return;
    if (writer === undefined) context.log.info(message, fields);
    else await writer.write(`${message}${Object.keys(fields).length === 0 ? "" : `\t${fieldText(fields)}`}\n`);
  };

  const consumer: OtelConsumer = {
    async consume(batch) {
      const [title, fields] = summary(batch);
      await print(title, fields);
      const verbosity = current.verbosity.toLowerCase();
      if (verbosity !== "basic") {
        const request = JSON.parse(jsonFromProtobuf(requests[batch.signal], batch.chunks)) as Json;
        await print(verbosity === "detailed" ? detailedText(batch.signal, request) : normalText(batch.signal, request), {});
      }
      metrics.sent(batch.signal).add(batch.items);
    },
    pressure: () => undefined,
  };

  return {
    consumer,
    start() {},
    async update(next) {
      const old = writer;
      current = next;
      writer = writerOf(context, next);
      await old?.close();
    },
    async stop() {
      await writer?.close();
    },
  };
}

function writerOf(context: ComponentContext, args: DebugArguments): LineWriter | undefined {
  if (args.use_internal_logger) return undefined;
  return openWriters(args.output_paths ?? ["stdout"], (path, error) =>
    context.health("unhealthy", `can't write to ${path}: ${error.message}`),
  );
}

/** `{"resource spans": 1, "spans": 2}` */
function fieldText(fields: Readonly<Record<string, number>>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `${JSON.stringify(name)}: ${value}`)
    .join(", ")}}`;
}

function summary(batch: OtlpBatch): [title: string, fields: Readonly<Record<string, number>>] {
  const resources = batch.chunks.reduce((sum, chunk) => sum + resourcesIn(chunk), 0);
  switch (batch.signal) {
    case "traces":
      return ["Traces", { "resource spans": resources, spans: batch.items }];
    case "logs":
      return ["Logs", { "resource logs": resources, "log records": batch.items }];
    case "metrics":
      return ["Metrics", { "resource metrics": resources, metrics: metricsIn(batch), "data points": batch.items }];
  }
}

function resourcesIn(chunk: Uint8Array): number {
  const reader = new ProtobufReader().reset(chunk);
  let resources = 0;
  while (reader.next()) if (reader.field === 1) resources++;
  return resources;
}

/** Metrics, those without points included. */
function metricsIn(batch: OtlpBatch): number {
  const [resources, scopes, metrics] = [new ProtobufReader(), new ProtobufReader(), new ProtobufReader()] as const;
  let count = 0;
  for (const chunk of batch.chunks) {
    resources.reset(chunk);
    while (resources.next()) {
      scopes.reset(chunk, resources.start, resources.stop);
      while (scopes.next()) {
        if (scopes.field !== resourceLevel.scopes) continue;
        metrics.reset(chunk, scopes.start, scopes.stop);
        while (metrics.next()) if (metrics.field === scopeLevel.items) count++;
      }
    }
  }
  return count;
}
