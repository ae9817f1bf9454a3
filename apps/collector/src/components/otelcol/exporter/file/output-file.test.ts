import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../../../component/clock.ts";
import type { DeliveryError } from "../../../../signals/delivery-error.ts";
import { openOutput } from "./open-file.ts";
import { OutputFile, type OutputFileOptions } from "./output-file.ts";

const root = mkdtempSync(join(tmpdir(), "invar-output-"));
const opened: OutputFile[] = [];
after(async () => {
  for (const output of opened) await output.close();
  rmSync(root, { recursive: true });
});

/** A file on a disk that takes `room` more bytes, and then ends writes in the middle. */
function outputOf(options: Partial<OutputFileOptions> = {}) {
  const clock = new FakeClock();
  const path = options.path ?? join(mkdtempSync(join(root, "f-")), "out.json");
  const disk = { room: Number.POSITIVE_INFINITY, truncates: true };
  const logged: string[] = [];
  const synced: number[] = [];
  const log = (message: string) => void logged.push(message);
  const open: typeof openOutput = async (opening) => {
    const opened = await openOutput(opening);
    const { file } = opened;
    return {
      ...opened,
      file: {
        ...file,
        async write(pieces, position) {
          const bytes = Buffer.concat(pieces);
          if (bytes.length <= disk.room) return file.write(pieces, position);
          await file.write([bytes.subarray(0, disk.room)], position);
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        },
        async truncate(size) {
          if (!disk.truncates) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
          await file.truncate(size);
        },
        sync() {
          synced.push(clock.now());
          return file.sync();
        },
      },
    };
  };
  const around = {
    clock,
    log: { debug: log, info: log, warn: log, error: log },
    open,
    failed: (_: string, thrown: unknown) => log(String(thrown)),
  };
  const output = new OutputFile(around, {
    path,
    framing: "lines",
    discardBeforeMs: undefined,
    folderMode: undefined,
    rotation: undefined,
    syncMs: 1000,
    ...options,
  });
  opened.push(output);
  const write = (text: string) => output.write([Buffer.from(text)]);
  return { output, write, clock, path, disk, logged, synced, text: () => readFileSync(path, "latin1") };
}

const rotation = { maxBytes: 10, maxBackups: 0, maxAgeMs: 0, localtime: false };
const reasonOf = (failing: Promise<void>) =>
  failing.then(
    () => "written",
    (error: DeliveryError) => error.reason,
  );

test("messages that come together are written in order", async () => {
  const { output, write, text } = outputOf();
  await Promise.all(["{1}\n", "{2}\n", "{3}\n"].map(write));
  await output.close();
  assert.equal(text(), "{1}\n{2}\n{3}\n");
});

test("a write that fails in the middle leaves nothing behind, and those after it go on from there", async () => {
  const { write, disk, text } = outputOf();
  await write("{first}\n");
  disk.room = 3;
  assert.equal(await reasonOf(write("{second}\n")), "disk_full");
  assert.equal(text(), "{first}\n");
  disk.room = Number.POSITIVE_INFINITY;
  await write("{3}\n");
  assert.equal(text(), "{first}\n{3}\n");
});

test("where even that fails, the part is removed when the disk answers again", async () => {
  const { write, disk, text } = outputOf();
  await write("{first}\n");
  disk.room = 3;
  disk.truncates = false;
  assert.equal(await reasonOf(write("{second}\n")), "disk_full");
  assert.equal(text(), "{first}\n{se");
  disk.room = Number.POSITIVE_INFINITY;
  disk.truncates = true;
  await write("{3}\n");
  assert.equal(text(), "{first}\n{3}\n");
});

test("a folder that is not there is an error until it is", async () => {
  const folder = join(mkdtempSync(join(root, "f-")), "later");
  const { write, text } = outputOf({ path: join(folder, "x") });
  assert.equal(await reasonOf(write("{1}\n")), "file_error");
  mkdirSync(folder);
  await write("{2}\n");
  assert.equal(text(), "{2}\n");
});

test("a file that was moved away or removed with its folder is made anew", async () => {
  const folder = join(mkdtempSync(join(root, "f-")), "logs");
  const { write, clock, path, text } = outputOf({ path: join(folder, "x"), folderMode: 0o700 });
  await write("{1}\n");
  renameSync(path, `${path}.1`);
  await clock.advance(1000);
  await write("{2}\n");
  assert.equal(text(), "{2}\n");
  assert.equal(readFileSync(`${path}.1`, "latin1"), "{1}\n");
  rmSync(folder, { recursive: true });
  await clock.advance(1000);
  await write("{3}\n");
  assert.equal(text(), "{3}\n");
});

test("what was written is forced to the disk after a while, once, and at the end", async () => {
  const { output, write, clock, synced } = outputOf();
  await write("{1}\n");
  await write("{2}\n");
  assert.equal(synced.length, 0);
  await clock.advance(5000);
  assert.equal(synced.length, 1);
  await write("{3}\n");
  await output.close();
  assert.equal(synced.length, 2);
});

