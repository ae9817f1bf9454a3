import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, StageRun } from "../pipeline-cases.ts";

const extract = 'stage.json {\n expressions = { status = "", retries = "", time = "" }\n}\n';
const metric = (kind: string, args: string) => `stage.metrics {\n metric.${kind} {\n${args}\n }\n}`;

test("counters count lines, values and bytes, with the lines' labels", async () => {
  const lines = [
    '{a="1", __x="y"} @1 {"status":"ok","retries":"2"}',
    '{a="2"} @2 {"status":"bad","retries":0.5}',
    '{a="1"} @3 {"time":"1s"}',
  ];
  const cases: [string, Record<string, string>, number | undefined][] = [
    ['name = "m"\nmatch_all = true\naction = "inc"', {}, 3],
    ['name = "m"\nmatch_all = true\naction = "inc"', { a: "1" }, 2],
    ['name = "m"\nmatch_all = true\ncount_entry_bytes = true\naction = "add"', {}, 72],
    ['name = "m"\nsource = "status"\naction = "inc"', {}, 3],
    ['name = "m"\nsource = "status"\nvalue = "ok"\naction = "inc"', {}, 1],
    ['name = "m"\nsource = "retries"\naction = "add"', {}, 2.5],
    ['name = "m"\nsource = "time"\naction = "add"', {}, 1],
    ['name = "m"\nsource = "none"\naction = "inc"', {}, undefined],
  ];
  for (const [args, labels, expected] of cases) {
    const run = new StageRun(extract + metric("counter", args));
    await run.send(...lines);
    assert.equal(run.context.metric("loki_process_custom_m", labels), expected, args);
  }
  const run = new StageRun(extract + metric("counter", 'name = "status"\nprefix = "my_"\naction = "inc"'));
  await run.send(lines[0] as string);
  assert.equal(run.context.metric("my_status"), 1);
});

test("gauges follow values", async () => {
  const cases: [string, number][] = [
    ["inc", 3],
    ["dec", -3],
    ["set", 3],
    ["add", 6],
    ["sub", -6],
  ];
  for (const [action, expected] of cases) {
    const run = new StageRun(extract + metric("gauge", `name = "retries"\naction = "${action}"`));
    await run.send(
      ...[1, 2, 3].map((n) => `{} @${n} {"retries":"${n}"}`),
      '{} @4 {"retries":"nonsense"}'.replace("nonsense", action === "inc" || action === "dec" ? "" : "x").replace('"retries":""', '"x":1'),
    );
    const isCounting = action === "inc" || action === "dec";
    // A value that is null is there, and counts.
    assert.equal(run.context.metric("loki_process_custom_retries"), isCounting ? expected + Math.sign(expected) : expected, action);
  }
});

test("histograms sort values into buckets; durations are seconds", async () => {
  const run = new StageRun(extract + metric("histogram", 'name = "time"\nbuckets = [0.5, 0.1]'));
  await run.send('{} @1 {"time":"50ms"}', '{} @2 {"time":0.2}', '{} @3 {"time":"1"}', '{} @4 {"time":true}');
  const bucket = (le: string) => run.context.metric("loki_process_custom_time_bucket", { le });
  assert.deepEqual([bucket("0.1"), bucket("0.5"), bucket("+Inf")], [1, 2, 4]);
  assert.equal(run.context.metric("loki_process_custom_time_sum"), 2.25);
});

test("a metric of labels that are silent for long is removed", async () => {
  const run = new StageRun(metric("counter", 'name = "m"\nmatch_all = true\naction = "inc"\nmax_idle_duration = "10s"'));
  await run.send('{a="1"} @1 x', '{a="2"} @1 x');
  await run.clock.advance(6_000);
  await run.send('{a="2"} @1 x');
  await run.clock.advance(6_000);
  assert.equal(run.context.metric("loki_process_custom_m", { a: "1" }), undefined);
  assert.equal(run.context.metric("loki_process_custom_m", { a: "2" }), 2);
});

test("wrong arguments are refused", () => {
  const cases: [string, string, RegExp][] = [
    ["counter", 'name = "m"\naction = "x"', /x/],
    ["counter", 'name = "m"\naction = "inc"\nmatch_all = true\nvalue = "x"', /either 'match_all' or a 'value'/],
    ["counter", 'name = "m"\naction = "inc"\ncount_entry_bytes = true', /'count_entry_bytes' counter field must be specified along with/],
    ["gauge", 'name = "m"\naction = "inc"\nmax_idle_duration = "1ms"', /max_idle_duration must be greater or equal than 1s/],
    ["histogram", 'name = "m"', /buckets/],
  ];
  for (const [kind, args, message] of cases) assert.match(faultsOf(metric(kind, args)), message, args);
});
