import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { ApiServerRig } from "../../../../kubernetes/api-server-rig.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt } from "../../../../signals/loki/log-lines.ts";
import { component } from "./component.ts";

const pods = "/api/v1/namespaces/shop/pods";
const never = new AbortController().signal;
let rig: ApiServerRig;
let clock: FakeClock;
let folder: string;
/** The log of each time the container ran, and the streams that follow the last. */
let logs: string[][];
let followers: Set<ServerResponse>;

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
  folder = mkdtempSync(join(tmpdir(), "invar-pod-logs-"));
  logs = [[]];
  followers = new Set();
  rig.put(pods, podOf(0));
  rig.pages.set(`${pods}/web-1/log`, (request, response) => {
    const query = new URL(request.url ?? "", "http://rig").searchParams;
    const since = Date.parse(query.get("sinceTime") ?? "1970-01-01T00:00:00Z");
    const lines = query.get("previous") === "true" ? logs.at(-2) : logs.at(-1);
    response.writeHead(200);
    response.flushHeaders();
    for (const line of lines ?? []) if (Date.parse(line.split(" ")[0] ?? "") >= since) response.write(`${line}\n`);
    if (query.get("follow") !== "true") return void response.end();
    followers.add(response);
    response.on("close", () => followers.delete(response));
  });
});
afterEach(async () => {
  for (const follower of followers) follower.destroy();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

function podOf(restarts: number, state: object = { running: {} }, more: object = {}) {
  const status = { name: "app", restartCount: restarts, state, lastState: restarts > 0 ? { terminated: {} } : {} };
  return { metadata: { name: "web-1", uid: "u1" }, spec: { restartPolicy: "Always" }, status: { containerStatuses: [status] }, ...more };
}

/** A line at a second and nanosecond. */
const line = (second: number, nano: number, text: string) =>
  `2026-01-01T00:00:${String(second).padStart(2, "0")}.${String(nano).padStart(9, "0")}Z ${text}`;

function say(...lines: string[]): void {
  logs.at(-1)?.push(...lines);
  for (const follower of followers) if (!follower.writableEnded) follower.write(lines.map((each) => `${each}\n`).join(""));
}

class Sink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  labels = "";
  refuses = false;
  pressure() {
    return this.refuses ? new DeliveryError("full", { retryable: true, reason: "queue_full" }) : undefined;
  }
  async consume(batch: LogBatch) {
    for (let row = 0; row < batch.rows; row++) {
      const at = lineAt(batch, row);
      this.labels = at.labels.text;
      this.lines.push(at.line);
    }
  }
}

const target = `{ __meta_kubernetes_namespace = "shop", __meta_kubernetes_pod_name = "web-1", __meta_kubernetes_pod_container_name = "app", __meta_kubernetes_pod_uid = "u1", app = "web" }`;

async function run(sink: Sink, targets = target) {
  const context = testContext({ clock, dataPath: folder, id: "loki.source.kubernetes.k" });
  const args = (list: string) =>
    decodeText(component, `targets = [${list}]\nforward_to = [sink]\nclient { api_server = "${rig.url}" }`, {
      sink: capsuleOf("loki.LogsReceiver", sink),
    });
  const running = await component.create(context, args(targets));
  await running.start();
  return { context, running, update: (list: string) => running.update(args(list)) };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone() && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(50);
  }
  assert.ok(isDone());
}

test("follows a container's log, with its labels and without the times that lines begin with", async () => {
  say(line(1, 0, "one"));
  const sink = new Sink();
  const { running } = await run(sink);
  await until(() => followers.size === 1);
  say(line(2, 0, "two"), line(2, 5, " three "));
  await until(() => sink.lines.length === 3);
  assert.deepEqual(sink.lines, ["one", "two", " three "]);
  assert.equal(sink.labels, '{app="web", instance="shop/web-1:app", job="loki.source.kubernetes.k"}');
  await running.stop(never);
});

test("goes on exactly after the last line when the stream breaks, where several lines share a moment too", async () => {
  say(line(1, 7, "a"), line(1, 7, "b"));
  const sink = new Sink();
  const { running } = await run(sink);
  await until(() => sink.lines.length === 2);
  for (const follower of followers) follower.destroy();
  say(line(1, 7, "c"), line(1, 8, "d"));
  await until(() => sink.lines.length === 4);
  for (const follower of followers) follower.end();
  say(line(1, 8, "e"));
  await until(() => sink.lines.length === 5);
  await clock.advance(5000);
  assert.deepEqual(sink.lines, ["a", "b", "c", "d", "e"]);
  await running.stop(never);
});

test("goes on exactly after a restart, with what nobody had taken", async () => {
  say(line(1, 0, "a"));
  const sink = new Sink();
  const first = await run(sink);
  await until(() => sink.lines.length === 1);
  sink.refuses = true;
  say(line(1, 0, "b"));
  await clock.advance(1000);
  await first.running.stop(never);
  sink.refuses = false;
  const second = await run(sink);
  await until(() => sink.lines.length === 2);
  await clock.advance(5000);
  assert.deepEqual(sink.lines, ["a", "b"]);
  await second.running.stop(never);
});

test("reads the end of the log before a restart of the container, then the new one", async () => {
  say(line(1, 0, "a"));
  const sink = new Sink();
  const { running } = await run(sink);
  await until(() => sink.lines.length === 1);
  logs.at(-1)?.push(line(2, 0, "last words"));
  logs.push([line(3, 0, "hello again")]);
  rig.put(pods, podOf(1));
  for (const follower of followers) follower.end();
  await until(() => sink.lines.length === 3);
  assert.deepEqual(sink.lines, ["a", "last words", "hello again"]);
  await running.stop(never);
});

