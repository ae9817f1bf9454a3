import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { testContext } from "../component/testing.ts";
import { failingFiles } from "./failing-files.ts";
import { openPositions, type Positions } from "./positions.ts";

const folder = await mkdtemp(join(tmpdir(), "invar-positions-"));
after(() => rm(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, String(count++), "positions.journal");
const { log, logged } = testContext();
const read = (value: unknown) => (typeof value === "number" ? value : undefined);
const open = (path: string, options: { maxKeys?: number } = {}) => openPositions<number>(path, { log, read, ...options });

/** `a=1 b=2`, sorted by key. */
const shown = (positions: Positions<number>) =>
  [...positions.keys()]
    .sort()
    .map((key) => `${key}=${positions.get(key)}`)
    .join(" ");

/** Applies `a=1 b=2 -a`, each change written by itself. */
async function apply(positions: Positions<number>, changes: string): Promise<void> {
  for (const change of changes.split(" ")) {
    const [key = "", position] = change.split("=");
    if (key.startsWith("-")) positions.delete(key.slice(1));
    else positions.set(key, Number(position));
    await positions.flush();
  }
}

test("positions are there again after closing and opening", async () => {
  const path = newPath();
  const first = await open(path);
  await apply(first, "a=1 b=2 a=3 c=4 -b");
  await first.close();
  const second = await open(path);
  assert.equal(shown(second), "a=3 c=4");
  await apply(second, "b=9");
  assert.equal(shown(await open(path)), "a=3 b=9 c=4");
});

test("there is no file until there is a position", async () => {
  const path = newPath();
  const positions = await open(path);
  positions.delete("a");
  await positions.flush();
  assert.equal(existsSync(path), false);
  positions.set("a", 1);
  await positions.flush();
  assert.equal(shown(await open(path)), "a=1");
  positions.set("b", 2);
  await positions.close();
  positions.set("c", 3);
  await positions.flush();
  assert.equal(shown(await open(path)), "a=1 b=2");
});

test("what was flushed survives without closing, as after a kill", async () => {
  const path = newPath();
  await apply(await open(path), "a=1 b=2");
  assert.equal(shown(await open(path)), "a=1 b=2");
});

test("a journal torn at any byte of its last line keeps the lines before, and goes on after them", async () => {
  const path = newPath();
  await apply(await open(path), "a=1 b=2 a=777");
  const whole = await readFile(path);
  const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
  for (let cut = lastLine; cut < whole.length; cut++) {
    await writeFile(path, whole.subarray(0, cut));
    const positions = await open(path);
    assert.equal(shown(positions), "a=1 b=2", `cut at ${cut}`);
    await apply(positions, "c=3");
    assert.equal(shown(await open(path)), "a=1 b=2 c=3", `written after the cut at ${cut}`);
  }
});

test("a damaged line in the middle costs that line alone, and is logged", async () => {
  const path = newPath();
  await apply(await open(path), "a=1 b=2 c=3");
  const bytes = await readFile(path);
  bytes[bytes.indexOf('"b"') + 1] = 0x58;
  await writeFile(path, bytes);
  const before = logged.length;
  assert.equal(shown(await open(path)), "a=1 c=3");
  assert.equal(logged.slice(before).filter(({ level }) => level === "warn").length, 1);
});

test("an entry that is no position is told apart from one that is missing, until it is set", async () => {
  const path = newPath();
  const loose = await openPositions<unknown>(path, { log, read: (value) => value });
  loose.set("a", "not a number");
  await loose.close();
  const positions = await open(path);
  assert.deepEqual([positions.get("a"), positions.isDamaged("a"), positions.isDamaged("b")], [undefined, true, false]);
  positions.set("a", 1);
  assert.equal(positions.isDamaged("a"), false);
});

test("a journal stays within a few times of what is in force", async () => {
  const path = newPath();
  const positions = await open(path);
  for (let i = 0; i < 20_000; i++) {
    positions.set(`/var/log/${i % 7}.log`, i);
    if (i % 3 === 0) await positions.flush();
  }
  // The new file is written in the background, and takes the old one's place before a later change.
  for (let i = 0; i < 500 && (await stat(path)).size >= 128 * 1024; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    positions.set("/var/log/0.log", 19_999 - (19_999 % 7));
    await positions.flush();
  }
  await positions.close();
  assert.ok((await stat(path)).size < 128 * 1024, `${(await stat(path)).size} bytes`);
  assert.equal((await open(path)).get("/var/log/0.log"), 19_999 - (19_999 % 7));
});

test("the key that was set longest ago gives way where there are too many", async () => {
  const path = newPath();
  await apply(await open(path, { maxKeys: 2 }), "a=1 b=2 a=3 c=4");
  assert.equal(shown(await open(path)), "a=3 c=4");
});

test("many changes in one turn are one write, and the last of each key counts", async () => {
  const path = newPath();
  const positions = await open(path);
  for (let i = 0; i < 1000; i++) positions.set("a", i);
  await positions.flush();
  assert.equal((await readFile(path, "utf8")).split("\n").length, 3);
  assert.equal((await open(path)).get("a"), 999);
});

test("a journal of a newer version is refused and left alone", async () => {
  const path = newPath();
  await (await open(path)).close();
  await writeFile(path, "invar-positions 2\nwhatever\n");
  await assert.rejects(open(path), /newer version/);
  assert.equal(await readFile(path, "utf8"), "invar-positions 2\nwhatever\n");
});

test("a file that is no journal is replaced, and logged", async () => {
  const path = newPath();
  await (await open(path)).close();
  await writeFile(path, "positions: {}\n");
  const positions = await open(path);
  await apply(positions, "a=1");
  assert.equal(shown(await open(path)), "a=1");
});

test("a full disk keeps positions in memory, and they are written when there is room", async () => {
  const path = newPath();
  const files = failingFiles();
  const positions = await openPositions<number>(path, { log, read, files });
  await apply(positions, "a=1");
  files.failWith("ENOSPC");
  await apply(positions, "a=2 b=3");
  assert.equal(shown(positions), "a=2 b=3");
  assert.equal(shown(await open(path)), "a=1");
  files.failWith(undefined);
  await apply(positions, "c=4");
  assert.equal(shown(await open(path)), "a=2 b=3 c=4");
});

test("any sequence of changes, torn anywhere, reads as one of its prefixes", async () => {
  const change = fc.record({ key: fc.constantFrom("a", "b", "ü\n"), position: fc.option(fc.nat()), cut: fc.nat(60) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.nat(200), async (changes, tornBytes) => {
      const path = newPath();
      const positions = await open(path);
      const states = [shown(positions)];
      for (const { key, position } of changes) {
        if (position === null) positions.delete(key);
        else positions.set(key, position);
        await positions.flush();
        states.push(shown(positions));
      }
      // Nothing was ever set: there is nothing to tear.
      if (!existsSync(path)) return assert.equal(states.at(-1), "");
      const { size } = await stat(path);
      await truncate(path, Math.max(0, size - tornBytes));
      await appendFile(path, "");
      assert.ok(states.includes(shown(await open(path))));
    }),
    { numRuns: 60 },
  );
});
