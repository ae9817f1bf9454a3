import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { templateCommand } from "../../apps/chart-renderer/src/commands/template.ts";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { format, renderDiagnostic } from "../../packages/alloy-syntax/src/index.ts";
import { realPart } from "../backends/real-part.ts";
import { chartFolder, render } from "./rendering.ts";

// Each values file under cases/ and the chart's examples/ renders without an error, to configurations that are formatted and valid, as helm renders it.

const folders = [join(import.meta.dirname, "cases"), join(chartFolder, "examples")];
const helm = realPart("helm");
// Where the quick start's backend takes what it is sent; the values of that example ask for it.
process.env.INVAR_PREVIEW_URL = "http://127.0.0.1:4319";
const folder = mkdtempSync(join(tmpdir(), "chart-"));
after(() => rmSync(folder, { recursive: true }));

for (const path of folders.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))) {
  const file = basename(path);
  const values = readFileSync(path, "utf8");

  test(`${file}: every configuration is formatted and valid`, () => {
    const { configurations, errors } = render(values);
    assert.deepEqual(errors, []);
    for (const [name, text] of configurations) {
      const path = join(folder, `${name}.alloy`);
      writeFileSync(path, text);
      assert.deepEqual(
        // A destination that the user includes is there for what the user adds.
        findingsOf(path, "experimental")
          .filter(({ code }) => code !== "component.unused")
          .map((finding) => renderDiagnostic(finding)),
        [],
      );
      assert.equal(text, format(text, path).text);
    }
  });

  test(`${file}: helm renders the same bytes`, { skip: helm.skip }, () => {
    const args = ["invar", chartFolder, "-n", "monitoring", "-f", path, "--kube-version", "1.35.0"];
    const theirs = spawnSync(helm.path ?? "", ["template", ...args], { encoding: "utf8" });
    const ours = templateCommand(args);
    assert.equal(theirs.stderr, "");
    assert.equal(ours.stdout, theirs.stdout);
  });
}
