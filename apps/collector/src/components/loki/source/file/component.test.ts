import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt } from "../../../../signals/loki/log-lines.ts";
import { component } from "./component.ts";

const fast = 'file_watch {\n min_poll_frequency = "5ms"\n max_poll_frequency = "10ms"\n}\n';

class Collector {
  readonly lines: string[] = [];
  readonly labels = new Set<string>();
  readonly times: bigint[] = [];
  /** Set to refuse what comes. */
  refusal: DeliveryError | undefined;
  holdsReceipts = false;
  readonly held: { settle(): void }[] = [];
  async consume(batch: LogBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    for (let row = 0; row < batch.rows; row++) {
      const { line, labels, seconds, nanos } = lineAt(batch, row);
      this.lines.push(line);
      this.labels.add(labels.text);
      this.times.push(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
    }
    if (this.holdsReceipts && batch.receipt !== undefined) {
      batch.receipt.hold();
      this.held.push(batch.receipt);
    }
  }
  pressure(): DeliveryError | undefined {
    return undefined;
  }
}

function folderOf(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "source-file-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function run(folder: string, text: string, collector = new Collector()) {
  const names = { sink: capsuleOf("loki.LogsReceiver", collector) };
  const decode = (source: string) => decodeText(component, `${source}\nforward_to = [sink]\n${fast}`, names);
  let skippedMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + skippedMs };
  const context = testContext({ id: "loki.source.file.a", clock, dataPath: join(folder, "data") });
  const running = await component.create(context, decode(text));
  await running.start();
  return {
    context,
    collector,
    running,
    skip(ms: number) {
      skippedMs += ms;
    },
    update: (source: string) => running.update(decode(source)),
    async until(isDone: () => boolean, what: string) {
      const end = Date.now() + 20_000;
      while (!isDone()) {
        assert.ok(Date.now() < end, `${what}; ${collector.lines.length} lines came: ${collector.lines.slice(-5).join(" | ")}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async lines(...expected: string[]) {
      await this.until(() => collector.lines.length >= expected.length, `expected ${expected.length} lines`);
      assert.deepEqual(collector.lines, expected);
    },
    stop: (deadline = new AbortController().signal) => Promise.resolve(running.stop(deadline)),
  };
}

function numbered(from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += `line ${i} of the file that is rotated\n`;
  return text;
}

function expectNumbered(lines: readonly string[], to: number): void {
  assert.equal(lines.length, to);
  const numbers = lines.map((line) => Number(line.split(" ")[1])).sort((a, b) => a - b);
  numbers.forEach((number, i) => {
    assert.equal(number, i);
  });
}

test("lines are read from the beginning and as they are appended; a line counts when its end is written", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\ntwo\r\n\nthr");
  const source = await run(folder, `targets = [{ __path__ = "${path}", job = "x", __meta = "y" }]`);
  await source.lines("one", "two", "");
  appendFileSync(path, "ee\n\xff\n", "latin1");
  await source.lines("one", "two", "", "three", "\udcff");
  assert.deepEqual([...source.collector.labels], [`{filename="${path}", job="x"}`]);
  assert.equal(new Set(source.collector.times).size, 5, "times differ");
  assert.equal(source.context.metric("loki_source_file_read_lines_total", { path }), 5);
  assert.equal(source.context.metric("loki_source_file_read_bytes_total", { path }), 18);
  await source.until(() => source.context.metric("loki_source_file_file_bytes_total", { path }) === 18, "the next look at the file");
  assert.equal(source.context.metric("loki_source_file_files_active_total"), 1);
  assert.deepEqual(source.running.debugInfo?.(), { targets_info: [{ path, labels: '{job="x"}', is_running: true, read_offset: 18 }] });
  await source.stop();
});

test("a restart goes on where lines were taken, and no line is twice or missing", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, numbered(0, 100));
  const targets = `targets = [{ __path__ = "${path}" }]`;
  const first = await run(folder, targets);
  await first.until(() => first.collector.lines.length === 100, "100 lines");
  await first.stop();
  appendFileSync(path, numbered(100, 150));
  const second = await run(folder, targets, first.collector);
  await second.until(() => first.collector.lines.length >= 150, "150 lines");
  await second.stop();
  expectNumbered(first.collector.lines, 150);
});

test("a position moves only when the data is settled everywhere", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\n");
  const targets = `targets = [{ __path__ = "${path}" }]`;
  const first = await run(folder, targets);
  first.collector.holdsReceipts = true;
  await first.lines("one");
  appendFileSync(path, "two\n");
  await first.lines("one", "two");
  first.collector.held[1]?.settle();
  await first.stop();
  const second = await run(folder, targets);
  await second.lines("one", "two");
  await second.stop();
});

for (const kind of ["rename", "copytruncate", "delete", "rename and compress", "replace"])
  test(`rotation by ${kind} under load loses and doubles nothing`, async (t) => {
    const folder = folderOf(t);
    const path = join(folder, "app.log");
    writeFileSync(path, "");
    const source = await run(folder, `targets = [{ __path__ = "${path}" }]`);
    let next = 0;
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 5; i++) {
        appendFileSync(path, numbered(next, next + 200));
        next += 200;
        if (i % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
      }
      const rotated = `${path}.${round}`;
      if (kind === "rename") renameSync(path, rotated);
      else if (kind === "copytruncate") {
        // Of what is written and copied away between two looks nobody can know.
        await source.until(() => source.collector.lines.length > next - 1000, "lines of this round");
        copyFileSync(path, rotated);
        truncateSync(path);
      } else if (kind === "rename and compress") {
        await source.until(() => source.collector.lines.length > 0 || round > 0, "the first lines");
        renameSync(path, rotated);
        writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)));
        // The file is open, so that it can be read after it lost its last name.
        unlinkSync(rotated);
      } else {
        await source.until(() => source.collector.lines.length > 0 || round > 0, "the first lines");
        if (kind === "delete") unlinkSync(path);
        else {
          writeFileSync(`${path}.new`, `${readFileSync(path)}`);
          renameSync(`${path}.new`, path);
        }
      }
      if (kind === "delete" || kind === "rename and compress") {
        await source.until(() => source.collector.lines.length === next, `${next} lines`);
        writeFileSync(path, "");
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      if (kind === "copytruncate") await source.until(() => source.collector.lines.length === next, `${next} lines`);
    }
    appendFileSync(path, numbered(next, next + 10));
    await source.until(() => source.collector.lines.length >= next + 10, `${next + 10} lines`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await source.stop();
    expectNumbered(source.collector.lines, next + 10);
  });

for (const kind of ["rename", "copytruncate", "copytruncate twice", "rename twice", "rename twice and remove", "rename behind a link"])
  test(`what was rotated away by ${kind} while nobody read is read all the same`, async (t) => {
    const folder = folderOf(t);
    const file = join(folder, "app.log");
    const path = kind === "rename behind a link" ? join(folder, "links", "app.log") : file;
    const targets = `targets = [{ __path__ = "${path}" }]`;
    writeFileSync(file, numbered(0, 100));
    mkdirSync(join(folder, "links"));
    if (path !== file) symlinkSync(file, path);
    const first = await run(folder, targets);
    await first.until(() => first.collector.lines.length === 100, "100 lines");
    await first.stop();
    const removes = kind === "rename twice and remove";
    if (!removes) appendFileSync(file, numbered(100, 150));
    if (kind.startsWith("copytruncate")) {
      copyFileSync(file, `${file}.1`);
      truncateSync(file);
      appendFileSync(file, numbered(150, 200));
      if (kind === "copytruncate twice") {
        await new Promise((resolve) => setTimeout(resolve, 10));
        renameSync(`${file}.1`, `${file}.2`);
        copyFileSync(file, `${file}.1`);
        truncateSync(file);
      }
    } else renameSync(file, `${file}.1`);
    if (kind.startsWith("rename twice")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      appendFileSync(file, numbered(removes ? 100 : 150, 200));
      if (removes) unlinkSync(`${file}.1`);
      else renameSync(`${file}.1`, `${file}.2`);
      renameSync(file, `${file}.1`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    } else if (kind.startsWith("rename")) appendFileSync(`${file}.1`, numbered(150, 200));
    appendFileSync(file, numbered(200, 210));
    const second = await run(folder, targets, first.collector);
    await second.until(() => first.collector.lines.length >= 210, "210 lines");
    await new Promise((resolve) => setTimeout(resolve, 30));
    await second.stop();
    expectNumbered(first.collector.lines, 210);
  });

test("a file that is being rotated in the moment when files are looked for is read to its end", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "app.log");
  const targets = `targets = [{ __path__ = "${folder}/*.log" }]\nfile_match {\n enabled = true\n sync_period = "20ms"\n}`;
  writeFileSync(path, numbered(0, 100));
  const source = await run(folder, targets);
  for (let round = 1; round <= 3; round++) {
    const next = round * 100;
    await source.until(() => source.collector.lines.length === next, `${next} lines`);
    appendFileSync(path, numbered(next, next + 30));
    renameSync(path, `${path}.${round}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
    // The writer has not noticed.
    appendFileSync(`${path}.${round}`, numbered(next + 30, next + 60));
    writeFileSync(path, numbered(next + 60, next + 100));
  }
  await source.until(() => source.collector.lines.length >= 400, "400 lines");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await source.stop();
  expectNumbered(source.collector.lines, 400);
});

test("a link is followed, also to another file", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "0.log"), "old\n");
  const path = join(folder, "link.log");
  symlinkSync("0.log", path);
  const source = await run(folder, `targets = [{ __path__ = "${path}" }]`);
  await source.lines("old");
  writeFileSync(join(folder, "1.log"), "new\n");
  symlinkSync("1.log", `${path}.tmp`);
  renameSync(`${path}.tmp`, path);
  await source.lines("old", "new");
  await source.stop();
});

