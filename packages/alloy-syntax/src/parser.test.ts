import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../tests/fuzz-time.ts";
import type { Body, Expression } from "./ast.ts";
import { blockName, leftSpine } from "./ast.ts";
import { MAX_NESTING, parse, parseExpression } from "./parser.ts";
import { position } from "./position.ts";
import { printExpression } from "./print-expression.ts";
import { bySection, readCases } from "./test-cases.ts";

// An expression with its structure in parentheses: (1 + (2 * 3)), a.b[0](x).
function shape(node: Expression): string {
  switch (node.kind) {
    case "literal":
      return node.text;
    case "identifier":
      return node.name;
    case "array":
      return `[${node.items.map(shape).join(" ")}]`;
    case "object":
      return `{${node.fields.map(({ key, quoted, value }) => `${quoted ? `'${key.text}'` : key.text}=${shape(value)}`).join(" ")}}`;
    case "access":
      return `${shape(node.object)}.${node.member.text}`;
    case "index":
      return `${shape(node.object)}[${shape(node.index)}]`;
    case "call":
      return `${shape(node.callee)}(${node.args.map(shape).join(" ")})`;
    case "unary":
      return `(${node.operator}${shape(node.operand)})`;
    case "binary":
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case "group":
      return `<${shape(node.inner)}>`;
    default:
      return node satisfies never;
  }
}

// A body on one line: a=1 b.c"label"{ d=2 }.
function outline(body: Body): string {
  return body
    .map((statement) => {
      if (statement.kind === "attribute") return `${statement.name.text}=${shape(statement.value)}`;
      const label = statement.label === undefined ? "" : JSON.stringify(statement.label.text);
      return `${blockName(statement)}${label}{${[outline(statement.body)].filter((text) => text !== "").map((text) => ` ${text} `)}}`;
    })
    .join(" ");
}

function errors(text: string): string {
  const source = { name: "", text };
  return parse(source)
    .diagnostics.map(({ span, message }) => {
      const { line, column } = position(source, span.start);
      return `${line}:${column}: ${message}`;
    })
    .join("; ");
}

for (const [section, cases] of bySection(readCases("parser.txt"))) {
  test(`finds what is wrong: ${section}`, () => {
    for (const { input, expected, place } of cases) assert.equal(errors(JSON.parse(input)) || "ok", expected, place);
  });
}

const expressions: readonly (readonly [text: string, shape: string])[] = [
  ["1", "1"],
  ["a", "a"],
  ["a.b.c", "a.b.c"],
  ["a[0].b(1)[c]", "a[0].b(1)[c]"],
  ["f()", "f()"],
  ["f(1, 2,)", "f(1 2)"],
  ["f(\n1,\n2,\n)", "f(1 2)"],
  ["[]", "[]"],
  ["[1, 2,]", "[1 2]"],
  ["{}", "{}"],
  ['{a = 1, "b c" = 2, `d` = 3, "" = 4}', "{a=1 'b c'=2 'd'=3 \"\"=4}"],
  ["{a = {b = []}}", "{a={b=[]}}"],
  ["1 + 2 * 3", "(1 + (2 * 3))"],
  ["1 * 2 + 3", "((1 * 2) + 3)"],
  ["1 - 2 - 3", "((1 - 2) - 3)"],
  ["1 / 2 * 3 % 4", "(((1 / 2) * 3) % 4)"],
  ["2 ^ 3 ^ 4", "(2 ^ (3 ^ 4))"],
  ["2 * 3 ^ 4 * 5", "((2 * (3 ^ 4)) * 5)"],
  ["-a ^ 2", "((-a) ^ 2)"],
  ["2 ^ -a", "(2 ^ (-a))"],
  ["!a == b", "((!a) == b)"],
  ["!-!a", "(!(-(!a)))"],
  ["-a.b[0]", "(-a.b[0])"],
  ["a || b && c", "(a || (b && c))"],
  ["a && b || c", "((a && b) || c)"],
  ["a == b < c", "((a == b) < c)"],
  ["a + b == c && d", "(((a + b) == c) && d)"],
  ["a < b + c", "(a < (b + c))"],
  ["(1 + 2) * 3", "(<(1 + 2)> * 3)"],
  ["((a))", "<<a>>"],
  ["a.\nb", "a.b"],
  ["a +\nb", "(a + b)"],
  ["1 ^ 2 + 3 ^ 4 ^ 5 - 6", "(((1 ^ 2) + (3 ^ (4 ^ 5))) - 6)"],
  ["`raw\ntext`", "`raw\ntext`"],
];

test("gives expressions their structure", () => {
  for (const [text, expected] of expressions) {
    const { expression, diagnostics } = parseExpression({ name: "", text });
    assert.deepEqual(diagnostics, [], text);
    assert.equal(shape(expression), expected, text);
  }
});

