import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { testContext } from "../component/testing.ts";
import { testFolder } from "./destination-rig.ts";
import { diskFiles, type QueueFiles } from "./files.ts";
import { newSegment, type Segment } from "./segment.ts";
import { SegmentFiles } from "./segment-files.ts";

const folder = await testFolder(after);
const { log } = testContext();
let count = 0;

/** Segments `a`, `b`, …, each written with its own letter, over real files some of whose operations are held up. */
function rig() {
  const inner = `${folder}/${count++}`;
  const held: { what: string; go: () => void }[] = [];
  let holds: ((what: string) => boolean) | undefined;
  const disk = diskFiles();
  const wait = (what: string) =>
    holds?.(what) === true ? new Promise<void>((resolve) => held.push({ what, go: resolve })) : Promise.resolve();
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const files: QueueFiles = {
    ...disk,
    rename: (from, to) => wait(`${nameOf(from)}>${nameOf(to)}`).then(() => disk.rename(from, to)),
    async open(path, mode) {
      const file = await disk.open(path, mode);
      return { ...file, truncate: (size) => wait(`cut ${size}`).then(() => file.truncate(size)) };
    },
  };
  const segments = new SegmentFiles({ folder: inner, files, log, segmentBytes: () => 1000 });
  const pathOf = (letter: string) => `${inner}/${letter}`;
  return {
    segments,
    hold(claim: (what: string) => boolean) {
      holds = claim;
    },
    release() {
      holds = undefined;
      for (const { go } of held.splice(0)) go();
    },
    held: () => held.map(({ what }) => what).join(" "),
    pathOf,
    async make(letter: string): Promise<Segment> {
      const segment = newSegment(pathOf(letter), 0);
      segment.file = await segments.create(segment);
      await segment.file.write(Buffer.alloc(100, letter), 0, 100, 0);
      segment.end = 100;
      return segment;
    },
    read: (letter: string) => readFileSync(pathOf(letter), "latin1"),
  };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 1));
};

test("the file of a segment that is done with becomes that of the next", async () => {
  const { segments, make, read } = rig();
  const a = await make("a");
  const { file } = a;
  segments.retire(a);
  await turns();
  const b = await make("b");
  assert.equal(b.file, file);
  assert.equal(read("b"), "b".repeat(100));
  await segments.close([b]);
});

test("a segment that is done with while another takes the spare file leaves that one its name", async () => {
  const { segments, make, read, hold, release, held } = rig();
  const [a, b] = [await make("a"), await make("b")];
  segments.retire(a);
  await turns();
  hold((what) => what === "spare>c");
  const making = make("c");
  await turns();
  assert.equal(held(), "spare>c");
  // The disk may do this rename before the one that was asked for first.
  segments.retire(b);
  await turns();
  release();
  const c = await making;
  assert.equal(read("c"), "c".repeat(100));
  await segments.close([c]);
  assert.equal(read("c"), "c".repeat(100));
});

test("a torn end is cut off before the file is written over", async () => {
  const { segments, make, read, hold, release, held } = rig();
  const a = await make("a");
  a.end = 10;
  hold((what) => what === "cut 10");
  segments.cut(a);
  segments.retire(a);
  await turns();
  const making = make("b");
  await turns();
  assert.equal(held(), "cut 10");
  release();
  const b = await making;
  await turns();
  assert.equal(read("b"), "b".repeat(100));
  await segments.close([b]);
});

test("a file that can't be kept is removed", async () => {
  const { segments, make, hold, pathOf } = rig();
  const a = await make("a");
  hold(() => {
    throw new Error("no renames");
  });
  segments.retire(a);
  await turns();
  assert.throws(() => readFileSync(pathOf("a")), { code: "ENOENT" });
  const b = await make("b");
  await segments.close([b]);
});