test("a file that is not there yet is read when it comes", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "later", "a.log");
  const source = await run(folder, `targets = [{ __path__ = "${path}" }, { __path__ = "${folder}" }]`);
  mkdirSync(join(folder, "later"));
  writeFileSync(path, "here\n");
  await source.lines("here");
  assert.match(JSON.stringify(source.context.logged), /failed to tail file: is directory/);
  await source.stop();
});

test("a huge line is cut and counted, and the next is whole", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, `first\n${"x".repeat(1_000_000)}\n${"y".repeat(10_000_000)}\nlast\n`);
  const source = await run(folder, `targets = [{ __path__ = "${path}" }]`);
  await source.until(() => source.collector.lines.length >= 4, "4 lines");
  assert.deepEqual(
    source.collector.lines.map((line) => `${line.slice(0, 5)} ${line.length}`),
    ["first 5", "xxxxx 1000000", `yyyyy ${4 * 1024 * 1024}`, "last 4"],
  );
  assert.equal(source.context.metric("loki_source_file_cut_lines_total"), 1);
  assert.match(JSON.stringify(source.running.debugInfo?.()), /"read_offset":11000013/);
  await source.stop();
});

test("a consumer that refuses for now pauses the reading, and one that refuses for good has its loss counted", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\n");
  const collector = new Collector();
  collector.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 5 });
  const source = await run(folder, `targets = [{ __path__ = "${path}" }]`, collector);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(collector.lines, []);
  collector.refusal = undefined;
  await source.lines("one");
  collector.refusal = new DeliveryError("never", { retryable: false, reason: "too_old" });
  appendFileSync(path, "two\n");
  await source.until(() => source.context.metric("loki_source_file_dropped_lines_total", { reason: "too_old" }) === 1, "one drop");
  collector.refusal = undefined;
  appendFileSync(path, "three\n");
  await source.lines("one", "three");
  await source.stop();
});

