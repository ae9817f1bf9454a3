import assert from "node:assert/strict";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../../../tests/fuzz-time.ts";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { compileRules } from "../../../../relabel/rules.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt } from "../../../../signals/loki/log-lines.ts";
import { decompressLz4Block } from "../../../../transport/compression/lz4.ts";
import { component } from "./component.ts";
import { JournalFile } from "./journal-file.ts";

/** The entries begin then, one a millisecond. */
const START_MS = 1_700_000_000_000;
const files = Object.fromEntries(
  ["regular", "compact", "b"].map((name) => [name, gunzipSync(readFileSync(join(import.meta.dirname, `cases/${name}.journal.gz`)))]),
) as Record<"regular" | "compact" | "b", Buffer>;

class Sink implements Consumer<LogBatch> {
  readonly lines: { labels: string; line: string; ms: number }[] = [];
  refuses = false;
  /** Batches whose receipts are not settled yet. */
  held: LogBatch[] | undefined;
  pressure() {
    return this.refuses ? new DeliveryError("full", { retryable: true, reason: "queue_full" }) : undefined;
  }
  async consume(batch: LogBatch) {
    for (let row = 0; row < batch.rows; row++) {
      const { labels, line, seconds, nanos } = lineAt(batch, row);
      this.lines.push({ labels: labels.text, line, ms: seconds * 1000 + nanos / 1e6 });
    }
    if (this.held === undefined) return;
    batch.receipt?.hold();
    this.held.push(batch);
  }
  get numbers(): number[] {
    return this.lines.map(({ line }) => Number(/^(?:line|{.*"MESSAGE":"line) (\d+)/.exec(line)?.[1] ?? -1));
  }
}

function folderOf(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "invar-journal-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function until(clock: FakeClock, condition: () => boolean) {
  for (let i = 0; i < 300 && !condition(); i++) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(condition(), "it did not come to that");
}

async function run(t: { after(fn: () => Promise<void>): void }, path: string, more = "", dataPath?: string, sink = new Sink()) {
  const clock = new FakeClock(START_MS + 60_000);
  const context = testContext({ clock, id: "loki.source.journal.j", ...(dataPath !== undefined && { dataPath }) });
  const rules = compileRules([
    {
      action: "labelmap",
      source_labels: ["__name__"],
      regex: "__journal_(_comm|priority_keyword)",
      separator: ";",
      target_label: "",
      replacement: "$1",
      modulus: 0,
    },
  ]);
  const decode = (text: string) =>
    decodeText(component, `forward_to = [sink]\npath = "${path}"\n${text.includes("max_age") ? "" : 'max_age = "1h"'}\n${text}`, {
      sink: capsuleOf("loki.LogsReceiver", sink),
      rules: capsuleOf("relabel.Rules", rules),
    });
  const source = await component.create(context, decode(more));
  await source.start();
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await source.stop(AbortSignal.timeout(1000));
    isStopped = true;
  };
  t.after(stop);
  return { sink, clock, context, stop, update: async (text: string) => source.update(decode(text)), info: () => source.debugInfo?.() };
}

const all = Array.from({ length: 300 }, (_, i) => i);
/** Entry 5 has two lines, entry 6 no message. */
const messages = all.filter((i) => i !== 5 && i !== 6);

for (const kind of ["regular", "compact"] as const)
  test(`reads a ${kind} file whole, with its times and labels`, async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, "system.journal"), files[kind]);
    const { sink, clock, context } = await run(t, folder, "relabel_rules = rules");
    await until(clock, () => sink.lines.length === 299);
    assert.deepEqual(
      sink.numbers.filter((i) => i >= 0),
      messages,
    );
    assert.deepEqual(sink.lines[0], {
      labels: '{_comm="prog", job="loki.source.journal.j", priority_keyword="emerg"}',
      line: "line 0 of a",
      ms: START_MS,
    });
    assert.deepEqual([sink.lines[5]?.line, sink.lines[298]?.ms], ["two\nlines", START_MS + 299]);
    assert.equal(context.metric("loki_source_journal_target_lines_total"), 299);
    assert.equal(context.metric("loki_source_journal_target_parsing_errors_total", { error: "no_message" }), 1);
  });