const bodies: readonly (readonly [text: string, outline: string])[] = [
  ["", ""],
  ["// nothing", ""],
  ["a = 1", "a=1"],
  ["a = 1\n\nb = 2\n", "a=1 b=2"],
  ["b {}", "b{}"],
  ['a.b.c "label" { d = 1 }', 'a.b.c"label"{ d=1 }'],
  ['b "" { }', "b{}"],
  ["b {\n a = 1\n c {\n d = 2\n }\n}\ne = 3", "b{ a=1 c{ d=2 } } e=3"],
  ["a = b {\n", "a=b"],
  ["a = [1 2]\nb = 3", "a=[1] b=3"],
  ["a = \nb = 3", "a=b"],
  ["a b c\nb = 3", "b=3"],
  ["a = [1, 2\nb = 3\n", "a=[1 2] b=3"],
  ["x {\n a = )\n b = 2\n}\nc = 3", "x{ a=null b=2 } c=3"],
  ["a = {\n b = ,\n c = 2,\n}\n", "a={b=null c=2}"],
];

test("understands what it can of a body, errors or not", () => {
  for (const [text, expected] of bodies) assert.equal(outline(parse({ name: "", text }).file.body), expected, text);
});

test("gives every node the span of its text", () => {
  const text = 'a.b "l" {\n\tc = [f(x).y["z"], -(1 + 2), {k = `v`}]\n}';
  const [block] = parse({ name: "", text }).file.body;
  assert.ok(block?.kind === "block");
  const cut = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  assert.equal(cut(block), text);
  assert.deepEqual(block.name.map(cut), ["a", "b"]);
  assert.equal(block.label && cut(block.label), '"l"');
  assert.equal(text[block.open], "{");
  const [attribute] = block.body;
  assert.ok(attribute?.kind === "attribute" && attribute.value.kind === "array");
  assert.equal(cut(attribute.name), "c");
  assert.deepEqual(attribute.value.items.map(cut), ['f(x).y["z"]', "-(1 + 2)", "{k = `v`}"]);
  const [index, sign, object] = attribute.value.items;
  assert.ok(index?.kind === "index" && sign?.kind === "unary" && object?.kind === "object");
  assert.deepEqual(leftSpine(index).map(cut), ['f(x).y["z"]', "f(x).y", "f(x)", "f"]);
  assert.equal(text[index.open], "[");
  assert.ok(sign.operand.kind === "group" && sign.operand.inner.kind === "binary");
  assert.equal(cut(sign.operand), "(1 + 2)");
  assert.equal(text[sign.operand.inner.at], "+");
  assert.deepEqual(object.fields.map(cut), ["k = `v`"]);
});

const wholes: readonly (readonly [text: string, errors: string])[] = [
  ["1", ""],
  ["1 // x", ""],
  ["1\n", ""],
  ["", "0 expected expression, got EOF"],
  ["1 2", "2 expected TERMINATOR, got NUMBER"],
  ["1\n2", "2 expected EOF, got NUMBER"],
  ["a = 1", "2 expected TERMINATOR, got ="],
  ["(1", "2 expected ), got TERMINATOR"],
];

test("takes nothing but one expression where one expression is wanted", () => {
  for (const [text, expected] of wholes) {
    const found = parseExpression({ name: "", text }).diagnostics.map(({ span, message }) => `${span.start} ${message}`);
    assert.equal(found.join("; "), expected, text);
  }
});

