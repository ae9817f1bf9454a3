import assert from "node:assert/strict";
import { test } from "node:test";
import { BadPattern, compileGlob } from "./glob.ts";

test("paths match patterns as doublestar has it", () => {
  // pattern | paths that match | paths that do not
  const cases = [
    "/a/*.log | /a/x.log /a/.log | /a/b/x.log /a/x.txt /a/x.log.1 a/x.log",
    "/a/?.log | /a/x.log /a/ä.log /a/💥.log | /a/.log /a/xy.log /a//.log",
    "/a/** | /a /a/ /a/b /a/b/c.log | /ab /b",
    "** | a a/b /a | ",
    "/**/*.log | /x.log /a/x.log /a/b/c/x.log | /a/x.txt",
    "/a/**/b | /a/b /a/x/b /a/x/y/b | /a/xb /a/x/y",
    "/a**/x | /a/x /abc/x | /a/b/x",
    "/a/**b/x | /a/b/x /a/cb/x | /a/c/b/x",
    "/a/*/*/0.log | /a/b/c/0.log | /a/b/0.log /a/b/c/d/0.log",
    "/{nginx,apache}/*.{log,txt} | /nginx/a.log /apache/b.txt | /caddy/a.log /nginx/a.gz",
    "/a{,/b}/x | /a/x /a/b/x | /ab/x",
    "/{a,b{c,d}}x | /ax /bcx /bdx | /bx",
    "/{a/**,b}/x | /a/x /a/b/x /b/x | /c/x",
    "/[a-c]x | /ax /bx /cx | /dx /-x",
    "/[^a-c]x | /dx | /ax",
    "/[!a]x | /bx | /ax",
    "/[a\\]]x | /ax /]x | /bx",
    "/[a-]x | /ax /-x | /bx",
    "/[z-a]x |  | /zx /ax /-x",
    "/\\*\\{a\\} | /*{a} | /x{a} /a",
    "/a.b+(c) | /a.b+(c) | /axb+(c)",
  ];
  for (const line of cases) {
    const [pattern = "", good = "", bad = ""] = line.split(" | ").map((part) => part.trim());
    const matches = compileGlob(pattern);
    for (const path of good.split(" ").filter(Boolean)) assert.ok(matches(path), `${pattern} matches ${path}`);
    for (const path of bad.split(" ").filter(Boolean)) assert.ok(!matches(path), `${pattern} does not match ${path}`);
  }
});

test("broken patterns are refused", () => {
  for (const pattern of ["/[a", "/[]", "/[^]x", "/{a,b", "/a\\", `/${"{a,b}".repeat(13)}`])
    assert.throws(() => compileGlob(pattern), BadPattern, pattern);
});
