import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { bundleCollector } from "./bundle.ts";
import { warmUp } from "./warm-up.ts";

const collector = join(import.meta.dirname, "../../apps/collector");
const folder = mkdtempSync(join(tmpdir(), "invar-bundle-"));
const dist = join(folder, "dist");

before(() => bundleCollector(collector, dist));
after(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  return spawnSync(join(dist, "invar"), args, { cwd: folder, encoding: "utf8", env: { ...process.env, INVAR_NODE: process.execPath } });
}

test("the artefact runs outside the repository, where no package is installed", () => {
  assert.match(run("--version").stdout, /^invar, version v\d/);
  writeFileSync(join(folder, "good.alloy"), 'logging {\n  level = "info"\n}\n');
  const good = run("validate", "good.alloy");
  assert.equal(good.status, 0, good.stdout + good.stderr);
  writeFileSync(join(folder, "bad.alloy"), 'nonsense "x" { }\n');
  const bad = run("validate", "bad.alloy");
  assert.equal(bad.status, 1, bad.stdout + bad.stderr);
});

test("the start keeps what V8 compiled beside the program, and a second start takes it from there", async () => {
  process.env.INVAR_NODE = process.execPath;
  await warmUp(join(dist, "invar"));
  const [version] = readdirSync(join(dist, "compile-cache"));
  assert.notEqual(readdirSync(join(dist, "compile-cache", version ?? "")).length, 0);
});

test("the same sources give the same bytes", async () => {
  const again = join(folder, "again");
  await bundleCollector(collector, again);
  const files = readdirSync(again, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => relative(again, join(entry.parentPath, entry.name))))
    assert.ok(readFileSync(join(again, file)).equals(readFileSync(join(dist, file))), file);
});

test("the program is ASCII and names the licences of all that it holds", () => {
  assert.doesNotMatch(readFileSync(join(dist, "invar.mjs"), "latin1"), /[\u0080-\u00ff]/);
  const licences = readFileSync(join(dist, "LICENCES.txt"), "utf8");
  for (const name of ["snappy", "pino", "preact"]) assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, "m"));
});