test("stopping ends at the deadline though nobody takes the lines, which are read again after", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\n");
  const collector = new Collector();
  collector.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  const targets = `targets = [{ __path__ = "${path}" }]`;
  const first = await run(folder, targets, collector);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await first.stop(AbortSignal.timeout(20));
  const second = await run(folder, targets);
  await second.lines("one");
  await second.stop();
});

test("with tail_from_end only what comes later is read, from the start of its line", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "old\nhalf");
  const source = await run(folder, `targets = [{ __path__ = "${path}" }]\ntail_from_end = true`);
  await source.until(() => source.context.metric("loki_source_file_files_active_total") === 1, "the file is open");
  appendFileSync(path, " a line\nnew\n");
  await source.lines("half a line", "new");
  await source.stop();
});

test("files of other encodings are read as UTF-8; a byte order mark says which", async (t) => {
  const folder = folderOf(t);
  const cases: [string, Buffer, string][] = [
    ["", Buffer.from("\ufeffä\nb\n"), "ä|b"],
    ["", Buffer.from("\ufeffä\r\n\u0a0a\n", "utf16le"), "ä|\u0a0a"],
    ["", Buffer.from("\ufeffä\n\u0a0a\n", "utf16le").swap16(), "ä|\u0a0a"],
    ["UTF-16", Buffer.from("ä\nb\n", "utf16le").swap16(), "ä|b"],
    ["ISO-8859-1", Buffer.from("ä\nb\n", "latin1"), "ä|b"],
    ["Shift_JIS", Buffer.from([0x83, 0x5c, 0x0a, 0x61, 0x0a]), "ソ|a"],
  ];
  for (const [i, [encoding, bytes, expected]] of cases.entries()) {
    const path = join(folder, `${i}.log`);
    writeFileSync(path, bytes);
    const source = await run(join(folder, `${i}`), `targets = [{ __path__ = "${path}" }]\nencoding = "${encoding}"`);
    await source.until(() => source.collector.lines.length === 2, `2 lines of ${encoding}`);
    assert.equal(source.collector.lines.join("|"), expected);
    await source.stop();
  }
});

