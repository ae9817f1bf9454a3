import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { backtrackingLimit } from "./backtracking.ts";
import { toJavaScript, toRe2 } from "./emit.ts";
import { compileRegexp, quoteMeta } from "./regexp.ts";
import { parsePattern } from "./syntax.ts";

function casesOf<Case>(name: string): Case[] {
  const lines = readFileSync(new URL(`cases/${name}`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Case);
}

function errorOf(pattern: string): string {
  try {
    compileRegexp(pattern);
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}

type Groups = (string | null)[];

test("accepts what Go accepts and refuses the rest in its words", () => {
  for (const [pattern, verdict] of casesOf<[string, string]>("syntax.jsonl")) assert.equal(errorOf(pattern), verdict, pattern);
});

test("finds the matches, groups and replacements that Go finds", () => {
  for (const [pattern, text, matches, replaced] of casesOf<[string, string, Groups[], string]>("matches.jsonl")) {
    const regexp = compileRegexp(pattern);
    const found = Array.from(regexp.matches(text), (match) => Array.from(match.groups, (group) => group ?? null));
    assert.deepEqual(found, matches, `${pattern} on ${JSON.stringify(text)}`);
    assert.equal(regexp.replaceAll(text, "<$0>"), replaced, `${pattern} on ${JSON.stringify(text)}`);
    const positions = regexp
      .findAllPositions(text)
      .map((groups) => groups.map((at) => (at === undefined ? null : text.slice(at[0], at[1]))));
    assert.deepEqual(positions, matches, `positions of ${pattern} on ${JSON.stringify(text)}`);
  }
});

test("the automaton alone finds the same", () => {
  for (const [pattern, text, matches] of casesOf<[string, string, Groups[]]>("matches.jsonl")) {
    const matcher = RE2JS.compile(toRe2(parsePattern(pattern).root)).matcher(text);
    const found = matcher.find(0) ? [matcher.group(0)] : [];
    assert.deepEqual(
      found,
      matches.slice(0, 1).map((groups) => groups[0]),
      `${pattern} on ${JSON.stringify(text)}`,
    );
  }
});

const atom = fc.constantFrom(
  "a",
  "b",
  "c",
  ".",
  "[ab]",
  "[^a]",
  "\\w",
  "^",
  "$",
  "\\b",
  "\\B",
  "(?m:^)",
  "(?i:B)",
  "(?s:.)",
  "\\n",
  "",
  "(?m:$)",
);
const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?");
const { pattern: anyPattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(fc.constantFrom("(", "(?:"), tie("pattern")).map(([open, inside]) => `${open}${inside})`),
  ),
  pattern: fc
    .array(fc.tuple(tie("piece"), quantifier, fc.constantFrom("", "", "", "|")), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([piece, times, bar]) => (piece === "" ? "" : piece + times) + bar).join("")),
}));
const anyText = fc.string({ unit: fc.constantFrom("a", "b", "c", "B", "\n", "\u00e9", "\u{1f600}"), maxLength: 12 });

