import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { logField, pointAttributes, spanField } from "../../../../signals/otlp/fields.ts";
import type { MatchProperties } from "../../../../signals/otlp/matching/arguments.ts";
import { type ItemMatcher, skipped } from "../../../../signals/otlp/matching/item-matcher.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { oncePerSignal, ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { RequestEditor } from "../../../../signals/otlp/request-editor.ts";
import type { ActionArguments } from "./action-arguments.ts";
import { type Actions, compileActions } from "./actions.ts";

/** Changed chunks go on in memory that is used again: fresh pages cost more than all the rest of the work. */
const POOL_BYTES = 8 * 1024 * 1024;

export interface AttributesArguments {
  readonly action: readonly ActionArguments[];
  readonly include: MatchProperties | undefined;
  readonly exclude: MatchProperties | undefined;
  readonly output: Decoded<typeof outputBlock>;
}

export function createAttributesProcessor(
  context: ComponentContext,
  args: AttributesArguments,
): Component<AttributesArguments> & { readonly consumer: OtelConsumer } {
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "attributes", context.id);
  let change = changerOf(args);

  const consumer: OtelConsumer = {
    async consume(batch) {
      const { signal, items } = batch;
      flow.incoming(signal, items);
      const changed = change(batch);
      try {
        await output.consume(changed);
        flow.outgoing(signal, items);
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        flow.refused(signal, items, error.reason);
        throw error;
      } finally {
        if (changed !== batch) changed.release();
      }
    },
    pressure: (signal) => output.pressure(signal),
  };

  return {
    consumer,
    start() {},
    update(next) {
      change = changerOf(next);
      output.update(next.output);
    },
    stop() {},
  };
}

/** Applies the actions to a batch; the result is the same batch where nothing changed. */
function changerOf(args: AttributesArguments): (batch: OtlpBatch) => OtlpBatch {
  const actions = compileActions(args.action);
  const pool = new BufferPool(POOL_BYTES);
  // A signal without outputs may be one that the match properties are not made for.
  const changers = oncePerSignal((signal) => chunkChanger(signal, actions, skipped(signal, args.include, args.exclude), pool));
  return (batch) => {
    if (args.output[batch.signal].length === 0) return batch;
    actions.begin(batch.client);
    const changeChunk = changers(batch.signal);
    const made: Uint8Array[] = [];
    const chunks: Uint8Array[] = [];
    for (const chunk of batch.chunks) {
      const changed = changeChunk(chunk);
      if (changed !== chunk) made.push(changed);
      chunks.push(changed);
    }
    if (made.length === 0) return batch;
    return batch.with(chunks, batch.items, () => {
      for (const chunk of made) pool.give(chunk);
    });
  };
}

function chunkChanger(
  signal: Signal,
  actions: Actions,
  skips: ItemMatcher | undefined,
  pool: BufferPool,
): (chunk: Uint8Array) => Uint8Array {
  const editor = new RequestEditor(signal);
  const attributes = new AttributeEditor();
  const content = new ProtobufWriter(4096);
  const { cursor } = editor;
  return (chunk) => {
    editor.reset(chunk);
    while (editor.next()) {
      if (skips?.matches(cursor) === true) continue;
      attributes.reset(chunk, cursor.start, cursor.end, attributesField(signal, cursor.pointKind));
      actions.apply(attributes);
      if (!attributes.isChanged) continue;
      content.clear();
      attributes.write(content);
      editor.replace(content.bytes, 0, content.length);
    }
    return editor.finish(pool);
  };
}

function attributesField(signal: Signal, pointKind: number): number {
  if (signal === "traces") return spanField.attributes;
  return signal === "logs" ? logField.attributes : pointAttributes(pointKind);
}
