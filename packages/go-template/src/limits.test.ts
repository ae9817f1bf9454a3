import assert from "node:assert/strict";
import { test } from "node:test";
import type { GoValue } from "@invar/go-compat";
import type { ExecuteOptions } from "./execute.ts";
import { fn, text } from "./function.ts";
import { TemplateError } from "./template-error.ts";
import { parseTemplate, TemplateSet } from "./template-set.ts";

function failure(template: string, options: ExecuteOptions = {}): string {
  try {
    parseTemplate("t", template).execute("t", null, options);
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
}

test("a template that calls itself ends in an error", () => {
  assert.match(failure('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'), /exceeded maximum template depth/);
  assert.match(
    failure('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', { maxDepth: 10 }),
    /exceeded maximum template depth \(10\)$/,
  );
});

test("endless loops end when the steps are used up", () => {
  assert.match(failure("{{range 9223372036854775807}}{{end}}", { budget: { steps: 100_000, output: 1000 } }), /takes too many steps/);
});

test("output is bounded", () => {
  assert.match(failure("{{range 1000}}0123456789{{end}}", { budget: { steps: 100_000, output: 1000 } }), /output is too large/);
});

test("a value that doubles itself is charged by its size", () => {
  const template = '{{$x := "0123456789"}}{{range 100}}{{$x = print $x $x}}{{end}}';
  assert.match(failure(template, { budget: { steps: 1_000_000, output: 1000 } }), /takes too many steps|too large/);
});

test("deep nesting is refused or run, never fatal", () => {
  assert.match(failure(`{{${"(".repeat(5000)}1${")".repeat(5000)}}}`), /max expression depth exceeded/);
  assert.match(failure("{{if 1}}".repeat(5000) + "{{end}}".repeat(5000)), /max block depth exceeded/);
  assert.equal(failure(`{{${"(".repeat(900)}1${")".repeat(900)}}}`), "no error");
  assert.equal(failure("{{if 1}}".repeat(900) + "{{end}}".repeat(900)), "no error");
  assert.equal(failure(`{{if 0}}${"{{else if 0}}".repeat(400)}{{end}}`), "no error");
});

test("long texts and tokens parse in linear time", () => {
  assert.equal(failure("{{1}}\n".repeat(30_000)), "no error");
  assert.match(failure(`{{"${"a".repeat(1_000_000)}`), /unterminated quoted string/);
  assert.match(failure(`{{${"9".repeat(1_000_000)}}}`), /integer overflow|illegal number/);
});

test("an error says where it happened in parts", () => {
  const set = parseTemplate("file.tpl", 'a\n\u00e9 {{define "d"}}{{.a.b.c}}{{end}}{{template "d" .}}');
  const data: GoValue = new Map([["a", new Map([["b", null]])]]);
  assert.throws(
    () => set.execute("file.tpl", data),
    (error) => {
      assert.ok(error instanceof TemplateError);
      assert.deepEqual(error.place, { template: "d", source: "file.tpl", line: 2, column: 21, expression: ".a.b.c" });
      assert.equal(error.problem, "nil pointer evaluating interface {}.c");
      return true;
    },
  );
});

test("an error inside a function is the cause of the outer one", () => {
  const inner = parseTemplate("inner", "{{.x.y}}");
  const set = parseTemplate("outer", '{{show "z"}}', {
    functions: new Map([["show", fn([text], () => inner.execute("inner", new Map([["x", null]])))]]),
  });
  assert.throws(
    () => set.execute("outer", null),
    (error) => error instanceof TemplateError && error.cause instanceof TemplateError && error.cause.place.source === "inner",
  );
});

test("parsed templates are reusable, and a clone keeps its additions to itself", () => {
  const set = new TemplateSet();
  set.parse("a", '{{define "x"}}1{{end}}{{template "x"}}{{.}}');
  const copy = set.clone();
  copy.parse("b", '{{define "x"}}2{{end}}');
  assert.equal(set.execute("a", 5n), "15");
  assert.equal(copy.execute("a", 6n), "26");
  assert.equal(set.execute("a", 7n), "17");
  assert.deepEqual(set.names().sort(), ["a", "x"]);
  assert.equal(copy.has("b"), true);
});

test("a later empty definition does not replace an earlier one", () => {
  const set = new TemplateSet();
  set.parse("a", '{{define "x"}}1{{end}}{{template "x"}}');
  set.parse("b", '{{define "x"}} \n {{end}}');
  assert.equal(set.execute("a", null), "1");
});

test("other delimiters", () => {
  assert.equal(
    parseTemplate("t", "{{x}} << .>> <<- `a` ->> b", { leftDelimiter: "<<", rightDelimiter: ">>" }).execute("t", 1n),
    "{{x}} 1ab",
  );
});

test("functions of a run stand before those of the set, and break can be one", () => {
  const set = parseTemplate("t", "{{break}}", { functions: new Map([["break", fn([], () => "set")]]) });
  assert.equal(set.execute("t", null), "set");
  assert.equal(set.execute("t", null, { functions: new Map([["break", fn([], () => "run")]]) }), "run");
});

test("an unknown template is named", () => {
  assert.throws(() => parseTemplate("t", "").execute("u", null), { message: 'template: no template "u" associated with template "u"' });
});
