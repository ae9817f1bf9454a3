import { compileRegexp, type Regexp } from "@invar/go-compat";
import type { Value, ValueMap } from "../value.ts";
import { browserRules, type Rule, systemRules } from "./rules.generated.ts";

/** What a user agent's text says of the program and its operating system, under the names of the semantic conventions. */
export function parseUserAgent(text: string): ValueMap {
  const told = text.slice(0, LONGEST);
  const browser = browsers(told);
  const system = systems(told);
  const map: ValueMap = new Map<string, Value>([
    ["user_agent.name", browser.name],
    ["user_agent.original", text],
    ["user_agent.version", browser.version],
    ["os.name", system.name],
  ]);
  if (system.version !== "") map.set("os.version", system.version);
  return map;
}

interface Product {
  readonly name: string;
  readonly version: string;
}

// No real agent says more. Whoever sends requests chooses this text, and hundreds of patterns are tried: megabytes of it would stop the collector.
const LONGEST = 4096;

// Few different agents send most of the requests, and hundreds of patterns are tried for each.
const REMEMBERED = 1024;

const browsers = recogniser(browserRules, ["$1", "$2", "$3", "$4"]);
const systems = recogniser(systemRules, ["$1", "$2", "$3", "$4", "$5"]);

function recogniser(rules: readonly Rule[], defaults: readonly string[]): (text: string) => Product {
  const compiled: Regexp[] = [];
  const remembered = new Map<string, Product>();
  const recognise = (text: string): Product => {
    for (const [i, [pattern, ...own]] of rules.entries()) {
      // Compiled when first asked: most configurations never come here.
      compiled[i] ??= compileRegexp(pattern);
      const match = compiled[i].exec(text);
      if (match === undefined) continue;
      const [name = "", major = "", ...minor] = (own.length > 0 ? own : defaults).map((template) =>
        (compiled[i] as Regexp).expand(template, match),
      );
      if (name !== "") return { name, version: [major, ...minor.filter((part) => part !== "").map((part) => `.${part}`)].join("") };
    }
    return { name: "Other", version: "" };
  };
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const product = recognise(text);
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(text, product);
    return product;
  };
}