test("after two restarts while the API server was away reads what is left: all of the time before, and the new one", async () => {
  say(line(1, 0, "a"));
  const sink = new Sink();
  const { running, context } = await run(sink);
  await until(() => sink.lines.length === 1);
  await rig.crash();
  logs.at(-1)?.push(line(2, 0, "gone with the first"));
  logs.push([line(3, 0, "second"), line(4, 0, "second again")]);
  logs.push([line(5, 0, "third")]);
  rig.put(pods, podOf(2));
  await rig.start();
  await until(() => sink.lines.length === 4);
  for (const follower of followers) follower.destroy();
  say(line(6, 0, "fourth"));
  await until(() => sink.lines.length === 5);
  await clock.advance(10_000);
  assert.deepEqual(sink.lines, ["a", "second", "second again", "third", "fourth"]);
  assert.match(JSON.stringify(context.logged), /logs of the times between are lost/);
  await running.stop(never);
});

test("two restarts one after the other lose and double nothing, also where a time before said nothing", async () => {
  say(line(1, 0, "a"));
  const sink = new Sink();
  const { running, context } = await run(sink);
  await until(() => sink.lines.length === 1);
  for (const [restarts, words] of [
    [1, []],
    [2, [line(3, 0, "b")]],
    [3, [line(4, 0, "c")]],
  ] as const) {
    logs.push([...words]);
    const asked = rig.requests.length;
    rig.put(pods, podOf(restarts));
    for (const follower of followers) follower.end();
    await until(() => rig.requests.slice(asked).some((request) => request.includes("follow=true")) && followers.size === 1);
  }
  await until(() => sink.lines.length === 3);
  assert.deepEqual(sink.lines, ["a", "b", "c"]);
  assert.doesNotMatch(JSON.stringify(context.logged), /are lost/);
  await running.stop(never);
});

test("reads the log of a container that failed before it was ever seen to run", async () => {
  rig.put(pods, podOf(0, { waiting: {} }));
  const sink = new Sink();
  const { running } = await run(sink);
  await until(() => rig.requests.length > 0);
  await clock.advance(200);
  logs.at(-1)?.push(line(1, 0, "why it failed"));
  logs.push([line(2, 0, "again")]);
  rig.put(pods, podOf(1));
  await until(() => sink.lines.length === 2);
  assert.deepEqual(sink.lines, ["why it failed", "again"]);
  await running.stop(never);
});

test("an update keeps the tails that are still wanted, and ends the others", async () => {
  say(line(1, 0, "a"));
  const sink = new Sink();
  const { running, update } = await run(sink);
  await until(() => sink.lines.length === 1);
  const asked = rig.requests.length;
  await update(`${target}, { }`);
  say(line(2, 0, "b"));
  await until(() => sink.lines.length === 2);
  assert.equal(rig.requests.length, asked);
  await update("");
  await until(() => followers.size === 0);
  say(line(3, 0, "c"));
  await update(target);
  await until(() => sink.lines.length === 3);
  assert.deepEqual(sink.lines, ["a", "b", "c"]);
  await running.stop(never);
});

test("waits for a container that has not started, and leaves one that is over or replaced", async () => {
  rig.put(pods, podOf(0, { waiting: {} }));
  const sink = new Sink();
  const { running } = await run(sink);
  await clock.advance(1000);
  assert.equal(followers.size, 0);
  say(line(1, 0, "a"));
  rig.put(pods, podOf(0));
  await until(() => sink.lines.length === 1);
  rig.put(pods, podOf(0, { terminated: { exitCode: 0 } }, { spec: { restartPolicy: "Never" } }));
  // The log is read to its end once more, then nothing is asked for.
  for (let round = 0; round < 20; round++) {
    for (const follower of followers) if (!follower.writableEnded) follower.end();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await clock.advance(200);
  }
  const asked = rig.requests.length;
  await clock.advance(60_000);
  assert.equal(rig.requests.length, asked);
  await running.stop(never);
});

test("says which permission is missing", async () => {
  rig.forbidden.add("get pods");
  const sink = new Sink();
  const { running, context } = await run(sink);
  await until(() => context.logged.some(({ level }) => level === "warn"));
  assert.match(JSON.stringify(context.logged), /a permission is missing: get on pods in namespace shop/);
  await running.stop(never);
});

test("puts lines together that come in pieces, and cuts one that is too long", async () => {
  const sink = new Sink();
  const { running } = await run(sink);
  await until(() => followers.size === 1);
  const [follower] = followers;
  follower?.write("2026-01-01T00:00:01.5");
  await new Promise((resolve) => setTimeout(resolve, 20));
  follower?.write("Z begin");
  await new Promise((resolve) => setTimeout(resolve, 20));
  follower?.write("ning\n");
  await until(() => sink.lines.length === 1);
  follower?.write(`2026-01-01T00:00:02Z ${"x".repeat(5 * 1024 * 1024)}\n2026-01-01T00:00:03Z after\n`);
  await until(() => sink.lines.length === 3);
  assert.deepEqual([sink.lines[0], sink.lines[1]?.length, sink.lines[2]], ["beginning", 4 * 1024 * 1024 - 21, "after"]);
  await running.stop(never);
});
