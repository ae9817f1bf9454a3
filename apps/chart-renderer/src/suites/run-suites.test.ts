import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { type ChartResult, runSuites, type SuiteOptions } from "./run-suites.ts";
import { suiteJunit, suiteText } from "./suite-report.ts";

const folder = mkdtempSync(join(tmpdir(), "suites-"));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS: SuiteOptions = {
  files: ["tests/*_test.yaml"],
  valuesFiles: [],
  updatesSnapshots: false,
  includesSubcharts: true,
  isStrict: false,
  failsFast: false,
  skipsSchemaValidation: false,
  testsChart: undefined,
  now: () => 0,
};

let charts = 0;

const FILES = {
  "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: '7'\n",
  "values.yaml": "replicas: 2\nimage: {name: shop, tag: '1'}\nenv: []\nneeded: yes\n",
  "templates/_names.tpl": '{{ define "name" }}{{ .Release.Name }}-shop{{ end }}',
  "templates/deployment.yaml": `{{ if not .Values.needed }}{{ fail "needed is missing" }}{{ end -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}
  namespace: {{ .Release.Namespace }}
  annotations: {app.kubernetes.io/version: "{{ .Chart.AppVersion }}", revision: "{{ .Release.Revision }}"}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: main
          image: {{ .Values.image.name }}:{{ .Values.image.tag }}
          args: [a, b]
        - name: side
          image: side:1
      volumes: []
`,
  "templates/service.yaml": `apiVersion: v1
kind: Service
metadata: {name: one}
---
apiVersion: v1
kind: Service
metadata: {name: two}
data: {{ "secret" | b64enc }}
found: {{ (lookup "v1" "Pod" "here" "there").kind | default "none" }}
`,
  "templates/NOTES.txt": "Thanks for {{ .Release.Name }}\n",
} as const;

function chartWith(suites: Readonly<Record<string, string>>): string {
  const chart = join(folder, `chart-${charts++}`);
  for (const [name, text] of Object.entries<string>({ ...FILES, ...suites })) {
    mkdirSync(dirname(join(chart, name)), { recursive: true });
    writeFileSync(join(chart, name), text);
  }
  return chart;
}

function run(suite: string, options: Partial<SuiteOptions> = {}): ChartResult {
  return runSuites(chartWith({ "tests/a_test.yaml": suite }), { ...OPTIONS, ...options });
}

/** One assertion on the deployment, in flow notation: whether it holds. */
function holds(assertion: string, test = ""): boolean {
  const result = run(`suite: s\ntemplates: [deployment.yaml]\ntests:\n  - it: t\n    ${test}\n    asserts:\n      - ${assertion}\n`);
  assert.equal(result.error, undefined);
  return result.suites[0]?.tests[0]?.isPassed === true;
}

const TRUE = [
  "equal: {path: spec.replicas, value: 2}",
  "equal: {path: 'metadata.annotations[\"app.kubernetes.io/version\"]', value: '7'}",
  "equal: {path: \"spec.template.spec.containers[?(@.name == 'side')].image\", value: side:1}",
  "notEqual: {path: spec.replicas, value: 3}",
  "notEqual: {path: spec.absent, value: 3}",
  "exists: {path: metadata.name}",
  "notExists: {path: metadata.labels}",
  "isNull: {path: metadata.labels}",
  "isNotNull: {path: metadata.name}",
  "isEmpty: {path: spec.template.spec.volumes}",
  "isNotNullOrEmpty: {path: spec.template.spec.containers}",
  "matchRegex: {path: metadata.name, pattern: -shop$}",
  "notMatchRegex: {path: metadata.name, pattern: ^x}",
  "contains: {path: spec.template.spec.containers, content: {name: side}, any: true}",
  "contains: {path: 'spec.template.spec.containers[0].args', content: a, count: 1}",
  "notContains: {path: 'spec.template.spec.containers[0].args', content: c}",
  "isSubset: {path: metadata, content: {name: RELEASE-NAME-shop}}",
  "isNotSubset: {path: metadata, content: {name: other}}",
  "isType: {path: spec.replicas, type: int}",
  "isNotType: {path: spec.replicas, type: string}",
  "isKind: {of: Deployment}",
  "isAPIVersion: {of: apps/v1}",
  "hasDocuments: {count: 1}",
  "containsDocument: {kind: Deployment, apiVersion: apps/v1, name: RELEASE-NAME-shop, namespace: NAMESPACE}",
  "lengthEqual: {path: spec.template.spec.containers, count: 2}",
  "notLengthEqual: {path: spec.template.spec.containers, count: 3}",
  "lengthEqual: {paths: [spec.template.spec.containers, 'spec.template.spec.containers[0].args']}",
  "lessOrEqual: {path: spec.replicas, value: 2}",
  "notLessOrEqual: {path: spec.replicas, value: 1}",
  "matchSnapshot: {path: spec}",
  'equalRaw: {value: "Thanks for RELEASE-NAME\\n"}\n        template: NOTES.txt',
  "matchRegexRaw: {pattern: Thanks}\n        template: NOTES.txt",
  "notMatchRegexRaw: {pattern: Sorry}\n        template: NOTES.txt",
  "equal: {path: data, value: secret, decodeBase64: true}\n        template: service.yaml\n        documentIndex: 1",
];

