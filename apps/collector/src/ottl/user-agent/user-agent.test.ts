import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GENERATED, rulesModule } from "./rules-module.ts";
import { parseUserAgent } from "./user-agent.ts";

test("the rules are those of the package: else run write-rules.ts", () => assert.equal(readFileSync(GENERATED, "utf8"), rulesModule()));

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
const safari =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1";
const cases: readonly (readonly [text: string, browser: string, system: string])[] = [
  [chrome, "Chrome 120.0.0", "Windows 10"],
  [safari, "Mobile Safari 17.2", "iOS 17.2"],
  ["curl/7.81.0", "curl 7.81.0", "Other"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox 121.0", "Ubuntu"],
  ["", "Other", "Other"],
  ["x".repeat(100_000), "Other", "Other"],
];
for (const [text, browser, system] of cases)
  test(`${text.slice(0, 100)} is ${browser} on ${system}`, () => {
    for (let again = 0; again < 2; again++) {
      const map = parseUserAgent(text);
      assert.equal(map.get("user_agent.original"), text);
      assert.equal(`${map.get("user_agent.name")} ${map.get("user_agent.version")}`.trim(), browser);
      assert.equal(`${map.get("os.name")} ${map.get("os.version") ?? ""}`.trim(), system);
    }
  });
