import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { requestOf, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { createMemoryLimiter } from "./limiter.ts";
import { processMemory } from "./memory.ts";

const MIB = 1024 * 1024;

/** A limiter over a memory of 1000 MiB, of which `used` are used and `garbage` of these can be freed. */
async function running(text: string) {
  const memory = {
    used: 0,
    garbage: 0,
    collections: 0,
    usedBytes: () => memory.used * MIB,
    totalBytes: () => 1000 * MIB,
    collectGarbage() {
      memory.collections++;
      memory.used -= memory.garbage;
      memory.garbage = 0;
    },
  };
  const clock = new FakeClock();
  const context = testContext({ clock });
  const sink = new TestSink();
  const decode = (inside: string) =>
    decodeText(component, `check_interval = "1s"\n${inside}\noutput {\ntraces = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const limiter = createMemoryLimiter(context, decode(text), memory);
  await limiter.start();
  /** The reason of the refusal, or "ok". */
  const send = () =>
    limiter.consumer.consume(new OtlpBatch({ signal: "traces", chunks: [requestOf("traces", ["a"])], items: 1 })).then(
      () => "ok",
      (error: DeliveryError) => `${error.reason} ${error.retryable}`,
    );
  return { memory, clock, context, sink, limiter, send, update: (inside: string) => limiter.update(decode(inside)) };
}

test("refuses above the soft limit, and passes on again below it", async () => {
  const { memory, clock, send, sink, limiter, context } = await running('limit = "100MiB"\nspike_limit = "30MiB"');
  assert.equal(await send(), "ok");
  memory.used = 71;
  assert.equal(await send(), "ok", "until the next check");
  await clock.advance(1000);
  assert.equal(await send(), "memory_limit true");
  assert.equal(limiter.consumer.pressure()?.retryAfterMs, 1000);
  memory.used = 70;
  await clock.advance(1000);
  assert.equal(await send(), "ok");
  assert.equal(limiter.consumer.pressure(), undefined);
  assert.equal(sink.batches.length, 3);
  assert.equal(context.metric("otelcol_processor_memory_limiter_accepted_spans_total"), 3);
  assert.equal(context.metric("otelcol_processor_memory_limiter_refused_spans_total"), 1);
});

test("garbage does not count", async () => {
  const { memory, clock, send } = await running('limit = "100MiB"');
  Object.assign(memory, { used: 150, garbage: 100 });
  await clock.advance(1000);
  assert.equal(await send(), "ok");
  assert.equal(memory.collections, 1);
});

test("collects at every check above the hard limit, every ten seconds above the soft one", async () => {
  const { memory, clock } = await running('limit = "100MiB"');
  memory.used = 81;
  await clock.advance(20_000);
  assert.equal(memory.collections, 2);
  memory.used = 101;
  await clock.advance(5_000);
  assert.equal(memory.collections, 7);
});

test("percentages are of the memory that there is", async () => {
  const { memory, clock, send, update } = await running("limit_percentage = 50\nspike_limit_percentage = 20");
  memory.used = 301;
  await clock.advance(1000);
  assert.equal(await send(), "memory_limit true");
  await update("limit_percentage = 80\nspike_limit_percentage = 20");
  assert.equal(await send(), "ok");
});

for (const [text, message] of [
  ["", "either limit or limit_percentage must be set to greater than zero"],
  ['limit = "100MiB"\nlimit_percentage = 10', "either limit or limit_percentage must be set, but not both"],
  ['limit = "10MiB"\nspike_limit = "10MiB"', "spike_limit must be less than limit"],
  ['limit = "10KiB"', "limit must be at least 1MiB"],
  ["limit_percentage = 50", "must be greater than 0"],
  ["limit_percentage = 101\nspike_limit_percentage = 10", "less or equal than 100"],
  ['check_interval = "0s"\nlimit = "10MiB"', "check_interval must be greater than zero"],
] as const)
  test(`refuses ${text || "no limit"}`, () => {
    const interval = text.includes("check_interval") ? "" : 'check_interval = "1s"\n';
    const { diagnostics } = tryDecodeText(component, `${interval}${text}\noutput {}`);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });

test("sees and frees the memory of the real process", () => {
  const heldBytes = () => Array.from({ length: 64 }, () => Buffer.alloc(MIB, 1)).reduce((sum, { length }) => sum + length, 0);
  assert.equal(heldBytes(), 64 * MIB);
  processMemory.collectGarbage();
  assert.ok(processMemory.usedBytes() < 64 * MIB, `${processMemory.usedBytes()} bytes`);
  assert.ok(processMemory.totalBytes() > processMemory.usedBytes());
});
