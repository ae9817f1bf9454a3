import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { sortedLabels } from "../signals/prometheus/label-encoding.ts";
import { PrometheusTextParser } from "../signals/prometheus/prometheus-text.ts";
import { SeriesTable } from "../signals/prometheus/series-table.ts";
import { LabelLimitError, type LabelRules, SampleLabels } from "./sample-labels.ts";

const plain: LabelRules = { honorLabels: false, validation: "legacy", labelLimit: 0, nameLengthLimit: 0, valueLengthLimit: 0 };

const table = new SeriesTable();

/** The labels of the exposed series for a target with `job=j instance=i`, and which way they were made. */
function labelsOf(
  exposed: string,
  rules: Partial<LabelRules> = {},
  target: [string, string][] = defaultTarget,
): { text: string; byBytes: boolean } {
  const made = new SampleLabels(table, sortedLabels(target), { ...plain, ...rules });
  const bytes = Buffer.alloc(Buffer.byteLength(exposed) + 8);
  const parser = new PrometheusTextParser(bytes, bytes.write(exposed), { typeAndUnitLabels: false });
  while (parser.next() !== "series");
  const byBytes = made.fromLexer(parser.lexer, parser.type);
  if (!byBytes) made.fromPairs(parser.labels());
  const { names, values } = table.labelsOf(made.series());
  return { text: names.map((name, i) => `${name}=${values[i]}`).join(" "), byBytes };
}

const defaultTarget: [string, string][] = [
  ["job", "j"],
  ["instance", "i"],
];

const cases: [exposed: string, rules: Partial<LabelRules>, expected: string, byBytes: boolean][] = [
  ["a 1", {}, "__name__=a instance=i job=j", true],
  ['a{z="1",b="2",Z="3"} 1', {}, "Z=3 __name__=a b=2 instance=i job=j z=1", true],
  ['a{b=""} 1', {}, "__name__=a instance=i job=j", false],
  ['a{b="x\\ny"} 1', {}, "__name__=a b=x\ny instance=i job=j", false],
  ['a{job="x"} 1', {}, "__name__=a exported_job=x instance=i job=j", false],
  ['a{job="x",exported_job="y"} 1', {}, "__name__=a exported_exported_job=x exported_job=y instance=i job=j", false],
  ['a{job="x"} 1', { honorLabels: true }, "__name__=a instance=i job=x", false],
  ['a{job=""} 1', { honorLabels: true }, "__name__=a instance=i job=j", false],
  ['{"a.b",c="d"} 1', { validation: "utf8" }, "__name__=a.b c=d instance=i job=j", false],
  ['a{"c.d"="e"} 1', { validation: "utf8" }, "__name__=a c.d=e instance=i job=j", false],
  ['# TYPE h histogram\nh_bucket{le="1"} 1', {}, "__name__=h_bucket instance=i job=j le=1.0", true],
  ['# TYPE h histogram\nh_bucket{le="1",xx="1"} 1', {}, "__name__=h_bucket instance=i job=j le=1.0 xx=1", true],
  ['# TYPE s summary\ns{quantile="0.50"} 1', {}, "__name__=s instance=i job=j quantile=0.5", true],
];

for (const [exposed, rules, expected, byBytes] of cases)
  test(`${JSON.stringify(exposed)} becomes ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(labelsOf(exposed, rules), { text: expected, byBytes });
  });

const refused: [exposed: string, rules: Partial<LabelRules>, message: string][] = [
  ['a{b="1",b="2"} 1', {}, 'label name "b" is not unique: invalid sample'],
  ['{"a.b"} 1', {}, 'invalid metric name or label names: {__name__="a.b", instance="i", job="j"}'],
  [" a 1", {}, 'invalid metric name or label names: {__name__=" a", instance="i", job="j"}'],
  ['a{"c.d"="e"} 1', {}, 'invalid metric name or label names: {__name__="a", c.d="e", instance="i", job="j"}'],
  ['a{b="1"} 1', { labelLimit: 3 }, "label_limit exceeded (metric: a, number of labels: 4, limit: 3)"],
  [
    'a{bbbbbbbbbb="1"} 1',
    { nameLengthLimit: 9 },
    "label_name_length_limit exceeded (metric: a, label name: bbbbbbbbbb, length: 10, limit: 9)",
  ],
  [
    'a{b="123"} 1',
    { valueLengthLimit: 2 },
    'label_value_length_limit exceeded (metric: a, label name: b, value: "123", length: 3, limit: 2)',
  ],
];

for (const [exposed, rules, message] of refused)
  test(`${JSON.stringify(exposed)} is refused: ${message}`, () => {
    assert.throws(() => labelsOf(exposed, rules), { message });
  });

test("limits are told apart from other faults", () => {
  assert.throws(() => labelsOf("a 1", { labelLimit: 1 }), LabelLimitError);
});

test("merging bytes gives what merging text gives", () => {
  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,6}$/);
  const labels = fc.dictionary(
    name,
    fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/["\\\n]/.test(text)),
  );
  fc.assert(
    fc.property(name, labels, labels, (metric, exposed, target) => {
      const given = Object.entries(exposed).filter(([label]) => label !== "__name__");
      const own = Object.entries(target).filter(([label]) => label !== "__name__");
      const line = `${metric}{${given.map(([label, value]) => `${label}="${value}"`).join(",")}} 1`;
      const { text, byBytes } = labelsOf(line, {}, own);
      const slow = new SampleLabels(table, sortedLabels(own), plain);
      slow.fromPairs([["__name__", metric], ...given]);
      const { names, values } = table.labelsOf(slow.series());
      assert.equal(text, names.map((label, i) => `${label}=${values[i]}`).join(" "));
      assert.equal(byBytes, !given.some(([label]) => label in target));
    }),
    { numRuns: 300 },
  );
});
