import assert from "node:assert/strict";
import { test } from "node:test";
import { testGraph } from "./testing.ts";

test("starts sinks before their sources and stops them after", async () => {
  const graph = testGraph();
  assert.deepEqual(await graph.load('test.source "a" { forward_to = [test.sink.b.receiver] }\ntest.sink "b" { }'), []);
  await graph.controller.start();
  await graph.controller.stop(AbortSignal.timeout(1000));
  assert.equal(
    graph.happened(),
    "create test.sink.b, create test.source.a, start test.sink.b, start test.source.a, stop test.source.a, stop test.sink.b",
  );
});

test("creates what does not depend on each other at the same time, and what depends on it afterwards", async () => {
  const graph = testGraph();
  const text =
    'test.source "a" { forward_to = [test.meeting.m.receiver, test.meeting.n.receiver] }\ntest.meeting "m" { }\ntest.meeting "n" { }';
  assert.deepEqual(await graph.load(text), []);
  assert.equal(graph.happened(), "create test.meeting.m, create test.meeting.n, create test.source.a");
});

test("evaluates the dependants of a changed export, and only them", async () => {
  const graph = testGraph();
  await graph.load('test.value "v" { value = "one" }\ntest.source "a" { word = test.value.v.value }\ntest.source "b" { word = "fixed" }');
  await graph.controller.start();
  graph.happened();
  graph.tell("test.value.v", "two");
  graph.tell("test.value.v", "two");
  await graph.controller.settled();
  assert.equal(graph.happened(), "update test.source.a two");
  assert.deepEqual(graph.evaluations, ["begin", "end", "begin", "queued 1", "/test.source.a waited 0 took 0", "queued 0", "end"]);
});

test("a value that can't be taken leaves the component as it was, unhealthy, until one can", async () => {
  const graph = testGraph();
  await graph.load('test.value "v" { value = "1s" }\ntest.source "a" { wait = test.value.v.value }');
  await graph.controller.start();
  graph.tell("test.value.v", "nonsense");
  await graph.controller.settled();
  assert.match(graph.controller.health().message, /test.source.a: component evaluation failed: time: invalid duration/);
  graph.tell("test.value.v", "2s");
  await graph.controller.settled();
  assert.equal(graph.controller.health().state, "healthy");
});

test("a reload keeps what is unchanged, updates what changed, adds and removes the rest", async () => {
  const graph = testGraph();
  await graph.load('test.sink "s" { }\ntest.source "a" { forward_to = [test.sink.s.receiver] }\ntest.source "gone" { }');
  await graph.controller.start();
  graph.happened();
  assert.deepEqual(
    await graph.load(
      '// moved\ntest.sink "s" { }\ntest.source "a" {\n forward_to = [test.sink.s.receiver, test.sink.t.receiver]\n word = "x" }\ntest.sink "t" { }',
    ),
    [],
  );
  assert.equal(graph.happened(), "create test.sink.t, start test.sink.t, update test.source.a x, stop test.source.gone");
});

for (const [what, text] of [
  ["an unknown reference", 'test.source "a" { word = test.value.none.value }'],
  ["a component that can't be made", 'test.source "a" { }\ntest.source "new" { }\ntest.value "x" { fail = true }'],
  ["a syntax error", 'test.source "a" {'],
] as const)
  test(`a reload with ${what} leaves everything as it was`, async () => {
    const graph = testGraph();
    await graph.load('test.source "a" { word = "x" }\ntest.sink "s" { }');
    await graph.controller.start();
    graph.happened();
    assert.equal((await graph.load(text)).length, 1);
    assert.doesNotMatch(graph.happened(), /update|start|stop test.source.a|stop test.sink/);
    assert.deepEqual([...graph.controller.root.nodes.keys()].sort(), ["test.sink.s", "test.source.a"]);
  });

test("a component that can't start is tried again", async () => {
  const graph = testGraph();
  graph.broken.add("test.sink.s");
  await graph.load('test.sink "s" { }');
  await graph.controller.start();
  assert.match(graph.controller.health().message, /could not start: address in use/);
  graph.broken.clear();
  await graph.clock.advance(1000);
  assert.equal(graph.controller.health().state, "healthy");
});

