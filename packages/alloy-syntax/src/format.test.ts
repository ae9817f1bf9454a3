import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../tests/fuzz-time.ts";
import { type Body, blockName, type File } from "./ast.ts";
import { format } from "./format.ts";
import { MAX_NESTING, parse } from "./parser.ts";
import { printExpression } from "./print-expression.ts";
import { printFile } from "./printer.ts";
import { commentedLayout, configuration, plainLayout } from "./test-configuration.ts";

const folder = join(import.meta.dirname, "cases", "format");

function formatted(text: string): string {
  const result = format(text);
  assert.deepEqual(result.diagnostics, [], text);
  return result.text;
}

for (const name of readdirSync(folder).filter((file) => !file.includes(".expected."))) {
  test(`formats ${name}`, () => {
    const before = readFileSync(join(folder, name), "utf8");
    const expected = readFileSync(join(folder, name.replace(".alloy", ".expected.alloy")), "utf8");
    assert.equal(formatted(before), expected);
    assert.equal(formatted(expected), expected);
  });
}

const cases: readonly (readonly [text: string, formatted: string])[] = [
  ["", "\n"],
  ["\n\n\n", "\n"],
  ["// x", "// x\n"],
  ["\n\n// x  \n\n\n\n// y\n", "// x  \n\n// y\n"],
  ["a=1", "a = 1\n"],
  ["\ufeffa=1", "a = 1\n"],
  ["a =\n1\nbb = 2", "a  = 1\nbb = 2\n"],
  ["a = 1\nbb = 2", "a  = 1\nbb = 2\n"],
  ['a "" {}', "a { }\n"],
  ["a {\n}", "a { }\n"],
  ["a {\n\n\nb=1\n\n\n}", "a {\n\tb = 1\n}\n"],
  ["a {}\nb {}\nc = 1", "a { }\n\nb { }\nc = 1\n"],
];

test("formats the smallest texts", () => {
  for (const [text, expected] of cases) assert.equal(formatted(text), expected, JSON.stringify(text));
});

// The incumbent's own results are, in this order: code in a comment, a comma that does not parse, blanks instead of tabs, a changed
// key, a changed key, a changed key.
const better: readonly (readonly [text: string, formatted: string])[] = [
  ["a = f(\n1,// c\n)", "a = f(\n\t1, // c\n)\n"],
  ["a = f(\n)", "a = f(\n)\n"],
  ["a = `x\ty `", "a = `x\ty `\n"],
  ['a = {"x\\\\y" = 1}', 'a = {"x\\\\y" = 1}\n'],
  ['a = {`x"y` = 1}', 'a = {`x"y` = 1}\n'],
  ['a = {"\u00a0" = 1}', 'a = {"\u00a0" = 1}\n'],
];

test("keeps what the incumbent would break", () => {
  for (const [text, expected] of better) assert.equal(formatted(text), expected, JSON.stringify(text));
});

test("returns a text with errors as it is", () => {
  const { text, diagnostics } = format("a  =  [1", "some.alloy");
  assert.equal(text, "a  =  [1");
  assert.deepEqual(
    diagnostics.map(({ message, source }) => [source.name, message]),
    [["some.alloy", "missing ',' in expression list"]],
  );
});

test("formats a hundred configurations as the incumbent has formatted them", (context) => {
  const corpus = corpusFolder();
  if (corpus === undefined) return context.skip("the corpus of configurations is not beside the repository");
  const names = readdirSync(join(corpus, "alloy"));
  assert.ok(names.length > 100);
  for (const name of names) {
    const target: string = readFileSync(join(corpus, "alloy-formatted", name), "utf8");
    assert.equal(formatted(readFileSync(join(corpus, "alloy", name), "utf8")), target, name);
    assert.equal(formatted(target), target, name);
  }
});

test("formats the deepest nesting that is read", () => {
  const depth = MAX_NESTING - 2;
  for (const [open, close] of ["[]", "()", "{}"].map((pair) => [...pair] as [string, string])) {
    const text = `a = ${open === "{" ? "{a = ".repeat(depth) : `${open}\n`.repeat(depth)}1${close.repeat(depth)}`;
    assert.equal(formatted(formatted(text)), formatted(text));
  }
  assert.match(formatted(`${"a {\n".repeat(depth)}b = 1\n${"}\n".repeat(depth)}`), /\t{498}b = 1/);
});

test("formats long lists and many statements in time in proportion to their length", () => {
  for (const text of [
    "attribute = 1\n".repeat(20_000),
    `a = [\n${"1,\n".repeat(20_000)}]`,
    `a = {\n${"b = 1,\n".repeat(20_000)}}`,
    `a = 1${" + 1".repeat(20_000)}`,
    "// c\n".repeat(20_000),
    `a = \`${"x\n".repeat(200_000)}\``,
  ]) {
    const start = performance.now();
    formatted(text);
    assert.ok(performance.now() - start < 20_000, text.slice(0, 20));
  }
});

// Everything but layout.
function meaning({ body, comments }: File): string {
  return [bodyText(body), ...comments.map(({ text }) => text)].join("\n");
}

function bodyText(body: Body): string {
  return body
    .map((statement) =>
      statement.kind === "attribute"
        ? `${statement.name.text}=${printExpression(statement.value)}`
        : `${blockName(statement)}"${statement.label?.text}"{${bodyText(statement.body)}}`,
    )
    .join("\n");
}

for (const [name, layout] of [
  ["blanks and line breaks", plainLayout],
  ["comments", commentedLayout],
] as const) {
  test(`keeps what is said, and changes nothing the second time: ${name} anywhere`, () => {
    fc.assert(
      fc.property(configuration(layout), (text) => {
        const before = parse({ name: "", text });
        assert.deepEqual(before.diagnostics, [], text);
        const once = formatted(text);
        const after = parse({ name: "", text: once });
        assert.deepEqual(after.diagnostics, [], once);
        assert.equal(meaning(after.file), meaning(before.file));
        assert.equal(formatted(once), once);
      }),
      fuzzParameters(),
    );
  });
}

test("prints with exact places what always reads back the same", () => {
  fc.assert(
    fc.property(configuration(commentedLayout), (text) => {
      const { file } = parse({ name: "", text });
      const printed = printFile(file, "exact");
      const again = parse({ name: "", text: printed });
      assert.deepEqual(again.diagnostics, [], printed);
      assert.equal(meaning(again.file), meaning(file));
    }),
    { numRuns: 400 },
  );
});

function corpusFolder(): string | undefined {
  for (let place = import.meta.dirname; place !== dirname(place); place = dirname(place)) {
    const corpus = join(place, "..", "shared", "corpus");
    if (existsSync(join(corpus, "alloy-formatted"))) return corpus;
  }
  return undefined;
}
