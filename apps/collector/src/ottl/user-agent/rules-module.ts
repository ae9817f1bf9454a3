import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";

export const GENERATED = join(import.meta.dirname, "rules.generated.ts");

/** The module with the rules of the package uap-core: of a rule its pattern, and the templates of the name and of the version's parts. */
export function rulesModule(): string {
  const require = createRequire(import.meta.url);
  const lists = parse(readFileSync(require.resolve("uap-core/regexes.yaml"), "utf8")) as Record<string, readonly Record<string, string>[]>;
  const { version } = JSON.parse(readFileSync(require.resolve("uap-core/package.json"), "utf8")) as { version: string };
  const list = (name: string, templates: readonly string[]): string =>
    (lists[name] ?? [])
      .map((rule) => {
        const pattern = `${rule.regex_flag === "i" ? "(?i)" : ""}${rule.regex}`;
        const texts = templates.map((template, i) => rule[template] || `$${i + 1}`);
        const isPlain = texts.every((text, i) => text === `$${i + 1}`);
        return `  ${JSON.stringify(isPlain ? [pattern] : [pattern, ...texts])},\n`;
      })
      .join("");
  return `// Made by write-rules.ts from uap-core ${version} (Apache-2.0, https://github.com/ua-parser/uap-core), do not edit.

export type Rule = readonly [pattern: string, ...templates: string[]];

export const browserRules: readonly Rule[] = [
${list("user_agent_parsers", ["family_replacement", "v1_replacement", "v2_replacement", "v3_replacement"])}];

export const systemRules: readonly Rule[] = [
${list("os_parsers", ["os_replacement", "os_v1_replacement", "os_v2_replacement", "os_v3_replacement", "os_v4_replacement"])}];
`;
}
