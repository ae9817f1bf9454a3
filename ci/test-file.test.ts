import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("kills a file that does not end and says so", () => {
  const root = mkdtempSync(join(tmpdir(), "invar-test-file-"));
  try {
    writeFileSync(join(root, "spin.test.ts"), 'import { test } from "node:test"; test("x", () => { for (;;); });');
    const script = `
      import { runTestFile } from ${JSON.stringify(join(import.meta.dirname, "test-file.ts"))};
      console.log(JSON.stringify(await runTestFile(${JSON.stringify(root)}, "spin.test.ts", 1500)));`;
    writeFileSync(join(root, "call.ts"), script);
    // Without NODE_TEST_CONTEXT, which makes a runner inside a test run nothing.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const ran = spawnSync(process.execPath, [join(root, "call.ts")], { encoding: "utf8", env });
    const result = JSON.parse(ran.stdout);
    assert.equal(result.passed, 0);
    assert.match(result.failures[0].message, /did not end within 1\.5 s/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