test("unpacks long fields, and writes whole entries as JSON", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "system.journal"), files.compact);
  const { sink, clock } = await run(t, folder, "format_as_json = true");
  await until(clock, () => sink.lines.length === 300);
  const entry = JSON.parse(sink.lines[17]?.line ?? "") as Record<string, string>;
  assert.equal(entry.LONG, "long text 17 ".repeat(200));
  assert.deepEqual(Object.keys(entry), ["LONG", "MESSAGE", "PRIORITY", "_BOOT_ID", "_COMM", "_MACHINE_ID", "_SYSTEMD_UNIT", "_TRANSPORT"]);
  assert.equal(JSON.parse(sink.lines[6]?.line ?? "").PRIORITY, "6");
});

test("reads several files in the order of time, also those of machines within the folder", async (t) => {
  const folder = folderOf(t);
  const machine = join(folder, "fedcba9876543210fedcba9876543210");
  mkdirSync(machine);
  writeFileSync(join(folder, "a.journal"), files.regular);
  writeFileSync(join(machine, "user-1000.journal"), files.b);
  const { sink, clock } = await run(t, folder);
  await until(clock, () => sink.lines.length === 299 + 19);
  const times = sink.lines.map(({ ms }) => ms);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
});

for (const [matches, expected] of [
  ["_SYSTEMD_UNIT=unit-1.service", messages.filter((i) => i % 3 === 1)],
  ["_SYSTEMD_UNIT=unit-1.service PRIORITY=3", messages.filter((i) => i % 3 === 1 && i % 8 === 3)],
  ["PRIORITY=3 PRIORITY=4", messages.filter((i) => i % 8 === 3 || i % 8 === 4)],
  ["PRIORITY=9", []],
] as const)
  test(`only entries with ${matches}`, async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, "system.journal"), files.regular);
    const { sink, clock, info } = await run(t, folder, `matches = "${matches}"`);
    await until(clock, () => /i=12c/.test((info() as { cursor: string }).cursor));
    assert.deepEqual(
      sink.numbers.filter((i) => i >= 0),
      expected,
    );
  });

test("begins as far back as max_age says", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "system.journal"), files.regular);
  const { sink, clock } = await run(t, folder, 'max_age = "59800ms"');
  await until(clock, () => sink.numbers.at(-1) === 299);
  assert.equal(sink.numbers[0], 200);
});

/** A real file as it was when it had only so many entries. */
function earlier(entries: number): Buffer {
  const bytes = Buffer.from(files.regular);
  bytes.writeBigUInt64LE(BigInt(entries), 152);
  return bytes;
}

function grow(path: string, entries: number): void {
  const fd = openSync(path, "r+");
  writeSync(fd, earlier(entries), 152, 8, 152);
  closeSync(fd);
}

test("follows a file while it grows, is renamed and followed by another, and is deleted", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "system.journal");
  writeFileSync(path, earlier(100));
  const { sink, clock, info } = await run(t, folder);
  await until(clock, () => sink.lines.length === 99);
  grow(path, 200);
  await until(clock, () => sink.lines.length === 199);
  const archived = join(folder, "system@0000000000000001-0000000000000002.journal");
  renameSync(path, archived);
  grow(archived, 300);
  writeFileSync(path, files.b);
  await until(clock, () => sink.numbers.at(-1) === 299);
  rmSync(archived);
  await until(clock, () => (info() as { files: unknown[] }).files.length === 1);
  assert.deepEqual(
    sink.numbers.filter((i) => i >= 0).filter((i, at, list) => list.indexOf(i) === at),
    messages,
  );
});

test("goes on where it stopped, to the entry", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  const path = join(folder, "system.journal");
  writeFileSync(path, earlier(120));
  const first = await run(t, folder, "", dataPath);
  await until(first.clock, () => first.sink.lines.length === 119);
  await first.stop();
  grow(path, 300);
  const second = await run(t, folder, "", dataPath);
  await until(second.clock, () => second.sink.lines.length === 180);
  assert.deepEqual(
    [...first.sink.numbers, ...second.sink.numbers].filter((i) => i >= 0),
    messages,
  );
});

