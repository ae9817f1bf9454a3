import assert from "node:assert/strict";
import { test } from "node:test";
import { extractedFrom, faultsOf, processed } from "../pipeline-cases.ts";

const block = (name: string, args: string) => `stage.${name} {\n${args}\n}`;
const fromJson = block("json", 'expressions = { msg = "", n = "", o = "", nil = "" }');

test("docker: log, stream and time become line, label and time", async () => {
  const cases: [string, string][] = [
    ['{"log":"message\\n","stream":"stderr","time":"2019-04-30T02:12:41.8443515Z"}', '{stream="stderr"} @1556590361.8443515 message\n'],
    ['{"LOG":"x","Stream":"stdout","attrs":{}}', '{stream="stdout"} @1 x'],
    ['{"log":"x","stream":"stdout","time":"nonsense"}', '{stream="stdout"} @1 x'],
    ['{"stream":"stdout"}', '{} @1 {"stream":"stdout"}'],
    ['{"log":5}', '{} @1 {"log":5}'],
    ["nonsense", "{} @1 nonsense"],
    ["null", "{} @1 null"],
  ];
  for (const [line, expected] of cases) assert.deepEqual(await processed("stage.docker {}", `{} @1 ${line}`), [expected], line);
  assert.deepEqual(extractedFrom("stage.docker {}", '{} {"log":"x","stream":"stdout","time":"t"}'), {
    output: "x",
    stream: "stdout",
    timestamp: "t",
  });
});

test("logfmt: fields are extracted by name and by pattern, up to what is malformed", () => {
  const cases: [string, string, Record<string, unknown>][] = [
    ['mapping = { level = "", message = "msg" }', 'ts=1 level=WARN msg="a line" x', { level: "WARN", message: "a line" }],
    ['mapping = { m = "" }', 'm="a \\"b\\" \\n\\u00e4 \\/"', { m: 'a "b" \nä /' }],
    ['mapping = { a = "", b = "", c = "" }', "a b= c=1", { a: "", b: "", c: "1" }],
    ['mapping = { a = "", b = "" }', "a=1 =2 b=3", { a: "1" }],
    ['mapping = { a = "", b = "" }', "a=1=2 b=3", {}],
    ['mapping = { a = "", b = "" }', 'a=1 b="open', { a: "1" }],
    ['mapping = { a = "", b = "" }', 'a=1 b="\\q"', { a: "1" }],
    ['mapping = { a = "" }', "a=1 a=2", { a: "2" }],
    ['mapping = { a = "" }', "x=1\ny=2 a=3", { a: "3" }],
    ['regex = "^n.*"', "name=x note=y other=z", { name: "x", note: "y" }],
    ['mapping = { a = "" }', "", {}],
  ];
  for (const [args, line, expected] of cases) assert.deepEqual(extractedFrom(block("logfmt", args), `{} ${line}`), expected, line);
  const chain = `${block("logfmt", 'mapping = { extra = "" }')}\n${block("logfmt", 'mapping = { username = "user" }\nsource = "extra"')}`;
  assert.deepEqual(extractedFrom(chain, '{} extra="user=example"'), { extra: "user=example", username: "example" });
  assert.match(faultsOf(block("logfmt", "")), /logfmt mapping or regex is required/);
  assert.match(faultsOf(block("logfmt", 'regex = "("')), /error parsing regexp/);
});

