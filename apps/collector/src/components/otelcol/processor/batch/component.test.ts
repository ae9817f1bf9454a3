import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { Metadata } from "../../../../signals/client-info.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { requestOf, TestSink } from "../../../../signals/otlp/testing.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { component } from "./component.ts";

/** A running batch processor; `send("a b")` hands in the spans a and b and notes how it was answered. */
async function running(text: string, clock = new FakeClock()) {
  const sink = new TestSink();
  const context = testContext({ clock, id: "otelcol.processor.batch.test" });
  const names = { sink: capsuleOf("otelcol.Consumer", sink) };
  const decode = (inside: string) =>
    decodeText(component, lines(`${inside}; output {; traces = [sink]; metrics = [sink]; logs = [sink]; }`), names);
  const running = await component.create(context, decode(text));
  await running.start();
  const input = (context.exports.input as { value: TestSink }).value;
  const answers: string[] = [];
  return {
    sink,
    clock,
    context,
    running,
    answers,
    input,
    update: (inside: string) => running.update(decode(inside)),
    send(items: string, options: { signal?: Signal; tenant?: string; receipt?: Receipt } = {}) {
      const signal = options.signal ?? "traces";
      const names = items.split(" ");
      const client =
        options.tenant === undefined ? undefined : { metadata: new Metadata(["tenant", options.tenant, "x", "y"]), address: "::1" };
      const batch = new OtlpBatch({ signal, chunks: [requestOf(signal, names)], items: names.length, client, receipt: options.receipt });
      return input
        .consume(batch)
        .then(
          () => answers.push(`${items} ok`),
          (error: DeliveryError) => answers.push(`${items} ${error.reason}`),
        )
        .finally(() => batch.release());
    },
  };
}

/** The notation writes `;` for a line's end. */
function lines(text: string): string {
  return text.replaceAll("; ", "\n");
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("sends a batch when the timeout has passed, and answers its senders then", async () => {
  const { send, clock, sink, answers } = await running('timeout = "100ms"');
  void send("a b");
  await clock.advance(60);
  void send("c");
  await clock.advance(39);
  assert.equal(sink.text, "");
  assert.deepEqual(answers, []);
  await clock.advance(1);
  assert.equal(sink.text, "a b c");
  assert.deepEqual(answers, ["a b ok", "c ok"]);
});

test("sends a batch when it is full, and the rest later", async () => {
  const { send, clock, sink, context } = await running("send_batch_size = 3; send_batch_max_size = 3");
  void send("a b");
  void send("c d e f g");
  await turn();
  assert.equal(sink.text, "a b c|d e f");
  await clock.advance(200);
  assert.equal(sink.text, "a b c|d e f|g");
  assert.equal(context.metric("otelcol_processor_batch_batch_size_trigger_send_total"), 2);
  assert.equal(context.metric("otelcol_processor_batch_timeout_trigger_send_total"), 1);
  assert.equal(context.metric("otelcol_processor_batch_batch_send_size_count"), 3);
  assert.equal(context.metric("otelcol_processor_batch_batch_send_size_sum"), 7);
});

test("a batch may be larger than its size where there is no maximum", async () => {
  const { send, sink } = await running("send_batch_size = 2; send_batch_max_size = 0");
  await send("a b c d e");
  assert.equal(sink.text, "a b c d e");
});

for (const text of ['timeout = "0s"; send_batch_max_size = 2; send_batch_size = 2', "send_batch_size = 0; send_batch_max_size = 2"])
  test(`sends at once with ${text}`, async () => {
    const { send, sink } = await running(text);
    await send("a");
    await send("b c d");
    assert.equal(sink.text, "a|b c|d");
  });

test("signals do not share batches", async () => {
  const { send, clock, sink } = await running("send_batch_size = 4");
  for (const signal of ["traces", "metrics", "logs"] as const) void send("a", { signal });
  await clock.advance(200);
  assert.deepEqual(
    sink.batches.map(({ signal, items }) => `${signal} ${items}`),
    ["traces 1", "metrics 1", "logs 1"],
  );
});

test("batches apart by metadata, hands on only that, and refuses more combinations than the limit", async () => {
  const { send, clock, sink, answers, context } = await running('metadata_keys = ["Tenant"]; metadata_cardinality_limit = 2');
  void send("a", { tenant: "one" });
  void send("b", { tenant: "two" });
  void send("c", { tenant: "one" });
  await send("d");
  assert.deepEqual(answers, ["d metadata_cardinality"]);
  await clock.advance(200);
  assert.deepEqual(sink.text.split("|").sort(), ["a c", "b"]);
  assert.deepEqual([...(sink.batches[0]?.client?.metadata ?? [])], [["tenant", "one"]]);
  assert.equal(context.metric("otelcol_processor_batch_metadata_cardinality"), 2);
  await send("d", { tenant: "three" });
  assert.equal(context.metric("invar_processor_refused_items_total", { reason: "metadata_cardinality" }), 2);
});

test("a refusal reaches every sender whose data was in the batch", async () => {
  const { send, clock, sink, answers, context, input } = await running("send_batch_size = 3; send_batch_max_size = 3");
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  void send("a b");
  void send("c d");
  await turn();
  sink.refusal = undefined;
  await clock.advance(200);
  assert.deepEqual(answers, ["a b queue_full", "c d queue_full"]);
  assert.equal(sink.text, "d", "the rest of the second request went its way");
  assert.equal(context.metric("otelcol_processor_incoming_items_total"), 4);
  assert.equal(context.metric("invar_processor_refused_items_total"), 4);
  assert.equal(context.metric("invar_processor_buffered_items"), 0);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(input.pressure()?.reason, "queue_full");
});

test("receipts follow the data into every batch that holds some of it", async () => {
  const { send, sink } = await running("send_batch_size = 2; send_batch_max_size = 2");
  let settled = 0;
  const receipt = new Receipt(() => settled++);
  sink.holds = true;
  void send("a b c d", { receipt });
  receipt.settle();
  await turn();
  assert.equal(settled, 0);
  sink.holds = false;
  sink.go();
  await turn();
  assert.equal(settled, 1);
  assert.equal(sink.batches.length, 2);
});

test("acknowledges at once where the timeout is long, and insists on delivery", async () => {
  const { send, clock, sink, answers, context, input } = await running('timeout = "10s"');
  await send("a b");
  assert.deepEqual(answers, ["a b ok"]);
  assert.ok(context.budget.usedBytes > 0);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 1000 });
  await clock.advance(10_000);
  assert.equal(input.pressure()?.reason, "queue_full");
  assert.equal(context.metric("invar_processor_buffered_items"), 2);
  sink.refusal = undefined;
  await clock.advance(1000);
  assert.equal(sink.text, "a b");
  for (const batch of sink.batches) batch.release();
  assert.equal(context.budget.usedBytes, 0);
  assert.equal(context.metric("otelcol_processor_outgoing_items_total"), 2);
});