test("the position does not move before destinations have the lines", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  writeFileSync(join(folder, "system.journal"), files.regular);
  const sink = new Sink();
  sink.held = [];
  const first = await run(t, folder, "", dataPath, sink);
  await until(first.clock, () => sink.lines.length === 299);
  await first.stop();
  const second = await run(t, folder, "", dataPath);
  await until(second.clock, () => second.sink.lines.length === 299);
});

test("waits while nobody takes lines, and loses none", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "system.journal"), files.regular);
  const sink = new Sink();
  sink.refuses = true;
  const { clock } = await run(t, folder, "", undefined, sink);
  await clock.advance(2000);
  assert.equal(sink.lines.length, 0);
  sink.refuses = false;
  await until(clock, () => sink.lines.length === 299);
});

test("takes over the cursor of another collector", async (t) => {
  const [folder, legacy] = [folderOf(t), folderOf(t)];
  writeFileSync(join(folder, "system.journal"), files.regular);
  const file = new JournalFile(join(folder, "system.journal"));
  const cursor = file.cursor(file.head(249));
  file.close();
  writeFileSync(join(legacy, "p.yml"), `positions:\n  cursor-node: "${cursor}"\n`);
  const { sink, clock } = await run(t, folder, `legacy_position {\nfile = "${legacy}/p.yml"\nname = "node"\n}`);
  await until(clock, () => sink.numbers.at(-1) === 299);
  assert.equal(sink.numbers[0], 250);
  assert.match(cursor, /^s=[0-9a-f]{32};i=fa;b=0123456789abcdef0123456789abcdef;m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+$/);
});

test("a folder that is not there makes it unhealthy until it comes", async (t) => {
  const folder = folderOf(t);
  const { sink, clock, context } = await run(t, join(folder, "late"));
  await until(clock, () => context.healthReports.at(-1)?.state === "unhealthy");
  assert.match(context.healthReports.at(-1)?.message ?? "", /^error creating journal tailer: ENOENT/);
  mkdirSync(join(folder, "late"));
  writeFileSync(join(folder, "late/system.journal"), files.regular);
  await until(clock, () => sink.lines.length === 299);
  assert.equal(context.healthReports.at(-1)?.state, "healthy");
});

test("files that are no journals are left out, and named", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "bad.journal"), "not a journal");
  writeFileSync(join(folder, "good.journal"), files.b);
  const { sink, clock, context } = await run(t, folder);
  await until(clock, () => sink.lines.length === 19);
  assert.equal(context.logged.filter(({ message }) => message === "a journal file can't be read").length, 1);
});

test("any damage of a file is noticed and harms nothing else", (t) => {
  const path = join(folderOf(t), "x.journal");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(400_000), fc.nat(255)), { minLength: 1, maxLength: 200 }), (changes) => {
      const bytes = Buffer.from(files.b.subarray(0, 400_000));
      for (const [at, byte] of changes) bytes[at] = byte;
      writeFileSync(path, bytes);
      let file: JournalFile | undefined;
      try {
        file = new JournalFile(path);
        for (let i = 0; i < Math.min(file.count, 50); i++)
          file.fields(
            file.head(i),
            () => {},
            () => {},
          );
      } catch (error) {
        if (!(error instanceof MalformedInput)) throw error;
      } finally {
        file?.close();
      }
    }),
    fuzzParameters(),
  );
});

test("unpacks blocks of LZ4 without a frame", () => {
  // "ab", then a match of 8 bytes two bytes back, then "c".
  assert.equal(Buffer.from(decompressLz4Block(Uint8Array.of(0x24, 0x61, 0x62, 2, 0, 0x10, 0x63), 100)).toString(), "ababababab" + "c");
});

for (const [matches, message] of [
  ["_SYSTEMD_UNIT", /Error parsing journal reader 'matches' configuration value/],
  ["A=b=c", /must be FIELD=VALUE/],
  ["a=b", /is no field of journals/],
] as const)
  test(`refuses matches = "${matches}"`, () => {
    const { diagnostics } = tryDecodeText(component, `forward_to = []\nmatches = "${matches}"`);
    assert.match(diagnostics.map((each) => each.message).join("; "), message);
  });
