import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { expandTargets } from "./file-targets.ts";
import { findFiles } from "./find-files.ts";

const root = mkdtempSync(join(tmpdir(), "find-files-"));
after(() => rmSync(root, { recursive: true }));

for (const path of ["a/1.log", "a/2.txt", "a/.hidden.log", "b/c/3.log", "b/c/d/4.log", "b/5.log.gz", "odd/[x].log"]) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), path);
}
mkdirSync(join(root, "a/dir.log"));
symlinkSync("../a/1.log", join(root, "b/link.log"));
symlinkSync("nowhere", join(root, "b/broken.log"));
symlinkSync("..", join(root, "b/up"));
symlinkSync("b/c", join(root, "linked"));

async function found(pattern: string): Promise<string> {
  return (await findFiles(join(root, pattern))).map((path) => path.slice(root.length + 1)).join(" ");
}

test("files are found by pattern; links are followed, directories and broken links are no files", async () => {
  const cases: [string, string][] = [
    ["a/*.log", "a/.hidden.log a/1.log"],
    ["a/1.log", "a/1.log"],
    ["a/none.log", ""],
    ["*/?.*", "a/1.log a/2.txt b/5.log.gz linked/3.log"],
    [
      "b/**/*.log",
      "b/c/3.log b/c/d/4.log b/link.log b/up/a/.hidden.log b/up/a/1.log b/up/linked/3.log b/up/linked/d/4.log b/up/odd/[x].log",
    ],
    ["b/c/**", "b/c/3.log b/c/d/4.log"],
    ["{a,b/c}/*.{log,txt}", "a/.hidden.log a/1.log a/2.txt b/c/3.log"],
    ["{a,a}/1.log", "a/1.log"],
    ["linked/*", "linked/3.log"],
    ["odd/\\[x\\].log", "odd/[x].log"],
    ["none/**/x", ""],
  ];
  for (const [pattern, expected] of cases) assert.equal(await found(pattern), expected, pattern);
  assert.deepEqual(await findFiles(""), []);
});

test("targets become one a file, without what is excluded or too old; a broken pattern spoils only its own target", async () => {
  const now = Date.now();
  utimesSync(join(root, "a/2.txt"), now / 1000 - 100, now / 1000 - 100);
  const targets: Record<string, string>[] = [
    { __path__: join(root, "a/*"), __path_exclude__: join(root, "**/.*"), job: "a" },
    { __path__: join(root, "[") },
    { __path__: join(root, "b/c/*.log"), job: "b" },
  ];
  const { targets: all, errors } = await expandTargets(targets, { ignoreOlderThanMs: 0, nowMs: now });
  assert.deepEqual(
    all.map(({ __path__, job }) => `${job}:${__path__?.slice(root.length + 1)}`),
    ["a:a/1.log", "a:a/2.txt", "b:b/c/3.log"],
  );
  assert.deepEqual(errors, ['syntax error in pattern "["']);
  const young = await expandTargets(targets, { ignoreOlderThanMs: 50_000, nowMs: now });
  assert.deepEqual(
    young.targets.map(({ __path__ }) => __path__?.slice(root.length + 1)),
    ["a/1.log", "b/c/3.log"],
  );
});
