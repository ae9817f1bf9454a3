import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../apps/collector/src/component/clock.ts";
import type { Component, Definition } from "../../apps/collector/src/component/definition.ts";
import { capsuleOf, decodeText } from "../../apps/collector/src/component/from-text.ts";
import { testContext } from "../../apps/collector/src/component/testing.ts";
import { components } from "../../apps/collector/src/components/registry.generated.ts";
import { DeliveryError } from "../../apps/collector/src/signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../apps/collector/src/signals/otlp/batch.ts";
import { requests } from "../../apps/collector/src/signals/otlp/schema.ts";
import { anyMessage, encodeRequest, type Plain, requestOf } from "../../apps/collector/src/signals/otlp/testing.ts";
import { walk } from "../../apps/collector/src/signals/otlp/walk.ts";

// What every component keeps that telemetry goes through: nothing that a receiver lets in breaks it, what leaves it is valid, a refusal from below reaches
// the sender, and in = out + refused + dropped + buffered.

const folder = mkdtempSync(join(tmpdir(), "invar-flow-"));
after(() => rmSync(folder, { recursive: true }));

const output = "output {\n\ttraces = [sink]\n\tmetrics = [sink]\n\tlogs = [sink]\n}";
/** Its text, and how its balance is counted. `holds`: it answers before those below do. */
const flows: Readonly<
  Record<string, { readonly text: string; readonly kind: "processor" | "connector" | "exporter"; readonly holds?: true }>
> = {
  "otelcol.connector.host_info": { text: output, kind: "connector", holds: true },
  "otelcol.connector.servicegraph": { text: output, kind: "connector", holds: true },
  "otelcol.connector.spanlogs": {
    text: `spans = true\nroots = true\nprocesses = true\nspan_attributes = ["a"]\n${output}`,
    kind: "connector",
  },
  "otelcol.connector.spanmetrics": {
    text: `histogram {\n\texplicit { }\n}\ndimension {\n\tname = "a"\n}\n${output}`,
    kind: "connector",
    holds: true,
  },
  "otelcol.exporter.file": { text: `path = "${folder}/out.json"`, kind: "exporter" },
  "otelcol.exporter.loki": { text: "forward_to = [lines]", kind: "exporter" },
  "otelcol.exporter.prometheus": { text: "forward_to = [samples]\nresource_to_telemetry_conversion = true", kind: "exporter" },
  "otelcol.processor.attributes": { text: `action {\n\tkey = "a"\n\tvalue = "b"\n\taction = "upsert"\n}\n${output}`, kind: "processor" },
  "otelcol.processor.filter": {
    text: `error_mode = "ignore"\ntraces {\n\tspan = [\`IsMatch(name, ".*a.*")\`]\n}\nmetrics {\n\tdatapoint = [\`attributes["a"] != nil\`]\n}\nlogs {\n\tlog_record = [\`severity_number > 5\`]\n}\n${output}`,
    kind: "processor",
  },
  "otelcol.processor.groupbyattrs": { text: `keys = ["a", "host"]\n${output}`, kind: "processor" },
  "otelcol.processor.interval": { text: output, kind: "processor", holds: true },
  "otelcol.processor.probabilistic_sampler": { text: `sampling_percentage = 50\nfail_closed = false\n${output}`, kind: "processor" },
  "otelcol.processor.resourcedetection": { text: `detectors = ["env"]\n${output}`, kind: "processor" },
  "otelcol.processor.tail_sampling": {
    text: `policy {\n\tname = "a"\n\ttype = "always_sample"\n}\n${output}`,
    kind: "processor",
    holds: true,
  },
  "otelcol.processor.transform": {
    text: `error_mode = "ignore"\nstatements {\n\ttrace = [\`set(span.attributes["n"], span.name)\`, \`delete_key(span.attributes, "a")\`]\n\tmetric = [\`set(datapoint.attributes["n"], metric.name)\`]\n\tlog = [\`set(log.attributes["b"], log.body)\`, \`limit(log.attributes, 2, [])\`]\n}\n${output}`,
    kind: "processor",
  },
};

type AnyDefinition = Definition & { create(context: unknown, args: unknown): Component<unknown> | Promise<Component<unknown>> };

