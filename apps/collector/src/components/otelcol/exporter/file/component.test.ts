import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { FakeClock, systemClock } from "../../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, requestOf } from "../../../../signals/otlp/testing.ts";
import { walk } from "../../../../signals/otlp/walk.ts";
import { component } from "./component.ts";

const root = mkdtempSync(join(tmpdir(), "invar-file-"));
const running: { stop(deadline: AbortSignal): void | Promise<void> }[] = [];
const soon = () => AbortSignal.timeout(1000);
after(async () => {
  for (const each of running) await each.stop(soon());
  rmSync(root, { recursive: true });
});

/** An exporter that writes below a folder of its own: `FOLDER` in the text. */
async function exporterOf(
  text: string,
  { folder = mkdtempSync(join(root, "e-")), clock = new FakeClock() as FakeClock | typeof systemClock } = {},
) {
  const context = testContext({ id: "otelcol.exporter.file.test", clock });
  const args = (body: string) => decodeText(component, body.replaceAll("FOLDER", folder));
  const exporter = await component.create(context, args(text));
  running.push(exporter);
  await exporter.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const send = async (signal: Signal, ...chunks: Uint8Array[]) => {
    const items = chunks.reduce((sum, chunk) => sum + walk(signal, chunk).items, 0);
    const batch = new OtlpBatch({ signal, chunks, items });
    await input.consume(batch).finally(() => batch.release());
  };
  const read = (name: string) => readFileSync(join(folder, name));
  const counts = (signal: "log_records" | "spans" = "log_records") => {
    const count = (name: string) => context.metric(name) ?? 0;
    return {
      sent: count(`otelcol_exporter_sent_${signal}_total`),
      failed: count(`otelcol_exporter_send_failed_${signal}_total`),
      dropped: count("invar_exporter_dropped_items_total"),
    };
  };
  return { context, clock, exporter, folder, input, send, read, counts, update: (body: string) => exporter.update(args(body)) };
}

/** The messages of a file in which each stands behind its length. */
function messages(content: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const end = at + 4 + content.readUInt32BE(at);
    found.push(content.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** Log records by service: `{ shop: ["a", "b"] }`; the service "" has no such attribute. */
function logs(byService: Readonly<Record<string, readonly string[]>>): Uint8Array {
  return encodeRequest("logs", {
    resourceLogs: Object.entries(byService).map(([service, bodies]) => ({
      resource: { attributes: attributes(service === "" ? { other: 1 } : { "service.name": service }) },
      scopeLogs: [{ logRecords: bodies.map((body) => ({ body: { stringValue: body } })) }],
    })),
  });
}

/** The bodies in a file of lines of JSON. */
function bodies(content: Buffer): string[] {
  type Line = { resourceLogs: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[] };
  return content
    .toString()
    .trimEnd()
    .split("\n")
    .flatMap((line) => (JSON.parse(line) as Line).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue)));
}

test("each batch is a line of OTLP in JSON, of any signal", async () => {
  const { send, read, counts } = await exporterOf('path = "FOLDER/all.json"');
  await send("traces", requestOf("traces", ["a"]), requestOf("traces", ["b"]));
  await send("metrics", requestOf("metrics", ["m"]));
  await send("logs", requestOf("logs", ["l"]));
  const lines = read("all.json").toString().trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => Object.entries(JSON.parse(line) as Plain).map(([key, list]) => `${key} ${(list as unknown[]).length}`)),
    [["resourceSpans 2"], ["resourceMetrics 1"], ["resourceLogs 1"]],
  );
  assert.deepEqual(counts("spans"), { sent: 2, failed: 0, dropped: 0 });
});

test("protobuf stands behind its length, byte for byte", async () => {
  const { send, read } = await exporterOf('path = "FOLDER/x"\nformat = "proto"');
  const [one, two] = [requestOf("logs", ["a", "b"]), requestOf("logs", ["c"])];
  await send("logs", one);
  await send("logs", one, two);
  assert.deepEqual(
    messages(read("x")).map((message) => message.toString("hex")),
    [one, Buffer.concat([one, two])].map((bytes) => Buffer.from(bytes).toString("hex")),
  );
});

for (const [format, level] of [
  ["json", 1],
  ["proto", 11],
] as const)
  test(`compressed ${format} stands behind its length`, async () => {
    const text = `path = "FOLDER/x"\nformat = "${format}"\ncompression = "zstd"\ncompression_params {\n\tlevel = ${level}\n}`;
    const { send, read } = await exporterOf(text);
    const request = requestOf("logs", ["a", "b"]);
    await send("logs", request);
    await send("logs", request);
    const [first, second] = messages(read("x")).map((message) => zstdDecompressSync(message));
    assert.deepEqual(first, second);
    if (format === "json") assert.ok(Array.isArray((JSON.parse(String(first)) as Plain).resourceLogs));
    else assert.deepEqual(decodeRequest("logs", [first as Buffer]), decodeRequest("logs", [request]));
  });

