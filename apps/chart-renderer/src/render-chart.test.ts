import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type Chart, loadChart, originsOf, ReadRecorder, readYamlMap, renderChart, templateLinesOf } from "./index.ts";

function chartOf(files: Readonly<Record<string, string>>): Chart {
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  try {
    const all = { "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return loadChart(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const reads = (template: string, values: string): string[] => {
  const recorder = new ReadRecorder();
  const { findings } = renderChart({ chart: chartOf({ "templates/a.yaml": template, "values.yaml": values }), recorder });
  assert.deepEqual(findings, []);
  return recorder.reads().map(({ key, isWhole, line }) => `${line} ${key}${isWhole ? ".*" : ""}`);
};

test("a chart renders the same every time, whatever its templates write into the values", () => {
  const chart = chartOf({ "templates/a.yaml": 'a: {{ .Values.num }}{{ $_ := set .Values "num" 2 }}\n', "values.yaml": "num: 1\n" });
  const contents = [1, 2].map(() => renderChart({ chart }).documents.map(({ content }) => content));
  assert.deepEqual(contents, [["a: 1"], ["a: 1"]]);
});

test("every template that fails is found in one run, with its line, its values and the templates that led there", () => {
  const chart = chartOf({
    "templates/_p.tpl": '{{ define "p" }}\n{{ required "x is needed" .Values.x }}{{ end }}',
    "templates/a.yaml": 'a: 1\nb: {{ include "p" . }}\n',
    "templates/b.yaml": "a: {{ .Values.y.z }}\n",
    "templates/c.yaml": "a: [\n",
    "templates/d.yaml": "ok: true\n",
  });
  const { findings, documents } = renderChart({ chart });
  assert.deepEqual(
    findings.map(({ rule, place, valuesKey, stack }) => [rule, place?.file, place?.line, valuesKey, stack?.length]),
    [
      ["helm/execute", "c/templates/b.yaml", 1, "y.z", 1],
      ["helm/execute", "c/templates/_p.tpl", 2, "x", 2],
      ["helm/manifest", "c/templates/c.yaml", 1, undefined, undefined],
    ],
  );
  assert.deepEqual(
    documents.map(({ content }) => content),
    ["ok: true"],
  );
});

test("lines of a document lead to lines of its template", () => {
  const chart = chartOf({
    "templates/a.yaml": '{{ $x := 1 }}\n---\na: 1\nb:\n  {{- range list 1 2 }}\n  - {{ . }}\n  {{- end }}\nc: {{ "x" }}\n',
  });
  const [document] = renderChart({ chart }).documents;
  assert.ok(document);
  assert.equal(document.content, "a: 1\nb:\n  - 1\n  - 2\nc: x");
  assert.deepEqual(templateLinesOf(document), [3, 4, 6, 6, 8]);
});

test("reads of values are told with their place", () => {
  assert.deepEqual(reads("a: {{ .Values.a.b }}\n", "a: {b: 1, c: 2}"), ["1 a", "1 a.b"]);
  assert.deepEqual(reads('\na: {{ index .Values "a" "b" }}\n', "a: {b: 1}"), ["2 a", "2 a.b"]);
  assert.deepEqual(reads("a: {{ toYaml .Values.a | quote }}\n", "a: {b: 1}"), ["1 a", "1 a.*"]);
  assert.deepEqual(reads("{{ range $k, $v := .Values.a }}\n{{ $k }}: {{ $v }}{{ end }}\n", "a: {b: 1}"), ["1 a", "1 a.b"]);
  assert.deepEqual(reads('a: {{ dig "b" "c" 0 .Values.a }}\n', "a: {b: {c: 1}}"), ["1 a", "1 a.b", "1 a.b.c"]);
  assert.deepEqual(reads("{{ with deepCopy .Values.a }}a: {{ .b }}{{ end }}\n", "a: {b: 1}"), ["1 a", "1 a.b"]);
  assert.deepEqual(reads("{{ with merge (dict) .Values.a }}a: {{ .b }}{{ end }}\n", "a: {b: 1}"), ["1 a", "1 a.b"]);
  assert.deepEqual(reads("a: {{ tpl .Values.a . }}\n", 'a: "{{ .Values.b }}"\nb: 1'), ["1 a", "1 b"]);
});

test("values of charts below and globals are told by their key from the root", () => {
  const chart = chartOf({
    "values.yaml": "sub: {a: 1}\nglobal: {g: 2}\n",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts/sub/templates/s.yaml": "a: {{ .Values.a }}\ng: {{ .Values.global.g }}\n",
  });
  const recorder = new ReadRecorder();
  renderChart({ chart, recorder });
  assert.deepEqual(
    recorder.reads().map(({ key, file }) => `${key} ${file}`),
    ["sub.a c/charts/sub/templates/s.yaml", "sub.global c/charts/sub/templates/s.yaml", "global.g c/charts/sub/templates/s.yaml"],
  );
});

test("each value has its origins, the winner first", () => {
  const chart = chartOf({
    "values.yaml": "# first\nsub:\n  a: 1\n",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "b: 0\na: 0\n",
  });
  const source = "sub:\n\n  a: 2\n";
  const layers = [
    { label: "my.yaml", values: readYamlMap(source), source },
    { label: "--set sub.a=3", values: readYamlMap("sub: {a: 3}") },
  ];
  const shown = originsOf(chart, layers, ["sub", "a"]).map(({ label, kind, line, value }) => `${label}:${line ?? ""} ${kind} ${value}`);
  assert.deepEqual(shown, [
    "--set sub.a=3: user 3",
    "my.yaml:3 user 2",
    "c/values.yaml:3 parent-default 1",
    "c/charts/sub/values.yaml:2 default 0",
  ]);
});
