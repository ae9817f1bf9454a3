import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { format, renderDiagnostic } from "../../packages/alloy-syntax/src/index.ts";
import { render } from "./rendering.ts";

// The values files of others, kept beside the repository: each renders to valid configurations, or fails by naming what is missing.

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const skip = existsSync(corpus) ? false : "no corpus beside the repository";
const folder = mkdtempSync(join(tmpdir(), "chart-corpus-"));
after(() => rmSync(folder, { recursive: true }));

/** What a message says that names something which is not there yet. */
const NAMES_WHAT_IS_MISSING = /not there yet|needs the component|is no type of/;

for (const set of ["values", "umbrella"]) {
  const files = skip === false ? readdirSync(join(corpus, set)).filter((name) => name.endsWith(".yaml")) : ["every file"];
  for (const file of files) {
    test(`${set}/${file} renders to valid configurations, or the error names what is missing`, { skip }, () => {
      const values = readFileSync(join(corpus, set, file), "utf8");
      const { configurations, errors } = render(
        values,
        set === "umbrella" ? { release: "alloy", namespace: "alloy" } : { release: "k8smon" },
      );
      const problems = errors
        .join("\n")
        .split(/^\d+\. /m)
        .filter((problem) => problem.trim() !== "");
      const unclear = problems.filter((problem) => !NAMES_WHAT_IS_MISSING.test(problem));
      assert.deepEqual(unclear, []);
      if (set === "umbrella") assert.deepEqual(problems, []);
      for (const [name, text] of configurations) {
        const path = join(folder, `${name}.alloy`);
        writeFileSync(path, text);
        const wrong = findingsOf(path, "experimental").filter(({ severity }) => severity === "error");
        assert.deepEqual(
          wrong.map((finding) => renderDiagnostic(finding)),
          [],
        );
        assert.equal(text, format(text, path).text);
      }
    });
  }
}
