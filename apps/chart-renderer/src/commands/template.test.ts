import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { templateCommand } from "./template.ts";

/** Runs `invar-chart template rel CHART ...` on a chart of these files; `@` before a name stands for the chart's folder. */
function run(files: Readonly<Record<string, string>>, ...args: readonly string[]): ReturnType<typeof templateCommand> {
  const folder = mkdtempSync(join(tmpdir(), "template-"));
  try {
    for (const [name, text] of Object.entries({ "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return templateCommand(["rel", folder, ...args.map((arg) => arg.replace("@", `${folder}/`))]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const twoDocuments = {
  "templates/a.yaml": "kind: ValidatingWebhookConfiguration\nmetadata: {name: w}\n\n---\nkind: ConfigMap\n\n---\nkind: Zebra\n",
};

test("lookup finds the objects of --objects by name, by kind, and in lists", () => {
  const objects = [
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\ndata: {k: dg==}\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata: {name: one}\n",
  ].join("---\n");
  const template = [
    'a: {{ (lookup "v1" "Secret" "ns" "s").data.k }}',
    'b: {{ len (lookup "v1" "Node" "" "").items }}',
    'c: {{ lookup "v1" "Secret" "other" "s" | toJson }}',
    'd: {{ (lookup "v1" "Pod" "" "").items | toJson }}\n',
  ].join("\n");
  const { stdout } = run({ "templates/a.yaml": template, "objects.yaml": objects }, "--objects", "@objects.yaml");
  assert.match(stdout, /a: dg==\nb: 1\nc: \{\}\nd: \[\]\n/);
});

test("Helm 4 puts webhook configurations behind all other known kinds", () => {
  const kinds = (version: string): string[] =>
    [...run(twoDocuments, "--helm-version", version).stdout.matchAll(/^kind: (.*)/gm)].map(([, kind]) => kind as string);
  assert.deepEqual(kinds("3.22"), ["ConfigMap", "ValidatingWebhookConfiguration", "Zebra"]);
  assert.deepEqual(kinds("4.1"), ["ConfigMap", "ValidatingWebhookConfiguration", "Zebra"]);
  const many = { "templates/a.yaml": "kind: Aardvark\n---\nkind: ValidatingWebhookConfiguration\n" };
  assert.match(run(many, "--helm-version", "3.22").stdout, /Aardvark[\s\S]*Validating/);
  assert.match(run(many, "--helm-version", "4.1").stdout, /Validating[\s\S]*Aardvark/);
});

test("Helm 4.2 keeps the empty line before the next document", () => {
  assert.match(run(twoDocuments).stdout, /kind: ConfigMap\n---/);
  assert.match(run(twoDocuments, "--helm-version", "4.2").stdout, /kind: ConfigMap\n\n\n---/);
});

test("Helm 4.2 drops nulls from the defaults of charts", () => {
  const chart = { "values.yaml": "a: {b: null, c: 1}\nd: null\n", "templates/a.yaml": 'v: {{ omit .Values "global" | toJson }}\n' };
  assert.match(run(chart).stdout, /v: \{"a":\{"b":null,"c":1\},"d":null\}/);
  assert.match(run(chart, "--helm-version", "4.2").stdout, /v: \{"a":\{"c":1\}\}/);
});

test("Kubernetes' version is that of the official build of each Helm unless it is given", () => {
  const chart = { "templates/a.yaml": "v: {{ .Capabilities.KubeVersion.Version }} {{ typeOf .Values }}\n" };
  assert.match(run(chart).stdout, /v: v1\.37\.0 chartutil\.Values/);
  assert.match(run(chart, "--helm-version", "v4.2").stdout, /v: v1\.36\.0 common\.Values/);
  assert.match(run(chart, "--helm-version", "5").stderr, /invalid Helm version "5": write one of 3\.22, 4\.1, 4\.2/);
});

test("flags that need a cluster or a network, or that only install, are refused by name", () => {
  assert.match(run({}, "--validate").stderr, /^Error: --validate is not supported: invar-chart never talks to a cluster/);
  assert.match(run({}, "--repo", "x").stderr, /^Error: --repo is not supported: invar-chart reads charts from folders/);
  assert.match(run({}, "--atomic").stderr, /^Error: --atomic is not supported: it changes nothing/);
});

test("help lists every flag", () => {
  const { code, stdout } = run({}, "--help");
  assert.equal(code, 0);
  assert.match(stdout, / {2}-f, --values strings +\S/);
});

test("every mistake is told in one run, Helm's text first", () => {
  const { code, stderr } = run({
    "templates/a.yaml": "a: {{ .Values.x.y }}\n",
    "templates/b.yaml": 'b: {{ required "z is missing" .Values.z }}\n',
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: execution error at \(c\/templates\/b\.yaml:1:6\): z is missing\n\nUse --debug flag to render out invalid YAML\n/,
  );
  assert.match(stderr, /1 \| b: \{\{ required "z is missing" \.Values\.z \}\}\nvalues: z\n/);
  assert.match(stderr, /\nAlso: template: c\/templates\/a\.yaml:1:13: executing .* nil pointer evaluating interface \{\}\.y\n/);
});

/** What stderr says beside Helm's own texts. */
function warnings(files: Readonly<Record<string, string>>, ...args: readonly string[]): string[] {
  return [...run({ "templates/a.yaml": "kind: A\n", ...files }, ...args).stderr.matchAll(/^invar-chart: (.*): see --helm-version$/gm)].map(
    ([, text]) => text as string,
  );
}

const below = {
  "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
  "charts/d/Chart.yaml": "apiVersion: v2\nname: d\nversion: 1.0.0\n",
  "charts/d/values.yaml": "a: 1\nb: 2\n",
};

test("a chart whose output depends on the version of Helm says so, and no other does", () => {
  assert.deepEqual(warnings({ "values.yaml": "a: null\nb: {c: null}\n" }), []);
  assert.deepEqual(warnings({ ...below, "values.yaml": "d: {a: 3}\n" }, "--set", "d.b=4"), []);
  assert.deepEqual(warnings({ ...below, "values.yaml": "d: {a: null}\n" }), [
    "Helm 4.2 takes another value of d.a, since a chart's default for it is null",
  ]);
  assert.deepEqual(warnings({ "values.yaml": "# only one\n---\na: 1\n---\n# nothing\n" }), []);
  assert.deepEqual(warnings({ "values.yaml": "a: 1\n---\nb: 2\n" }), [
    "Helm 3 reads only the first document of c/values.yaml, Helm 4 all of them",
  ]);
  const kinds = "kind: ValidatingWebhookConfiguration\n---\nkind: MutatingWebhookConfiguration\n---\nkind: Alike\n";
  assert.deepEqual(warnings({ "templates/a.yaml": kinds }, "--helm-version", "4.2"), [
    "Helm 3.22 puts Alike at another place than Helm 4.2",
  ]);
});

test("a folder that cannot be made is an error at once", () => {
  const { code, stderr } = run({ "templates/a.yaml": "kind: A\n" }, "--output-dir", "/proc/none");
  assert.equal(code, 1);
  assert.match(stderr, /^Error: mkdir \/proc\/none: no such file or directory/);
});