test("every assertion holds where it should, and not where `not` is added", () => {
  for (const assertion of TRUE) {
    const suite = (text: string): string =>
      `suite: s\ntemplates: [deployment.yaml, service.yaml, NOTES.txt]\ntests:\n  - it: t\n    template: deployment.yaml\n    asserts:\n      - ${text}\n`;
    const verdict = (text: string): boolean | undefined => run(suite(text)).suites[0]?.tests[0]?.isPassed;
    assert.equal(verdict(assertion), true, assertion);
    assert.equal(verdict(`${assertion}\n        not: true`), false, `not ${assertion}`);
  }
});

test("notFailedTemplate holds when the chart renders", () => {
  assert.ok(holds("notFailedTemplate: {}"));
  assert.equal(holds("notFailedTemplate: {}", "set: {needed: false}"), false);
});

const FALSE = [
  "equal: {path: spec.replicas, value: '2'}",
  "equal: {path: spec.absent, value: 1}",
  "isKind: {of: Service}",
  "matchRegex: {path: spec.replicas, pattern: '2'}",
  "contains: {path: spec.replicas, content: 2}",
  "greaterOrEqual: {path: spec.replicas, value: 2.5}",
  "hasDocuments: {count: 2}",
  "failedTemplate: {}",
  "lengthEqual: {path: spec.template.spec.containers}",
];

test("an assertion that does not hold fails the test", () => {
  for (const assertion of FALSE) assert.equal(holds(assertion), false, assertion);
});

test("greaterOrEqual holds like in helm-unittest, where its denial always does", () => {
  assert.ok(holds("greaterOrEqual: {path: spec.replicas, value: 2}"));
  assert.equal(holds("greaterOrEqual: {path: spec.replicas, value: 3}"), false);
  assert.ok(holds("notGreaterOrEqual: {path: spec.replicas, value: 1}"));
});

test("set, release, chart and capabilities of a test stand above those of its suite", () => {
  assert.ok(holds("equal: {path: spec.replicas, value: 5}", "set: {replicas: 5}"));
  assert.ok(holds("matchRegex: {path: 'spec.template.spec.containers[0].image', pattern: ^shop:x$}", "set: {image.tag: x}"));
  assert.ok(holds("equal: {path: metadata.name, value: mine-shop}", "release: {name: mine}"));
  assert.ok(holds("equal: {path: 'metadata.annotations[\"app.kubernetes.io/version\"]', value: '9'}", "chart: {appVersion: '9'}"));
  assert.ok(holds("equal: {path: metadata.annotations.revision, value: '3'}", "release: {revision: 3}"));
});

test("the cluster is the one that helm-unittest takes, unless a test names another", () => {
  const chart = chartWith({
    "templates/version.yaml": 'version: {{ .Capabilities.KubeVersion.Version }}\nhas: {{ .Capabilities.APIVersions.Has "a/v1" }}\n',
    "tests/a_test.yaml": `templates: [version.yaml]
tests:
  - it: is old
    asserts: [{equal: {path: version, value: v1.20.0}}, {equal: {path: has, value: false}}]
  - it: is new
    capabilities: {majorVersion: 1, minorVersion: 35, apiVersions: [a/v1]}
    asserts: [{equal: {path: version, value: v1.35.0}}, {equal: {path: has, value: true}}]
`,
  });
  assert.equal(runSuites(chart, OPTIONS).suites[0]?.isPassed, true);
});

test("failedTemplate sees the message of fail", () => {
  assert.ok(holds("failedTemplate: {errorMessage: needed is missing}", "set: {needed: false}"));
  assert.ok(holds("failedTemplate: {errorPattern: ^needed}", "set: {needed: false}"));
  assert.equal(holds("failedTemplate: {errorMessage: another}", "set: {needed: false}"), false);
});

test("a selector picks documents over several templates", () => {
  const suite = (rest: string): string =>
    `suite: s\ntemplates: [deployment.yaml, service.yaml]\ntests:\n  - it: t\n    asserts:\n      - isKind: {of: Service}\n        documentSelector: {${rest}}\n`;
  const verdict = (rest: string): readonly string[] => run(suite(rest)).suites[0]?.tests[0]?.failures[0]?.lines ?? [];
  assert.deepEqual(verdict("path: metadata.name, value: two, skipEmptyTemplates: true"), []);
  assert.deepEqual(verdict("path: kind, value: Service, matchMany: true, skipEmptyTemplates: true"), []);
  assert.deepEqual(verdict("path: kind, value: Service, skipEmptyTemplates: true"), ["Error:", "multiple indexes found"]);
  assert.deepEqual(verdict("path: metadata.name, value: two"), ["Error:", "document not found"]);
});

