import assert from "node:assert/strict";
import { test } from "node:test";
import { extractedFrom, faultsOf, processed, StageRun } from "../pipeline-cases.ts";

const block = (name: string, args: string) => `stage.${name} {\n${args}\n}`;
const fromJson = (names: string) =>
  block(
    "json",
    `expressions = { ${names
      .split(" ")
      .map((name) => `${name} = ""`)
      .join(", ")} }`,
  );

test("decolorize: sequences of terminals go, everything else stays", async () => {
  const cases: [string, string][] = [
    ["\u001b[0;32mhttp\u001b[0m: GET", "http: GET"],
    ["\u001b[38;5;1mx\u001b[K", "x"],
    ["\u001b]0;title\u0007x", "x"],
    ["plain [0m", "plain [0m"],
    ["ä\u001b[1mö", "äö"],
  ];
  for (const [line, expected] of cases) assert.deepEqual(await processed("stage.decolorize {}", `{} @1 ${line}`), [`{} @1 ${expected}`]);
});

test("output: an extracted value becomes the line", async () => {
  const stages = `${fromJson("message n o")}\n`;
  assert.deepEqual(await processed(stages + block("output", 'source = "message"'), '{} @1 {"message":"hello","n":0.5}'), ["{} @1 hello"]);
  assert.deepEqual(await processed(stages + block("output", 'source = "n"'), '{} @1 {"n":0.5}'), ["{} @1 0.5"]);
  assert.deepEqual(await processed(stages + block("output", 'source = "n"'), '{} @1 {"n":1e21}'), ["{} @1 1000000000000000000000"]);
  assert.deepEqual(await processed(stages + block("output", 'source = "o"'), '{} @1 {"o":null}'), ['{} @1 {"o":null}']);
  assert.deepEqual(await processed(stages + block("output", 'source = "none"'), "{} @1 x"), ["{} @1 x"]);
  assert.match(faultsOf(block("output", 'source = ""')), /output source value is required/);
});

test("pack: the line becomes an object of itself and of what is packed", async () => {
  const run = new StageRun(block("pack", 'labels = ["env", "user", "none"]\ningest_timestamp = false'));
  assert.deepEqual(await run.send('{env="dev", level="e", user="<f>"} @1 say "hi"\u0007'), [
    '{level="e"} @1 {"env":"dev","user":"\\u003cf\\u003e","_entry":"say \\"hi\\"\\u0007"}',
  ]);
  const now = new StageRun(`${fromJson("n")}\n${block("pack", 'labels = ["n"]')}`);
  assert.deepEqual(await now.send('{} @1 {"n":5}'), ['{} @1704164645 {"n":"5","_entry":"{\\"n\\":5}"}']);
});

test("replace: what groups match is replaced in the line or in a value", async () => {
  const cases: [string, string, string][] = [
    ['expression = "password (\\\\S+)"\nreplace = "*****"', "with password xyz!", "with password *****"],
    ['expression = "password (\\\\S+)"', "with password xyz!", "with password "],
    ['expression = "(\\\\d+)"\nreplace = "<{{ .Value }}>"', "1 and 22", "<1> and <22>"],
    ['expression = "((\\\\d)\\\\d)"\nreplace = "x"', "a12b34", "axbx"],
    ['expression = "no (group)"\nreplace = "x"', "nothing", "nothing"],
    ['expression = "^(?P<ip>\\\\S+) (?P<user>\\\\S+)"\nreplace = "{{ .Value | ToUpper }}"', "1.1.1.1 frank x", "1.1.1.1 FRANK x"],
    ['expression = "plain"\nreplace = "x"', "plain", "plain"],
    ['expression = "(ä)"\nreplace = "{{ .a }}"', "1ä2", "1<no value>2"],
  ];
  for (const [args, line, expected] of cases)
    assert.deepEqual(await processed(block("replace", args), `{} @1 ${line}`), [`{} @1 ${expected}`], args);
  assert.deepEqual(
    extractedFrom(block("replace", 'expression = "(?P<ip>\\\\S+) (?P<user>\\\\S+)"\nreplace = "{{ .Value | ToUpper }}"'), "{} 1.1 frank"),
    { ip: "1.1", user: "FRANK" },
  );
  const inValue = `${fromJson("msg")}\n${block("replace", 'expression = "(b)"\nsource = "msg"\nreplace = "x"')}`;
  assert.deepEqual(extractedFrom(inValue, '{} {"msg":"abc"}'), { msg: "axc" });
  assert.match(faultsOf(block("replace", 'expression = ""')), /expression is required/);
  assert.match(faultsOf(block("replace", 'expression = "a"\nreplace = "{{"')), /failed to compile template/);
});