test("begins anew, or goes on behind what is there", async () => {
  const folder = mkdtempSync(join(root, "e-"));
  writeFileSync(join(folder, "x"), "{old}\n");
  writeFileSync(join(folder, "y"), "{old}\n");
  await exporterOf('path = "FOLDER/x"', { folder });
  const { send } = await exporterOf('path = "FOLDER/y"\nappend = true', { folder });
  await send("logs", requestOf("logs", ["a"]));
  assert.equal(readFileSync(join(folder, "x"), "utf8"), "");
  assert.match(readFileSync(join(folder, "y"), "utf8"), /^\{old\}\n\{"resourceLogs.*\n$/);
});

test("rotates at the size that is set", async () => {
  const { send, folder } = await exporterOf('path = "FOLDER/x.json"\nrotation {\n\tmax_megabytes = 1\n\tmax_backups = 2\n}');
  for (let i = 0; i < 9; i++) await send("logs", logs({ shop: ["x".repeat(400_000)] }));
  // Two messages a file, five files; the two newest backups stay.
  const { exporter } = await exporterOf('path = "FOLDER/other"', { folder });
  await exporter.stop(soon());
  await running[running.length - 2]?.stop(soon());
  const names = readdirSync(folder).filter((name) => name.startsWith("x"));
  assert.equal(names.length, 3);
  assert.deepEqual(names.map((name) => bodies(readFileSync(join(folder, name))).length).sort(), [1, 2, 2]);
});

test("makes folders where it is told to, with the permissions that are set", async () => {
  const { send, folder, read, context } = await exporterOf(
    'path = "FOLDER/a/b/x"\ncreate_directory = true\ndirectory_permissions = "0700"',
  );
  await send("logs", requestOf("logs", ["a"]));
  assert.equal(statSync(join(folder, "a/b")).mode & 0o777, 0o700);
  assert.ok(read("a/b/x").length > 0);
  assert.deepEqual(context.healthReports, []);
});

test("a folder that is missing makes it unhealthy, senders are told to come again, and nothing is lost", async () => {
  const { send, folder, context, clock, input, counts } = await exporterOf('path = "FOLDER/later/x"');
  assert.match(context.healthReports.at(-1)?.message ?? "", /can't write to .*later\/x: ENOENT/);
  await assert.rejects(send("logs", requestOf("logs", ["a"])), { retryable: true, reason: "file_error" });
  assert.equal(input.pressure()?.retryable, true);
  mkdirSync(join(folder, "later"));
  await (clock as FakeClock).advance(1000);
  assert.equal(input.pressure(), undefined);
  await send("logs", requestOf("logs", ["a"]));
  assert.deepEqual(context.healthReports.at(-1), { state: "healthy", message: "data is written again" });
  assert.deepEqual(counts(), { sent: 1, failed: 1, dropped: 0 });
});

test("a full disk says so and takes nothing", async () => {
  const { send, context, counts } = await exporterOf('path = "/dev/full"');
  await assert.rejects(send("logs", requestOf("logs", ["a", "b"])), { retryable: true, reason: "disk_full" });
  assert.match(context.healthReports.at(-1)?.message ?? "", /the disk is full: free space on it/);
  assert.deepEqual(counts(), { sent: 0, failed: 2, dropped: 0 });
});

const grouped = (more = "") => `path = "FOLDER/*.json"\ngroup_by {\n\tenabled = true\n\tresource_attribute = "service.name"\n${more}}`;

test("groups go to files of their own; who names none is dropped and counted", async () => {
  const { send, read, counts, folder } = await exporterOf(grouped(), { clock: systemClock });
  await send("logs", logs({ shop: ["a", "b"], cart: ["c"], "": ["lost"] }), logs({ empty: [], shop: ["d"] }));
  await send("logs", logs({ cart: ["e"] }));
  await send("logs", logs({ "deep/er": ["f"] }));
  assert.deepEqual(bodies(read("shop.json")), ["a", "b", "d"]);
  assert.deepEqual(bodies(read("cart.json")), ["c", "e"]);
  assert.deepEqual(bodies(read("deep/er.json")), ["f"]);
  assert.deepEqual(readdirSync(folder).sort(), ["cart.json", "deep", "shop.json"]);
  assert.deepEqual(counts(), { sent: 6, failed: 0, dropped: 1 });
});

test("few files are open at a time, and none is begun twice", async () => {
  const { send, read, exporter, folder } = await exporterOf(grouped("\tmax_open_files = 2\n"), { clock: systemClock });
  const services = ["a", "b", "c", "d", "e"];
  const all = Object.fromEntries(services.map((service) => [service, [service]]));
  await Promise.all(Array.from({ length: 10 }, () => send("logs", logs(all))));
  for (const service of services) assert.deepEqual(bodies(read(`${service}.json`)), Array(10).fill(service));
  assert.ok(openIn(folder) <= 2);
  assert.ok(JSON.stringify(exporter.debugInfo?.()).includes("e.json"));
});

/** How many files below a folder this process has open. */
function openIn(folder: string): number {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return statSync(`/proc/self/fd/${fd}`).ino;
    } catch {
      return 0;
    }
  });
  return readdirSync(folder).filter((name) => links.includes(statSync(join(folder, name)).ino)).length;
}

