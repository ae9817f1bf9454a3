import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { testContext } from "../component/testing.ts";
import { readLegacyPositions } from "./legacy-positions.ts";

const folder = await mkdtemp(join(tmpdir(), "invar-legacy-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "positions.yml");

async function entriesOf(text: string): Promise<string[] | undefined> {
  await writeFile(path, text);
  const positions = await readLegacyPositions(path, testContext().log);
  return positions?.map(({ path: file, labels, position }) => `${file} ${labels} ${position}`);
}

test("reads a file of paths and positions, quoted or not", async () => {
  assert.deepEqual(await entriesOf('positions:\n  /var/log/a.log: "12"\n  /var/log/b.log: 9007199254740\n  cursor-journal: "s=1;i=2"\n'), [
    "/var/log/a.log {} 12",
    "/var/log/b.log {} 9007199254740",
    "cursor-journal {} s=1;i=2",
  ]);
});

test("reads a file of paths with labels", async () => {
  const text =
    'positions:\n  ? path: /tmp/r.log\n    labels: \'{job="tmp"}\'\n  : "17623"\n  ? path: /tmp/s.log\n    labels: \'{}\'\n  : "0"\n';
  assert.deepEqual(await entriesOf(text), ['/tmp/r.log {job="tmp"} 17623', "/tmp/s.log {} 0"]);
});

for (const [what, text, expected] of [
  ["an empty file is none", "", undefined],
  ["a file without entries has none", "positions: {}\n", []],
  ["a file with an empty key has none", "positions:\n", []],
  ["another document is not a positions file", "scrape_configs: []\n", undefined],
  ["unknown keys beside the positions make it another file", "positions: {}\nother: 1\n", undefined],
  ["broken YAML is not a positions file", "positions: [\n", undefined],
  ["a list is not a map of positions", "positions: [1]\n", undefined],
  ["a position that is a list is none", "positions: {a: [1]}\n", undefined],
  ["aliases are not followed", "positions: &p {a: *p}\n", undefined],
] as const)
  test(what, async () => assert.deepEqual(await entriesOf(text), expected));

test("a missing file is none, one that can't be read stops the start", async () => {
  const { log } = testContext();
  assert.equal(await readLegacyPositions(join(folder, "missing.yml"), log), undefined);
  await assert.rejects(readLegacyPositions(folder, log), /exists but could not be read, refusing to start to avoid re-ingesting logs/);
});