test("luhn: numbers of cards are replaced", async () => {
  const cases: [string, string, string][] = [
    ["", "card 4242424242424242 ok", "card **REDACTED** ok"],
    ["", "card 4242424242424241 ok", "card 4242424242424241 ok"],
    ["", "short 42424242 ok", "short 42424242 ok"],
    ["", "huge 00004242424242424242424242424242 x", "huge 00004242424242424242424242424242 x"],
    ["min_length = 2", "18 19", "**REDACTED** 19"],
    ['replacement = "X"', "4242424242424242", "X"],
    ["", "4242-4242-4242-4242", "4242-4242-4242-4242"],
    ['delimiters = "-"', "card 4242-4242-4242-4242- ok", "card **REDACTED**- ok"],
    ['delimiters = "- "', "4242 4242 4242-4242", "**REDACTED**"],
    ['delimiters = "-"', "-4242-", "-4242-"],
    ['skip_regex = "id=\\\\d+"', "id=4242424242424242 4242424242424242", "id=4242424242424242 **REDACTED**"],
    ["", "١٢ ä 4242424242424242", "١٢ ä **REDACTED**"],
  ];
  for (const [args, line, expected] of cases)
    assert.deepEqual(await processed(block("luhn", args), `{} @1 ${line}`), [`{} @1 ${expected}`], `${args} ${line}`);
  const fromValue = `${fromJson("card")}\n${block("luhn", 'source = "card"')}`;
  assert.deepEqual(await processed(fromValue, '{} @1 {"card":"4242424242424242"}'), ["{} @1 **REDACTED**"]);
  assert.match(faultsOf(block("luhn", 'skip_regex = "("')), /could not compile regular expression/);
});

test("split_json: an array becomes a line for each element, as it stands there", async () => {
  const cases: [string, string[]][] = [
    ['[{"a":"]," }, [1,2] ,null,"x\\"y",5]', ['{"a":"]," }', "[1,2]", "null", '"x\\"y"', "5"]],
    [" [ ] ", []],
    ['[ "one" ]', ['"one"']],
    ['{"a":[1]}', ['{"a":[1]}']],
    ["[1,", ["[1,"]],
    ["5", ["5"]],
  ];
  for (const [line, expected] of cases)
    assert.deepEqual(
      await processed("stage.split_json {}", `{a="b"} @1 ${line}`),
      expected.map((one) => `{a="b"} @1 ${one}`),
      line,
    );
  const stages = `${fromJson("records s")}\n${block("split_json", 'source = "records"')}\n${fromJson("ts")}\n${block("labels", 'values = { ts = "", s = "" }')}`;
  assert.deepEqual(await processed(stages, '{} @1 {"s":"x","records":[{"ts":"1"},{"ts":"2"}]} # m="1"', "{} @2 other"), [
    '{s="x", ts="1"} @1 {"ts":"1"} # m="1"',
    '{s="x", ts="2"} @1 {"ts":"2"} # m="1"',
    "{} @2 other",
  ]);
  assert.match(faultsOf(block("split_json", 'source = ""')), /source cannot be empty/);
});

test("truncate: lines and values are cut by bytes, and it is told which", async () => {
  const rule = (args: string) => `rule {\n${args}\n}\n`;
  const run = new StageRun(
    `${block("truncate", rule('limit = "12B"\nsuffix = "..."') + rule('limit = "8B"\nsuffix = "..."\nsource_type = "label"') + rule('limit = "5B"\nsource_type = "structured_metadata"\nsources = ["m"]'))}\n${block("structured_metadata", 'values = { truncated = "" }')}`,
  );
  assert.deepEqual(
    await run.send(
      '{label1="hi", label2="hello world"} @1 I\'m a log message! # m="123456", n="123456"',
      '{a="b"} @2 short',
      "{} @3 äääääää",
    ),
    [
      '{label1="hi", label2="hello..."} @1 I\'m a log... # m="12345", n="123456", truncated="label,line,structured_metadata"',
      '{a="b"} @2 short',
      '{} @3 ääää\udcc3... # truncated="line"',
    ],
  );
  assert.equal(run.context.metric("loki_process_truncated_fields_total", { field: "line" }), 2);
  assert.equal(run.context.metric("loki_process_truncated_fields_total", { field: "label" }), 1);
  const extracted = `${fromJson("a b")}\n${block("truncate", rule('limit = "2B"\nsource_type = "extracted"'))}`;
  assert.deepEqual(extractedFrom(extracted, '{} {"a":"123","b":12345}'), { a: "12", b: 12345, truncated: "extracted" });
  for (const [args, message] of [
    ['limit = "0B"', /limit must be greater than zero/],
    ['limit = "1B"\nsources = ["a"]', /sources cannot be set when source_type is 'line'/],
    ['limit = "3B"\nsuffix = "..."', /suffix length cannot be greater than or equal to limit/],
  ] as const)
    assert.match(faultsOf(block("truncate", rule(args))), message, args);
});
