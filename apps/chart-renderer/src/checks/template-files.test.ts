import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

function problems(name: string, text: string): string[] {
  return linesOf("helm/templates", findingsIn({ [`templates/${name}`]: text }));
}

test("templates have a known extension and use nothing that is gone", () => {
  assert.deepEqual(problems("a.yaml", "a: 1\n"), []);
  assert.deepEqual(problems("a.json", "{}"), [
    "error shop/templates/a.json:1: file extension '.json' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt",
  ]);
  assert.match(
    problems("a.yaml", "metadata:\n  annotations:\n    helm.sh/hook: crd-install\n")[0] ?? "",
    /^warning .*a\.yaml:3: manifest is a crd-install hook/,
  );
  assert.match(problems("a.yaml", "a: 1\n# {{ .Release.Time }}\n")[0] ?? "", /^error .*a\.yaml:2: \.Release\.Time has been removed/);
});

test("a rendered document begins at the left", () => {
  assert.deepEqual(problems("a.yaml", "{{ if true }}\n  a: 1\n{{ end }}"), [
    'warning shop/templates/a.yaml:1: document starts with an illegal indent: "  a: 1", which may cause parsing problems',
  ]);
});
