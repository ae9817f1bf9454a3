import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./parser.ts";
import { bySection, readCases } from "./test-cases.ts";
import { outcome, testScope } from "./test-scope.ts";
import { objectOf, type Value } from "./value.ts";

for (const [section, cases] of bySection(readCases("evaluate.txt"))) {
  test(`evaluates expressions: ${section}`, () => {
    for (const { input, expected, place } of cases) assert.equal(outcome(input), expected, place);
  });
}

test("blames the smallest expression, with its end", () => {
  const text = "[1, obj.text * (2 + 3)]";
  const { expression } = parseExpression({ name: "", text });
  assert.throws(
    () => evaluate(expression, testScope),
    (error: { span: { start: number; end: number }; code: string }) =>
      text.slice(error.span.start, error.span.end) === "obj.text" && error.code === "value.type",
  );
});

test("proposes a field that is spelt almost alike", () => {
  const { expression } = parseExpression({ name: "", text: "obj.txet" });
  assert.throws(() => evaluate(expression, testScope), { message: 'field "txet" does not exist', hint: 'did you mean "text"?' });
});

test("asks the inner scope before the outer one", () => {
  const outer = { lookup: (name: string) => ({ a: "outer a", b: "outer b" })[name] };
  const inner = { lookup: (name: string) => ({ a: "inner a" })[name], parent: outer };
  assert.equal(outcome("[a, b]", inner), '["inner a", "outer b"]');
});

test("finds null and false in a scope", () => {
  const scope = { lookup: (name: string): Value | undefined => (name === "nothing" ? null : name === "no" ? false : undefined) };
  assert.equal(outcome("[nothing, no]", scope), "[null, false]");
});

test("reads no inherited property as a field", () => {
  const scope = { lookup: (): Value => ({ own: "x" }) };
  assert.equal(outcome("a.own", scope), '"x"');
  assert.equal(outcome("a.toString", scope), '! 3: field "toString" does not exist');
  assert.equal(outcome('a["constructor"]', scope), "null");
});

test("makes objects in which any key is only a key", () => {
  const value = evaluate(parseExpression({ name: "", text: '{__proto__ = {x = 1}, "constructor" = 2}' }).expression, testScope);
  assert.deepEqual(
    value,
    objectOf([
      ["__proto__", objectOf([["x", 1n]])],
      ["constructor", 2n],
    ]),
  );
});

test("walks a sum, a path and calls of a hundred thousand links", () => {
  assert.equal(outcome(`1${" + 1".repeat(100_000)}`), "100001");
  const loop = objectOf([["b", 0n]]) as { b: Value };
  loop.b = loop as unknown as Value;
  const { expression } = parseExpression({ name: "", text: `a${".b".repeat(100_000)}` });
  assert.equal(evaluate(expression, { lookup: () => loop as unknown as Value }), loop);
});

type Term = { readonly text: string; readonly value: bigint };

// An evaluator of its own: terms carry their value as they are put together, with every parenthesis written.
const term: fc.Arbitrary<Term> = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => ({ text: String(value), value })),
    fc.tuple(tie("term"), fc.constantFrom("+", "-", "*"), tie("term")).map(([left, operator, right]) => ({
      text: `(${left.text} ${operator} ${right.text})`,
      value: wrap(operator === "+" ? left.value + right.value : operator === "-" ? left.value - right.value : left.value * right.value),
    })),
    fc
      .tuple(tie("term"), fc.constantFrom("/", "%"), tie("term"))
      .filter(([, , right]) => right.value !== 0n)
      .map(([left, operator, right]) => ({
        text: `(${left.text} ${operator} ${right.text})`,
        value: wrap(operator === "/" ? left.value / right.value : left.value % right.value),
      })),
    tie("term").map(({ text, value }) => ({ text: `-(${text})`, value: wrap(-value) })),
  ),
})).term;

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

test("calculates whole numbers modulo 2^64 like an evaluator of its own", () => {
  fc.assert(
    fc.property(term, ({ text, value }) => {
      assert.equal(outcome(text), String(value));
    }),
    { numRuns: 500 },
  );
});

test("gives operators without parentheses their precedence", () => {
  // Small numbers, so that JavaScript's own evaluation is exact; its precedences of these operators are the same.
  const chain = fc.array(fc.tuple(fc.constantFrom("+", "-", "*", "<", "<=", ">", ">=", "==", "!="), fc.integer({ min: 0, max: 9 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), chain, (first, links) => {
      const comparisons = links.filter(([operator]) => /[<>=]/.test(operator)).length;
      fc.pre(comparisons <= 1);
      const text = `${first}${links.map(([operator, number]) => ` ${operator} ${number}`).join("")}`;
      assert.equal(outcome(text), String(new Function(`return ${text}`)()));
    }),
    { numRuns: 500 },
  );
});
