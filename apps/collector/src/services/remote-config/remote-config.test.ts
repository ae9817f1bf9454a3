import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../component/from-text.ts";
import { testContext } from "../../component/testing.ts";
import { httpClient } from "../../transport/http-client.ts";
import { type RemoteConfigArguments, remoteConfigBlock } from "./block.ts";
import { RemoteConfig } from "./remote-config.ts";

const storagePath = mkdtempSync(join(tmpdir(), "invar-remote-"));
after(() => rmSync(storagePath, { recursive: true }));

test("follows the server, keeps what works, and starts from disk without the server", async () => {
  const calls: { method: string; message: Record<string, unknown> }[] = [];
  let answer: (method: string) => { status: number; body: object } = () => ({ status: 200, body: { content: "// one", hash: "h1" } });
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const method = request.url?.split("/").at(-1) ?? "";
    calls.push({ method, message: JSON.parse(body) });
    const { status, body: content } = method === "GetConfig" ? answer(method) : { status: 200, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
  }).listen(0, "127.0.0.1");
  after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const run = () => {
    const clock = new FakeClock();
    const context = testContext({ clock });
    const loaded: string[] = [];
    const service = new RemoteConfig({
      clock,
      log: context.log,
      metrics: context.metrics,
      storagePath,
      version: "1",
      client: (args) => httpClient(args, context),
      async load(text) {
        if (text.includes("bad")) return "it is bad";
        loaded.push(text);
        return undefined;
      },
    });
    return { clock, context, loaded, service };
  };
  const args = decodeText(remoteConfigBlock({ apply() {} }).schema, `url = "${url}"\nattributes = { a = "b" }`) as RemoteConfigArguments;

  const first = run();
  await first.service.apply(args);
  await until(() => first.loaded.length === 1);
  assert.deepEqual(
    calls.map(({ method }) => method),
    ["RegisterCollector", "GetConfig"],
  );
  assert.match(JSON.stringify(calls[1]?.message.localAttributes), /"a":"b"/);

  answer = () => ({ status: 200, body: { notModified: true } });
  await first.clock.advance(60_000);
  await until(() => first.context.metric("remotecfg_last_load_not_modified") === 1);
  assert.equal(calls.at(-1)?.message.hash, "h1");

  answer = () => ({ status: 200, body: { content: "bad", hash: "h2" } });
  await first.clock.advance(60_000);
  await until(() => first.context.metric("remotecfg_load_failures_total") === 1);
  assert.deepEqual(first.loaded, ["// one"]);

  answer = () => ({ status: 500, body: { message: "broken" } });
  await first.clock.advance(60_000);
  await until(() => first.context.metric("remotecfg_load_failures_total") === 2);
  assert.match(JSON.stringify(first.context.logged.at(-1)), /GetConfig was answered with status 500: broken/);
  await first.service.close();
  assert.equal(calls.at(-1)?.method, "UnregisterCollector");
  const { id } = calls[0]?.message ?? {};

  const second = run();
  await second.service.apply(args);
  await until(() => second.loaded.length === 1);
  assert.deepEqual(second.loaded, ["// one"]);
  assert.equal(calls.findLast(({ method }) => method === "RegisterCollector")?.message.id, id);
  await second.service.apply(undefined);
  assert.deepEqual(second.loaded, ["// one", ""]);
});

test("refuses what the API refuses", () => {
  const { schema } = remoteConfigBlock({ apply() {} });
  const found = tryDecodeText(schema, 'poll_frequency = "1s"\nattributes = { "collector.os" = "x" }').diagnostics.map(
    ({ message }) => message,
  );
  assert.deepEqual(found, ['poll_frequency must be at least "10s"', '"collector" is a reserved namespace for remotecfg attribute keys']);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition());
}
