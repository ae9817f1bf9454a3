import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { lintCommand } from "./lint.ts";

const folder = mkdtempSync(join(tmpdir(), "lint-command-"));
after(() => rmSync(folder, { recursive: true }));

const CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\nicon: https://example.com/i.png\n";
let count = 0;

function chart(files: Readonly<Record<string, string>>): string {
  const path = join(folder, `chart-${count++}`);
  for (const [name, text] of Object.entries({ "Chart.yaml": CHART, ...files })) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const good = chart({ "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" });
const warned = chart({ "templates/a.yaml": "{{- $a := 1 }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" });
const broken = chart({ "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1}\n" });

test("the exit code says whether there are errors, with --strict whether there are warnings", () => {
  const cases: readonly (readonly [readonly string[], number])[] = [
    [[good], 0],
    [[warned], 0],
    [[warned, "--strict"], 1],
    [[broken], 1],
    [[good, broken], 1],
    [[broken, "--skip", "kubernetes/object"], 0],
  ];
  for (const [args, code] of cases) assert.equal(lintCommand(args).code, code, args.join(" "));
});

test("text is laid out as Helm's, and --quiet leaves out what is in order", () => {
  assert.equal(lintCommand([good]).stdout, `==> Linting ${good}\n\n1 chart(s) linted, 0 chart(s) failed\n`);
  assert.equal(lintCommand([good, "--quiet"]).stdout, "");
  assert.match(
    lintCommand([broken]).stdout,
    /shop\/templates\/a\.yaml:4: error: ConfigMap a: data\.a: must be text, not a number \[kubernetes\/object\]/,
  );
});

test("a chart that cannot be loaded is a finding", () => {
  const path = chart({ "Chart.yaml": "name: shop\n" });
  const { code, stdout } = lintCommand([path, "-o", "json"]);
  assert.equal(code, 1);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
  assert.equal(findings[0]?.rule, "helm/chart");
  assert.match(findings[0]?.message ?? "", /^unable to load chart\n\t/);
});

test("SARIF names files from the working folder on, JUnit the rules", () => {
  const sarif = JSON.parse(lintCommand([broken, "-o", "sarif"]).stdout);
  assert.match(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri, /chart-\d+\/templates\/a\.yaml$/);
  assert.match(
    lintCommand([broken, "-o", "junit"]).stdout,
    /<testcase classname="shop" name="kubernetes\/object shop\/templates\/a\.yaml:4"/,
  );
});

test("--fix mends the files and lints again", () => {
  const path = chart({
    "values.yaml": "size: 1\n",
    "templates/a.yaml":
      "{{- $a := .Values.size }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {size: '{{ .Values.size }}'}\n",
  });
  const user = join(folder, "user.yaml");
  writeFileSync(user, "# ours\nsise: 2\n");
  const { code, stdout } = lintCommand([path, "-f", user, "--fix", "--strict"]);
  assert.equal(code, 0);
  assert.match(stdout, /2 fixed\n$/);
  assert.equal(readFileSync(user, "utf8"), "# ours\nsize: 2\n");
  assert.ok(!readFileSync(join(path, "templates/a.yaml"), "utf8").includes("$a"));
});

test("an earlier render may be another chart, other values or a file", () => {
  const template = (name: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: ${name}, ports: [{port: 80}]}\n`;
  const path = chart({ "values.yaml": "ip: None\n", "templates/a.yaml": template("{{ .Values.ip }}") });
  const rendered = join(folder, "before.yaml");
  const values = join(folder, "before-values.yaml");
  writeFileSync(rendered, template("10.0.0.1"));
  writeFileSync(values, "ip: 10.0.0.2\n");
  const other = chart({ "templates/a.yaml": template("10.0.0.3") });
  for (const flags of [
    ["--previous", rendered],
    ["--previous", other],
    ["--previous-values", values],
  ]) {
    assert.match(lintCommand([path, ...flags]).stdout, /spec\.clusterIP differs from the earlier render/, flags.join(" "));
  }
  assert.doesNotMatch(lintCommand([path, "--previous", path]).stdout, /differs/);
});

test("wrong flags are refused with what to write", () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["-o", "xml"], /unknown format "xml": write -o text, json, sarif or junit/],
    [["--skip", "no/rule"], /unknown rule "no\/rule": write one of helm\/chart-file,/],
    [["--pod-security", "strict"], /unknown Pod Security Standard "strict": write baseline, restricted or off/],
    [["--toggles", "many"], /--toggles many is no number of renders/],
    [["--nope"], /Unknown option '--nope': write `invar-chart lint CHART/],
  ];
  for (const [flags, message] of cases) assert.match(lintCommand([good, ...flags]).stderr, message);
});
