import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { moveAside, pruneBackups } from "./backups.ts";

const root = mkdtempSync(join(tmpdir(), "invar-backups-"));
after(() => rmSync(root, { recursive: true }));
const nowMs = Date.UTC(2026, 2, 4, 5, 6, 7, 89);
const dayMs = 24 * 60 * 60_000;
const keepAll = { maxBytes: 1, maxBackups: 0, maxAgeMs: 0, localtime: false };

/** A folder with these empty files. */
function folderWith(...names: string[]): string {
  const folder = mkdtempSync(join(root, "f-"));
  for (const name of names) writeFileSync(join(folder, name), "");
  return folder;
}

test("a full file is renamed after the time", async () => {
  const folder = folderWith("data.json", "noext", ".hidden");
  for (const name of ["data.json", "noext", ".hidden"]) await moveAside(join(folder, name), nowMs, false);
  assert.deepEqual(readdirSync(folder), [
    "-2026-03-04T05-06-07.089-size.hidden",
    "data-2026-03-04T05-06-07.089-size.json",
    "noext-2026-03-04T05-06-07.089-size",
  ]);
});

test("two that are full in the same millisecond are both kept", async () => {
  const folder = folderWith("a.json");
  await moveAside(join(folder, "a.json"), nowMs, false);
  writeFileSync(join(folder, "a.json"), "");
  await moveAside(join(folder, "a.json"), nowMs, false);
  assert.deepEqual(readdirSync(folder), ["a-2026-03-04T05-06-07.089-size.json", "a-2026-03-04T05-06-07.090-size.json"]);
});

test("local time is that of the zone", async () => {
  const folder = folderWith("a.json");
  await moveAside(join(folder, "a.json"), nowMs, true);
  const local = new Date(nowMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  assert.deepEqual(readdirSync(folder), [`a-${day}T${two(local.getHours())}-${two(local.getMinutes())}-07.089-size.json`]);
  await pruneBackups(join(folder, "a.json"), { ...keepAll, maxAgeMs: 1, localtime: true }, nowMs);
  assert.equal(readdirSync(folder).length, 1);
  await pruneBackups(join(folder, "a.json"), { ...keepAll, maxAgeMs: 1, localtime: true }, nowMs + 2);
  assert.equal(readdirSync(folder).length, 0);
});

const old = ["a-2026-03-01T00-00-00.000-size.json", "a-2026-03-02T00-00-00.000.json", "a-2026-03-03T00-00-00.000-time.json"];
const others = ["a.json", "ab-2026-03-01T00-00-00.000-size.json", "a-2026-03-01.json", "a-2026-03-01T00-00-00.000-size.log"];

for (const [what, rotation, kept] of [
  ["all are kept where nothing says otherwise", {}, old],
  ["the newest are kept", { maxBackups: 2 }, old.slice(1)],
  ["those of the last days are kept", { maxAgeMs: 2 * dayMs }, old.slice(2)],
  ["both limits hold", { maxBackups: 1, maxAgeMs: 30 * dayMs }, old.slice(2)],
] as const)
  test(`${what}, and other files always`, async () => {
    const folder = folderWith(...old, ...others);
    await pruneBackups(join(folder, "a.json"), { ...keepAll, ...rotation }, nowMs);
    assert.deepEqual(readdirSync(folder), [...kept, ...others].sort());
  });
