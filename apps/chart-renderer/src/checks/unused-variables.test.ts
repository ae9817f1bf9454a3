import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

function unused(template: string): string {
  return findingsIn({ "templates/_a.tpl": `{{ define "a" }}${template}{{ end }}` })
    .filter(({ rule }) => rule === "template/unused-variable")
    .map(({ message }) => / (\$\w+) /.exec(message)?.[1])
    .join(" ");
}

test("variables that nobody reads are found, by the scopes of the language", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{{ $a := 1 }}", "$a"],
    ["{{ $a := 1 }}{{ $a }}", ""],
    ["{{ $a := 1 }}{{ $a = 2 }}", "$a"],
    ["{{ $a := 1 }}{{ if true }}{{ $a = 2 }}{{ end }}{{ $a }}", ""],
    ["{{ $a := 1 }}{{ if true }}{{ $a := 2 }}{{ end }}{{ $a }}", "$a"],
    ["{{ $a := 1 }}{{ range . }}{{ $a }}{{ end }}", ""],
    ["{{ range $k, $v := . }}{{ $k }}{{ end }}", ""],
    ["{{ with $a := . }}x{{ end }}", "$a"],
    ["{{ if $a := . }}{{ $a.b }}{{ end }}", ""],
    ['{{ $a := set . "x" 1 }}', ""],
    ["{{ $_ := 1 }}", ""],
    ['{{ $a := 1 }}{{ template "b" $a }}', ""],
    ["{{ $a := . }}{{ (index $a.b 0).c }}", ""],
  ];
  for (const [template, expected] of cases) assert.equal(unused(template), expected, template);
});
