import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readYamlMap } from "../../apps/chart-renderer/src/index.ts";
import { parse, type Statement } from "../../packages/alloy-syntax/src/index.ts";
import { plain, render } from "./rendering.ts";

// Puts hostile texts in the place of each text and each free name of the values of all cases, one at a time. The chart refuses them, or the
// configurations are whole and nothing hostile has become part of them: what a user writes does not end its string.

const HOSTILE = [
  '"} evil "x" { a = "\\" + sys.env("HOME") {{ fail `evil` }}',
  "`] evil = [`",
  "a\n} // evil\nevil {\n---\nkind: Evil\nevil: true\n",
];

/** Keys whose values are text of a language or a template by their description, or names of other things in the values. */
const RAW =
  /(From|Rules|Stages|Config|Statements)$|^(config|content|target|type|collector|destinations|presets|includeDestinations|storage|module|extraObjects|hosts|service|tls|relabelings|metricRelabelings|pullSecrets|additionalPolicies)$/;

type Tree = Record<string, unknown>;

/** Each way to spoil a text or a name of a table in a tree: what is spoilt, and the spoilt tree. */
function* spoilt(tree: unknown, hostile: string, path = ""): Generator<{ path: string; tree: unknown }> {
  if (typeof tree === "string") yield { path, tree: hostile };
  if (Array.isArray(tree))
    for (const [at, element] of tree.entries())
      for (const change of spoilt(element, hostile, `${path}[${at}]`)) yield { path: change.path, tree: tree.with(at, change.tree) };
  else if (typeof tree === "object" && tree !== null)
    for (const [key, value] of Object.entries(tree as Tree)) {
      const isTable = typeof value === "object" && !Array.isArray(value);
      if (RAW.test(key) && !(isTable && !key.endsWith("From"))) continue;
      for (const change of spoilt(value, hostile, `${path}.${key}`)) yield { path: change.path, tree: { ...tree, [key]: change.tree } };
      if (typeof value === "string") {
        const { [key]: _, ...others } = tree as Tree;
        yield { path: `${path}.${key} (its name)`, tree: { ...others, [hostile]: value } };
      }
    }
}

/** The names of all blocks and attributes of a configuration. */
function namesOf(body: readonly Statement[]): string[] {
  return body.flatMap((statement) =>
    statement.kind === "block" ? [...statement.name.map(({ text }) => text), ...namesOf(statement.body)] : [statement.name.text],
  );
}

/** What is wrong with the chart's output when it holds hostile texts. */
function escapesOf(values: string): string[] {
  const { objects, configurations, errors } = render(values);
  const inConfigurations = [...configurations].flatMap(([name, text]) => {
    const { file, diagnostics } = parse({ name, text });
    return [...diagnostics.map(({ message }) => message), ...namesOf(file.body).filter((block) => block === "evil")];
  });
  return [
    ...errors.filter((error) => !/^values don't meet|^execution error/.test(error) || /error calling fail: evil/.test(error)),
    ...objects.filter(({ kind }) => kind === "Evil").map(() => "an object of kind Evil"),
    ...inConfigurations,
  ];
}

const cases = join(import.meta.dirname, "cases");

let tried = 0;

for (const file of readdirSync(cases)) {
  test(`${file}: no text ends its string`, () => {
    const values = plain(readYamlMap(readFileSync(join(cases, file), "utf8")));
    assert.deepEqual(render(JSON.stringify(values)).errors, []);
    for (const hostile of HOSTILE)
      for (const { path, tree } of spoilt(values, hostile)) {
        tried++;
        assert.deepEqual(escapesOf(JSON.stringify(tree)), [], `${path} = ${hostile}`);
      }
  });
}

test("many texts were tried", () => {
  assert.ok(tried > 500, `${tried}`);
});
