import { readFile } from "node:fs/promises";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import type { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { passOn } from "../../../../signals/otlp/pass-on.ts";
import { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { ResourceRewriter } from "../../../../signals/otlp/resource-rewriter.ts";
import { writeAnyValue } from "../../../../signals/otlp/write/attributes.ts";
import { type Detection, type DetectionArguments, detect, detectionMetricDocs } from "./detection.ts";
import type { DetectedValue, DetectorSettings, Surroundings } from "./detector.ts";
import { requestMetadata } from "./metadata-request.ts";

/** Detection that failed is tried again after so long. */
const AGAIN_MS = 60_000;

export type ResourceDetectionArguments = Omit<DetectionArguments, "settings"> & {
  readonly override: boolean;
  readonly output: Decoded<typeof outputBlock>;
} & Readonly<Record<string, unknown>>;

interface Addition {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export function createResourceDetection(
  context: ComponentContext,
  args: ResourceDetectionArguments,
  around: Partial<Surroundings> = {},
): Component<ResourceDetectionArguments> & { readonly consumer: OtelConsumer } {
  const surroundings: Surroundings = { ...realSurroundings(context), ...around };
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "resourcedetection", context.id);
  const [gauge] = detectionMetricDocs as readonly [MetricDoc];
  const detectedAttributes = context.metrics.gauge(gauge.name, { help: gauge.doc }).of();
  const rewriter = new ResourceRewriter();
  let current = args;
  let detection: Detection | undefined;
  let additions: readonly Addition[] = [];
  let running = new AbortController();
  let cancelRetry = () => {};
  let ready: Promise<void> = Promise.resolve();

  const run = async (stop: AbortSignal): Promise<void> => {
    const found = await detect({ ...current, settings: current as DetectionArguments["settings"] }, surroundings, context.metrics, stop);
    if (stop.aborted) return;
    // What was known before is better than the little that a failed attempt brings.
    if (found.faults.length === 0 || detection === undefined || detection.faults.length > 0) {
      detection = found;
      additions = [...found.attributes].map(([key, value]) => ({ key: Buffer.from(key), value: contentOf(value) }));
      detectedAttributes.set(additions.length);
    }
    if (found.faults.length === 0) {
      context.log.info("detected resource information", { resource: Object.fromEntries(found.attributes) });
      context.health("healthy", `detected ${additions.length} attributes`);
      return;
    }
    context.health(
      "unhealthy",
      `resource detection failed, the attributes that were found are added all the same: ${found.faults.join("; ")}`,
    );
    cancelRetry = context.clock.after(AGAIN_MS, () => void run(stop));
  };
  const begin = () => {
    running.abort();
    cancelRetry();
    running = new AbortController();
    ready = run(running.signal);
  };

  const edit = (attributes: AttributeEditor): void => {
    for (const { key, value } of additions) {
      if (current.override) attributes.put(key, value);
      else if (attributes.find(key) < 0) attributes.add(key, value);
    }
  };
  const change = (batch: OtlpBatch): OtlpBatch => {
    if (additions.length === 0) return batch;
    const schemaUrl = detection?.schemaUrl ?? "";
    const chunks = batch.chunks.map((chunk) => rewriter.rewrite(chunk, edit, schemaUrl));
    if (chunks.every((chunk, i) => chunk === batch.chunks[i])) return batch;
    const { signal, items, client, receipt } = batch;
    const from = chunks.some((chunk, i) => chunk === batch.chunks[i]) ? [batch] : [];
    return new OtlpBatch({ signal, chunks, items, client, receipt, from });
  };

  return {
    consumer: {
      async consume(batch) {
        // What comes before the first detection has ended waits for it.
        await ready;
        await passOn(batch, change, { output, flow, reason: "" });
      },
      pressure: (signal) => output.pressure(signal),
    },
    start: begin,
    update(next) {
      const isSame = detectionKey(next) === detectionKey(current);
      current = next;
      output.update(next.output);
      if (!isSame) begin();
    },
    stop() {
      running.abort();
      cancelRetry();
    },
    debugInfo: () => ({ attributes: Object.fromEntries(detection?.attributes ?? []), faults: detection?.faults ?? [] }),
  };
}

/** What detection depends on. */
function detectionKey({ output: _output, debug_metrics: _metrics, override: _override, ...rest }: ResourceDetectionArguments): string {
  return JSON.stringify(rest, (_, value: unknown) =>
    typeof value === "object" && value !== null && "reveal" in value ? (value as Revealing).reveal() : value,
  );
}

interface Revealing extends DetectorSettings {
  reveal(): string;
}

function contentOf(value: DetectedValue): Uint8Array {
  const writer = new ProtobufWriter(64);
  writeAnyValue(writer, value);
  return writer.toBytes();
}

function realSurroundings(context: ComponentContext): Surroundings {
  return {
    environment: process.env,
    readText: async (path) => {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw error;
      }
    },
    request: requestMetadata,
    serviceAccountFolder: "/var/run/secrets/kubernetes.io/serviceaccount",
    context,
  };
}
