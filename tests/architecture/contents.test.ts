import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { root, sources, textOf, trackedFiles } from "./tree.ts";

// Words are put together here, so that this file does not contain what it looks for.
const word = (...parts: string[]) => parts.join("");

function linesWith(pattern: RegExp, paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

test("nothing is left for later", () => {
  assert.deepEqual(linesWith(new RegExp(`\\b(${word("TO", "DO")}|${word("FIX", "ME")}|${word("X", "XX")})\\b`), sources), []);
});

test("the type check is nowhere switched off, and no test left out or singled out", () => {
  const suppressed = `${word("@ts-", "ignore")}|${word("@ts-", "nocheck")}|${word("@ts-", "expect-error")}`;
  const tests = `\\b(test|it|describe)\\.(${word("sk", "ip")}|${word("on", "ly")}|${word("to", "do")})\\b|\\b${word("sk", "ip")}: true\\b`;
  assert.deepEqual(linesWith(new RegExp(`${suppressed}|${tests}`), sources), []);
});

test("no error is swallowed", () => {
  const wrong = sources.filter((path) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(textOf(path)));
  assert.deepEqual(wrong, []);
});

test("nothing names the place where it was written or the hosts that packages come from", () => {
  const hosts = [word("registry.", "npmjs.org"), word("proxy.", "golang.org"), word("sum.", "golang.org"), word("deb.", "debian.org")];
  const places = [`${root}/`, join(dirname(root), word("sha", "red/"))].filter((place) => !place.startsWith("/tmp/"));
  const pattern = new RegExp([...hosts, ...places].map((text) => text.replaceAll(".", "\\.")).join("|"));
  const readable = trackedFiles.filter(
    (path) => /\.(ts|tsx|md|json|yaml|yml|sh|mod|sum|proto|alloy|html|css|tpl)$/.test(path) || !basename(path).includes("."),
  );
  assert.deepEqual(linesWith(pattern, readable), []);
});

test("the licence is there and every package names it", () => {
  assert.match(textOf("LICENSE"), /Apache License\s+Version 2\.0/);
  const manifests = trackedFiles.filter((path) => basename(path) === "package.json");
  assert.deepEqual(
    manifests.filter((path) => JSON.parse(textOf(path)).license !== "Apache-2.0"),
    [],
  );
});

test("every runtime dependency is listed with its reason in the README of the part that uses it", () => {
  const missing = trackedFiles
    .filter((path) => /^(apps|packages)\/[^/]+\/package\.json$/.test(path))
    .flatMap((path) => {
      const readme = join(dirname(path), "README.md");
      const text = trackedFiles.includes(readme) ? textOf(readme) : "";
      return Object.keys(JSON.parse(textOf(path)).dependencies ?? {})
        .filter((name) => !name.startsWith("@invar/"))
        .filter(
          (name) => !text.split("\n").some((line) => line.includes(`\`${name}\``) && line.replace(`\`${name}\``, "").trim().length > 20),
        )
        .map((name) => `${readme}: \`${name}\`: why?`);
    });
  assert.deepEqual(missing, []);
});

test("the packages that run code at installation are none but Node's own", () => {
  const text = textOf("pnpm-workspace.yaml");
  const allowed = [...(text.split("allowBuilds:")[1] ?? "").matchAll(/^ {2}([^\s:]+): true/gm)].map(([, name]) => name);
  assert.deepEqual(allowed, ["node"]);
});
