import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, processed, StageRun } from "../pipeline-cases.ts";

const block = (name: string, args: string) => `stage.${name} {\n${args}\n}`;
const fromJson = (names: string) =>
  block(
    "json",
    `expressions = { ${names
      .split(" ")
      .map((name) => `${name} = ""`)
      .join(", ")} }`,
  );

test("labels: extracted values become labels, where they are text", async () => {
  const cases: [string, string, string][] = [
    ['values = { env = "", user = "name" }', '{a="b"} @1 {"env":"dev","name":"x"}', '{a="b", env="dev", user="x"}'],
    ['values = { n = "", t = "" }', '{} @1 {"n":1.5,"t":true}', '{n="1.5", t="true"}'],
    ['values = { nil = "", none = "" }', '{} @1 {"nil":null}', "{}"],
    ['values = { env = "" }', '{env="old"} @1 {"env":"new"}', '{env="new"}'],
    ['values = { copy = "a" }', '{a="b"} @1 {}', '{a="b", copy="b"}'],
  ];
  for (const [args, line, labels] of cases) {
    const [out = ""] = await processed(`${fromJson("env name n t nil")}\n${block("labels", args)}`, line);
    assert.equal(out.slice(0, out.indexOf("}") + 1), labels, args);
  }
  assert.deepEqual(
    await processed(block("labels", 'source_type = "structured_metadata"\nvalues = { env = "e", none = "" }'), '{} @1 x # e="dev"'),
    ['{env="dev"} @1 x # e="dev"'],
  );
  assert.match(faultsOf(block("labels", 'values = {}\nsource_type = "line"')), /line/);
});

test("many values of one label are each their own stream", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `{} @1 {"id":"${i}"}`);
  const out = await processed(`${fromJson("id")}\n${block("labels", 'values = { id = "" }')}`, ...lines, ...lines);
  assert.equal(out.length, 6000);
  assert.deepEqual(
    out.map((line) => /^\{id="(\d+)"\}/.exec(line)?.[1]),
    [...lines.keys(), ...lines.keys()].map(String),
  );
});

test("static_labels, label_drop and label_keep change the set of labels", async () => {
  const cases: [string, string][] = [
    [block("static_labels", 'values = { c = "1", a = "2", empty = "" }'), '{a="2", b="y", c="1"}'],
    [block("label_drop", 'values = ["a", "none"]'), '{b="y"}'],
    [block("label_keep", 'values = ["a", "none"]'), '{a="x"}'],
    [block("label_drop", 'values = ["a", "b"]'), "{}"],
  ];
  for (const [stage, labels] of cases) assert.deepEqual(await processed(stage, '{a="x", b="y"} @1 l'), [`${labels} @1 l`]);
  assert.match(faultsOf(block("label_drop", "values = []")), /labeldrop stage config cannot be empty/);
  assert.match(faultsOf(block("label_keep", "values = []")), /labelallow stage config cannot be empty/);
});

test("streams that become equal are one", async () => {
  const run = new StageRun(block("label_keep", 'values = ["a"]'));
  await run.send('{a="1", b="1"} @1 x', '{a="1", b="2"} @2 y');
  assert.deepEqual(run.out, ['{a="1"} @1 x', '{a="1"} @2 y']);
  assert.equal(run.batches[0]?.streams.length, 1);
});

test("structured_metadata: values and labels move there, and are taken out again", async () => {
  const cases: [string, string, string][] = [
    [
      'values = { env = "", who = "user" }',
      '{a="b"} @1 {"env":"dev","user":"x"}',
      '{a="b"} @1 {"env":"dev","user":"x"} # env="dev", who="x"',
    ],
    ['values = { a = "" }', '{a="b"} @1 {}', '{} @1 {} # a="b"'],
    ['values = { renamed = "a" }', '{a="b"} @1 {} # x="1"', '{} @1 {} # x="1", renamed="b"'],
    ['values = { env = "" }', '{} @1 {"env":"new"} # env="old"', '{} @1 {"env":"new"} # env="new"'],
    ['regex = "^pod_"', '{pod_a="1", b="2"} @1 {"pod_b":"3"}', '{b="2"} @1 {"pod_b":"3"} # pod_a="1", pod_b="3"'],
    ['values = { none = "" }', '{a="b"} @1 {}', '{a="b"} @1 {}'],
  ];
  for (const [args, line, expected] of cases)
    assert.deepEqual(await processed(`${fromJson("env user pod_b")}\n${block("structured_metadata", args)}`, line), [expected], args);
  assert.deepEqual(await processed(block("structured_metadata_drop", 'values = ["a", "c"]'), '{} @1 x # a="1", b="2"', "{} @2 y"), [
    '{} @1 x # b="2"',
    "{} @2 y",
  ]);
  assert.match(faultsOf(block("structured_metadata_drop", "values = []")), /structured_metadata_drop stage config cannot be empty/);
  assert.match(faultsOf(block("structured_metadata", 'regex = "("')), /error parsing regexp/);
});

test("tenant: a fixed one, that of a value, or that of a label", async () => {
  const cases: [string, string][] = [
    ['value = "team"', '{__tenant_id__="team", a="b"}'],
    ['source = "id"', '{__tenant_id__="5", a="b"}'],
    ['label = "a"', '{__tenant_id__="b", a="b"}'],
    ['label = "none"', '{a="b"}'],
    ['source = "none"', '{a="b"}'],
  ];
  for (const [args, labels] of cases)
    assert.deepEqual(
      await processed(`${fromJson("id")}\n${block("tenant", args)}`, '{a="b"} @1 {"id":5}'),
      [`${labels} @1 {"id":5}`],
      args,
    );
  assert.match(faultsOf(block("tenant", "")), /label, source or value config are required/);
  assert.match(faultsOf(block("tenant", 'value = "a"\nlabel = "b"')), /mutually exclusive/);
});
