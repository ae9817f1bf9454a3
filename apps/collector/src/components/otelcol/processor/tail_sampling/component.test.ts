import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { encodeRequest, namesIn, type Plain, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { createTailSampling } from "./processor.ts";

// What each policy says of which trace is compared with the reference in tests/conformance/connectors.

const keepErrors = 'policy {\nname = "errors"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["ERROR"]\n}\n}';
const keepAll = 'policy {\nname = "all"\ntype = "always_sample"\n}';

function running(text: string, budgetBytes = 1 << 28) {
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: "otelcol.processor.tail_sampling.test", clock, budgetBytes });
  const args = (inside: string) =>
    decodeText(component, `${inside}\noutput {\ntraces = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const processor = createTailSampling(context, args(text));
  void processor.start();
  /** `1a 1b! 2c^`: spans by the first byte of their trace's id; `!` failed, `^` with a parent; `+` large. */
  const send = (text: string) => {
    const spans = text.split(" ").map((each) => ({
      traceId: Buffer.alloc(16, Number.parseInt(each, 10)),
      name: `${each.replace(/[!^+]/g, "")}${each.includes("+") ? "x".repeat(1000) : ""}`,
      status: { code: each.includes("!") ? 2 : 0 },
      ...(each.includes("^") ? { parentSpanId: Buffer.alloc(8, 1) } : {}),
    }));
    const resourceSpans = [{ resource: {}, scopeSpans: [{ scope: { name: "s" }, spans }] }];
    return processor.consumer.consume(
      new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", { resourceSpans } satisfies Plain)], items: spans.length }),
    );
  };
  const kept = () => sink.batches.map(({ chunks }) => namesIn("traces", chunks).join(" ")).join("|");
  const dropped = (reason: string) => context.metric("invar_processor_dropped_items_total", { reason }) ?? 0;
  const balance = () => {
    const of = (name: string) => context.metric(name) ?? 0;
    return (
      of("otelcol_processor_incoming_items_total") -
      of("otelcol_processor_outgoing_items_total") -
      of("invar_processor_dropped_items_total") -
      of("invar_processor_buffered_items")
    );
  };
  return { sink, clock, context, processor, send, kept, dropped, balance, args };
}

test("waits for the spans of a trace, then keeps all of them or none", async () => {
  const { send, clock, kept, dropped, balance } = running(`decision_wait = "5s"\n${keepErrors}`);
  await send("1a 2a 1b!");
  await clock.advance(4000);
  await send("2b 1c");
  assert.equal(kept(), "");
  await clock.advance(2000);
  assert.equal(kept(), "1a 1b 1c");
  assert.equal(dropped("not_sampled"), 2);
  assert.equal(balance(), 0);
});

test("remembers its decisions for spans that come late", async () => {
  const { send, clock, kept, dropped, context, balance } = running(`decision_wait = "1s"\n${keepErrors}`);
  await send("1a! 2a");
  await clock.advance(3000);
  await send("1b 2b");
  await clock.advance(1);
  assert.equal(kept(), "1a|1b");
  assert.equal(dropped("not_sampled"), 2);
  assert.equal(context.metric("otelcol_processor_tail_sampling_sampling_late_span_age_seconds_count"), 2);
  assert.equal(balance(), 0);
});

test("remembers decisions in caches where these are given", async () => {
  const { send, clock, kept, context, balance } = running(
    `decision_wait = "1s"\nnum_traces = 1\ndecision_cache = { sampled_cache_size = 2, non_sampled_cache_size = 2 }\n${keepErrors}`,
  );
  for (const spans of ["1a!", "2a", "3a!", "4a!"]) {
    await send(spans);
    await clock.advance(2000);
  }
  // Of three traces that were kept two are remembered.
  await send("3b");
  await send("4b");
  await send("2b");
  await clock.advance(1);
  assert.equal(kept(), "1a|3a|4a|3b|4b");
  const early = (sampled: string) =>
    context.metric("otelcol_processor_tail_sampling_early_releases_from_cache_decision_total", { sampled });
  assert.deepEqual([early("true"), early("false")], [2, 1]);
  assert.equal(balance(), 0);
});

test("loses the trace that came first where there are too many, and counts it", async () => {
  const { send, clock, kept, dropped, context, balance } = running(`decision_wait = "5s"\nnum_traces = 2\n${keepAll}`);
  await send("1a 2a");
  await send("3a 2b");
  await clock.advance(6000);
  assert.equal(kept(), "2a 2b 3a");
  assert.equal(dropped("num_traces"), 1);
  assert.equal(context.metric("otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total"), 1);
  assert.equal(balance(), 0);
});

test("lets senders wait where it is told so, and says it before they send", async () => {
  const { send, clock, kept, processor } = running(`decision_wait = "2s"\nnum_traces = 2\nblock_on_overflow = true\n${keepAll}`);
  await send("1a 2a");
  assert.equal(processor.consumer.pressure("traces")?.retryable, true);
  let isTaken = false;
  const waiting = send("3a").then(() => {
    isTaken = true;
  });
  await clock.advance(1000);
  assert.equal(isTaken, false);
  await clock.advance(2000);
  await waiting;
  assert.equal(processor.consumer.pressure("traces"), undefined);
  await clock.advance(3000);
  assert.equal(kept(), "1a 2a|3a");
});

test("decides soon after the root span", async () => {
  const { send, clock, kept } = running(`decision_wait = "30s"\ndecision_wait_after_root_received = "2s"\n${keepAll}`);
  await send("1a^ 2a^");
  await clock.advance(5000);
  await send("1b");
  await clock.advance(3000);
  assert.equal(kept(), "1a 1b");
});

test("drops traces that grow too large, at once", async () => {
  const { send, clock, kept, dropped, context, balance } = running(`decision_wait = "1s"\nmaximum_trace_size_bytes = 500\n${keepAll}`);
  await send("1a 1b+ 2a 1c 2b");
  assert.equal(context.metric("otelcol_processor_tail_sampling_traces_dropped_too_large_total"), 1);
  assert.equal(dropped("trace_too_large"), 2);
  await clock.advance(2000);
  assert.equal(kept(), "2a 2b");
  assert.equal(balance(), 0);
});

test("keeps within its memory: traces that came first go", async () => {
  const { send, clock, dropped, balance, context } = running(`decision_wait = "30s"\n${keepAll}`, 1_000_000);
  for (let i = 0; i < 2000; i++) await send(`${i % 250}a+ ${i % 250}b+`);
  assert.ok(context.budget.usedBytes <= 1_100_000, String(context.budget.usedBytes));
  assert.ok(dropped("memory_budget") > 1000);
  await clock.advance(31_000);
  assert.equal(balance(), 0);
});

test("what it holds is bounded in bytes of the process, whatever comes and however many traces may be held", async () => {
  const budgetBytes = 8_000_000;
  const { processor, dropped, balance, context } = running(`decision_wait = "30s"\nnum_traces = 10000000\n${keepAll}`, budgetBytes);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const inUse = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  // Every span a trace of its own, with room for the number of it in its id.
  const traceId = Buffer.alloc(16, 1);
  const spans = Array.from({ length: 500 }, () => ({ traceId, spanId: Buffer.alloc(8, 1), name: "GET /orders", kind: 2 }));
  const request = Buffer.from(encodeRequest("traces", { resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }] }));
  const starts: number[] = [];
  for (let at = request.indexOf(traceId); at >= 0; at = request.indexOf(traceId, at + 16)) starts.push(at);
  assert.equal(starts.length, spans.length);
  let number = 0;
  const send = async (traces: number) => {
    for (const end = number + traces; number < end; ) {
      const chunk = Buffer.from(request);
      for (const at of starts) chunk.writeUInt32BE(number++, at);
      const batch = new OtlpBatch({ signal: "traces", chunks: [chunk], items: starts.length });
      await processor.consumer.consume(batch);
      batch.release();
    }
  };
  const before = inUse();
  await send(60_000);
  const full = inUse() - before;
  await send(60_000);
  const later = inUse() - before;
  assert.ok(dropped("memory_budget") > 60_000, `only ${dropped("memory_budget")} were dropped`);
  assert.ok(full < 2 * budgetBytes, `${full} bytes for a budget of ${budgetBytes}`);
  assert.ok(later < full + budgetBytes / 4, `${later} bytes after ${full}`);
  assert.ok(context.budget.usedBytes <= 1.1 * budgetBytes);
  assert.equal(balance(), 0);
  await processor.stop(AbortSignal.abort());
});

test("a policy that drops overrules the others", async () => {
  const drop =
    'policy {\nname = "d"\ntype = "drop"\ndrop {\ndrop_sub_policy {\nname = "e"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["ERROR"]\n}\n}\n}\n}';
  const { send, clock, kept, dropped, context } = running(`decision_wait = "1s"\n${keepAll}\n${drop}`);
  await send("1a! 2a");
  await clock.advance(2000);
  assert.equal(kept(), "2a");
  assert.equal(dropped("dropped"), 1);
  const asked = (policy: string) =>
    context.metric("otelcol_processor_tail_sampling_sampling_policy_execution_count_total", {
      policy: `otelcol.processor.tail_sampling.test.${policy}`,
    });
  assert.deepEqual([asked("d"), asked("all")], [2, 1]);
});

test("limits spans by the second", async () => {
  const rate = 'policy {\nname = "r"\ntype = "rate_limiting"\nrate_limiting {\nspans_per_second = 2\n}\n}';
  const { send, clock, kept } = running(`decision_wait = "1s"\n${rate}`);
  await send("1a 1b 2a 3a 3b 4a");
  await clock.advance(2000);
  assert.equal(kept(), "1a 1b 2a 4a");
});

test("limits bytes by the second", async () => {
  const rate = 'policy {\nname = "r"\ntype = "bytes_limiting"\nbytes_limiting {\nbytes_per_second = 1\nburst_capacity = 1000\n}\n}';
  const { send, clock, kept } = running(`decision_wait = "1s"\n${rate}`);
  await send("1a 2a+ 3a");
  await clock.advance(2000);
  assert.equal(kept(), "1a 3a");
});

test("shares a rate among policies, in the order that is asked for", async () => {
  const composite = `policy {
name = "c"
type = "composite"
composite {
max_total_spans_per_second = 4
policy_order = ["errors", "rest"]
composite_sub_policy {
name = "rest"
type = "always_sample"
}
composite_sub_policy {
name = "errors"
type = "status_code"
status_code {
status_codes = ["ERROR"]
}
}
rate_allocation {
policy = "errors"
percent = 75
}
rate_allocation {
policy = "rest"
percent = 25
}
}
}`;
  const { send, clock, kept } = running(`decision_wait = "1s"\n${composite}`);
  await send("1a 2a! 2b 3a! 3b 4a 5a!");
  await clock.advance(2000);
  assert.equal(kept(), "1a 2a 2b 5a");
});

test("keeps traces by conditions, and counts those that can't be told", async () => {
  const ottl = (mode: string) =>
    `policy {\nname = "o"\ntype = "ottl_condition"\nottl_condition {\nerror_mode = "${mode}"\nspan = ["ParseJSON(name)[\\"a\\"] == 1", "status.code == 2"]\n}\n}`;
  const ignoring = running(`decision_wait = "1s"\n${ottl("ignore")}`);
  await ignoring.send("1a! 2a");
  await ignoring.clock.advance(2000);
  assert.equal(ignoring.kept(), "1a");
  const propagating = running(`decision_wait = "1s"\n${ottl("propagate")}`);
  await propagating.send("1a!");
  await propagating.clock.advance(2000);
  assert.equal(propagating.kept(), "");
  assert.equal(propagating.context.metric("otelcol_processor_tail_sampling_sampling_policy_evaluation_error_total"), 1);
  assert.match(propagating.context.logged.map(({ message }) => message).join(), /could not tell/);
});

test("decides about what waits when it stops, or drops it", async () => {
  const { send, kept, processor, context } = running(keepErrors);
  await send("1a! 2a");
  await processor.stop(AbortSignal.timeout(1000));
  assert.equal(kept(), "1a");
  const dropping = running(`drop_pending_traces_on_shutdown = true\n${keepAll}`);
  await dropping.send("1a 2a");
  await dropping.processor.stop(AbortSignal.timeout(1000));
  assert.equal(dropping.kept(), "");
  assert.equal(dropping.dropped("stopping"), 2);
  assert.equal(dropping.context.budget.usedBytes, 0);
  assert.equal(context.metric("invar_processor_buffered_items"), 0);
});

test("keeps on trying to hand on what it keeps, and decides no more meanwhile than there is room for", async () => {
  const { send, clock, kept, sink, balance, context } = running(`decision_wait = "1s"\n${keepAll}`);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send("1a");
  await clock.advance(3000);
  await send("2a");
  await clock.advance(3000);
  assert.equal(context.metric("invar_processor_buffered_items"), 2);
  sink.refusal = undefined;
  await clock.advance(6000);
  assert.equal(kept(), "1a|2a");
  assert.equal(balance(), 0);
});

test("takes other policies while it runs", async () => {
  const { send, clock, kept, processor, args } = running(`decision_wait = "1s"\n${keepErrors}`);
  await send("1a");
  await processor.update(args(`decision_wait = "1s"\n${keepAll}`));
  await clock.advance(2000);
  assert.equal(kept(), "1a");
});

for (const [text, message] of [
  ["", "at least one policy block is needed"],
  [`decision_wait = "0s"\n${keepAll}`, "decision_wait must be greater than zero"],
  [`num_traces = 0\n${keepAll}`, "num_traces must be greater than zero"],
  [`decision_cache = { x = 1 }\n${keepAll}`, "unknown key x: write sampled_cache_size or non_sampled_cache_size"],
  [`${keepAll}\n${keepAll}`, 'duplicate policy name "all"'],
  ['policy {\nname = ""\ntype = "always_sample"\n}', "policy name cannot be empty"],
  ['policy {\nname = "a"\ntype = "x"\n}', 'failed to create policy evaluator for "a": unknown sampling policy type x'],
  [
    'policy {\nname = "a"\ntype = "latency"\n}',
    'failed to create policy evaluator for "a": a policy of type latency needs a block latency',
  ],
  [
    'policy {\nname = "a"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["X"]\n}\n}',
    /unknown status code "X", supported: OK, ERROR, UNSET/,
  ],
  [
    'policy {\nname = "a"\ntype = "string_attribute"\nstring_attribute {\nkey = "k"\nvalues = ["("]\nenabled_regex_matching = true\n}\n}',
    /invalid regex `\(`/,
  ],
  [
    'policy {\nname = "a"\ntype = "numeric_attribute"\nnumeric_attribute {\nkey = "k"\nmin_value = 0\nmax_value = 0\n}\n}',
    /at least one of min_value or max_value must be set/,
  ],
  ['policy {\nname = "a"\ntype = "ottl_condition"\nottl_condition {\nerror_mode = "ignore"\nspan = ["nonsense("]\n}\n}', /nonsense/],
  ['policy {\nname = "a"\ntype = "and"\nand { }\n}', /at least one and_sub_policy is needed/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\noutput { }`);
    const messages = diagnostics.map((each) => each.message).join(";");
    if (typeof message === "string") assert.equal(messages, message);
    else assert.match(messages, message);
  });
