import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf } from "../../../../signals/loki/notation.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { faultsOf, StageRun } from "../pipeline-cases.ts";

const stage = (args = "") => `stage.multiline {\n firstline = "^START"\n${args}\n}\nstage.static_labels {\n values = { after = "1" }\n}`;
const lines = (...texts: string[]) => texts.map((text, i) => `{} @${i + 1} ${text}`);

test("lines are joined from one beginning to the next, with what the first line has", async () => {
  const run = new StageRun(stage());
  assert.deepEqual(await run.send(...lines("before", "START one", "  a", "b\r", "START two", "c")), [
    '{after="1"} @1 before',
    '{after="1"} @2 START one\n  a\nb',
  ]);
  assert.deepEqual(await run.send("{} @7 d", "{} @8 START three"), ['{after="1"} @5 START two\nc\nd']);
  assert.deepEqual(await run.finish(), ['{after="1"} @8 START three']);
});

test("streams are joined apart", async () => {
  const run = new StageRun(stage());
  assert.deepEqual(
    await run.send('{a="1"} @1 START x # m="1"', '{a="2"} @2 START y', '{a="1"} @3 x2', '{a="2"} @4 y2', '{a="1"} @5 START z'),
    ['{a="1", after="1"} @1 START x\nx2 # m="1"'],
  );
  assert.deepEqual((await run.finish()).sort(), ['{a="1", after="1"} @5 START z', '{a="2", after="1"} @2 START y\ny2']);
});

test("a block ends with its most lines; what follows has the first line's time", async () => {
  const run = new StageRun(stage("max_lines = 2"));
  assert.deepEqual(await run.send(...lines("START", "1", "2", "3", "4")), ['{after="1"} @1 START\n1', '{after="1"} @1 2\n3']);
  assert.deepEqual(await run.finish(), ['{after="1"} @1 4']);
});

test("a block is sent when nothing more came for so long; then lines pass until the next beginning", async () => {
  const run = new StageRun(stage('max_wait_time = "2s"'));
  await run.send(...lines("START", "1"));
  await run.clock.advance(1500);
  await run.send("{} @3 2");
  await run.clock.advance(1999);
  assert.deepEqual(run.out, []);
  await run.clock.advance(1);
  assert.deepEqual(run.out, ['{after="1"} @1 START\n1\n2']);
  assert.deepEqual(await run.send("{} @4 late"), ['{after="1"} @4 late']);
});

test("line ends are kept where that is asked for", async () => {
  const run = new StageRun(stage("trim_newlines = false"));
  await run.send(...lines("START\n", "1"));
  assert.deepEqual(await run.finish(), ['{after="1"} @1 START\n\n1']);
});

test("a receipt is settled when all of its lines are sent", async () => {
  const run = new StageRun(stage());
  const settled: number[] = [];
  for (const [i, text] of ["START", "more", "START"].entries()) {
    const receipt = new Receipt(() => settled.push(i));
    await run.processor.consume(batchOf([`{} @1 ${text}`], { receipt }));
    receipt.settle();
  }
  assert.deepEqual(settled.sort(), [0, 1]);
  await run.finish();
  assert.deepEqual(settled.sort(), [0, 1, 2]);
});

test("inside of a match, what waited goes on with the stages inside and behind", async () => {
  const run = new StageRun(
    'stage.match {\n selector = "{a=\\"1\\"}"\n stage.multiline {\n firstline = "^START"\n }\n stage.static_labels {\n values = { inner = "1" }\n }\n}\nstage.static_labels {\n values = { outer = "1" }\n}',
  );
  assert.deepEqual(await run.send('{a="1"} @1 START', '{a="2"} @2 other', '{a="1"} @3 more'), ['{a="2", outer="1"} @2 other']);
  await run.clock.advance(3000);
  assert.deepEqual(run.out.slice(1), ['{a="1", inner="1", outer="1"} @1 START\nmore']);
});

test("wrong arguments are refused", () => {
  assert.match(faultsOf('stage.multiline {\n firstline = ""\n}'), /must define `firstline` regular expression/);
  assert.match(faultsOf('stage.multiline {\n firstline = "("\n}'), /first line regex compilation error: error parsing regexp/);
  assert.match(faultsOf(stage('max_wait_time = "0s"')), /max_wait_time must be greater than 0/);
});
