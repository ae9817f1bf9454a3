import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../finding.ts";
import { findingsJson } from "./findings-json.ts";
import { findingsJunit } from "./findings-junit.ts";
import { findingsSarif } from "./findings-sarif.ts";
import { findingsText } from "./findings-text.ts";

const FINDINGS: readonly Finding[] = [
  {
    rule: "images/unpinned",
    severity: "warning",
    message: 'the image "a" has <no> tag',
    place: { file: "shop/templates/a.yaml", line: 7, column: 4 },
    stack: [
      { file: "shop/templates/b.yaml", line: 2, expression: 'include "a" .' },
      { file: "shop/templates/a.yaml", line: 7 },
    ],
    excerpt: "  image: a",
    valuesKey: "image.tag",
    fix: "give it a tag",
  },
  { rule: "helm/chart", severity: "error", message: "broken" },
];

test("people read place, message, line, value and fix", () => {
  assert.equal(
    findingsText(FINDINGS),
    [
      'shop/templates/a.yaml:7:4: warning: the image "a" has <no> tag [images/unpinned]',
      "    7 |   image: a",
      '    from shop/templates/b.yaml:2  include "a" .',
      "    value: image.tag",
      "    fix: give it a tag",
      "error: broken [helm/chart]",
      "",
    ].join("\n"),
  );
});

test("JSON holds them as they are", () => {
  assert.deepEqual(JSON.parse(findingsJson(FINDINGS)), { findings: FINDINGS });
});

test("SARIF has rules, levels and places in the repository's files", () => {
  const log = JSON.parse(
    findingsSarif([{ id: "images/unpinned", summary: "Pinned." }], FINDINGS, (file) => file.replace("shop", "charts/shop")),
  );
  assert.equal(log.version, "2.1.0");
  const [run] = log.runs;
  assert.deepEqual(
    run.tool.driver.rules.map((rule: { id: string }) => rule.id),
    ["images/unpinned", "helm/chart"],
  );
  assert.equal(run.results[0].level, "warning");
  assert.deepEqual(run.results[0].locations[0].physicalLocation, {
    artifactLocation: { uri: "charts/shop/templates/a.yaml" },
    region: { startLine: 7, startColumn: 5 },
  });
  assert.deepEqual(run.results[0].properties, { valuesKey: "image.tag" });
  assert.equal(run.results[1].locations, undefined);
});

test("JUnit has a failure each, and a passed case for every rule without one", () => {
  const xml = findingsJunit("shop", ["images/unpinned", "release/size"], FINDINGS);
  assert.match(xml, /<testsuite name="shop" tests="3" failures="2" errors="0" skipped="0" time="0\.000">/);
  assert.match(xml, /<testcase classname="shop" name="release\/size" time="0\.000"\/>/);
  assert.match(
    xml,
    /<failure message="the image &quot;a&quot; has &lt;no&gt; tag">shop\/templates\/a\.yaml:7&#xA;value: image\.tag&#xA;fix: give it a tag<\/failure>/,
  );
});
