import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

function problem(call: string): string {
  return findingsIn({ "templates/_a.tpl": `{{ define "a" }}{{ ${call} }}{{ end }}` })
    .filter(({ rule }) => rule === "template/printf")
    .map(({ message }) => message.replace(/^printf ".*" has /, ""))
    .join();
}

test("verbs and arguments are counted as Go does", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['printf "%s" .a', ""],
    ['printf "%s-%s" .a', "2 verbs and 1 argument"],
    ['printf "a" .a', "0 verbs and 1 argument"],
    ['printf "%d%%" .a', ""],
    ['printf "%*d" 5 .a', ""],
    ['printf "%-5.2f" .a', ""],
    ['.a | printf "%s-%s" .b', ""],
    ['.a | printf "%s"', ""],
    ['.a | printf "x"', "0 verbs and 1 argument"],
    ['printf "%[1]s %[1]s" .a', ""],
    ["printf .format .a .b", ""],
  ];
  for (const [call, expected] of cases) assert.equal(problem(call), expected, call);
});
