import assert from "node:assert/strict";
import { test } from "node:test";
import { Diagnostics } from "./diagnostics.ts";
import { isIdentifier, Lexer } from "./lexer.ts";

// Tokens as `kind` where the text is the kind's own, `kind:text` otherwise; `;` is the end of a statement.
function tokens(text: string): string {
  const diagnostics = new Diagnostics({ name: "", text });
  const lexer = new Lexer(text, diagnostics);
  const found: string[] = [];
  for (lexer.next(); lexer.kind !== "EOF"; lexer.next()) {
    const written = text.slice(lexer.start, lexer.end);
    found.push(lexer.kind === "TERMINATOR" ? ";" : written === lexer.kind ? written : `${lexer.kind}:${written}`);
  }
  const faults = diagnostics.sorted().map(({ message, span }) => `(${span.start}-${span.end} ${message})`);
  return [...found, ...faults].join(" ");
}

function comments(text: string): string[] {
  const lexer = new Lexer(text, new Diagnostics({ name: "", text }));
  for (lexer.next(); lexer.kind !== "EOF"; ) lexer.next();
  return lexer.comments.map((comment) => (comment.afterToken ? comment.text : `+${comment.text}`));
}

const cases: readonly (readonly [text: string, tokens: string])[] = [
  ["", ""],
  [" \t\r\n\n", ""],
  ["a", "IDENT:a ;"],
  ["_ a1 aB_2 é é1 ñandú", "IDENT:_ IDENT:a1 IDENT:aB_2 IDENT:é IDENT:é1 IDENT:ñandú ;"],
  ["true false null True nullx", "BOOL:true BOOL:false NULL:null IDENT:True IDENT:nullx ;"],
  ["𝒳 a𝟙", "IDENT:𝒳 IDENT:a𝟙 ;"],
  ["1 23 007", "NUMBER:1 NUMBER:23 NUMBER:007 ;"],
  ["1. 1.5 .5 1e3 1E+3 1.5e-3 .5e1", "FLOAT:1. FLOAT:1.5 FLOAT:.5 FLOAT:1e3 FLOAT:1E+3 FLOAT:1.5e-3 FLOAT:.5e1 ;"],
  ["1.a 1..2 1.2.3", "FLOAT:1. IDENT:a FLOAT:1. FLOAT:.2 FLOAT:1.2 FLOAT:.3 ;"],
  ["1a 1_0", "NUMBER:1 IDENT:a NUMBER:1 IDENT:_0 ;"],
  ["1e 1e+", "FLOAT:1e FLOAT:1e+ ; (0-2 exponent has no digits) (3-6 exponent has no digits)"],
  ['"" "a" "a b"', 'STRING:"" STRING:"a" STRING:"a b" ;'],
  ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', 'STRING:"\\a\\b\\f\\n\\r\\t\\v\\\\\\"" ;'],
  ['"\\x41\\101\\u00e9\\U0001f600"', 'STRING:"\\x41\\101\\u00e9\\U0001f600" ;'],
  ['"\\q"', 'STRING:"\\q" ; (2-3 unknown escape sequence)'],
  ['"\\\'"', 'STRING:"\\\'" ; (2-3 unknown escape sequence)'],
  ['"\\x4"', 'STRING:"\\x4" ; (2-4 illegal character U+0022 \'"\' in escape sequence)'],
  ['"\\400"', 'STRING:"\\400" ; (2-5 escape sequence is invalid Unicode code point)'],
  ['"\\ud800"', 'STRING:"\\ud800" ; (2-7 escape sequence is invalid Unicode code point)'],
  ['"\\U00110000"', 'STRING:"\\U00110000" ; (2-11 escape sequence is invalid Unicode code point)'],
  ['"a', 'STRING:"a ; (0-2 string literal not terminated)'],
  ['"a\nb', 'STRING:"a ; IDENT:b ; (0-2 string literal not terminated)'],
  ["`a\nb` `\\q`", "STRING:`a\nb` STRING:`\\q` ;"],
  ["`a", "STRING:`a ; (0-1 string literal not terminated)"],
  ["'a'", "ILLEGAL:'a' (0-3 illegal single-quoted string; use double quotes)"],
  ["{}()[],.", "{ } ( ) [ ] , ."],
  ["+-*/%^", "+ - * / % ^"],
  ["= == ! != < <= > >=", "= == ! != < <= > >="],
  ["|| && ==!", "|| && == !"],
  ["| &", "||:| &&:& (0-1 missing second | in ||) (2-3 missing second & in &&)"],
  ["@", "ILLEGAL:@ (0-1 illegal character U+0040 '@')"],
  ["\u00a0", "ILLEGAL:\u00a0 (0-1 illegal character U+00A0)"],
  ["😀", "ILLEGAL:😀 (0-2 illegal character U+1F600 '😀')"],
  ["a\nb", "IDENT:a ; IDENT:b ;"],
  ["a\n\n\nb\n", "IDENT:a ; IDENT:b ;"],
  ["a,\nb", "IDENT:a , IDENT:b ;"],
  ["a =\n1", "IDENT:a = NUMBER:1 ;"],
  ["}\n]\n)\n", "} ; ] ; ) ;"],
  ["{\n[\n(\n", "{ [ ("],
  ["a // x\nb", "IDENT:a ; IDENT:b ;"],
  ["a /* x */ b", "IDENT:a IDENT:b ;"],
  ["a /* x\n */ b", "IDENT:a ; IDENT:b ;"],
  ["a /* x */ /* y */\nb", "IDENT:a ; IDENT:b ;"],
  ["a /* x */", "IDENT:a ;"],
  ["a, // x\n1", "IDENT:a , NUMBER:1 ;"],
  ["/* x", "(0-2 block comment not terminated)"],
  ["/**/ /***/ /*/*/", ""],
  ["\ufeffa", "IDENT:a ;"],
  ["a @\nb", "IDENT:a ILLEGAL:@ ; IDENT:b ; (2-3 illegal character U+0040 '@')"],
];

test("cuts texts into tokens", () => {
  for (const [text, expected] of cases) assert.equal(tokens(text), expected, JSON.stringify(text));
});

test("puts the end of a statement where the first comment or line break stands", () => {
  const text = "a /* x */ // y\nb";
  const lexer = new Lexer(text, new Diagnostics({ name: "", text }));
  lexer.next();
  lexer.next();
  assert.deepEqual([lexer.kind, lexer.start, lexer.line], ["TERMINATOR", 2, 0]);
});

test("counts lines through strings and comments", () => {
  const text = "`a\nb`\n/* c\nd */ e";
  const lexer = new Lexer(text, new Diagnostics({ name: "", text }));
  for (lexer.next(); lexer.kind !== "IDENT"; ) lexer.next();
  assert.equal(lexer.line, 3);
});

test("keeps comments apart, and knows which follow each other", () => {
  assert.deepEqual(comments("// a\n// b\nx // c\n/* d */ /* e */ y /* f */"), ["// a", "+// b", "// c", "+/* d */", "+/* e */", "/* f */"]);
});

test("takes carriage returns out of comments", () => {
  assert.deepEqual(comments("// a\r\n/* b\r\n c */ /* *\r/ */"), ["// a", "+/* b\n c */", "+/* *\r/ */"]);
});

test("knows what can be a name", () => {
  for (const name of ["a", "_", "a1", "é", "nulls"]) assert.equal(isIdentifier(name), true, name);
  for (const name of ["", "1a", "a-b", "a.b", "a b", "true", "false", "null", " a", "a\n"]) assert.equal(isIdentifier(name), false, name);
});