test("lookup finds the objects of a kubernetesProvider", () => {
  const suite = `templates: [service.yaml]
kubernetesProvider:
  scheme: {v1/Pod: {gvr: {version: v1, resource: pods}, namespaced: true}}
  objects: [{kind: Pod, apiVersion: v1, metadata: {name: there, namespace: here}}]
tests:
  - it: finds it
    documentIndex: 1
    asserts: [{equal: {path: found, value: Pod}}]
`;
  assert.equal(run(suite).suites[0]?.isPassed, true);
});

test("a new snapshot is written, a changed one fails, and -u takes it over", () => {
  const suite = (replicas: number): string =>
    `suite: s\ntemplates: [deployment.yaml]\ntests:\n  - it: same\n    set: {replicas: ${replicas}}\n    asserts: [{matchSnapshot: {path: spec.replicas}}]\n`;
  const chart = chartWith({ "tests/a_test.yaml": suite(1) });
  const file = join(chart, "tests/__snapshot__/a_test.yaml.snap");
  const again = (replicas: number, updatesSnapshots: boolean) => {
    writeFileSync(join(chart, "tests/a_test.yaml"), suite(replicas));
    return runSuites(chart, { ...OPTIONS, updatesSnapshots }).suites[0];
  };
  assert.deepEqual(again(1, false)?.snapshots, { total: 1, failed: 0, created: 1, vanished: 0 });
  assert.equal(readFileSync(file, "utf8"), "same:\n  1: |\n    1\n");
  assert.equal(again(2, false)?.isPassed, false);
  assert.equal(again(2, true)?.isPassed, true);
  assert.equal(readFileSync(file, "utf8"), "same:\n  1: |\n    2\n");
});

test("tests and suites can be skipped", () => {
  const result = run(
    "suite: s\ntemplates: [deployment.yaml]\ntests:\n  - it: a\n    skip: {reason: later}\n    asserts: [{isKind: {of: X}}]\n  - it: b\n    asserts: [{isKind: {of: Deployment}}]\n",
  );
  assert.deepEqual(
    result.suites[0]?.tests.map(({ isPassed, isSkipped }) => [isPassed, isSkipped]),
    [
      [false, true],
      [true, false],
    ],
  );
});

test("several suites in one file, templates left out by excludeTemplates", () => {
  const result = run(
    "suite: one\ntemplates: [deployment.yaml]\ntests:\n  - it: a\n    asserts: [{hasDocuments: {count: 1}}]\n---\nsuite: two\nexcludeTemplates: [deployment.yaml, NOTES.txt]\ntests:\n  - it: b\n    asserts: [{hasDocuments: {count: 2}}, {isKind: {of: Service}}]\n",
  );
  assert.deepEqual(
    result.suites.map(({ name, isPassed }) => [name, isPassed]),
    [
      ["one", true],
      ["two", true],
    ],
  );
});

test("what cannot be run says why", () => {
  const error = (suite: string, options: Partial<SuiteOptions> = {}): string | undefined => run(suite, options).error;
  assert.match(error("suite: s\ntests: []\n") ?? "", /no tests found/);
  assert.match(error("suite: s\ntests: [{it: a}]\n") ?? "", /no asserts found/);
  assert.match(error("suite: s\ntests: [{it: a, asserts: [{isKnd: {of: X}}]}]\n") ?? "", /Assertion type `isKnd` is invalid/);
  assert.match(
    error("suite: s\nextra: 1\ntests: [{it: a, asserts: [{isKind: {of: X}}]}]\n", { isStrict: true }) ?? "",
    /field extra not found/,
  );
  const postRendered = run("suite: s\npostRenderer: {cmd: yq}\ntests: [{it: a, asserts: [{isKind: {of: X}}]}]\n");
  assert.match(postRendered.suites[0]?.tests[0]?.error ?? "", /postRenderer is not supported/);
});

test("the report names the test, the assertion and what came instead", () => {
  const result = run(
    "suite: my suite\ntemplates: [deployment.yaml]\ntests:\n  - it: has three\n    asserts: [{equal: {path: spec.replicas, value: 3}}]\n",
  );
  const text = suiteText([result], 5);
  assert.match(text, / FAIL {2}my suite\t.*a_test\.yaml\n\t- has three\n\n\t\t- asserts\[0\] `equal` fail\n/);
  assert.match(text, /Tests: {7}1 failed, 0 passed, 1 total/);
  const xml = suiteJunit([result]);
  assert.match(xml, /<testsuite name="my suite" tests="1" failures="1" errors="0" skipped="0" time="0.000">/);
  assert.match(xml, /<testcase classname="my suite" name="has three" time="0.000">\n<failure message="Failed">/);
});
