import assert from "node:assert/strict";
import { test } from "node:test";
import { extractedFrom, faultsOf, processed, StageRun } from "../pipeline-cases.ts";

const inside = 'stage.static_labels {\n values = { in = "1" }\n}';
const match = (selector: string, rest: string) => `stage.match {\n selector = ${JSON.stringify(selector)}\n${rest}\n}`;

test("stages inside run for the lines that match, and the order of lines stays", async () => {
  assert.deepEqual(await processed(match('{a="1"} |= "x"', inside), '{a="1"} @1 x', '{a="2"} @2 x', '{a="1"} @3 y', '{a="1"} @4 xx'), [
    '{a="1", in="1"} @1 x',
    '{a="2"} @2 x',
    '{a="1"} @3 y',
    '{a="1", in="1"} @4 xx',
  ]);
});

test("lines that match are dropped and counted", async () => {
  const run = new StageRun(match('{a=~".+"} |~ "noisy|loud"', 'action = "drop"\n drop_counter_reason = "noise"'));
  assert.deepEqual(await run.send('{a="1"} @1 noisy', '{a="1"} @2 quiet', "{} @3 noisy"), ['{a="1"} @2 quiet', "{} @3 noisy"]);
  assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "noise" }), 1);
});

test("labels that stages set before count, and inside they are extracted once more", () => {
  const stages = `stage.json {\n expressions = { a = "", app = "" }\n}\nstage.labels {\n values = { app = "" }\n}\n${match('{app="x"}', 'stage.template {\n source = "t"\n template = "{{ .a }} {{ .app }}"\n}')}`;
  assert.equal(extractedFrom(stages, '{a="label"} {"a":"value","app":"x"}').t, "label x");
  assert.equal(extractedFrom(stages, '{a="label"} {"a":"value","app":"y"}').t, undefined);
});

test("matches nest", async () => {
  const nested = match('{a="1"}', match('{b="1"}', inside));
  assert.deepEqual(await processed(nested, '{a="1", b="1"} @1 x', '{a="1"} @2 x'), ['{a="1", b="1", in="1"} @1 x', '{a="1"} @2 x']);
});

test("wrong arguments are refused, also inside", () => {
  const cases: [string, RegExp][] = [
    [match("", inside), /selector statement required for match stage/],
    [match("{a=}", inside), /invalid selector syntax for match stage: parse error at line 1, col 4/],
    [match('{a="1"}', ""), /match stage requires at least one additional stage/],
    [match('{a="1"}', `action = "drop"\n${inside}`), /match stage configured to drop entries cannot contains stages/],
    [match('{a="1"}', `action = "x"\n${inside}`), /match stage action should be 'keep' or 'drop'/],
    [match('{a="1"}', 'stage.output {\n source = ""\n}'), /output source value is required/],
    [match('{a="1"}', "stage.nonsense { }"), /nonsense/],
  ];
  for (const [text, message] of cases) assert.match(faultsOf(text), message, text);
});
