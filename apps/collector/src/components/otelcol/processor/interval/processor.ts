import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { metricData, metricField } from "../../../../signals/otlp/fields.ts";
import { DATA, type ItemCursor, METRIC } from "../../../../signals/otlp/item-cursor.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { PeriodicFlush } from "../../../../signals/otlp/periodic-flush.ts";
import { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { RequestEditor } from "../../../../signals/otlp/request-editor.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { CUMULATIVE } from "../../../../signals/otlp/write/metric.ts";
import { LatestPoints } from "./latest-points.ts";

export interface IntervalArguments {
  readonly interval: number;
  readonly passthrough: { readonly gauge: boolean; readonly summary: boolean };
  readonly output: Decoded<typeof outputBlock>;
}

export function createIntervalProcessor(
  context: ComponentContext,
  args: IntervalArguments,
): Component<IntervalArguments> & { readonly consumer: OtelConsumer } {
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "interval", context.id);
  const points = new LatestPoints(context.budget);
  const editor = new RequestEditor("metrics");
  const data = new ProtobufReader();
  let { passthrough } = args;

  const flush = new PeriodicFlush(
    context,
    output,
    {
      gather() {
        const items = points.size;
        return items === 0 ? undefined : new OtlpBatch({ signal: "metrics", chunks: [points.take()], items });
      },
      ended({ items }, error) {
        flow.buffered("metrics", -items);
        if (error === undefined) flow.outgoing("metrics", items);
        else flow.dropped("metrics", items, error.reason);
      },
    },
    args.interval,
  );

  /** Whether only the latest of the current metric's points counts. */
  const isGathered = (cursor: ItemCursor): boolean => {
    const { pointKind } = cursor;
    if (pointKind === metricField.gauge) return !passthrough.gauge;
    if (pointKind === metricField.summary) return !passthrough.summary;
    const level = cursor.levels[METRIC] as ProtobufReader;
    let isCumulative = false;
    let isMonotonic = pointKind !== metricField.sum;
    data.reset(cursor.bytes, level.start, level.stop);
    while (data.next()) {
      if (data.field === metricData.temporality) isCumulative = data.low === CUMULATIVE;
      else if (data.field === metricData.isMonotonic && pointKind === metricField.sum) isMonotonic = data.low !== 0;
    }
    return isCumulative && isMonotonic;
  };

  /** Takes out of a chunk what is gathered; returns the rest. */
  const gather = (chunk: Uint8Array): Uint8Array => {
    editor.reset(chunk);
    points.begin();
    const { cursor } = editor;
    let gathers = false;
    let buffered = 0;
    let superseded = 0;
    while (editor.next()) {
      if (cursor.entered <= DATA) {
        points.entered(cursor.entered);
        gathers = isGathered(cursor);
      }
      if (!gathers) continue;
      const kept = points.keep(cursor);
      // Without memory to wait in, points go on as they come.
      if (kept === "no_memory") continue;
      editor.drop();
      if (kept === "new") buffered++;
      else superseded++;
    }
    flow.buffered("metrics", buffered);
    if (superseded > 0) flow.dropped("metrics", superseded, "superseded");
    return editor.finish();
  };

  const consumer = onlySignals(["metrics"], {
    async consume(batch) {
      const { items, client, receipt } = batch;
      flow.incoming("metrics", items);
      const chunks: Uint8Array[] = [];
      let left = items;
      let isChanged = false;
      for (const chunk of batch.chunks) {
        const rest = gather(chunk);
        left -= editor.dropped;
        isChanged ||= rest !== chunk;
        if (rest.length > 0) chunks.push(rest);
      }
      if (left === 0) return;
      const passed = isChanged ? new OtlpBatch({ signal: "metrics", chunks, items: left, client, receipt, from: [batch] }) : batch;
      try {
        await output.consume(passed);
        flow.outgoing("metrics", left);
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        flow.refused("metrics", left, error.reason);
        throw error;
      } finally {
        if (passed !== batch) passed.release();
      }
    },
    // Most points wait here, whatever becomes of the others.
    pressure: () => undefined,
  });

  return {
    consumer,
    start: () => flush.start(),
    update(next) {
      passthrough = next.passthrough;
      output.update(next.output);
      flush.update(next.interval);
    },
    stop: (deadline) => flush.stop(deadline),
    debugInfo: () => ({ streams: points.size }),
  };
}
