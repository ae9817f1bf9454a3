import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Secret } from "@invar/alloy-syntax";
import { systemClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { component } from "./component.ts";

async function run(extra: string, prepare: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "local-file-"));
  const path = join(folder, "file");
  prepare(folder);
  const context = testContext({ id: "local.file.a", clock: systemClock });
  const running = await component.create(context, decodeText(component, `filename = "${path}"\n${extra}`));
  await running.start();
  const content = () => context.exports.content as Secret;
  return {
    folder,
    path,
    context,
    running,
    content,
    async becomes(text: string) {
      const end = Date.now() + 10_000;
      while (content().reveal() !== text) {
        assert.ok(Date.now() < end, `the content stays ${JSON.stringify(content().reveal())}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async end() {
      await running.stop(new AbortController().signal);
      rmSync(folder, { recursive: true });
    },
  };
}

const writes = (text: string) => (folder: string) => writeFileSync(join(folder, "file"), text);

test("the content is exported, and again when the file is written, replaced, removed and back", async () => {
  const file = await run('poll_frequency = "1h"', writes("one"));
  assert.equal(file.content().reveal(), "one");
  assert.equal(file.content().isSecret, false);
  writeFileSync(file.path, "two");
  await file.becomes("two");
  writeFileSync(`${file.path}.new`, "three");
  renameSync(`${file.path}.new`, file.path);
  await file.becomes("three");
  rmSync(file.path);
  const end = Date.now() + 10_000;
  while (file.context.healthReports.at(-1)?.state !== "unhealthy" && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(file.context.healthReports.at(-1)?.message ?? "", /^failed to read file: open .*: no such file or directory$/);
  assert.equal(file.content().reveal(), "three");
  writeFileSync(file.path, "four");
  await file.becomes("four");
  assert.equal(file.context.healthReports.at(-1)?.state, "healthy");
  assert.ok((file.context.metric("local_file_timestamp_last_accessed_unix_seconds") ?? 0) > 1_600_000_000);
  await file.end();
});

test("a swap of the link that Kubernetes mounts a Secret by is noticed", async () => {
  const file = await run('poll_frequency = "1h"\nis_secret = true', (folder) => {
    for (const [name, text] of [
      ["..1", "old"],
      ["..2", "new"],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "file"), text);
    }
    symlinkSync("..1", join(folder, "..data"));
    symlinkSync("..data/file", join(folder, "file"));
  });
  assert.equal(file.content().reveal(), "old");
  assert.equal(String(file.content()), "(secret)");
  symlinkSync("..2", join(file.folder, "..tmp"));
  renameSync(join(file.folder, "..tmp"), join(file.folder, "..data"));
  await file.becomes("new");
  await file.end();
});

test("polling reads without any event", async () => {
  const file = await run('detector = "poll"\npoll_frequency = "10ms"', writes("one"));
  writeFileSync(file.path, "two");
  await file.becomes("two");
  await file.end();
});

test("an update follows another file, or stays where that can't be read", async () => {
  const file = await run("", (folder) => {
    writes("one")(folder);
    writeFileSync(join(folder, "other"), "other");
  });
  await assert.rejects(async () => file.running.update(decodeText(component, 'filename = "/none/at/all"')), /failed to read file/);
  writeFileSync(file.path, "two");
  await file.becomes("two");
  await file.running.update(decodeText(component, `filename = "${join(file.folder, "other")}"`));
  assert.equal(file.content().reveal(), "other");
  await file.end();
});

test("a file that can't be read at first, and impossible arguments, are refused", async () => {
  await assert.rejects(
    async () => component.create(testContext(), decodeText(component, 'filename = "/none/at/all"')),
    /^Error: failed to read file: open \/none\/at\/all: no such file or directory$/,
  );
  for (const [text, message] of [
    ['poll_frequency = "0s"', "poll_frequency must be greater than 0"],
    ['detector = "guess"', "guess"],
  ] as const)
    assert.match(tryDecodeText(component, `filename = "x"\n${text}`).diagnostics[0]?.message ?? "", new RegExp(message));
});
