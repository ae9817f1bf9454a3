import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { format, renderDiagnostic } from "../../packages/alloy-syntax/src/index.ts";
import { problemsOf } from "./advice.ts";
import { render } from "./rendering.ts";

// The values files of others, kept beside the repository: each renders to valid configurations, or fails by naming what is missing.

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const skip = existsSync(corpus) ? false : "no corpus beside the repository";
const folder = mkdtempSync(join(tmpdir(), "chart-corpus-"));
after(() => rmSync(folder, { recursive: true }));

/** What a message says that names something which is not there yet. */
const NAMES_WHAT_IS_MISSING = /not there|no other programs yet/;

/** Values that have keys which nobody reads, there as here. */
const HAVE_UNREAD_KEYS = /^(exclude-by-namespace|include-by-namespace|extra-rules|meta-monitoring|proxies)\.yaml$/;

/** Values that are whole only with those that another tool adds. */
const INCOMPLETE = "deployment-alternatives-terraform.yaml";

for (const set of ["values", "umbrella"]) {
  const files = skip === false ? readdirSync(join(corpus, set)).filter((name) => name.endsWith(".yaml")) : ["every file"];
  for (const file of files) {
    test(`${set}/${file} renders to valid configurations, or the error names what is missing`, { skip }, () => {
      const values = readFileSync(join(corpus, set, file), "utf8");
      const { configurations, errors } = render(
        values,
        set === "umbrella" ? { release: "alloy", namespace: "alloy" } : { release: "k8smon" },
      );
      const problems = errors.flatMap((error) => {
        const listed = problemsOf([error]).map(({ message }) => message);
        return listed.length > 0 ? listed : [error];
      });
      if (HAVE_UNREAD_KEYS.test(file)) return assert.match(errors.join("\n"), /additional properties '.*' not allowed/);
      if (file === INCOMPLETE) return assert.ok(problems.some((problem) => problem === "destinations.localLoki has no URL."));
      const unclear = problems.filter((problem) => !NAMES_WHAT_IS_MISSING.test(problem));
      assert.deepEqual(unclear, []);
      if (set === "umbrella") assert.deepEqual(problems, []);
      for (const [name, text] of configurations) {
        const path = join(folder, `${name}.alloy`);
        writeFileSync(path, text);
        // A component that is not there, in what the user adds, is named by the collector itself.
        const wrong = findingsOf(path, "experimental").filter(({ severity, code }) => severity === "error" && code !== "component.unknown");
        assert.deepEqual(
          wrong.map((finding) => renderDiagnostic(finding)),
          [],
        );
        assert.equal(text, format(text, path).text);
      }
    });
  }
}
