import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiagnostic } from "@invar/alloy-syntax";
import { capsuleOf, tryDecodeText } from "../component/from-text.ts";
import { component as filter } from "../components/otelcol/processor/filter/component.ts";
import { component as tailSampling } from "../components/otelcol/processor/tail_sampling/component.ts";
import { component as transform } from "../components/otelcol/processor/transform/component.ts";

const names = { sink: capsuleOf("otelcol.Consumer", { consume: async () => {}, pressure: () => undefined }) };

/** The findings of a component's arguments, each as its line with marks under it, and its hint. */
function marked(component: Parameters<typeof tryDecodeText>[0], text: string): string[] {
  const { diagnostics } = tryDecodeText(component, `${text}\noutput {\n\ttraces = [sink]\n}`, names);
  return diagnostics.map((diagnostic) => {
    const [, line = "", marks = "", hint = ""] =
      /\n1? *\d* \| ([^\n]*)\n *\| ( *\^+)(?:(?:.|\n)*\n {2}hint: (.*))?/.exec(renderDiagnostic(diagnostic, { context: 0 })) ?? [];
    const mark = line.slice(marks.length - marks.trim().length, marks.length);
    return hint === "" ? mark : `${mark} - ${hint}`;
  });
}

const inSpan = (statement: string) => `trace_statements {\n\tcontext = "span"\n\tstatements = [\n\t\t\`${statement}\`,\n\t]\n}`;
const inferred = (statement: string) => `statements {\n\ttrace = [\`set(span.name, "a")\`, \`${statement}\`]\n}`;

const cases: readonly (readonly [what: string, statement: (text: string) => string, text: string, expected: string])[] = [
  ["an unknown editor", inSpan, `sett(name, "x")`, 'sett - did you mean "set"?'],
  ["an unknown converter in an argument", inSpan, `set(name, Concatt(["a"], ""))`, 'Concatt - did you mean "Concat"?'],
  ["an unknown path", inSpan, `set(nam, "x")`, 'nam - did you mean "name"?'],
  ["an unknown part of a path", inSpan, `set(span.status.coed, 1)`, 'coed - did you mean "code"?'],
  ["too long a path", inSpan, `set(span.name.first, "x")`, "first"],
  ["a path that has no keys", inSpan, `set(name["a"], "x")`, "name"],
  ["an unknown enum", inSpan, `set(status.code, STATUS_CODE_EROR)`, 'STATUS_CODE_EROR - did you mean "STATUS_CODE_ERROR"?'],
  ["an argument that is not there", inSpan, `set(target = name, valeu = "x")`, 'valeu - did you mean "value"?'],
  ["a word that can't stand there", inSpan, `set(name, "x") were true`, "were"],
  ["a bracket that is missing", inSpan, `set(attributes["a", 1)`, ","],
  ["a condition", inSpan, `set(name, "x") where kidn == 1`, 'kidn - did you mean "kind"?'],
  ["the end", inSpan, `set(name, "x"`, "`"],
  ["a character of no word", inSpan, `set(name, 'x')`, "'"],
  ["an unknown context", inferred, `set(spam.name, "x")`, 'spam - did you mean "span"?'],
  ["no context", inferred, `set(name, "x")`, "name - write span.name"],
  ["an unknown function where the context is inferred", inferred, `set(span.name, Uuidd())`, 'Uuidd - did you mean "UUID"?'],
  ["a syntax error where the context is inferred", inferred, `set(span.name, )`, ")"],
];

for (const [what, write, text, expected] of cases)
  test(`transform points at ${what}: ${text}`, () => assert.deepEqual(marked(transform, write(text)), [expected]));

test("every statement that is wrong has a finding of its own, in text of either kind", () => {
  const text = `trace_statements {
	context = "span"
	conditions = ["attributes[\\"a\\"] == nill"]
	statements = ["set(nmae, \\"\\u00e9\\")", \`delete_key(attributes, "b")\`, \`dlete_key(attributes, "b")\`]
}`;
  assert.deepEqual(marked(transform, text), ['nmae - did you mean "name"?', 'dlete_key - did you mean "delete_key"?', "nill"]);
});

test("a text that is not written there is pointed at as a whole", () => {
  assert.deepEqual(marked(transform, 'trace_statements {\n\tcontext = "span"\n\tstatements = ["sett" + "(name, 1)"]\n}'), [
    '"sett" + "(name, 1)" - did you mean "set"?',
  ]);
});

test("filter points into its conditions", () => {
  assert.deepEqual(marked(filter, 'traces {\n\tspan = [\n\t\t`name == "a"`,\n\t\t`nme == "a"`,\n\t]\n}'), ['nme - did you mean "name"?']);
  assert.deepEqual(marked(filter, 'trace_conditions {\n\tconditions = [`span.nme == "a"`]\n}'), ['nme - did you mean "name"?']);
  assert.deepEqual(marked(filter, 'trace_conditions {\n\tcontext = "spann"\n\tconditions = [`name == "a"`]\n}'), [
    '"spann" - did you mean "span"?',
  ]);
});

test("tail_sampling points into conditions, those of policies within policies too", () => {
  const condition = 'type = "ottl_condition"\nottl_condition {\n\terror_mode = "ignore"\n\tspan = [`nme == "a"`]\n}';
  assert.deepEqual(marked(tailSampling, `policy {\n\tname = "a"\n${condition}\n}`), ['nme - did you mean "name"?']);
  assert.deepEqual(
    marked(tailSampling, `policy {\n\tname = "a"\n\ttype = "and"\n\tand {\n\t\tand_sub_policy {\n\tname = "b"\n${condition}\n}\n}\n}`),
    ['nme - did you mean "name"?'],
  );
});
