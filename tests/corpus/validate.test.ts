import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { test } from "node:test";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { corpus, corpusFiles } from "./corpus.ts";

const found = corpus();

test("in generated configurations nothing is wrong but components that are not here", { skip: "skip" in found && found.skip }, () => {
  if ("skip" in found) return;
  const wrong = corpusFiles(join(found.folder, "alloy"), ".alloy").flatMap((path) =>
    findingsOf(path, "experimental")
      .filter(({ severity, code }) => severity === "error" && code !== "component.unknown")
      .map(({ message, source, span }) => `${basename(path)}:${source.text.slice(0, span.start).split("\n").length}: ${message}`),
  );
  assert.deepEqual(wrong, []);
});

test("the large configuration is accepted without an error", { skip: "skip" in found && found.skip }, () => {
  if ("skip" in found) return;
  const wrong = findingsOf(join(found.folder, "large.alloy"), "generally-available").filter(({ severity }) => severity === "error");
  assert.deepEqual([...new Set(wrong.map(({ message }) => message))], []);
});