const hints: readonly (readonly [text: string, hint: RegExp])[] = [
  ["a {\n b = 1\n", /the \{ of line 1 is not closed/],
  ["a = [\n1,\n", /the \[ of line 1 is not closed/],
  ["a = [1\n]", /write , after the last element/],
  ["a = 1;", /statements end with their line/],
  ["# c", /comments begin with \/\//],
  ["a = {b: 1}", /write = between/],
  ["a = x ? 1 : 2", /coalesce/],
  ["a = $HOME", /sys\.env/],
  ["a = 'x'", /write "text"/],
  ['a = "\\."', /raw string/],
  ["a = b {\n}", /without =/],
  ['"a" = 1', /without quotes/],
];

test("says what to write instead", () => {
  for (const [text, expected] of hints) assert.match(parse({ name: "", text }).diagnostics[0]?.hint ?? "", expected, text);
});

test("reports characters that may stand nowhere, even in strings and comments", () => {
  assert.equal(errors('a = "\0"'), "1:6: illegal character NUL");
  assert.equal(errors("// \0"), "1:4: illegal character NUL");
  assert.equal(errors("a = 1 \ufeff"), "1:7: illegal byte order mark");
  assert.equal(errors('a = "\udcff"'), "1:6: illegal UTF-8 encoding");
  assert.equal(errors("\udcff = 1"), "1:1: illegal UTF-8 encoding");
  assert.equal(errors('a = "\ufffd"'), "");
});

test("refuses a hundred million characters unread", () => {
  const text = "a = 1\n".repeat(Math.ceil(100_000_000 / 6));
  const start = performance.now();
  const { diagnostics, file } = parse({ name: "", text });
  assert.ok(performance.now() - start < 10_000);
  assert.deepEqual([diagnostics.map(({ code }) => code), file.body.length], [["syntax.too-large"], 0]);
});

test("nests to its limit and says where it is exceeded, once", () => {
  for (const [open, close] of [
    ["[", "]"],
    ["(", ")"],
    ["{a = ", "}"],
    ["f(", ")"],
    ["a[", "]"],
    ["-", ""],
    ["1 ^ ", ""],
  ] as const) {
    const nested = (depth: number) => `a = ${open.repeat(depth)}1${close.repeat(depth)}`;
    assert.equal(errors(nested(MAX_NESTING - 2)), "", open);
    assert.match(errors(nested(100_000)), /^1:\d+: blocks and expressions are nested more than 500 levels deep$/, open);
  }
  assert.equal(errors(`${"a {\n".repeat(MAX_NESTING - 1)}${"}\n".repeat(MAX_NESTING - 1)}`), "");
  assert.equal(errors("a {\n".repeat(100_000)), "501:3: blocks and expressions are nested more than 500 levels deep");
});

const hostile: readonly (readonly [name: string, text: string])[] = [
  ["a line of a megabyte", `a = "${"x".repeat(1_000_000)}"`],
  ["NULs", "\0".repeat(1_000_000)],
  ["illegal characters", "@".repeat(1_000_000)],
  ["replacement characters", "\ufffd".repeat(1_000_000)],
  ["bytes that are not UTF-8", `a = "${"\udcff".repeat(1_000_000)}"`],
  ["quotes", "\"'`".repeat(300_000)],
  ["open comments", "/*".repeat(500_000)],
  ["comments", "/**/".repeat(400_000)],
  ["escapes", `a = "${"\\n".repeat(500_000)}"`],
  ["wrong escapes", `a = "${"\\q".repeat(500_000)}"`],
  ["numbers in a list", `a = [${"1,".repeat(400_000)}]`],
  ["lines without commas", `a = [\n${"1\n".repeat(400_000)}]`],
  ["lists never closed", "a = [1\n".repeat(100_000)],
  ["objects never closed", "a = {b = 1\n".repeat(100_000)],
  ["blocks never opened", "}\n".repeat(500_000)],
  ["words", "a b c\n".repeat(200_000)],
  ["a sum", `a = 1${"+1".repeat(200_000)}`],
  ["a path", `a = b${".b".repeat(200_000)}`],
  ["a block's name", `a${".a".repeat(200_000)} {}`],
  ["digits", `a = ${"1".repeat(1_000_000)}`],
  ["octal digits", `a = 0${"7".repeat(1_000_000)}`],
  ["a label", `a "${"x".repeat(1_000_000)}" {}`],
  ["brackets of all kinds", "a = f({b=[-(".repeat(100_000)],
  ["words that look like a statement's beginning", `a = [1\n${"b.".repeat(500_000)}`],
];

test("reads hostile texts in time in proportion to their length", () => {
  for (const [name, text] of hostile) {
    const start = performance.now();
    const { diagnostics } = parse({ name: "", text });
    assert.ok(performance.now() - start < 15_000, `${name} took ${performance.now() - start} ms`);
    assert.ok(diagnostics.length <= 1001, name);
  }
});

test("shows a thousand errors and says that there are more", () => {
  for (const text of ["a b\n".repeat(1001), "@\n".repeat(1001), "\0\n".repeat(1001)]) {
    const { diagnostics } = parse({ name: "", text });
    assert.equal(diagnostics.length, 1001);
    assert.equal(diagnostics.at(-1)?.message, "there are more than 1000 errors: the rest is not shown");
  }
  assert.equal(parse({ name: "", text: "a b\n".repeat(1000) }).diagnostics.length, 1000);
});

test("keeps at most half a million nodes of a text", () => {
  const { diagnostics, file } = parse({ name: "", text: "a = 1\n".repeat(1_000_000) });
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ["syntax.too-large"],
  );
  assert.ok(file.body.length < 500_000);
});

const fragments = 'a b.c = { } [ ] ( ) , . " ` \' \\ \n // /* */ 1 1.5 "x" `y` true null + - * / ! == && || ^ é @ \0 a=1 b{ x"l"{'.split(
  " ",
);

test("answers any text with a tree and diagnostics inside of it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 30 }),
      (parts) => {
        const text = parts.join(" ");
        const { diagnostics, file } = parse({ name: "", text });
        for (const { span, message } of diagnostics) {
          assert.ok(span.start >= 0 && span.start <= span.end && span.start <= text.length, `${message} at ${span.start}-${span.end}`);
        }
        outline(file.body);
      },
    ),
    fuzzParameters(),
  );
});

test("reads a printed expression as the same expression", () => {
  fc.assert(
    fc.property(fc.constantFrom(...expressions.map(([text]) => text)), fc.constantFrom(...expressions.map(([text]) => text)), (a, b) => {
      const { expression } = parseExpression({ name: "", text: `[${a}, f(${b}), {x = ${a}}]` });
      const printed = printExpression(expression);
      const again = parseExpression({ name: "", text: printed });
      assert.deepEqual(again.diagnostics, [], printed);
      assert.equal(shape(again.expression), shape(expression));
    }),
  );
});