test("regex: named groups are extracted, and made labels where asked for", async () => {
  const stage = (args: string) => block("regex", args);
  const expression = 'expression = "^(?s)(?P<time>\\\\S+?) (?P<stream>stdout|stderr) (?:x)?(?P<rest>.*)$"';
  assert.deepEqual(extractedFrom(stage(expression), "{} 1 stderr hello"), { rest: "hello", stream: "stderr", time: "1" });
  assert.deepEqual(extractedFrom(stage(expression), "{} no match"), {});
  assert.deepEqual(extractedFrom(stage('expression = "(?P<a>x)?(?P<b>y)"'), "{} y"), { a: "", b: "y" });
  assert.deepEqual(extractedFrom(`${fromJson}\n${stage('expression = "^(?P<d>\\\\d)"\nsource = "n"')}`, '{} {"n":55}'), {
    d: "5",
    msg: null,
    n: 55,
    nil: null,
    o: null,
  });
  assert.deepEqual(await processed(stage('expression = "^(?P<year>\\\\d+)"\nlabels_from_groups = true'), '{year="old"} @1 2022-01'), [
    '{year="2022"} @1 2022-01',
  ]);
  assert.match(faultsOf(stage('expression = ""')), /expression is required/);
  assert.match(faultsOf(stage('expression = "("')), /could not compile regular expression: error parsing regexp/);
  assert.match(faultsOf(stage('expression = "a"\nsource = ""')), /empty source/);
});

test("pattern: captures are extracted", async () => {
  const cases: [string, string, Record<string, unknown>][] = [
    ["<time> <stream> <flags> <content>", "t stderr P i'm a log", { content: "i'm a log", flags: "P", stream: "stderr", time: "t" }],
    ["<_> <b>", "one two three", { b: "two three" }],
    ["x <a> y", "x 1 y", { a: "1" }],
    ["x <a> y", "z 1 y", {}],
    ["<a>-<b>", "no dash", { a: "no dash" }],
    ["<a>-<b>-", "1-2", { a: "1", b: "2" }],
    ["<a>:<_>", "1:2", { a: "1" }],
    ["<a>", "", {}],
    ["<a> < <b>", "1 < 2", { a: "1", b: "2" }],
  ];
  for (const [pattern, line, expected] of cases)
    assert.deepEqual(extractedFrom(block("pattern", `pattern = "${pattern}"`), `{} ${line}`), expected, `${pattern}: ${line}`);
  assert.deepEqual(await processed(block("pattern", 'pattern = "<l> <_>"\nlabels_from_groups = true'), "{} @1 info x"), [
    '{l="info"} @1 info x',
  ]);
  for (const [pattern, message] of [
    ["", /pattern is required/],
    ["no capture", /at least one capture is required/],
    ["<_> x", /at least one capture is required/],
    ["<a><b>", /found consecutive capture '<a><b>'/],
    ["<a> <a>", /duplicate capture name \(a\)/],
  ] as const)
    assert.match(faultsOf(block("pattern", `pattern = "${pattern}"`)), message, pattern);
});