test("acknowledged data that is refused for good is dropped, counted and logged", async () => {
  const { send, clock, sink, context } = await running('timeout = "10s"');
  await send("a b");
  sink.refusal = new DeliveryError("too large", { retryable: false, reason: "too_large" });
  await clock.advance(10_000);
  assert.equal(context.metric("invar_processor_dropped_items_total", { reason: "too_large" }), 2);
  assert.equal(context.budget.usedBytes, 0);
  assert.equal(context.logged.filter(({ level }) => level === "error").length, 1);
});

test("a stop sends what waits; at the deadline what is stuck is given up", async () => {
  const { send, sink, answers, running: component } = await running('timeout = "1s"');
  void send("a");
  await component.stop(new AbortController().signal);
  await turn();
  assert.equal(sink.text, "a");
  assert.deepEqual(answers, ["a ok"]);

  const stuck = await running('timeout = "10s"');
  stuck.sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await stuck.send("a");
  const deadline = new AbortController();
  const stopped = stuck.running.stop(deadline.signal);
  await turn();
  deadline.abort();
  await stopped;
  assert.equal(stuck.context.metric("invar_processor_dropped_items_total"), 1);
});

test("an update sends what waits by the old limits and takes the new ones", async () => {
  const { send, sink, update } = await running("send_batch_size = 10");
  void send("a");
  await update('send_batch_size = 1; metadata_keys = ["tenant"]');
  await turn();
  assert.equal(sink.text, "a");
  await send("b", { tenant: "x" });
  assert.equal(sink.text, "a|b");
});

test("does not let a few senders wait for a timer that brings no more data", async () => {
  const { clock, sink, input } = await running('timeout = "200ms"');
  let answered = 0;
  const sender = async () => {
    for (;;) {
      await input.consume(new OtlpBatch({ signal: "traces", chunks: [requestOf("traces", ["a"])], items: 1 }));
      answered++;
      await new Promise<void>((resolve) => void clock.after(1, resolve));
    }
  };
  for (let i = 0; i < 4; i++) void sender();
  await clock.advance(5000);
  assert.ok(answered > 4 * 1000, `${answered} answers in 5 s`);
  assert.ok(sink.batches.every(({ items }) => items <= 4));
  assert.ok(sink.batches.length < answered / 3.9, "all four go together");
});

test("lets senders who come at times of their own wait as long as the user said", async () => {
  const { clock, sink, input } = await running('timeout = "200ms"');
  for (let i = 0; i < 1000; i++) {
    void input.consume(new OtlpBatch({ signal: "traces", chunks: [requestOf("traces", ["a"])], items: 1 }));
    await clock.advance(7);
  }
  assert.ok(sink.batches.length <= 36, `${sink.batches.length} batches in 7 s`);
});

for (const [text, message] of [
  ["send_batch_size = 10; send_batch_max_size = 5", "send_batch_max_size must be greater or equal to send_batch_size when not 0"],
  ['metadata_keys = ["A", "a"]', 'duplicate entry in metadata_keys: "a" (case-insensitive)'],
  ["send_batch_size = -1", "-1"],
] as const)
  test(`refuses ${text}`, () => {
    const { diagnostics } = tryDecodeText(component, lines(`${text}; output {}`));
    assert.match(diagnostics.map(({ message }) => message).join(), new RegExp(message.replace(/[()]/g, "\\$&")));
  });