test("a full file is moved aside, and no message is divided", async () => {
  const { output, write, path } = outputOf({ rotation });
  await Promise.all(["{aaaa}\n", "{bb}\n", "{c}\n", "{larger than a file}\n", "{d}\n"].map(write));
  await output.close();
  const folder = join(path, "..");
  const backups = readdirSync(folder).filter((name) => name.includes("size"));
  assert.deepEqual(
    [...backups.map((name) => join(folder, name)), path].map((name) => readFileSync(name, "latin1")),
    ["{aaaa}\n", "{bb}\n{c}\n", "{larger than a file}\n", "{d}\n"],
  );
});

test("old backups go when a file is moved aside, and by age without that", async () => {
  const { output, write, clock, path } = outputOf({ rotation: { ...rotation, maxBackups: 2, maxAgeMs: 3 * 3600_000 } });
  const backups = () => readdirSync(join(path, "..")).filter((name) => name.includes("size")).length;
  for (const text of ["{aaaaaa}\n", "{bbbbbb}\n", "{cccccc}\n", "{dddddd}\n"]) await write(text);
  await output.update({ rotation: { ...rotation, maxBackups: 2, maxAgeMs: 3 * 3600_000 }, syncMs: 1000, folderMode: undefined });
  await write("");
  await output.close();
  assert.equal(backups(), 2);
  await clock.advance(4 * 3600_000);
  await write("");
  await output.close();
  assert.equal(backups(), 0);
});

for (const [what, framing, before, after_, cut] of [
  ["a line that was cut short", "lines", "{1}\n{2", "{1}\n{9}\n", true],
  ["a first line that was cut short", "lines", '{"resour', "{9}\n", true],
  ["whole lines", "lines", "{1}\n{2}\n", "{1}\n{2}\n{9}\n", false],
  ["whole messages", "lengths", "\0\0\0\u0001a\0\0\0\0", "\0\0\0\u0001a\0\0\0\0{9}\n", false],
  ["a message that was cut short", "lengths", "\0\0\0\u0001a\0\0\0\u0005bcd", "\0\0\0\u0001a{9}\n", true],
  ["a length that was cut short", "lengths", "\0\0\0\u0001a\0\0", "\0\0\0\u0001a{9}\n", true],
] as const)
  test(`goes on behind ${what}`, async () => {
    const { output, write, path, text, logged } = outputOf({ framing });
    writeFileSync(path, before, "latin1");
    await write("{9}\n");
    await output.close();
    assert.equal(text(), after_);
    assert.equal(
      logged.some((message) => /never finished/.test(message)),
      cut,
    );
  });

for (const [framing, content] of [
  ["lines", "hello"],
  ["lengths", '{"resourceLogs":[]}\n'],
] as const)
  test(`does not touch a file that holds something else (${framing})`, async () => {
    const { write, path, text } = outputOf({ framing });
    writeFileSync(path, content);
    assert.match(await write("{9}\n").then(() => "", String), /it holds something else than/);
    assert.equal(text(), content);
  });

test("what is older than the beginning is removed, once", async () => {
  const { output, write, path, text } = outputOf({ discardBeforeMs: Number.POSITIVE_INFINITY });
  writeFileSync(path, "{old}\n");
  await write("{1}\n");
  await output.close();
  await write("{2}\n");
  await output.close();
  assert.equal(text(), "{1}\n{2}\n");
});

test("whatever fails when, the file holds exactly the messages that were acknowledged", async () => {
  const step = fc.record({
    size: fc.integer({ min: 1, max: 9 }),
    room: fc.option(fc.integer({ min: 0, max: 12 })),
    truncates: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { output, write, disk, text } = outputOf();
      let expected = "";
      for (const [i, { size, room, truncates }] of steps.entries()) {
        disk.room = room ?? Number.POSITIVE_INFINITY;
        disk.truncates = truncates;
        const lines = [`{${String(i).repeat(size)}}\n`, `{${i}}\n`];
        const outcomes = await Promise.allSettled(lines.map(write));
        expected += lines.filter((_, at) => outcomes[at]?.status === "fulfilled").join("");
      }
      disk.room = Number.POSITIVE_INFINITY;
      disk.truncates = true;
      await write("{end}\n");
      await output.close();
      assert.equal(text(), `${expected}{end}\n`);
    }),
    { numRuns: 40 },
  );
});

test("pipes and devices are written in order, and their errors told", async () => {
  const full = outputOf({ path: "/dev/full" });
  assert.equal(await reasonOf(full.write("{1}\n")), "disk_full");
  const nowhere = outputOf({ path: "/dev/null", rotation });
  for (let i = 0; i < 5; i++) await nowhere.write("{a line}\n");
  await nowhere.output.close();
  assert.ok(existsSync("/dev/null"));
});