test("groups that can't be written are dropped where others are, and turn everybody away where none is", async () => {
  const folder = mkdtempSync(join(root, "e-"));
  symlinkSync("/dev/full", join(folder, "full.json"));
  const { send, counts, read, context } = await exporterOf(grouped(), { folder, clock: systemClock });
  await send("logs", logs({ full: ["lost"], shop: ["a"] }));
  assert.deepEqual(counts(), { sent: 1, failed: 1, dropped: 1 });
  assert.match(context.healthReports.at(-1)?.message ?? "", /full.json: the disk is full/);
  assert.deepEqual(bodies(read("shop.json")), ["a"]);
  const other = await exporterOf(grouped(), { folder, clock: systemClock });
  await assert.rejects(other.send("logs", logs({ full: ["b"] })), { retryable: true, reason: "disk_full" });
  assert.deepEqual(other.counts(), { sent: 0, failed: 1, dropped: 0 });
});

test("names that no file can have are dropped, and no fault of the exporter", async () => {
  const { send, counts, context } = await exporterOf(grouped(), { clock: systemClock });
  await send("logs", logs({ ["x".repeat(5000)]: ["a"], "nul\0": ["b"] }));
  await send("logs", logs({ "nul\0": ["b"] }));
  assert.deepEqual(counts(), { sent: 0, failed: 3, dropped: 3 });
  assert.deepEqual(context.healthReports, []);
});

test("another path is taken over while data comes, and every message is in one of both", async () => {
  const { send, update, read } = await exporterOf('path = "FOLDER/one"');
  const sending = ["a", "b", "c"].map((body) => send("logs", logs({ s: [body] })));
  const updating = update('path = "FOLDER/two"');
  sending.push(...["d", "e"].map((body) => send("logs", logs({ s: [body] }))));
  await Promise.all([...sending, updating]);
  assert.deepEqual([...bodies(read("one")), ...bodies(read("two"))], ["a", "b", "c", "d", "e"]);
  assert.deepEqual(bodies(read("two")), ["d", "e"]);
});

test("other limits leave the file as it is", async () => {
  const { send, update, read } = await exporterOf('path = "FOLDER/one"');
  await send("logs", logs({ s: ["a"] }));
  await update('path = "FOLDER/one"\nflush_interval = "10s"');
  await send("logs", logs({ s: ["b"] }));
  assert.deepEqual(bodies(read("one")), ["a", "b"]);
});

test("after the end it turns everybody away", async () => {
  const { exporter, send } = await exporterOf('path = "FOLDER/one"');
  await exporter.stop(soon());
  await assert.rejects(send("logs", requestOf("logs", ["a"])), { retryable: true, reason: "stopping" });
});

const findings = `
path = "" | path must be non-empty
path = "a"; format = "xml" | format type is not supported: write "json" or "proto"
path = "a"; compression = "gzip" | compression is not supported: write "zstd" or nothing
path = "a"; encoding = "otlp_json" | encoding parameter is not yet supported: write \`format\` instead
path = "a"; flush_interval = "-1s" | flush_interval must be larger than zero
path = "a"; append = true; rotation { } | append and rotation enabled at the same time is not supported
path = "a"; group_by { enabled = true } | path must contain exactly one * when group_by is enabled
path = "*/*"; group_by { enabled = true } | path must contain exactly one * when group_by is enabled
path = "*/a"; group_by { enabled = true } | path must not start with * when group_by is enabled
path = "a*"; group_by { enabled = true; resource_attribute = "" } | resource_attribute must not be empty when group_by is enabled
path = "a*"; group_by { enabled = true; max_open_files = 0 } | max_open_files must be at least 1
path = "a"; directory_permissions = "0755" | directory_permissions requires create_directory to be true
path = "a"; create_directory = true; directory_permissions = "rwx" | directory_permissions value must be a valid octal representation
path = "a"; create_directory = true; directory_permissions = "7777" | directory_permissions contain invalid bits for file access
path = "*"; group_by { } |
path = "a"; create_directory = true; directory_permissions = "0750" |
`;

for (const line of findings.trim().split("\n")) {
  const [text = "", message = ""] = line.split(" | ").map((part) => part.trim().replace(/ \|$/, ""));
  test(`${text}: ${message || "fine"}`, () => {
    const { diagnostics } = tryDecodeText(component, text.replaceAll("; ", "\n").replaceAll("{ ", "{\n").replaceAll(" }", "\n}"));
    assert.deepEqual(
      diagnostics.map((each) => each.message),
      message === "" ? [] : [message],
    );
  });
}