test("JavaScript's engine and the automaton agree wherever JavaScript's is used", () => {
  let compared = 0;
  fc.assert(
    fc.property(anyPattern, fc.array(anyText, { minLength: 3, maxLength: 3 }), (pattern, texts) => {
      const { root, groupNames } = parsePattern(pattern);
      if (backtrackingLimit(root) === 0) return;
      compared++;
      const native = new RegExp(toJavaScript(root), "u");
      const automaton = RE2JS.compile(toRe2(root));
      for (const text of texts) {
        const matcher = automaton.matcher(text);
        const wanted = matcher.find(0) ? groupNames.map((_, group) => matcher.group(group) ?? undefined) : null;
        const got = native.exec(text);
        assert.deepEqual(got === null ? null : Array.from(got), wanted, `${pattern} on ${JSON.stringify(text)}`);
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(compared > 150, `only ${compared} patterns were compared`);
});

test("text over the limit gives the same answer as text under it", () => {
  const regexp = compileRegexp("([a-z]+)=(.*)ms");
  assert.equal(regexp.backtrackingLimit, 2048);
  const short = `x took=${"1".repeat(50)}ms`;
  const long = `x took=${"1".repeat(5000)}ms`;
  assert.deepEqual(Array.from(regexp.exec(short)?.groups ?? []), [short.slice(2), "took", "1".repeat(50)]);
  assert.deepEqual(Array.from(regexp.exec(long)?.groups ?? []), [long.slice(2), "took", "1".repeat(5000)]);
});

test("a group in a loop survives 500,000 turns", () => {
  const text = "ab,".repeat(300_000);
  assert.equal(compileRegexp("^(?:(\\w+),)*$").exec(text)?.groups[1], "ab");
});

const HOSTILE = [
  "(a+)+$",
  "(a|aa)+$",
  "(a|a?)+$",
  "(.*a){12}$",
  "(?:a*)*b",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "a*a*a*a*a*b",
  "\\w+\\s*\\w+\\s*=",
  "(x+x+)+y",
];

test("patterns that explode elsewhere are linear on a megabyte", () => {
  const times = [100_000, 1_000_000].map((size) => {
    const text = `${"a".repeat(size)}!`;
    const start = process.cpuUsage().user;
    for (const pattern of HOSTILE) compileRegexp(pattern).test(text);
    return process.cpuUsage().user - start;
  }) as [number, number];
  assert.ok(times[1] < 60 * times[0] + 2_000_000, `ten times the text took ${times[1] / times[0]} times as long`);
});

test("patterns at their backtracking limit stay within the step budget", () => {
  for (const pattern of ["\\d+ms", "a*a*b", "a*a*a*b", "(.*)(.*)(.*)(.*)x", "^.*a.*b.*c$", "\\w+\\s*\\w+\\s*="]) {
    const regexp = compileRegexp(pattern);
    const text = (pattern.startsWith("\\d") ? "1" : "a").repeat(regexp.backtrackingLimit);
    const start = process.cpuUsage().user;
    regexp.test(text);
    assert.ok(process.cpuUsage().user - start < 2_000_000, `${pattern} at ${text.length}`);
  }
});

test("anchored patterns match whole texts, with any character for the dot", () => {
  const cases: [string, string[], string[]][] = [
    ["a|b|c", ["a", "b", "c"], ["", "ab", "xa", "a\n"]],
    ["foo.*", ["foo", "foobar", "foo\nbar"], ["xfoo", "fo"]],
    ["foo.+", ["foob", "foo\n"], ["foo"]],
    [".*bar", ["bar", "foo\nbar"], ["bars"]],
    [".*foo.*", ["foo", "xfooy"], ["fo"]],
    ["a.*b.*c", ["abc", "axbxc", "abbcc"], ["acb", "ab", "ac"]],
    ["ab.*ba", ["abba", "abxba"], ["aba"]],
    ["a.*aa.*a", ["aaaa"], ["aaa"]],
    ["(?:container|pod)_(.*)", ["pod_x", "container_"], ["xpod_"]],
    ["(foo|ba[rz])?", ["foo", "bar", "baz", ""], ["ba"]],
    [".*", ["", "a\nb"], []],
    [".+", ["\n"], [""]],
    ["(?-s:.*)", ["ab"], ["a\nb"]],
    ["", [""], ["a"]],
    ["(?i)abc", ["ABC", "abc"], ["abcd"]],
    ["a)|(?:b", ["ax", "xb"], ["xa"]],
    ["[a-z]+-[0-9]+", ["ab-12"], ["ab-", "AB-12"]],
  ];
  for (const [pattern, good, bad] of cases) {
    const regexp = compileRegexp(pattern, { anchored: true });
    for (const text of good) assert.equal(regexp.test(text), true, `${pattern} on ${JSON.stringify(text)}`);
    for (const text of bad) assert.equal(regexp.test(text), false, `${pattern} on ${JSON.stringify(text)}`);
    for (const text of [...good, ...bad]) assert.equal(regexp.exec(text) !== undefined, regexp.test(text), `exec ${pattern}`);
  }
});

test("fast paths of anchored patterns agree with the engine", () => {
  const piece = fc.constantFrom("a", "b", "ab", ".*", ".+", "[ab]", "(a|b)", "(.*)", "b?", "|");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.array(anyText, { minLength: 4, maxLength: 4 }), (pieces, texts) => {
      const pattern = pieces.join("");
      const fast = compileRegexp(pattern, { anchored: true });
      const plain = compileRegexp(`^(?s:${pattern})$`);
      for (const text of [...texts, "", "a", "ab", "abab"])
        assert.equal(fast.test(text), plain.test(text), `${pattern} on ${JSON.stringify(text)}`);
    }),
    { numRuns: 500 },
  );
});

test("an anchored pattern's error shows the whole expression, as Prometheus' does", () => {
  assert.throws(() => compileRegexp("(a", { anchored: true }), { message: "error parsing regexp: missing closing ): `^(?s:(a)$`" });
});

test("anchored groups are given to the replacement", () => {
  const regexp = compileRegexp("__meta_kubernetes_pod_label_(.+)", { anchored: true });
  const match = regexp.exec("__meta_kubernetes_pod_label_app");
  assert.ok(match);
  assert.equal(regexp.expand("label_$1", match), "label_app");
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Go's templates look like JavaScript's.
test("replacement templates follow Go's rules for names", () => {
  const cases: [string, string, string, string][] = [
    ["(a)(?P<n>b)", "ab", "$2$1", "ba"],
    ["(a)(?P<n>b)", "ab", "${1}x$n", "axb"],
    ["(a)(?P<n>b)", "ab", "$1x", ""],
    ["(a)(?P<n>b)", "ab", "$$1", "$1"],
    ["(a)(?P<n>b)", "ab", "$", "$"],
    ["(a)(?P<n>b)", "ab", "${1", "${1"],
    ["(a)(?P<n>b)", "ab", "${1-}", "${1-}"],
    ["(a)(?P<n>b)", "ab", "$-", "$-"],
    ["(a)(?P<n>b)", "ab", "$9|${nope}|", "||"],
    ["(a)(?P<n>b)", "ab", "$01", ""],
    ["(a)|b", "b", "[$1]", "[]"],
    ["(?P<\u0061>a)", "a", "$a\u00e9", ""],
  ];
  for (const [pattern, text, template, wanted] of cases) assert.equal(compileRegexp(pattern).replaceAll(text, template), wanted, template);
  assert.equal(compileRegexp("a").replaceAllLiteral("banana", "$0"), "b$0n$0n$0");
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

test("splits as Go does", () => {
  const cases: [string, string, number, string[]][] = [
    [",", "a,b,,c", -1, ["a", "b", "", "c"]],
    [",", "", -1, [""]],
    ["", "abc", -1, ["a", "b", "c"]],
    ["", "", -1, []],
    ["a", "banana", 2, ["b", "nana"]],
    ["a", "banana", 0, []],
    ["z+", "pizza", -1, ["pi", "a"]],
    ["a*", "baaac", -1, ["b", "c"]],
  ];
  for (const [pattern, text, limit, parts] of cases)
    assert.deepEqual(compileRegexp(pattern).split(text, limit), parts, `${pattern} ${text}`);
});

test("patterns too large for JavaScript's engine still match", () => {
  const spaces = " ".repeat(1_000_000);
  assert.equal(compileRegexp(`${spaces}x`).test(`${spaces}x`), true);
  assert.equal(compileRegexp("(?:[a-z]{500}[0-9]{500}|[A-Z]{900}x){1}y").test("ay"), false);
});

test("fullMatch wants the whole text even where an alternative is shorter", () => {
  assert.equal(compileRegexp("a|ab").fullMatch("ab"), true);
  assert.equal(compileRegexp("a|ab").fullMatch("abc"), false);
});

test("a quoted text matches itself", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0x10f7ff }).map((rune) => String.fromCodePoint(rune < 0xd800 ? rune : rune + 0x800)) }),
      (text) => compileRegexp(quoteMeta(text)).fullMatch(text),
    ),
  );
});