test("template: values are made of others", async () => {
  const cases: [string, string, unknown][] = [
    ["hello_world", '{"x":1}', "hello_world"],
    ["{{ .Value }}_suffix", '{"msg":"a"}', "a_suffix"],
    ["{{ ToUpper .msg }} {{ .n }} {{ .Entry | len }}", '{"msg":"a","n":1.5}', "A 1.5 19"],
    ["{{ ToLower .Value }}", '{"msg":"ÄB"}', "äb"],
    ['{{ Replace .Value "o" "0" 2 }}', '{"msg":"foooo"}', "f00oo"],
    ['{{ Replace .Value "o" "0" -1 }}', '{"msg":"foooo"}', "f0000"],
    ['{{ Replace .Value "" "-" -1 }}', '{"msg":"ab"}', "-a-b-"],
    ['{{ Trim .Value ",. " }}|{{ TrimLeft .Value ", " }}|{{ TrimRight .Value ". " }}', '{"msg":", a. "}', "a|a. |, a"],
    ['{{ TrimPrefix .Value "--" }}|{{ TrimSuffix .Value "!" }}|{{ TrimSpace " x\\n" }}', '{"msg":"--a!"}', "a!|--a|x"],
    ['{{ regexReplaceAll "(a*)bc" .Value "${1}a" }}', '{"msg":"aabc abc"}', "aaa aa"],
    ['{{ regexReplaceAllLiteral "(ts=)" .Value "$1" }}', '{"msg":"ts=5"}', "$15"],
    ['{{ Hash "salt" .Value }}', '{"msg":"a"}', "fa7355eddced2ec6cc2f8d8730b8563bec5f170cc796197d028b3b27b0969867"],
    ['{{ Sha2Hash "salt" .Value }}', '{"msg":"a"}', "c48e22d109fbdc9ea9d09115591b16133717abf8f0faad86b3656f23f0a8de5b"],
    ['{{ if eq .Value "200" }}ok{{ else }}{{ .Value }}{{ end }}', '{"msg":"200"}', "ok"],
    ['{{ .msg | trunc 2 | quote }} {{ default "d" .none2 }}', '{"msg":"abc"}', '"ab" d'],
    ['{{ env "NO_SUCH_VARIABLE" }}-{{ splitList "," .msg | last }}', '{"msg":"a,b"}', "-b"],
    ["{{ .none }}", '{"msg":"a"}', "<no value>"],
    ["{{ .o }}", '{"o":{"a":1}}', '{"a":1}'],
  ];
  for (const [template, line, expected] of cases) {
    const source = JSON.stringify(template);
    const found = extractedFrom(`${fromJson}\n${block("template", `source = "msg"\ntemplate = ${source}`)}`, `{} ${line}`).msg;
    assert.equal(found, expected, template);
  }
  // An empty result takes the value away, also a label's.
  assert.deepEqual(
    extractedFrom(`${fromJson}\n${block("template", 'source = "msg"\ntemplate = "{{ if false }}x{{ end }}"')}`, '{} {"msg":"a"}'),
    {
      n: null,
      nil: null,
      o: null,
    },
  );
  assert.match(faultsOf(block("template", 'source = ""\ntemplate = "x"')), /template source value is required/);
  assert.match(faultsOf(block("template", 'source = "x"\ntemplate = "{{ .a"')), /unclosed action/);
});

test("eventlogmessage: key and value lines are extracted", () => {
  const text = "Message type:\\r\\nOverwritten: new\\r\\nImage: C:\\\\\\\\x.exe\\r\\nSecurity ID: 1\\r\\nno colon";
  const stages = (args: string) =>
    `${block("json", 'expressions = { message = "", Overwritten = "" }')}\n${block("eventlogmessage", args)}`;
  const line = `{} {"Overwritten": "old", "message": "${text.replaceAll("\\\\\\\\", "\\\\")}"}`;
  const { message: _, ...overwritten } = extractedFrom(stages("overwrite_existing = true"), line);
  assert.deepEqual(overwritten, { Image: "C:\\x.exe", Message_type: "", Overwritten: "new", Security_ID: "1" });
  assert.equal(extractedFrom(stages(""), line).Overwritten_extracted, "new");
  const { message: __, ...valid } = extractedFrom(stages("drop_invalid_labels = true\noverwrite_existing = true"), line);
  assert.deepEqual(valid, { Image: "C:\\x.exe", Overwritten: "new" });
  assert.match(faultsOf(block("eventlogmessage", 'source = "a b"')), /invalid label name: a b/);
});

test("windowsevent: description and sections are extracted", () => {
  const text =
    "Special privileges assigned.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-1-1\r\n\tAccount Name:\t\tSYSTEM\r\n\r\nPrivileges:\t\tOne\r\n\t\t\tTwo\r\n\r\nstray\r\nPackage (x):\tNTLM";
  const stages = block("json", 'expressions = { message = "" }') + block("windowsevent", "").replace(/^/, "\n");
  const { message: _, ...found } = extractedFrom(stages, `{} ${JSON.stringify({ message: text })}`);
  assert.deepEqual(found, {
    Description: "Special privileges assigned.",
    "Package(x)": "NTLM",
    Privileges: "One,Two",
    Subject_AccountName: "SYSTEM",
    Subject_SecurityID: "S-1-1-1",
  });
  const twice = extractedFrom(stages, `{Description="label"} ${JSON.stringify({ message: text })}`);
  assert.equal(twice.Description_extracted, "Special privileges assigned.");
});
