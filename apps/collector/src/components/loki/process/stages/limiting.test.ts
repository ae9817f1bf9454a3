import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, StageRun } from "../pipeline-cases.ts";

const many = (count: number, labels = "{}") => Array.from({ length: count }, (_, i) => `${labels} @${i + 1} x`);

test("limit: lines beyond the rate are dropped and counted", async () => {
  const run = new StageRun("stage.limit {\n rate = 10\n burst = 5\n drop = true\n}");
  assert.equal((await run.send(...many(8))).length, 5);
  assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "ratelimit_drop_stage" }), 3);
  await run.clock.advance(200);
  assert.equal((await run.send(...many(8))).length, 2);
  await run.clock.advance(60_000);
  assert.equal((await run.send(...many(8))).length, 5);
});

test("limit: each value of a label has a rate of its own; lines without it pass", async () => {
  const run = new StageRun('stage.limit {\n rate = 1\n burst = 2\n drop = true\n by_label_name = "ns"\n}');
  assert.equal((await run.send(...many(3, '{ns="a"}'), ...many(3, '{ns="b"}'), ...many(3))).length, 7);
  assert.equal(run.context.metric("loki_process_dropped_lines_by_label_total", { label_name: "ns", label_value: "a" }), 1);
  assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "ratelimit_drop_stage" }), 2);
});

test("limit: without drop lines wait, at most a burst at a time", async () => {
  const run = new StageRun("stage.limit {\n rate = 10\n burst = 5\n}");
  let isDone = false;
  const sent = run.send(...many(12)).then(() => {
    isDone = true;
  });
  await run.clock.advance(0);
  assert.equal(run.out.length, 5);
  await run.clock.advance(499);
  assert.equal(run.out.length, 5);
  await run.clock.advance(1);
  await run.clock.advance(0);
  assert.equal(run.out.length, 10);
  assert.equal(isDone, false);
  await run.clock.advance(200);
  await sent;
  assert.equal(run.out.length, 12);
});

test("limit: a stop lets waiting lines go", async () => {
  const run = new StageRun("stage.limit {\n rate = 0.001\n burst = 1\n}");
  const sent = run.send(...many(3));
  await run.clock.advance(0);
  await run.finish();
  await sent;
  assert.equal(run.out.length, 3);
});

test("sampling: about the rate goes through", async () => {
  const run = new StageRun('stage.sampling {\n rate = 0.5\n drop_counter_reason = "logs_sampling"\n}');
  const kept = (await run.send(...many(4000))).length;
  assert.ok(kept > 1700 && kept < 2300, `${kept} of 4000`);
  assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "logs_sampling" }), 4000 - kept);
  assert.equal((await new StageRun("stage.sampling {\n rate = 0\n}").send(...many(50))).length, 0);
  assert.equal((await new StageRun("stage.sampling {\n rate = 1\n}").send(...many(50))).length, 50);
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ["stage.limit {\n rate = 0\n burst = 1\n}", /limit stage failed to parse rate or burst/],
    ['stage.limit {\n rate = 1\n burst = 1\n by_label_name = "a"\n}', /when ratelimiting by label, drop must be true/],
    ["stage.sampling {\n rate = 1.5\n}", /Sampling Rate must be between 0.0 and 1.0, received 1.500000/],
  ];
  for (const [text, message] of cases) assert.match(faultsOf(text), message, text);
});
