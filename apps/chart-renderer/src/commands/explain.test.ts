import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { explainCommand } from "./explain.ts";

const folder = mkdtempSync(join(tmpdir(), "explain-"));
after(() => rmSync(folder, { recursive: true }));

const FILES = {
  "Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies: [{name: app, alias: web, version: 1.x, repository: ''}]\n",
  "values.yaml": "global:\n  team: a\nweb:\n  size: 2\nlist: [1, 2]\ngone: 1\n",
  "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  list: {{ toYaml .Values.list | quote }}\n",
  "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.2.3\n",
  "charts/app/values.yaml": "size: 1\nimage:\n  tag: '1'\n",
  "charts/app/templates/b.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  size: '{{ .Values.size }}'\n  tag: {{ .Values.image.tag | quote }}\n  team: {{ .Values.global.team }}\n",
  "user.yaml": "web:\n  size: 3\ngone: null\n",
} as const;
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
const user = join(folder, "user.yaml");

function explain(...args: readonly string[]): string {
  const { code, stdout, stderr } = explainCommand([folder, ...args]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return stdout.replaceAll(`${folder}/`, "");
}

test("the layers of a value come with their lines, the winner first, through an alias", () => {
  assert.equal(
    explain("web.size", "-f", user),
    [
      "web.size = 3",
      "    set by  user.yaml:2: 3  <- wins",
      "            umbrella/values.yaml:4 (default of a chart above): 2",
      "            umbrella/charts/web/values.yaml:1 (default): 1",
      "    read by umbrella/charts/web/templates/b.yaml:5",
      "",
    ].join("\n"),
  );
});

test("a flag stands above files", () => {
  assert.match(explain("web.size", "-f", user, "--set", "web.size=9"), /^web\.size = 9\n {4}set by {2}--set web\.size=9: 9 {2}<- wins\n/);
});

test("a global is read by the charts below", () => {
  assert.match(
    explain("global.team"),
    /set by {2}umbrella\/values\.yaml:2 \(default\): "a".*\n {4}read by umbrella\/charts\/web\/templates\/b\.yaml:7\n/,
  );
});

test("a list is one value, a null removes one, and a map is all that is in it", () => {
  assert.match(explain("list"), /^list = \[1,2\]\n.*\n {4}read by umbrella\/templates\/a\.yaml:5\n$/);
  assert.match(explain("gone", "-f", user), /^gone = removed by null\n {4}set by {2}user\.yaml:3: null {2}<- wins\n/);
  assert.match(explain("web"), /^web\.size = 2\n[\s\S]*\nweb\.image\.tag = "1"\n/);
});

test("without a key all values are told", () => {
  assert.deepEqual(
    explain()
      .split("\n")
      .filter((line) => / = /.test(line))
      .map((line) => line.split(" = ")[0])
      .sort(),
    ["global.team", "gone", "list", "web.global.team", "web.image.tag", "web.size"],
  );
});

test("the page holds every value with its text escaped", () => {
  const html = explain("-o", "html", "--set", "web.image.tag=<b>");
  assert.match(html, /^<!doctype html>/);
  assert.match(html, /<tr id="web\.image\.tag">.*<code>&quot;&lt;b&gt;&quot;<\/code>/);
  assert.match(html, /<li class="winner">--set web\.image\.tag=&lt;b&gt;/);
});

test("a key that is not there is an error", () => {
  assert.deepEqual(explainCommand([folder, "web.sze"]), {
    code: 1,
    stdout: "",
    stderr: "Error: there is no value web.sze: write a key from the root chart's values on, like image.tag\n",
  });
});
