import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryError } from "../delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "./batch.ts";
import { Output } from "./output.ts";
import { encodeRequest, typicalSpans } from "./testing.ts";

const full = new DeliveryError("full", { retryable: true, reason: "queue_full" });

/** A consumer that notes what it gets and is full for the named signals. */
function sink(...fullFor: Signal[]): OtelConsumer & { got: OtlpBatch[] } {
  const got: OtlpBatch[] = [];
  return {
    got,
    async consume(batch) {
      got.push(batch);
    },
    pressure: (signal) => (signal !== undefined && fullFor.includes(signal) ? full : undefined),
  };
}

const quiet = { watched: false, publish: () => {} };
const spans = () => new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", typicalSpans(1))], items: 1 });

test("sends each signal to its own consumers, and to new ones after an update", async () => {
  const [traces, logs, later] = [sink(), sink(), sink()];
  const output = new Output({ traces: [traces], metrics: [], logs: [logs] }, quiet);
  await output.consume(spans());
  output.update({ traces: [later], metrics: [], logs: [] });
  await output.consume(spans());
  assert.deepEqual([traces.got.length, logs.got.length, later.got.length], [1, 0, 1]);
});

test("is full for a signal only where all its consumers are", () => {
  const output = new Output({ traces: [sink("traces")], metrics: [sink("metrics"), sink()], logs: [] }, quiet);
  assert.equal(output.pressure("traces"), full);
  assert.equal(output.pressure("metrics"), undefined);
  assert.equal(output.pressure("logs"), undefined);
  assert.equal(output.pressure(), undefined);
});

test("shows what passes while somebody watches", async () => {
  const shown: unknown[] = [];
  const stream = {
    watched: true,
    publish: (kind: string, count: number, describe: () => string) => shown.push([kind, count, describe().slice(0, 17)]),
  };
  await new Output({ traces: [], metrics: [], logs: [] }, stream).consume(spans());
  assert.deepEqual(shown, [["otel_trace", 1, '{"resourceSpans":']]);
});