async function running(name: string) {
  const flow = flows[name] ?? assert.fail(name);
  const taken: OtlpBatch[] = [];
  const state: { refusal: DeliveryError | undefined; asked: number } = { refusal: undefined, asked: 0 };
  const answer = (): void => {
    state.asked++;
    if (state.refusal !== undefined) throw state.refusal;
  };
  const sink: OtelConsumer = {
    async consume(batch) {
      answer();
      for (const chunk of batch.chunks) assert.equal(typeof walk(batch.signal, chunk).items, "number");
      assert.equal(
        batch.chunks.reduce((sum, chunk) => sum + walk(batch.signal, chunk).items, 0),
        batch.items,
      );
      taken.push(batch);
    },
    pressure: () => undefined,
  };
  const other = { consume: async () => answer(), pressure: () => undefined };
  const clock = new FakeClock();
  const context = testContext({ id: `${name}.flow`, clock });
  const definition = (components[name] ?? assert.fail(name))() as AnyDefinition;
  const names = {
    sink: capsuleOf("otelcol.Consumer", sink),
    lines: capsuleOf("loki.LogsReceiver", other),
    samples: capsuleOf("storage.Appendable", other),
  };
  const component = await definition.create(context, decodeText(definition, flow.text, names));
  await component.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const send = async (signal: Signal, ...chunks: Uint8Array[]): Promise<DeliveryError | undefined> => {
    const items = chunks.reduce((sum, chunk) => sum + walk(signal, chunk).items, 0);
    const batch = new OtlpBatch({ signal, chunks, items });
    try {
      await input.consume(batch);
    } catch (thrown) {
      assert.ok(thrown instanceof DeliveryError, String(thrown));
      return thrown;
    } finally {
      batch.release();
    }
    return undefined;
  };
  const count = (metric: string) => context.metric(metric) ?? 0;
  /** What came in and is not accounted for. */
  const imbalance = () =>
    count("otelcol_processor_incoming_items_total") -
    count("otelcol_processor_outgoing_items_total") -
    count("invar_processor_refused_items_total") -
    count("invar_processor_dropped_items_total") -
    count("invar_processor_buffered_items");
  return { flow, taken, state, clock, context, component, send, count, imbalance };
}

const signals: readonly Signal[] = ["traces", "metrics", "logs"];
const anyRequest = fc
  .constantFrom(...signals)
  .chain((signal) =>
    anyMessage(requests[signal]).map((content): readonly [Signal, Uint8Array] => [signal, encodeRequest(signal, content as Plain)]),
  );

for (const [name, { kind, holds }] of Object.entries(flows)) {
  test(`${name}: nothing that may come breaks it, what leaves it is valid, and the balance holds`, async () => {
    const { send, clock, component, imbalance, context } = await running(name);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { maxLength: 4 }), async (list) => {
        for (const [signal, request] of list) await send(signal, request);
        if (kind === "processor") assert.equal(imbalance(), 0);
      }),
      { numRuns: 30, endOnFailure: true },
    );
    await clock.advance(200_000);
    await component.stop(AbortSignal.timeout(5000));
    if (kind === "processor") {
      assert.equal(imbalance(), 0);
      assert.equal(context.metric("invar_processor_buffered_items") ?? 0, 0);
    }
    assert.equal(context.budget.usedBytes, 0);
  });

  if (holds !== true && name !== "otelcol.exporter.file")
    test(`${name}: what is refused below is refused to the sender, and counted as such`, async () => {
      const { send, state, count, imbalance, component, taken } = await running(name);
      const signal = name.endsWith("exporter.prometheus") ? "metrics" : name.includes("connector.") ? "traces" : "logs";
      const request = () => requestOf(signal, ["one", "two"]);
      state.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 7 });
      const refused = await send(signal, request());
      assert.ok(state.asked > 0);
      assert.deepEqual([refused?.retryable, refused?.reason, refused?.retryAfterMs], [true, "queue_full", 7]);
      if (kind === "processor") assert.equal(count("invar_processor_refused_items_total") + imbalance(), 2);
      state.refusal = undefined;
      assert.equal(await send(signal, request()), undefined);
      if (kind !== "exporter") assert.equal(taken.length, 1);
      await component.stop(AbortSignal.timeout(5000));
    });
}
