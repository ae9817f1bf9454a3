import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../component/from-text.ts";
import { testContext } from "../../component/testing.ts";
import { component as discoveryDns } from "./dns/component.ts";
import { candidates, dns } from "./dns/lookup.ts";
import { recordTargets } from "./dns/records.ts";
import { component as discoveryFile } from "./file/component.ts";
import { component as discoveryHttp } from "./http/component.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-discovery-"));
after(() => rmSync(folder, { recursive: true }));
const now = AbortSignal.abort();
const addresses = (exports: Record<string, unknown>) => (exports.targets as { __address__: string }[]).map((target) => target.__address__);

test("discovery.file reads JSON and YAML, follows changes, and keeps what it knew of a broken file", async () => {
  const clock = new FakeClock();
  const context = testContext({ clock });
  writeFileSync(join(folder, "a.json"), '[{"targets": ["a:1", "a:2"], "labels": {"env": "dev"}}]');
  writeFileSync(join(folder, "b.yaml"), "- targets: ['b:1']\n");
  const component = await discoveryFile.create(context, decodeText(discoveryFile, `files = ["${folder}/*.json", "${folder}/b.yaml"]`));
  await component.start();
  assert.deepEqual(addresses(context.exports), ["a:1", "a:2", "b:1"]);
  const [first] = context.exports.targets as Record<string, string>[];
  assert.deepEqual({ ...first }, { env: "dev", __meta_filepath: join(folder, "a.json"), __address__: "a:1" });
  writeFileSync(join(folder, "a.json"), '[{"targets": ["a:3"]}]');
  await clock.advance(1000);
  assert.deepEqual(addresses(context.exports), ["a:3", "b:1"]);
  writeFileSync(join(folder, "a.json"), '[{"targets": ["a:4"], "label": {}}]');
  await clock.advance(1000);
  assert.deepEqual(addresses(context.exports), ["a:3", "b:1"]);
  assert.match(context.healthReports.at(-1)?.message ?? "", /a.json: target group 0 has a field "label"/);
  assert.equal(context.metric("prometheus_sd_file_read_errors_total"), 1);
  rmSync(join(folder, "a.json"));
  await clock.advance(1000);
  assert.deepEqual(addresses(context.exports), ["b:1"]);
  await component.stop(now);
});

for (const [text, message] of [
  ["files = []", "file service discovery config must contain at least one path name"],
  ['files = ["a*/b.json"]', 'path name "a*/b.json" is not valid for file discovery'],
  ['files = ["a.txt"]', 'path name "a.txt" is not valid for file discovery'],
] as const)
  test(`discovery.file refuses ${text}`, () => assert.equal(tryDecodeText(discoveryFile, text).diagnostics[0]?.message, message));

