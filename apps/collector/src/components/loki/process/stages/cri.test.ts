import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf } from "../../../../signals/loki/notation.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { extractedFrom, faultsOf, processed, StageRun } from "../pipeline-cases.ts";

const time = "2019-04-30T02:12:41.8443515Z";
const at = "@1556590361.8443515";

test("the prefix of container runtimes becomes time and label; the rest is the line", async () => {
  const cases: [string, string][] = [
    [`{} @1 ${time} stdout F message`, `{stream="stdout"} ${at} message`],
    [`{a="b"} @1 ${time} stderr F two  words `, `{a="b", stream="stderr"} ${at} two  words `],
    [`{} @1 ${time} stdout F `, `{stream="stdout"} ${at} `],
    [`{} @1 ${time} stdout F`, `{stream="stdout"} ${at} `],
    [`{} @1 ${time} stdout message`, `{stream="stdout"} ${at} message`],
    [`{} @1 ${time} stdout Full`, `{stream="stdout"} ${at} ull`],
    [`{} @1 2019-01-01T01:00:00.000000001+02:30 stdout F x`, `{stream="stdout"} @1546295400.000000001 x`],
    [`{} @1 2019-01-01T01:00:00-01:00 stdout F x`, `{stream="stdout"} @1546308000 x`],
    [`{} @1 2020-02-29T00:00:00Z stdout F x`, `{stream="stdout"} @1582934400 x`],
    [`{} @1 1969-12-31T23:59:59.5Z stdout F x`, `{stream="stdout"} @-1.5 x`],
    [`{} @1 2019-02-29T00:00:00Z stdout F x`, `{stream="stdout"} @1 x`],
    [`{} @1 2019-04-30T25:12:41Z stdout F x`, `{stream="stdout"} @1 x`],
    [`{} @1 2019-04-30T02:12:41 stdout F x`, `{stream="stdout"} @1 x`],
    [`{} @1 2019-04-30T2:12:41Z stdout F x`, `{stream="stdout"} @1556590361 x`],
    [`{} @1 notime stdout F x`, `{stream="stdout"} @1 x`],
    [`{} @1 é stdout F x`, `{stream="stdout"} @1 x`],
    ["{} @1  stdout F x", `{stream="stdout"} @1 x`],
    [`{} @1 ${time} stdin F x`, `{} @1 ${time} stdin F x`],
    [`{} @1 ${time} stdoutF x`, `{} @1 ${time} stdoutF x`],
    [`{} @1 ${time}\tstdout F x`, `{} @1 ${time}\tstdout F x`],
    [`{} @1 a\u00a0b stdout F x`, `{} @1 a\u00a0b stdout F x`],
    ["{} @1 no format at all", "{} @1 no format at all"],
    ["{} @1 ", "{} @1 "],
  ];
  for (const [input, expected] of cases) assert.deepEqual(await processed("stage.cri {}", input), [expected], input);
});

test("the parts of the prefix are extracted", () => {
  const parts = { content: "message", flags: "F", stream: "stderr", time };
  assert.deepEqual(extractedFrom("stage.cri {}", `{} ${time} stderr F message`), parts);
  // The same of a line that an earlier stage has made.
  const after = 'stage.template {\n source = "x"\n template = "{{ .Entry }}"\n}\nstage.output {\n source = "x"\n}\nstage.cri {}';
  assert.deepEqual(extractedFrom(after, `{} ${time} stderr F message`), { ...parts, x: `${time} stderr F message` });
});

test("parts of a line are joined, for each stream by itself, with the time of the last", async () => {
  const run = new StageRun("stage.cri {}");
  assert.deepEqual(await run.send(`{a="1"} ${time} stdout P one `, `{a="2"} ${time} stdout P other `, `{a="1"} ${time} stderr F between`), [
    `{a="1", stream="stderr"} ${at} between`,
  ]);
  assert.deepEqual(await run.send(`{a="1"} ${time} stdout P two `, `{a="1"} 2019-04-30T02:12:42Z stdout F three`), [
    '{a="1", stream="stdout"} @1556590362 one two three',
  ]);
  assert.deepEqual(await run.send(`{a="1"} ${time} stdout F whole`), [`{a="1", stream="stdout"} ${at} whole`]);
  // What is not complete when the component stops is not lost.
  assert.deepEqual(await run.finish(), [`{a="2", stream="stdout"} ${at} other `]);
});

test("too many streams with parts are sent on by themselves, and counted", async () => {
  const run = new StageRun("stage.cri {\n max_partial_lines = 2\n}");
  const out = await run.send(...["1", "2", "3"].map((a) => `{a="${a}"} ${time} stdout P ${a}`), `{a="3"} ${time} stdout F end`);
  assert.deepEqual(out, [`{a="1", stream="stdout"} ${at} 1`, `{a="2", stream="stdout"} ${at} 2`, `{a="3", stream="stdout"} ${at} 3end`]);
  assert.equal(run.context.metric("loki_process_cri_partial_lines_flushed_total"), 2);
});

test("joined lines are cut at their size, and counted; whole lines are not", async () => {
  const run = new StageRun("stage.cri {\n max_partial_line_size = 5\n max_partial_line_size_truncate = true\n}");
  const out = await run.send(`{} ${time} stdout P 1234`, `{} ${time} stdout F 567`, `{} ${time} stdout F 12345678`);
  assert.deepEqual(out, [`{stream="stdout"} ${at} 12345`, `{stream="stdout"} ${at} 12345678`]);
  assert.equal(run.context.metric("loki_process_cri_lines_truncated_total"), 1);
  assert.match(faultsOf("stage.cri {\n max_partial_lines = 0\n}"), /max_partial_lines must be greater than 0/);
});

test("a part that is kept back holds the receipt of its batch until the line is sent", async () => {
  const run = new StageRun("stage.cri {}");
  const settled: string[] = [];
  const send = async (name: string, ...lines: string[]) => {
    const receipt = new Receipt(() => settled.push(name));
    await run.processor.consume(batchOf(lines, { receipt }));
    receipt.settle();
  };
  await send("one", `{} ${time} stdout P part`, `{} ${time} stderr F whole`);
  await send("two", `{} ${time} stderr F whole`);
  assert.deepEqual(settled, ["two"]);
  await send("three", `{} ${time} stdout F end`);
  assert.deepEqual(settled.sort(), ["one", "three", "two"]);
});