test("compressed files are read once, the last line without its end too, and not again after a restart", async (t) => {
  const folder = folderOf(t);
  const content = `${numbered(0, 20_000)}the end`;
  const files: [string, Buffer][] = [
    ["gz", Buffer.concat([gzipSync(content.slice(0, 1000)), gzipSync(content.slice(1000))])],
    ["z", deflateSync(content)],
  ];
  for (const [format, bytes] of files) {
    const path = join(folder, `a.${format}`);
    writeFileSync(path, bytes);
    const text = `targets = [{ __path__ = "${path}" }]\ndecompression {\n enabled = true\n format = "${format}"\n}`;
    const first = await run(join(folder, format), text);
    await first.until(() => first.collector.lines.length >= 20_001, "20001 lines");
    assert.equal(first.collector.lines.at(-1), "the end");
    expectNumbered(first.collector.lines.slice(0, -1), 20_000);
    await first.stop();
    const second = await run(join(folder, format), text);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(second.collector.lines, []);
    await second.stop();
  }
});

test("patterns find files, and those that go are let go", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "1.log"), "one\n");
  writeFileSync(join(folder, "2.log.gz"), "no\n");
  const source = await run(
    folder,
    `targets = [{ __path__ = "${folder}/*.log*", __path_exclude__ = "**/*.gz", job = "x" }]\nfile_match {\n enabled = true\n sync_period = "20ms"\n}`,
  );
  await source.lines("one");
  writeFileSync(join(folder, "3.log"), "three\n");
  await source.lines("one", "three");
  appendFileSync(join(folder, "1.log"), "last without end");
  rmSync(join(folder, "1.log"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  source.skip(20_000);
  await source.lines("one", "three", "last without end");
  await source.until(() => source.context.metric("loki_source_file_files_active_total") === 1, "one file is left");
  await source.stop();
});

test("other labels for the same file go on where the old ones stood", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\n");
  const source = await run(folder, `targets = [{ __path__ = "${path}", pod = "a" }]`);
  await source.lines("one");
  await source.update(`targets = [{ __path__ = "${path}", pod = "b" }]`);
  appendFileSync(path, "two\n");
  await source.lines("one", "two");
  assert.deepEqual([...source.collector.labels], [`{filename="${path}", pod="a"}`, `{filename="${path}", pod="b"}`]);
  appendFileSync(path, "three\n");
  renameSync(path, `${path}.1`);
  await source.update(`targets = [{ __path__ = "${path}", pod = "c" }]`);
  writeFileSync(path, "four\n");
  await source.lines("one", "two", "three", "four");
  await source.update("targets = []");
  await source.update(`targets = [{ __path__ = "${path}", pod = "c" }]`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(source.collector.lines.length, 4, "while a rotated file is read, the current goes on where it stood");
  source.skip(20_000);
  await source.update("targets = []");
  await source.until(() => JSON.stringify(source.running.debugInfo?.()) === '{"targets_info":[]}', "nothing is read");
  await source.update(`targets = [{ __path__ = "${path}", pod = "c" }]`);
  await source.until(() => source.collector.lines.length >= 5, "the file is read anew");
  assert.deepEqual(source.collector.lines.slice(4), ["four"]);
  await source.stop();
});

test("positions of other collectors are taken over", async (t) => {
  const cases: [string, string][] = [
    ["positions:\n  PATH: '4'\n", '\nlegacy_positions_file = "LEGACY"'],
    ["positions:\n  ? path: PATH\n    labels: '{job=\"x\"}'\n  : '4'\n", '\nlegacy_positions_file = "LEGACY"'],
    ["positions:\n  ? path: PATH\n    labels: '{job=\"x\"}'\n  : '4'\n", ""],
  ];
  for (const [legacy, argument] of cases) {
    const folder = folderOf(t);
    const path = join(folder, "a.log");
    writeFileSync(path, "one\ntwo\n");
    const legacyPath = argument === "" ? join(folder, "data", "positions.yml") : join(folder, "legacy.yml");
    mkdirSync(join(folder, "data"));
    writeFileSync(legacyPath, legacy.replace("PATH", path));
    const source = await run(folder, `targets = [{ __path__ = "${path}", job = "x" }]${argument.replace("LEGACY", legacyPath)}`);
    await source.lines("two");
    await source.stop();
  }
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ['encoding = "nonsense"', /unsupported encoding "nonsense"/],
    ['on_positions_file_error = "x"', /on_positions_file_error|"x"/],
    ['file_match {\n sync_period = "0s"\n}', /sync period must be greater than 0/],
    ['decompression {\n enabled = true\n format = "zip"\n}', /zip/],
  ];
  for (const [text, message] of cases)
    assert.match(tryDecodeText(component, `targets = []\nforward_to = []\n${text}`).diagnostics[0]?.message ?? "", message, text);
});
