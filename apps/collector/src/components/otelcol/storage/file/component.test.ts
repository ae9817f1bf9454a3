import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { StorageHandler } from "../../../../signals/storage-handler.ts";
import { component } from "./component.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-storage-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");
writeFileSync(file, "");

const quoted = (path: string) => JSON.stringify(path);

test("makes the folder with the permissions asked for and hands it out", async () => {
  const directory = join(folder, "made", "deep");
  const context = testContext();
  await component.create(context, decodeText(component, `directory = ${quoted(directory)}\ndirectory_permissions = "0700"\nfsync = true`));
  const { value } = context.exports.handler as { value: StorageHandler };
  assert.deepEqual([value.directory, value.fsync], [directory, true]);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test("uses a folder within the storage path where none is named", async () => {
  const dataPath = join(folder, "data", "otelcol.storage.file.default");
  const context = testContext({ dataPath });
  await component.create(context, decodeText(component, "create_directory = false"));
  assert.equal((context.exports.handler as { value: StorageHandler }).value.directory, dataPath);
});

test("says what to do where there is no storage", () => {
  assert.throws(() => component.create(testContext(), decodeText(component, "")), /set directory, or --storage.path/);
});

test("hands out another folder only when something changed", async () => {
  const context = testContext({ dataPath: join(folder, "data") });
  const running = await component.create(context, decodeText(component, ""));
  const first = context.exports.handler;
  await running.update(decodeText(component, "compaction {\non_start = true\n}"));
  assert.equal(context.exports.handler, first);
  await running.update(decodeText(component, `directory = ${quoted(join(folder, "other"))}`));
  assert.notEqual(context.exports.handler, first);
});

for (const [text, message] of [
  [`directory = ${quoted(file)}`, "is not a directory"],
  [`directory = ${quoted(join(folder, "absent"))}\ncreate_directory = false`, "directory must exist"],
  ['directory_permissions = "9"', "valid octal"],
  ['directory_permissions = "1777"', "invalid bits"],
  ["compaction {\nmax_transaction_size = -1\n}", "cannot be less than 0"],
  ['compaction {\non_rebound = true\ncheck_interval = "0s"\n}', "must be positive"],
  [`compaction {\ndirectory = ${quoted(file)}\n}`, "compaction directory"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ").replaceAll(folder, "")}`, () => {
    const { diagnostics } = tryDecodeText(component, text);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });
