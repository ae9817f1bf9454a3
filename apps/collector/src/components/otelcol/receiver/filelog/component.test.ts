import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { decodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

interface Cleaner {
  after(fn: () => void | Promise<void>): void;
}

function folderOf(t: Cleaner): string {
  const folder = mkdtempSync(join(tmpdir(), "invar-filelog-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const lists = (value: unknown): Plain[] => (value ?? []) as Plain[];

/** Each record as its body, attributes and resource. */
function records(batches: readonly OtlpBatch[]) {
  return batches.flatMap((batch) =>
    lists(decodeRequest("logs", batch.chunks).resourceLogs).flatMap((resource) =>
      lists(resource.scopeLogs).flatMap((scope) =>
        lists(scope.logRecords).map((record) => ({
          body: (record.body as Plain | undefined)?.stringValue,
          attributes: plainAttributes(record.attributes),
          resource: plainAttributes((resource.resource as Plain | undefined)?.attributes),
          time: record.timeUnixNano,
          severity: record.severityNumber,
        })),
      ),
    ),
  );
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), "not within the time");
}

async function run(t: Cleaner, text: string, dataPath?: string, sink = new TestSink()) {
  const context = testContext({ clock: systemClock, id: "otelcol.receiver.filelog.a", ...(dataPath !== undefined && { dataPath }) });
  const decode = (inside: string) =>
    decodeText(component, `poll_interval = "20ms"\n${inside}\noutput {\nlogs = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const receiver = await component.create(context, decode(text));
  await receiver.start();
  let isStopped = false;
  const stop = async (deadline = AbortSignal.timeout(2000)) => {
    if (!isStopped) await receiver.stop(deadline);
    isStopped = true;
  };
  t.after(() => stop());
  const bodies = () => records(sink.batches).map(({ body }) => body);
  return {
    context,
    sink,
    stop,
    bodies,
    all: () => records(sink.batches),
    update: async (inside: string) => receiver.update(decode(inside)),
  };
}

const include = (folder: string, pattern = "*.log") => `include = ["${folder}/${pattern}"]\n`;
const fromStart = 'start_at = "beginning"\n';

test("reads files from their beginning, and what is written to them", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "one\n  two  \n\nthree\n");
  const { bodies, all, context } = await run(t, `${include(folder)}${fromStart}`);
  await until(() => bodies().length === 3);
  appendFileSync(join(folder, "a.log"), "four\n");
  await until(() => bodies().length === 4);
  assert.deepEqual(bodies(), ["one", "two", "three", "four"]);
  assert.deepEqual(all()[0]?.attributes, { "log.file.name": "a.log" });
  assert.equal(context.metric("otelcol_receiver_accepted_log_records_total"), 4);
  assert.equal(context.metric("otelcol_fileconsumer_open_files"), 1);
});

test("from the end only files that are there at the start: later ones are read whole", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "old\n");
  const { bodies, context } = await run(t, include(folder));
  await until(() => context.metric("otelcol_fileconsumer_open_files") === 1);
  appendFileSync(join(folder, "a.log"), "new\n");
  await until(() => bodies().length === 1);
  writeFileSync(join(folder, "b.log"), "first\n");
  await until(() => bodies().length === 2);
  assert.deepEqual(bodies(), ["new", "first"]);
});

test("leaves out what is excluded", async (t) => {
  const folder = folderOf(t);
  for (const name of ["a.log", "b.log", "c.log"]) writeFileSync(join(folder, name), `${name}\n`);
  const { bodies } = await run(t, `${include(folder)}exclude = ["${folder}/b*"]\n${fromStart}`);
  await until(() => bodies().length === 2);
  assert.deepEqual(bodies().sort(), ["a.log", "c.log"]);
});

test("goes on after a restart where it stood, through a rotation meanwhile, to the line", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  const path = join(folder, "a.log");
  writeFileSync(path, Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join(""));
  const first = await run(t, `${include(folder)}${fromStart}`, dataPath);
  await until(() => first.bodies().length === 500);
  await first.stop();
  appendFileSync(path, Array.from({ length: 100 }, (_, i) => `line ${500 + i}\n`).join(""));
  renameSync(path, `${path}.1`);
  writeFileSync(path, Array.from({ length: 100 }, (_, i) => `line ${600 + i}\n`).join(""));
  const second = await run(t, `${include(folder, "*.log*")}${fromStart}`, dataPath);
  await until(() => second.bodies().length >= 200);
  await second.stop();
  assert.deepEqual([...first.bodies(), ...second.bodies()].sort(), Array.from({ length: 700 }, (_, i) => `line ${i}`).sort());
});

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");

/** How a file of 100 lines is rotated while it is read, and 100 more come before and behind. */
const rotations: Readonly<Record<string, (path: string) => void>> = {
  "by renaming it": (path) => {
    appendFileSync(path, numbered(100, 200));
    renameSync(path, `${path}.1`);
    writeFileSync(path, numbered(200, 300));
  },
  "by renaming it, while its writer goes on with the old one": (path) => {
    const file = openSync(path, "a");
    renameSync(path, `${path}.1`);
    writeFileSync(path, numbered(200, 300));
    writeSync(file, numbered(100, 200));
    closeSync(file);
  },
  "by copying it away and cutting it": (path) => {
    appendFileSync(path, numbered(100, 200));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, numbered(200, 300));
  },
  "by packing it after it was renamed": (path) => {
    appendFileSync(path, numbered(100, 200));
    renameSync(path, `${path}.1`);
    writeFileSync(path, numbered(200, 300));
    setTimeout(() => {
      writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
      unlinkSync(`${path}.1`);
    }, 100);
  },
};
for (const [how, rotate] of Object.entries(rotations))
  for (const pattern of ["a.log", "a.log*"])
    test(`reads a file to its end that is rotated ${how}, with the pattern ${pattern}`, async (t) => {
      const folder = folderOf(t);
      const path = join(folder, "a.log");
      writeFileSync(path, numbered(0, 100));
      const { bodies } = await run(t, `${include(folder, pattern)}${fromStart}compression = "auto"`, folderOf(t));
      await until(() => bodies().length === 100);
      rotate(path);
      await until(() => bodies().length >= 300);
      // A later look would bring what is read twice; a new file is seen within two seconds.
      await new Promise((resolve) => setTimeout(resolve, how.includes("packing") ? 2500 : 300));
      assert.deepEqual(bodies().sort(), numbered(0, 300).trimEnd().split("\n").sort());
    });

test("goes on in the packed file where it stood in the same file before a restart", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  const path = join(folder, "a.log");
  writeFileSync(path, numbered(0, 100));
  const text = `${include(folder, "a.log*")}${fromStart}compression = "auto"`;
  const first = await run(t, text, dataPath);
  await until(() => first.bodies().length === 100);
  await first.stop();
  appendFileSync(path, numbered(100, 200));
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  unlinkSync(path);
  writeFileSync(path, numbered(200, 300));
  const second = await run(t, text, dataPath);
  await until(() => second.bodies().length >= 200);
  await second.stop();
  assert.deepEqual([...first.bodies(), ...second.bodies()].sort(), numbered(0, 300).trimEnd().split("\n").sort());
});

test("waits while nobody takes entries, and loses none", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "one\ntwo\n");
  const sink = new TestSink();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  const { bodies } = await run(t, `${include(folder)}${fromStart}`, undefined, sink);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(bodies().length, 0);
  sink.refusal = undefined;
  await until(() => bodies().length === 2);
});

test("what nobody takes before the end is read again", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  writeFileSync(join(folder, "a.log"), "one\ntwo\n");
  const sink = new TestSink();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  const first = await run(t, `${include(folder)}${fromStart}`, dataPath, sink);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await first.stop(AbortSignal.abort());
  const second = await run(t, `${include(folder)}${fromStart}`, dataPath);
  await until(() => second.bodies().length === 2);
});

test("gives entries up after max_elapsed_time where that is enabled, and counts them", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "one\ntwo\n");
  const sink = new TestSink();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  const retry = 'retry_on_failure {\nenabled = true\ninitial_interval = "5ms"\nmax_interval = "5ms"\nmax_elapsed_time = "30ms"\n}';
  const { context } = await run(t, `${include(folder)}${fromStart}${retry}`, undefined, sink);
  await until(() => context.metric("invar_filelog_dropped_entries_total", { reason: "retries_exhausted" }) === 2);
});

test("reads Kubernetes container logs: joins parts, finds the pod, keeps the runtime's time", async (t) => {
  const folder = folderOf(t);
  const pod = join(folder, "shop_web-1_0a1b-2c/app");
  mkdirSync(pod, { recursive: true });
  writeFileSync(
    join(pod, "3.log"),
    "2024-01-02T03:04:05.000000006Z stdout P first half, \n2024-01-02T03:04:05.5Z stdout F second half\n2024-01-02T03:04:06Z stderr F alone\nno container line\n".replace(
      " \n",
      " \n",
    ),
  );
  const operators = 'operators = [{ type = "container", add_metadata_from_filepath = true, on_error = "drop" }]\n';
  const { all, context } = await run(
    t,
    `${include(folder, "*/*/*.log")}${fromStart}${operators}include_file_path = true\ninclude_file_name = false\npreserve_trailing_whitespaces = true`,
  );
  await until(() => all().length === 2);
  assert.deepEqual(all()[0], {
    body: "first half, second half",
    attributes: { "log.file.path": join(pod, "3.log"), logtag: "P", "log.iostream": "stdout" },
    resource: {
      "k8s.container.name": "app",
      "k8s.namespace.name": "shop",
      "k8s.pod.name": "web-1",
      "k8s.container.restart_count": "3",
      "k8s.pod.uid": "0a1b-2c",
    },
    time: "1704164645000000006",
    severity: undefined,
  });
  assert.equal(all()[1]?.body, "alone");
  await until(() => context.metric("invar_filelog_dropped_entries_total", { reason: "operator_error" }) === 1);
});

test("the position waits for lines that an operator keeps", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  writeFileSync(join(folder, "a.log"), "begin 1\nmore\n");
  const operators = 'operators = [{ type = "recombine", combine_field = "body", is_first_entry = "body startsWith \'begin\'" }]\n';
  const first = await run(t, `${include(folder)}${fromStart}${operators}`, dataPath);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(first.bodies(), []);
  await first.stop(AbortSignal.abort());
  const second = await run(t, `${include(folder)}${fromStart}${operators}`, dataPath);
  appendFileSync(join(folder, "a.log"), "begin 2\n");
  await until(() => second.bodies().length === 1);
  await second.stop();
  assert.deepEqual(second.bodies(), ["begin 1\nmore", "begin 2"]);
});

for (const [title, block, expected] of [
  ["begin", 'line_start_pattern = "^\\\\["', ["[1] a\n b", "[2] c\nd"]],
  ["begin, without what matches", 'line_start_pattern = "^\\\\[[0-9]\\\\] "\nomit_pattern = true', ["a\n b", "c\nd"]],
  ["end", 'line_end_pattern = "[bd]$"', ["[1] a\n b", "[2] c\nd"]],
] as const)
  test(`makes entries of several lines by how they ${title}`, async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, "a.log"), "[1] a\n b\n[2] c\nd\n");
    const { bodies } = await run(t, `${include(folder)}${fromStart}force_flush_period = "50ms"\nmultiline {\n${block}\n}`);
    await until(() => bodies().length === 2);
    assert.deepEqual(bodies(), expected);
  });

test("divides long lines", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "aaaaüüüü\n");
  const { bodies } = await run(t, `${include(folder)}${fromStart}max_log_size = 5`);
  await until(() => bodies().length === 3);
  assert.deepEqual(bodies(), ["aaaa", "üü", "üü"]);
});

test("gives attributes and resource to entries, with expressions, and what is told of the file", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "real.txt"), "x\n");
  symlinkSync(join(folder, "real.txt"), join(folder, "a.log"));
  process.env.INVAR_FILELOG_TEST = "set";
  t.after(() => void delete process.env.INVAR_FILELOG_TEST);
  const { all } = await run(
    t,
    `${include(folder)}${fromStart}attributes = { upper = "is-EXPR(upper(body))!" }\nresource = { env = "EXPR(env('INVAR_FILELOG_TEST'))" }
    include_file_path = true\ninclude_file_name_resolved = true\ninclude_file_path_resolved = true\ninclude_file_record_number = true\ninclude_file_permissions = true`,
  );
  await until(() => all().length === 1);
  const { "log.file.permissions": permissions, ...attributes } = all()[0]?.attributes ?? {};
  assert.match(String(permissions), /^[0-7]{3}$/);
  assert.deepEqual(attributes, {
    "log.file.name": "a.log",
    "log.file.path": join(folder, "a.log"),
    "log.file.name_resolved": "real.txt",
    "log.file.path_resolved": join(folder, "real.txt"),
    "log.file.record_number": 1,
    upper: "is-X!",
  });
  assert.deepEqual(all()[0]?.resource, { env: "set" });
});

test("reads compressed files beside others", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), gzipSync("packed\n"));
  writeFileSync(join(folder, "b.log"), "plain\n");
  const { bodies } = await run(t, `${include(folder)}${fromStart}compression = "auto"`);
  await until(() => bodies().length === 2);
  assert.deepEqual(bodies().sort(), ["packed", "plain"]);
});

test("reads other encodings", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), Buffer.from("grüße\nwelt\n", "utf16le"));
  const { bodies } = await run(t, `${include(folder)}${fromStart}encoding = "utf-16le"`);
  await until(() => bodies().length === 2);
  assert.deepEqual(bodies(), ["grüße", "welt"]);
});

test("a header tells about all entries of its file, also after a restart", async (t) => {
  const [folder, dataPath] = [folderOf(t), folderOf(t)];
  const path = join(folder, "a.log");
  writeFileSync(path, "#env=prod\n#zone=eu\none\n");
  const header =
    'header {\npattern = "^#"\nmetadata_operators = [{ type = "regex_parser", regex = "^#(?P<key>[a-z]+)=(?P<value>.*)$" }]\n}';
  const first = await run(t, `${include(folder)}${fromStart}${header}`, dataPath);
  await until(() => first.bodies().length === 1);
  await first.stop();
  appendFileSync(path, "two\n");
  const second = await run(t, `${include(folder)}${fromStart}${header}`, dataPath);
  await until(() => second.bodies().length === 1);
  for (const { all } of [first, second]) assert.deepEqual(all()[0]?.attributes, { "log.file.name": "a.log", key: "zone", value: "eu" });
});

test("reads only the first files of each group after sorting", async (t) => {
  const folder = folderOf(t);
  for (const name of ["x-1.log", "x-10.log", "x-9.log", "y-3.log", "y-2.log", "other.log"]) writeFileSync(join(folder, name), `${name}\n`);
  const ordering = (sort: string) => `ordering_criteria {\nregex = "-(?P<n>[0-9]+)\\\\.log"\ngroup_by = "/([xy])-"\n${sort}\n}`;
  const { bodies } = await run(t, `${include(folder)}${fromStart}${ordering('sort_by {\nsort_type = "numeric"\nregex_key = "n"\n}')}`);
  await until(() => bodies().length === 2);
  assert.deepEqual(bodies().sort(), ["x-10.log", "y-3.log"]);
});

test("deletes files that were read, once their entries are taken", async (t) => {
  const folder = folderOf(t);
  const path = join(folder, "a.log");
  writeFileSync(path, "one\n");
  const { bodies } = await run(t, `${include(folder)}${fromStart}delete_after_read = true`);
  await until(() => !existsSync(path));
  assert.deepEqual(bodies(), ["one"]);
});

test("an update takes other operators", async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, "a.log"), "one\n");
  const { all, bodies, update } = await run(t, `${include(folder)}${fromStart}`);
  await until(() => bodies().length === 1);
  await update(`${include(folder)}${fromStart}operators = [{ type = "add", field = "attributes.new", value = "yes" }]`);
  appendFileSync(join(folder, "a.log"), "two\n");
  await until(() => bodies().length === 2);
  assert.deepEqual(all()[1]?.attributes, { "log.file.name": "a.log", new: "yes" });
});

for (const [text, message] of [
  ['operators = [{ type = "regex_parser" }]', /missing required argument regex/],
  ['operators = [{ type = "regex_parser", regex = "a(b" }]', /missing closing \)/],
  ['operators = [{ type = "nonsense" }]', /unsupported type 'nonsense'/],
  ['operators = [{ type = "syslog_parser" }]', /missing field 'protocol'/],
  ['operators = [{ type = "file_input" }]', /file_input is an input/],
  ['operators = [{ type = "noop", colour = "red" }]', /unknown argument colour/],
  ['operators = [{ type = "noop", output = "else" }]', /output else is no operator/],
  ['operators = [{ type = "noop", id = "a", output = "a" }]', /in a circle: a, a/],
  ['operators = [{ type = "noop", if = "body **" }]', /expected a value at character 8/],
  ['operators = [{ type = "noop", if = "all(body)" }]', /all needs a condition/],
  ['operators = [{ type = "noop", if = "now() == body" }]', /function now is not available: expressions know no times/],
  ['operators = [{ type = "noop", if = "upper(body, 1)" }]', /invalid number of arguments for upper \(expected 1, got 2\)/],
  ['operators = [{ type = "noop", if = "# > 1" }]', /expected a value at character 1/],
  ['operators = [{ type = "noop", if = "body ?? 1 + 2" }]', /can't be mixed/],
  ['operators = [{ type = "noop", if = "let body = 1; body" }]', /cannot redeclare body/],
  ['start_at = "end"\ndelete_after_read = true', /cannot be used with 'start_at = end'/],
  ['encoding = "nop"', /nop.*is not available/],
  ['encoding = "klingon"', /unsupported encoding 'klingon'/],
  ["acquire_fs_lock = true", /files can't be locked/],
  ['max_log_size = "8MiB"', /from 1 byte to 4MiB/],
  ["multiline { }", /either line_start_pattern or line_end_pattern/],
  ['ordering_criteria {\nsort_by {\nsort_type = "colour"\n}\n}', /sort_type|colour/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `include = ["/x/*"]\n${text}\noutput { }`);
    assert.match(diagnostics.map((each) => each.message).join("; "), message);
  });
