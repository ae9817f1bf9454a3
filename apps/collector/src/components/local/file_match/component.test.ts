import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { component } from "./component.ts";

async function run(text: (folder: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), "file-match-"));
  const clock = new FakeClock(Date.now());
  const context = testContext({ id: "local.file_match.a", clock });
  const running = await component.create(context, decodeText(component, text(folder)));
  return {
    folder,
    context,
    clock,
    running,
    update: (next: string) => running.update(decodeText(component, next)),
    /** `job:name` of each exported target. */
    targets: () =>
      (context.exports.targets as Record<string, string>[])
        .map(({ job, __path__ }) => `${job}:${__path__?.slice(folder.length + 1)}`)
        .join(" "),
    async end() {
      await running.stop(new AbortController().signal);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Scans use real files: time moves, then the scan that began has its turns. */
async function advanceUntil(clock: FakeClock, ms: number, isDone: () => boolean) {
  await clock.advance(ms);
  for (let turn = 0; turn < 1000 && !isDone(); turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("files appear and disappear with each scan", async () => {
  const match = await run((folder) => `path_targets = [{ __path__ = "${folder}/*.log", job = "a" }]\nsync_period = "5s"`);
  assert.equal(match.targets(), "");
  writeFileSync(join(match.folder, "1.log"), "");
  await match.running.start();
  assert.equal(match.targets(), "a:1.log");
  writeFileSync(join(match.folder, "2.log"), "");
  await match.clock.advance(4999);
  assert.equal(match.targets(), "a:1.log");
  await advanceUntil(match.clock, 1, () => match.targets() === "a:1.log a:2.log");
  assert.equal(match.targets(), "a:1.log a:2.log");
  rmSync(join(match.folder, "1.log"));
  await advanceUntil(match.clock, 5000, () => match.targets() === "a:2.log");
  assert.equal(match.targets(), "a:2.log");
  await match.end();
});

test("an update scans at once with the new arguments", async () => {
  const match = await run((folder) => `path_targets = [{ __path__ = "${folder}/*.log", job = "a" }]`);
  writeFileSync(join(match.folder, "1.log"), "");
  writeFileSync(join(match.folder, "2.txt"), "");
  await match.running.start();
  await match.update(`path_targets = [{ __path__ = "${match.folder}/*", __path_exclude__ = "**/*.log", job = "b" }]`);
  assert.equal(match.targets(), "b:2.txt");
  await match.end();
});

test("old files are left out", async () => {
  const match = await run((folder) => `path_targets = [{ __path__ = "${folder}/*", job = "a" }]\nignore_older_than = "1h"`);
  writeFileSync(join(match.folder, "old.log"), "");
  writeFileSync(join(match.folder, "new.log"), "");
  utimesSync(join(match.folder, "old.log"), 1000, 1000);
  await match.running.start();
  assert.equal(match.targets(), "a:new.log");
  await match.end();
});

test("a broken pattern is logged and does not spoil the others", async () => {
  const match = await run((folder) => `path_targets = [{ __path__ = "${folder}/[" }, { __path__ = "${folder}/*", job = "a" }]`);
  writeFileSync(join(match.folder, "1.log"), "");
  await match.running.start();
  assert.equal(match.targets(), "a:1.log");
  assert.match(JSON.stringify(match.context.logged), /syntax error in pattern/);
  await match.end();
});

test("a period of nothing is refused", () => {
  const { diagnostics } = tryDecodeText(component, 'path_targets = []\nsync_period = "0s"');
  assert.match(diagnostics[0]?.message ?? "", /sync_period must be greater than 0/);
});
