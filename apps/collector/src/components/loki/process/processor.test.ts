import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf } from "../../../signals/loki/notation.ts";
import { Receipt } from "../../../signals/receipt.ts";
import { refusal, StageRun } from "./pipeline-cases.ts";

const count = 'stage.metrics {\n metric.counter {\n name = "m"\n match_all = true\n action = "inc"\n }\n}';

test("without stages batches go on as they are", async () => {
  const run = new StageRun("");
  const batch = batchOf(['{a="b"} @1 x']);
  await run.processor.consume(batch);
  assert.equal(run.batches[0], batch);
});

test("a batch that is refused for now goes through the stages once, and sources are told to wait", async () => {
  const run = new StageRun(count);
  run.refusals = [refusal({ retryable: true }), refusal({ retryable: true, retryAfterMs: 500 })];
  const sent = run.send("{} @1 x");
  await run.clock.advance(0);
  assert.equal(run.processor.pressure()?.reason, "queue_full");
  await assert.rejects(run.processor.consume(batchOf(["{} @2 y"])), { retryable: true });
  await run.clock.advance(100);
  await run.clock.advance(500);
  assert.deepEqual(await sent, ["{} @1 x"]);
  assert.equal(run.processor.pressure(), undefined);
  assert.equal(run.context.metric("loki_process_custom_m"), 1);
});

test("what is refused for good is refused to the sender", async () => {
  const run = new StageRun(count);
  run.refusals = [refusal({ retryable: false })];
  await assert.rejects(run.send("{} @1 x"), { retryable: false, reason: "queue_full" });
});

test("a stop past its deadline gives up what is refused, without settling its receipt", async () => {
  const run = new StageRun(count);
  run.refusals = Array.from({ length: 100 }, () => refusal({ retryable: true }));
  let isSettled = false;
  const receipt = new Receipt(() => {
    isSettled = true;
  });
  const sent = run.processor.consume(batchOf(["{} @1 x"], { receipt }));
  const failed = assert.rejects(sent, { reason: "stopping" });
  await run.clock.advance(0);
  await run.processor.stop(AbortSignal.abort());
  await failed;
  assert.equal(isSettled, false);
});

test("new stages take over after the old ones have let go what they kept", async () => {
  const run = new StageRun('stage.multiline {\n firstline = "^START"\n}');
  await run.send("{} @1 START", "{} @2 a");
  const next = new StageRun('stage.static_labels {\n values = { new = "1" }\n}');
  const stages = [{ block: "stage.static_labels", args: { values: { new: "1" } } }];
  await run.processor.update(stages, {
    consume: async (batch) => next.processor.consume(batch),
    pressure: () => undefined,
  });
  assert.deepEqual(run.out, ["{} @1 START\na"]);
  await run.send("{} @3 b");
  assert.deepEqual(next.out, ['{new="1"} @3 b']);
});

test("lines of bytes that are no text stay what they are", async () => {
  const run = new StageRun(
    'stage.regex {\n expression = "(?P<x>\\\\w+)"\n}\nstage.labels {\n values = { x = "" }\n}\nstage.replace {\n expression = "(b)"\n replace = "c"\n}',
  );
  assert.deepEqual(await run.send("{} @1 a \udcff b", "{} @2 ä"), ['{x="a"} @1 a \udcff c', "{} @2 ä"]);
});