test("discovery.http asks again, and keeps the targets while the server fails", async () => {
  const replies = [
    { status: 200, type: "application/json; charset=utf-8", body: '[{"targets":["a:1"],"labels":{"x":"y"}}]' },
    { status: 503, type: "text/plain", body: "" },
    { status: 200, type: "text/html", body: "[]" },
    { status: 200, type: "application/json", body: "[]" },
  ];
  let asked = 0;
  let refresh: unknown;
  const server = createServer((request, response) => {
    refresh = request.headers["x-prometheus-refresh-interval-seconds"];
    const reply = replies[Math.min(asked++, replies.length - 1)] ?? assert.fail();
    response.writeHead(reply.status, { "content-type": reply.type }).end(reply.body);
  }).listen(0, "127.0.0.1");
  after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const clock = new FakeClock();
  const context = testContext({ clock });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const component = await discoveryHttp.create(context, decodeText(discoveryHttp, `url = "${url}"\nrefresh_interval = "30s"`));
  await component.start();
  const reports = async (count: number) => {
    for (let i = 0; i < 500 && context.healthReports.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    return context.healthReports.at(-1)?.message;
  };
  assert.equal(await reports(1), "found 1 targets");
  assert.equal(refresh, "30");
  assert.deepEqual({ ...(context.exports.targets as object[])[0] }, { x: "y", __meta_url: url, __address__: "a:1" });
  for (const [count, message] of [
    [2, "what was found before stays: server returned HTTP status 503"],
    [3, 'what was found before stays: unsupported content type "text/html"'],
  ] as const) {
    await settle();
    await clock.advance(30_000);
    assert.equal(await reports(count), message);
    assert.deepEqual(addresses(context.exports), ["a:1"]);
  }
  await settle();
  await clock.advance(30_000);
  assert.equal(await reports(4), "found 0 targets");
  assert.equal(context.metric("prometheus_sd_http_failures_total"), 2);
  await component.stop(now);
});

test("discovery.http refuses what is no address", () => {
  const messages = ['url = "ftp://x"', 'url = "nothing"'].map((text) => tryDecodeText(discoveryHttp, text).diagnostics[0]?.message);
  assert.deepEqual(messages, ["URL scheme must be 'http' or 'https'", '"nothing" is not a URL']);
});

test("discovery.dns makes targets of every kind of record, from a real server", async () => {
  const server = await dnsServer({
    "SRV _http._tcp.app.test": [Buffer.concat([numbers(0, 0, 8080), name("pod-1.app.test")])],
    "A app.test": [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])],
    "AAAA app.test": [Buffer.from("fd000000000000000000000000000001", "hex")],
    "MX app.test": [Buffer.concat([numbers(10), name("mail.test")])],
    "NS app.test": [name("ns.test")],
  });
  after(() => server.close());
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  const lookup = dns(resolver, () => ({ search: ["app.test"], ndots: 1 }));
  const found = async (type: string, host: string) => (await recordTargets(lookup, host, type, 9100)).map((target) => target.__address__);
  assert.deepEqual(await found("SRV", "_http._tcp.app.test"), ["pod-1.app.test:8080"]);
  assert.deepEqual((await found("A", "app.test")).sort(), ["10.0.0.1:9100", "10.0.0.2:9100"]);
  assert.deepEqual(await found("AAAA", "app.test"), ["[fd00::1]:9100"]);
  assert.deepEqual(await found("MX", "app.test"), ["mail.test:9100"]);
  assert.deepEqual(await found("NS", "app.test"), ["ns.test:9100"]);
  assert.deepEqual(await found("A", "gone"), []);
  const [srv] = await recordTargets(lookup, "_http._tcp.app.test", "SRV", 0);
  assert.equal(srv?.__meta_dns_srv_record_target, "pod-1.app.test.");
  assert.equal(srv?.__meta_dns_srv_record_port, "8080");
});

test("search domains are tried as a resolver tries them", () => {
  const rules = { search: ["ns.svc", "svc"], ndots: 2 };
  assert.deepEqual(candidates("app", rules), ["app.ns.svc", "app.svc", "app"]);
  assert.deepEqual(candidates("a.b.c", rules), ["a.b.c", "a.b.c.ns.svc", "a.b.c.svc"]);
  assert.deepEqual(candidates("app.", rules), ["app."]);
});

test("discovery.dns wants a port where the record has none, and a known type", () => {
  const messages = ['names = ["a"]\ntype = "A"', 'names = ["a"]\ntype = "TXT"'].map(
    (text) => tryDecodeText(discoveryDns, text).diagnostics[0]?.message,
  );
  assert.deepEqual(messages, ["a port is required in DNS-SD configs for all record types except SRV", "invalid DNS-SD records type TXT"]);
});

const types: Readonly<Record<number, string>> = { 1: "A", 2: "NS", 15: "MX", 28: "AAAA", 33: "SRV" };

/** Answers questions from a table of `TYPE name` to record data; any other name does not exist. */
async function dnsServer(records: Readonly<Record<string, readonly Buffer[]>>) {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    let end = 12;
    const labelsOfName: string[] = [];
    for (let length = message[end] ?? 0; length > 0; length = message[end] ?? 0) {
      labelsOfName.push(message.toString("latin1", end + 1, end + 1 + length));
      end += length + 1;
    }
    const question = message.subarray(12, end + 5);
    const type = message.readUInt16BE(end + 1);
    const answers = records[`${types[type]} ${labelsOfName.join(".")}`];
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(answers === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers?.length ?? 0, 6);
    const body = (answers ?? []).map((data) => Buffer.concat([numbers(0xc00c, type, 1, 0, 60, data.length), data]));
    socket.send(Buffer.concat([header, question, ...body]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2);
  return buffer;
}

function name(text: string): Buffer {
  return Buffer.concat([
    ...text.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

/** Lets what an answer set off come to rest before the clock moves. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
