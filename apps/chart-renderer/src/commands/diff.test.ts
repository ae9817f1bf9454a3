import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { diffCommand } from "./diff.ts";

const folder = mkdtempSync(join(tmpdir(), "diff-"));
after(() => rmSync(folder, { recursive: true }));

function chart(name: string, template: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, "templates"), { recursive: true });
  writeFileSync(join(path, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
  writeFileSync(join(path, "values.yaml"), "size: 1\n");
  writeFileSync(join(path, "templates/a.yaml"), template);
  return path;
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {size: '{{ .Values.size }}'}\n";
const first = chart("first", TEMPLATE);
const second = chart("second", TEMPLATE.replace("name: a", "name: b"));

test("charts, values files and rendered files are compared; the exit code says whether they differ", () => {
  const [small, large] = [file("small.yaml", "size: 1\n"), file("large.yaml", "size: 9\n")];
  const rendered = file("rendered.yaml", TEMPLATE.replace("{{ .Values.size }}", "1"));
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[first, first], 0, /^$/],
    [[first, second], 1, /\+ ConfigMap b .*\n- ConfigMap a /],
    [["--chart", first, small, large], 1, /~ data\.size: "1" → "9"/],
    [["--chart", first, small, small], 0, /^$/],
    [[first, rendered], 0, /^$/],
    [[first, rendered, "--set", "size=3"], 1, /~ data\.size: "3" → "1"/],
  ];
  for (const [args, code, stdout] of cases) {
    const result = diffCommand(args);
    assert.equal(result.stderr, "");
    assert.equal(result.code, code);
    assert.match(result.stdout, stdout);
  }
});

test("trouble ends with 2 and says what to write", () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[first], /two things to compare: write `invar-chart diff A B/],
    [[first, join(folder, "absent")], /path ".*absent" not found/],
    [[first, second, "--nope"], /Unknown option '--nope': write `invar-chart diff/],
    [[first, second, "-o", "xml"], /unknown format "xml": write -o text or -o json/],
    [[chart("broken", '{{ fail "no" }}'), second], /execution error at \(shop\/templates\/a\.yaml:1:3\): no/],
  ];
  for (const [args, stderr] of cases) {
    const result = diffCommand(args);
    assert.equal(result.code, 2);
    assert.match(result.stderr, stderr);
  }
});
