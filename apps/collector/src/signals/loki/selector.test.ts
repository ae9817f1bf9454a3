import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSelector } from "./selector.ts";
import { internRecord } from "./stream-labels.ts";

const labels = internRecord({ app: "shop", env: "prod-1" });
const line = "GET /cart 500 timeout";

test("a selector matches by labels and by line", () => {
  const cases: [string, boolean][] = [
    ['{app="shop"}', true],
    ['{app="other"}', false],
    ['{app!="other"}', true],
    ['{app=~"sh.*"}', true],
    ['{app=~"sho"}', false],
    ['{app!~"sh|shop"}', false],
    ['{none=""}', true],
    ['{none!=""}', false],
    ['{app="shop",env=~"prod.*"}', true],
    ['{app="shop", env="dev"}', false],
    ['{app="shop"} |= "500"', true],
    ['{app="shop"} |= "404"', false],
    ['{app="shop"} != "404"', true],
    ['{app="shop"} |~ "5\\\\d\\\\d"', true],
    ['{app="shop"} !~ "5\\\\d\\\\d"', false],
    ['{app="shop"}|="GET"|="500"!="404"', true],
    ['{app="shop"} |= "GET" != "timeout"', false],
    ["{app=`shop`} |~ `^GET .* timeout$`", true],
    ['{ app = "shop" } // which\n |= "cart" /* and why */', true],
    ['{app=~"(?i)SHOP"}', true],
  ];
  for (const [source, expected] of cases) {
    const selector = parseSelector(source);
    if ("error" in selector) assert.fail(`${source}: ${selector.error}`);
    assert.equal(selector.matchesLabels(labels) && (selector.matchesLine?.(line) ?? true), expected, source);
  }
});

test("what is no selector is refused with the place", () => {
  const cases: [string, string][] = [
    ["", "parse error at line 1, col 1: syntax error: unexpected $end, expecting {"],
    ["{}", "parse error at line 1, col 2: syntax error: unexpected }, expecting IDENTIFIER"],
    ["{app}", "parse error at line 1, col 5: syntax error: unexpected }, expecting = or != or =~ or !~"],
    ['{app="a",}', "parse error at line 1, col 10: syntax error: unexpected }, expecting IDENTIFIER"],
    ['{app="a" |= "x"', "parse error at line 1, col 10: syntax error: unexpected |=, expecting } or ,"],
    ['{app="a"} |= x', "parse error at line 1, col 14: syntax error: unexpected x, expecting STRING"],
    ['{app="a"}\n| level="x"', "parse error at line 2, col 1: syntax error: unexpected |, expecting |= or |~ or != or !~ or the end"],
    ["{app='a'}", "parse error at line 1, col 6: syntax error: unexpected ', expecting STRING"],
    ['{app=~"("}', "error parsing regexp: missing closing ): `^(?s:()$`"],
    ['{app="a"} |~ "("', "error parsing regexp: missing closing ): `(`"],
  ];
  for (const [source, error] of cases) assert.deepEqual(parseSelector(source), { error }, source);
});
