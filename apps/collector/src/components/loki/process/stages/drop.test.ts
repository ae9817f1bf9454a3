import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, StageRun } from "../pipeline-cases.ts";

const extract = 'stage.json {\n expressions = { app = "", level = "", n = "", o = "" }\n}\n';
const line = '{} @1704164645 {"app":"loki","level":"debug","n":5,"o":{}}';

test("a line is dropped where all conditions hold", async () => {
  const cases: [string, boolean][] = [
    ['expression = ".*debug.*"', true],
    ['expression = "error"', false],
    ['source = "app"', true],
    ['source = "none"', false],
    ['source = "app,level"', true],
    ['source = "app,none"', false],
    ['source = "app"\nvalue = "loki"', true],
    ['source = "app"\nvalue = "lok"', false],
    ['source = "app"\nvalue = ".*"', false],
    ['source = "n"\nvalue = "5"', true],
    ['source = "o"\nvalue = "{}"', true],
    ['source = "none"\nvalue = "x"', false],
    ['source = "none"\nexpression = "^$"', true],
    ['source = "app,level"\nvalue = "loki;debug"', true],
    ['source = "app,level"\nvalue = "loki#debug"\nseparator = "#"', true],
    ['source = "app,none,level"\nexpression = "^loki;debug$"', true],
    ['longer_than = "10B"', true],
    ['longer_than = "43B"', false],
    ['longer_than = "42B"', true],
    ['longer_than = "10B"\nexpression = "error"', false],
    ['older_than = "1h"', false],
    ['older_than = "1s"', false],
  ];
  for (const [args, isDropped] of cases) {
    const run = new StageRun(`${extract}stage.drop {\n${args}\n}`);
    assert.equal((await run.send(line)).length, isDropped ? 0 : 1, args);
    assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "drop_stage" }), isDropped ? 1 : 0, args);
  }
});

test("old lines are dropped under the reason of the arguments", async () => {
  const run = new StageRun('stage.drop {\n older_than = "1m"\n drop_counter_reason = "too old"\n}');
  assert.deepEqual(await run.send("{} @1704164600 recent", "{} @1704164584.9 old"), ["{} @1704164600 recent"]);
  assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "too old" }), 1);
});

test("impossible conditions are refused", () => {
  const cases: [string, RegExp][] = [
    ["", /must contain at least one of `source`, `expression`, `older_than` or `longer_than`/],
    ['source = "a"\nvalue = "b"\nexpression = "c"', /`value` and `expression` cannot both be defined/],
    ['expression = "("', /drop stage regex compilation error: error parsing regexp: missing closing \): `\(`/],
    ['value = "b"\nlonger_than = "1B"', /must contain `source` if `value` is specified/],
  ];
  for (const [args, message] of cases) assert.match(faultsOf(`stage.drop {\n${args}\n}`), message, args);
});
