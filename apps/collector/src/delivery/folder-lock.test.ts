import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { after, test } from "node:test";
import { testFolder } from "./destination-rig.ts";
import { FolderLockedError, lockFolder } from "./folder-lock.ts";

const folder = await testFolder(after);

test("a folder is locked once in a process, and again after its release", () => {
  const lock = lockFolder(folder);
  assert.equal(lock.isEffective, true);
  assert.throws(() => lockFolder(folder), FolderLockedError);
  lock.release();
  lockFolder(folder).release();
});

test("a lock of another process holds, and is gone when that process was killed", async () => {
  const other = `${folder}/other`;
  await mkdir(other);
  const script = `import { lockFolder } from ${JSON.stringify(`${import.meta.dirname}/folder-lock.ts`)};
    globalThis.lock = lockFolder(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, other], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    assert.throws(() => lockFolder(other), FolderLockedError);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  lockFolder(other).release();
});

test("a folder that is not there can't be locked", () => {
  assert.throws(() => lockFolder(`${folder}/nowhere`), /unable to open/);
});
