import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { corpus, corpusFiles } from "./corpus.ts";
import type { Figures } from "./figures.ts";
import { agree, runMoving } from "./run-corpus.ts";

// Every generated configuration whose components are here runs in this process against a world on loopback; `moved.txt` says what has to
// come out of it: a line a destination, with the signals of which it sends something. A configuration that nobody wrote down fails; with
// UPDATE_MOVED=1 the file is written anew, to be read before it is committed.

const table = join(import.meta.dirname, "moved.txt");
const expected = readTable(existsSync(table) ? readFileSync(table, "utf8") : "");
const updates = process.env.UPDATE_MOVED !== undefined;
const found = corpus();

/** Two cores are kept busy by eight configurations, for most of the time is waiting for the next scrape. */
const atOnce = 8;
const withinMs = 60_000;

test("what the components of a generated configuration gather reaches every destination, and the accounts agree", {
  skip: "skip" in found && found.skip,
  concurrency: atOnce,
}, async (t) => {
  if ("skip" in found) return;
  const paths = corpusFiles(join(found.folder, "alloy"), ".alloy").filter(isWhole);
  const seen = new Map<string, string[]>();
  await Promise.all(
    paths.map((path) =>
      t.test(basename(path), async () => {
        const wanted = expected.get(basename(path)) ?? [];
        const { figures, received, log } = await runMoving(path, (sofar) => hasMoved(sofar, wanted), updates ? 12_000 : withinMs);
        seen.set(basename(path), sinkLines(figures));
        if (updates) return;
        assert.deepEqual(sinkLines(figures), wanted, log.slice(-4000));
        assert.deepEqual(silent(figures), [], `sources that gave nothing\n${log.slice(-4000)}`);
        for (const [id, { dropped }] of figures.sinks) assert.equal(dropped, 0, `${id} has dropped something\n${log.slice(-4000)}`);
        assert.ok(agree(figures, received), `received ${received}, but ${JSON.stringify([...figures.sinks])}`);
      }),
    ),
  );
  if (updates)
    writeFileSync(
      table,
      [...seen]
        .sort()
        .map(([name, lines]) => `${[name, ...lines].join("\n  ")}\n`)
        .join(""),
    );
  else
    assert.deepEqual([...expected.keys()], paths.map((path) => basename(path)).sort(), "tests/corpus/moved.txt lists other configurations");
});

/** All of its components are in this program. */
function isWhole(path: string): boolean {
  return !findingsOf(path, "experimental").some(({ code }) => code === "component.unknown");
}

function hasMoved(figures: Figures, wanted: readonly string[]): boolean {
  return silent(figures).length === 0 && (updates ? false : sinkLines(figures).join() === wanted.join());
}

function silent({ sources }: Figures): string[] {
  return [...sources].filter(([, items]) => items === 0).map(([id]) => id);
}

function sinkLines({ sinks }: Figures): string[] {
  return [...sinks].map(([id, { signals }]) => `${id}: ${signals.join(", ") || "nothing"}`).sort();
}

/** A configuration a paragraph: its name, and a line for each destination behind two spaces. */
function readTable(text: string): Map<string, string[]> {
  const read = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split("\n").filter((one) => one !== ""))
    if (line.startsWith("  ")) lines.push(line.trim());
    else {
      lines = [];
      read.set(line, lines);
    }
  return read;
}
