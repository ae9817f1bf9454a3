// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { LabelSet } from "./label-set.ts";
import { checkRule, type Rule } from "./rule.ts";
import { compileRules, type NameScheme, relabel, sameRules } from "./rules.ts";

const defaults: Rule = {
  action: "replace",
  source_labels: undefined,
  separator: ";",
  regex: "(.*)",
  modulus: 0,
  target_label: "",
  replacement: "$1",
};

function rule(given: Partial<Rule>): Rule {
  return { ...defaults, ...given };
}

/** `a=1 b=2` */
function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(" ").map((pair) => pair.split("=") as [string, string]));
}

function textOf(labels: Record<string, string> | undefined): string {
  if (labels === undefined) return "dropped";
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** What the labels become, or "dropped". */
function apply(labels: string, rules: readonly Partial<Rule>[], names: NameScheme = "legacy"): string {
  return textOf(relabel(labelsOf(labels), compileRules(rules.map(rule)), names));
}

const cases: [title: string, labels: string, rules: Partial<Rule>[], expected: string][] = [
  [
    "writes captured groups",
    "a=foo b=bar",
    [{ source_labels: ["a"], regex: "f(.*)", target_label: "d", replacement: "ch${1}-ch$1" }],
    "a=foo b=bar d=choo-choo",
  ],
  [
    "sees what earlier rules wrote",
    "a=foo b=bar c=baz",
    [
      { source_labels: ["a", "b"], regex: "f(.*);(.*)r", target_label: "a", replacement: "b${1}${2}m" },
      { source_labels: ["c", "a"], regex: "(b).*b(.*)ba(.*)", target_label: "d", replacement: "$1$2$2$3" },
    ],
    "a=boobam b=bar c=baz d=boooom",
  ],
  ["matches the whole text only", "a=foo", [{ source_labels: ["a"], regex: "f|o", action: "drop" }], "a=foo"],
  ["drops what matches", "a=foo", [{ source_labels: ["a"], regex: ".*o.*", action: "drop" }], "dropped"],
  ["keeps what matches", "a=foo", [{ source_labels: ["a"], regex: "f.*", action: "keep" }], "a=foo"],
  ["drops what is not to be kept", "a=foo", [{ source_labels: ["a"], regex: "no", action: "keep" }], "dropped"],
  ["an absent label is empty text", "a=foo", [{ source_labels: ["b"], regex: "", action: "keep" }], "a=foo"],
  ["joins with the separator", "a=x b=y", [{ source_labels: ["a", "z", "b"], separator: "-", regex: "x--y", action: "keep" }], "a=x b=y"],
  ["without source labels a fixed text is written", "a=1", [{ target_label: "b", replacement: "2" }], "a=1 b=2"],
  ["without a match nothing is written", "a=b", [{ source_labels: ["a"], regex: "f", target_label: "b", replacement: "x" }], "a=b"],
  [
    "an empty replacement deletes the label",
    "a=foo f=baz",
    [{ source_labels: ["a"], regex: "(f).*", target_label: "$1", replacement: "$2" }],
    "a=foo",
  ],
  [
    "the target may be captured",
    "a=some-name-value",
    [{ source_labels: ["a"], regex: "some-([^-]+)-([^,]+)", target_label: "${1}", replacement: "$2" }],
    "a=some-name-value name=value",
  ],
  [
    "a captured target which is no label name is ignored",
    "a=some-name-0",
    [{ source_labels: ["a"], regex: "some-([^-]+)(-[^,]+)", target_label: "${2}", replacement: "$1" }],
    "a=some-name-0",
  ],
  [
    "names of groups stand for them",
    "a=l1xl2",
    [{ source_labels: ["a"], regex: "(l1).*(?P<second>l2)", target_label: "x_$1", replacement: "v_$second" }],
    "a=l1xl2 x_l1=v_l2",
  ],
  ["a dot matches a newline", "a=1\n2", [{ source_labels: ["a"], regex: "1.2", target_label: "b", replacement: "yes" }], "a=1\n2 b=yes"],
  ["hashes", "c=baz", [{ source_labels: ["c"], target_label: "d", action: "hashmod", modulus: 1000 }], "c=baz d=976"],
  [
    "hashes text with newlines",
    "a=foo\nbar",
    [{ source_labels: ["a"], target_label: "b", action: "hashmod", modulus: 1000 }],
    "a=foo\nbar b=734",
  ],
  [
    "maps names",
    "a=foo b1=bar b2=baz",
    [{ regex: "(b.*)", replacement: "bar_${1}", action: "labelmap" }],
    "a=foo b1=bar b2=baz bar_b1=bar bar_b2=baz",
  ],
  [
    "of two names that map to the same the later wins",
    "m_a_x=1 m_b_x=2",
    [{ regex: "m_._(.*)", replacement: "$1", action: "labelmap" }],
    "m_a_x=1 m_b_x=2 x=2",
  ],
  [
    "labels that were set count as later than those that came",
    "m_b_x=2",
    [
      { target_label: "m_a_x", replacement: "1" },
      { regex: "m_._(.*)", replacement: "$1", action: "labelmap" },
    ],
    "m_a_x=1 m_b_x=2 x=1",
  ],
  ["keeps names", "a=foo b1=bar b2=baz", [{ regex: "b.*", action: "labelkeep" }], "b1=bar b2=baz"],
  ["drops names", "a=foo b1=bar b2=baz", [{ regex: "b.*", action: "labeldrop" }], "a=foo"],
  [
    "a dropped label can be written again",
    "p=foo q=9091",
    [
      { regex: "^p$", action: "labeldrop" },
      { source_labels: ["q"], regex: "(.+)", target_label: "p", replacement: "metrics" },
      { source_labels: ["p"], regex: "^metrics$", action: "keep" },
    ],
    "p=metrics q=9091",
  ],
  [
    "changes case",
    "foo=bAr123Foo",
    [
      { source_labels: ["foo"], action: "uppercase", target_label: "u" },
      { source_labels: ["foo"], action: "lowercase", target_label: "l" },
    ],
    "foo=bAr123Foo l=bar123foo u=BAR123FOO",
  ],
  [
    "changes the case of one letter to one letter",
    "a=ßİΣΑΣᾳǆ",
    [
      { source_labels: ["a"], action: "uppercase", target_label: "u" },
      { source_labels: ["a"], action: "lowercase", target_label: "l" },
    ],
    "a=ßİΣΑΣᾳǆ l=ßiσασᾳǆ u=ßİΣΑΣᾼǄ",
  ],
  ["keeps equals", "t=1 p=1 q=2", [{ source_labels: ["t"], action: "keepequal", target_label: "p" }], "p=1 q=2 t=1"],
  ["drops what is not equal", "t=1 q=2", [{ source_labels: ["t"], action: "keepequal", target_label: "q" }], "dropped"],
  ["drops equals", "t=1 p=1", [{ source_labels: ["t"], action: "dropequal", target_label: "p" }], "dropped"],
  ["keeps what is not equal", "t=1 q=2", [{ source_labels: ["t"], action: "dropequal", target_label: "q" }], "q=2 t=1"],
];

for (const [title, labels, rules, expected] of cases) test(title, () => assert.equal(apply(labels, rules), expected));

test("targets may have labels of any name, series and streams may not", () => {
  const rules = [{ target_label: "utf-8.label", replacement: "x" }];
  assert.equal(apply("a=1", rules, "utf8"), "a=1 utf-8.label=x");
  assert.equal(apply("a=1", rules, "legacy"), "a=1");
});

test("labels without a value are no labels", () => {
  assert.deepEqual({ ...relabel({ a: "", b: "1" }, compileRules([])) }, { b: "1" });
});

const refused: [Partial<Rule>, string][] = [
  [{ action: "hashmod", target_label: "a" }, "relabel configuration for hashmod requires non-zero modulus"],
  [{}, "relabel configuration for replace action requires 'target_label' value"],
  [{ action: "lowercase" }, "relabel configuration for lowercase action requires 'target_label' value"],
  [{ target_label: "1$1" }, `"1$1" is invalid 'target_label' for replace action`],
  [{ target_label: `a${"b".repeat(100)}$` }, `"a${"b".repeat(100)}$" is invalid 'target_label' for replace action`],
  [{ action: "uppercase", target_label: "a", replacement: "x" }, "'replacement' can not be set for uppercase action"],
  [{ action: "labelmap", replacement: "a-b" }, `"a-b" is invalid 'replacement' for labelmap action`],
  [{ action: "labeldrop", source_labels: [] }, "labeldrop action requires only 'regex', and no other fields"],
  [{ action: "labelkeep", target_label: "a" }, "labelkeep action requires only 'regex', and no other fields"],
  [
    { action: "keepequal", target_label: "a", regex: "x" },
    "keepequal action requires only 'source_labels' and 'target_label', and no other fields",
  ],
];

for (const [given, message] of refused)
  test(`refuses ${JSON.stringify(given).slice(0, 60)}`, () => {
    const findings: string[] = [];
    checkRule(rule(given), (finding) => findings.push(finding));
    assert.deepEqual(findings, [message]);
  });

test("accepts rules that are complete", () => {
  const findings: string[] = [];
  const accepted: Partial<Rule>[] = [
    { target_label: "a_$1${x}" },
    { target_label: "any-name" },
    { action: "labelmap" },
    { action: "labeldrop", regex: "x" },
    { action: "keep" },
    { action: "hashmod", modulus: 2, target_label: "a" },
  ];
  for (const given of accepted) checkRule(rule(given), (finding) => findings.push(finding));
  assert.deepEqual(findings, []);
});

test("equal rules are the same rules", () => {
  assert.equal(sameRules([rule({ regex: "a" })], [rule({ regex: "a" })]), true);
  assert.equal(sameRules([rule({ regex: "a" })], [rule({ regex: "b" })]), false);
});

test("a label set holds what a map with the same changes holds", () => {
  const change = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("", "1", "2"));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2")), fc.array(change), (start, changes) => {
      const labels = LabelSet.of(start);
      const model = new Map(Object.entries(start));
      for (const [name, value] of changes) {
        labels.set(name, value);
        if (value === "") model.delete(name);
        else model.set(name, value);
      }
      assert.equal(labels.size, model.size);
      assert.deepEqual({ ...labels.toRecord() }, Object.fromEntries([...model].sort()));
    }),
  );
});