for (const [text, expected] of [
  ['test.sorce "a" { }', ['1: cannot find the definition of component name "test.sorce" (did you mean "test.source"?)']],
  ["test.sink { }", ['1: block "test.sink" requires non-empty label']],
  ['test.sink "a" { }\ntest.sink "a" { }', ["2: block test.sink.a already declared at main:1"]],
  [
    'test.source "a" { word = test.valu.v.value }\ntest.value "v" { }',
    ['1: component "test.valu.v.value" does not exist or is out of scope (did you mean "test.value.v"?)'],
  ],
  [
    'test.value "a" { value = test.value.b.value }\ntest.value "b" { value = test.value.a.value }',
    ["2: cycle: test.value.a → test.value.b → test.value.a"],
  ],
  ['test.value "a" { value = test.value.a.value }', ["1: self reference"]],
  [
    'test.source "a" { word = test.value.v.vlue }\ntest.value "v" { }',
    ['1: field "vlue" does not exist: test.value.v does not export it (did you mean "value"?)'],
  ],
  [
    'test.source "a" { forward_to = [test.value.v.value] }\ntest.value "v" { value = 3 }',
    ['1: expected capsule("test.Receiver"), got number'],
  ],
  ['test.source "a" { word = test.sink.s.receiver }\ntest.sink "s" { }', ['1: expected string, got capsule("test.Receiver")']],
  ['test.early "a" { }', [/stability level "experimental"/]],
  ['argument "a" { }', ["1: argument blocks only allowed inside a module"]],
  ['declare "d" {\n logging { }\n}', ['2: service blocks not allowed inside a module: "logging"']],
  ['declare "d" {\n test.source "x" { word = 1 nope = 2 }\n}', [/2:/]],
  [
    'declare "d" {\n argument "w" { }\n test.source "x" { word = argument.w.value }\n}\nd "one" { }',
    ['2: missing required argument "w" to module'],
  ],
  [
    'declare "d" {\n argument "word" { optional = true }\n}\nd "one" { wrd = 3 }',
    ['4: Provided argument "wrd" is not defined in the module (did you mean "word"?)'],
  ],
  ['declare "d" {\n d "again" { }\n}\nd "one" { }', ['2: custom component "d" uses itself']],
  ['word = "x"', ['1: unrecognized attribute name "word": only blocks may stand here']],
] as [string, (string | RegExp)[]][])
  test(`refuses ${JSON.stringify(text)}`, async () => {
    const found = await testGraph().load(text);
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [index, message] of expected.entries())
      if (typeof message === "string") assert.equal(found[index], message);
      else assert.match(found[index] ?? "", message);
  });

test("custom components pass arguments in and exports out, and follow changes", async () => {
  const graph = testGraph();
  const text = `
    declare "shout" {
      argument "word" { }
      argument "mark" {
        optional = true
        default  = "!"
      }
      export "loud" { value = argument.word.value + argument.mark.value }
    }
    test.value "v" { value = "hey" }
    shout "one" { word = test.value.v.value }
    test.source "a" { word = shout.one.loud }`;
  assert.deepEqual(await graph.load(text), []);
  await graph.controller.start();
  assert.match(graph.happened(), /create test.source.a hey!/);
  graph.tell("test.value.v", "ho");
  await graph.controller.settled();
  assert.equal(graph.happened(), "update test.source.a ho!");
});

test("components inside a custom component have a path of their own and stop with it", async () => {
  const graph = testGraph();
  const declare = 'declare "pipe" {\n argument "w" { }\n test.source "in" { word = argument.w.value }\n}\n';
  await graph.load(`${declare}pipe "p" { w = "x" }`);
  await graph.controller.start();
  assert.equal(graph.happened(), "create pipe.p/test.source.in x, start pipe.p/test.source.in");
  await graph.load(`${declare}pipe "p" { w = "y" }`);
  assert.equal(graph.happened(), "update pipe.p/test.source.in y");
  await graph.load(declare);
  assert.equal(graph.happened(), "stop pipe.p/test.source.in");
});

test("an imported module brings custom components, and its new content replaces them", async () => {
  const graph = testGraph();
  const module = (word: string) => `declare \\"say\\" { test.source \\"s\\" { word = \\"${word}\\" } }`;
  const text = (content: string) => `import.string "lib" { content = "${content}" }\nlib.say "one" { }`;
  assert.deepEqual(await graph.load(text(module("a"))), []);
  await graph.controller.start();
  assert.equal(graph.happened(), "create lib.say.one/test.source.s a, start lib.say.one/test.source.s");
  assert.deepEqual(await graph.load(text(module("b"))), []);
  await graph.controller.settled();
  assert.equal(graph.happened(), "update lib.say.one/test.source.s b");
  assert.match((await graph.load(text('test.sink \\"x\\" { }')))[0] ?? "", /only declare and import blocks are allowed in a module/);
});

test("service blocks get their arguments, and their defaults when they are gone", async () => {
  const graph = testGraph();
  await graph.load('logging { level = "debug" }');
  await graph.load("");
  assert.deepEqual(graph.applied, ["debug", "info"]);
});