test("very deep and very large patterns are refused, not fatal", () => {
  assert.match(errorOf("(".repeat(1001) + ")".repeat(1001)), /expression nests too deeply/);
  assert.match(errorOf(`(?:${"ab".repeat(5000)}){1000}`), /expression too large/);
  assert.equal(errorOf("(?:".repeat(5000) + ")".repeat(5000)), "ok");
});

test("regexps of one pattern share what was compiled, and neither disturbs the other", () => {
  const [one, other] = [compileRegexp("(a+)b"), compileRegexp("(a+)b")];
  const first = one.matches("ab aab aaab");
  assert.equal(first.next().value?.start, 0);
  assert.deepEqual(other.findAll("xab"), ["ab"]);
  assert.equal(first.next().value?.start, 3);
  assert.equal(other.replaceAll("ab", "<$1>"), "<a>");
  assert.equal(one.replaceAll("ab", "[$1]"), "[a]");
  assert.equal(compileRegexp("a.b").test("xa\nb"), false);
  assert.equal(compileRegexp("a.b", { anchored: true }).test("a\nb"), true);
});

test("more patterns than are kept are compiled again and mean the same", () => {
  for (const round of [0, 1]) for (let n = 0; n < 2000; n++) assert.ok(compileRegexp(`^x${n}$`).test(`x${n}`), `${n} in round ${round}`);
});
