import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { lintCommand } from "../../../apps/chart-renderer/src/commands/lint.ts";
import type { Finding } from "../../../apps/chart-renderer/src/finding.ts";

// A case is a text: a sentence, then files behind lines `=== name`. `flags` go to lint, `expected` lists every finding as
// `rule severity file:line valuesKey` (- where there is none). `user.yaml` is the user's values file. Chart.yaml may be left out.

const CASES = join(import.meta.dirname, "cases");
const CHART_FILE = "apiVersion: v2\nname: shop\nversion: 1.0.0\nicon: https://example.com/icon.png\n";

const folder = mkdtempSync(join(tmpdir(), "mistakes-"));
after(() => rmSync(folder, { recursive: true }));

interface Case {
  readonly title: string;
  readonly files: ReadonlyMap<string, string>;
}

function readCase(text: string): Case {
  const [title = "", ...parts] = text.split(/^=== /m);
  return {
    title: title.trim(),
    files: new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)])),
  };
}

function lint(name: string, { files }: Case): string[] {
  const chart = join(folder, name);
  for (const [file, text] of new Map([["Chart.yaml", CHART_FILE], ...files])) {
    if (file === "expected" || file === "flags") continue;
    mkdirSync(dirname(join(chart, file)), { recursive: true });
    writeFileSync(join(chart, file), text);
  }
  const flags = (files.get("flags") ?? "").split(/\s+/).filter((flag) => flag !== "");
  const user = files.has("user.yaml") ? ["-f", join(chart, "user.yaml")] : [];
  const placed = flags.map((flag) => (files.has(flag) ? join(chart, flag) : flag));
  const { stdout, stderr } = lintCommand([chart, "-o", "json", "--kube-version", "1.35", ...user, ...placed]);
  assert.equal(stderr, "");
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.map(({ rule, severity, place, valuesKey }) => {
    const where = place === undefined ? "-" : `${place.file.replace(`${chart}/`, "")}:${place.line}`;
    return `${rule} ${severity} ${where} ${valuesKey ?? "-"}`;
  });
}

for (const file of readdirSync(CASES)) {
  const planted = readCase(readFileSync(join(CASES, file), "utf8"));
  test(planted.title, () => {
    const expected = (planted.files.get("expected") ?? "").split("\n").filter((line) => line !== "");
    assert.deepEqual(lint(file.replace(".txt", ""), planted).sort(), expected.sort());
  });
}
