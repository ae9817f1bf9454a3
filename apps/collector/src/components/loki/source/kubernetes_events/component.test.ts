import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { ApiServerRig } from "../../../../kubernetes/api-server-rig.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt, timeText } from "../../../../signals/loki/log-lines.ts";
import { component } from "./component.ts";
import { eventLine, type WireEvent } from "./event-line.ts";

let rig: ApiServerRig;
let clock: FakeClock;
let folder: string;
const never = new AbortController().signal;
const shop = "/api/v1/namespaces/shop/events";

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
  folder = mkdtempSync(join(tmpdir(), "invar-events-"));
});
afterEach(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const event = (name: string, message: string) => ({
  metadata: { name },
  involvedObject: { kind: "Pod", namespace: "shop", name: "web-1" },
  reason: "Pulled",
  message,
  lastTimestamp: "2026-01-02T03:04:05Z",
});

class Sink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  refuses = false;
  pressure() {
    return this.refuses ? new DeliveryError("full", { retryable: true, reason: "queue_full" }) : undefined;
  }
  async consume(batch: LogBatch) {
    for (let row = 0; row < batch.rows; row++) {
      const { labels, line, seconds, nanos } = lineAt(batch, row);
      this.lines.push(`${labels.text} ${timeText(seconds, nanos)} ${line}`);
    }
  }
  get messages() {
    return this.lines.map((line) => /msg="(.*)" $/.exec(line)?.[1]);
  }
}

async function run(sink: Sink, more = "") {
  const context = testContext({ clock, dataPath: folder, id: "loki.source.kubernetes_events.e" });
  const args = (text: string) =>
    decodeText(component, `forward_to = [sink]\n${text}\nclient { api_server = "${rig.url}" }`, {
      sink: capsuleOf("loki.LogsReceiver", sink),
    });
  const running = await component.create(context, args(more));
  await running.start();
  return { context, running, update: (text: string) => running.update(args(text)) };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone() && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(50);
  }
  assert.ok(isDone());
}

test("tells every event once, with its labels and time, over restarts too", async () => {
  rig.put(shop, event("a", "one"));
  const sink = new Sink();
  const first = await run(sink);
  await until(() => sink.lines.length === 1);
  assert.match(
    sink.lines[0] ?? "",
    /^\{instance="loki.source.kubernetes_events.e", job="loki.source.kubernetes_events", namespace="shop"\} 2026-01-02T03:04:05Z name=web-1 kind=Pod eventRV=\d+ reason=Pulled msg="one" $/,
  );
  await until(() => rig.watches === 1);
  rig.put(shop, event("b", "two"));
  await until(() => sink.lines.length === 2);
  await first.running.stop(never);
  rig.put(shop, event("a", "one again"));
  const second = await run(sink);
  await until(() => sink.lines.length === 3);
  assert.deepEqual(sink.messages, ["one", "two", "one again"]);
  await second.running.stop(never);
});

test("waits where nobody takes lines, and what was not taken comes after a restart", async () => {
  rig.put(shop, event("a", "one"));
  const sink = new Sink();
  sink.refuses = true;
  const first = await run(sink);
  await until(() => rig.requests.length > 0);
  await clock.advance(10_000);
  await first.running.stop(never);
  assert.deepEqual(sink.lines, []);
  sink.refuses = false;
  const second = await run(sink);
  await until(() => sink.lines.length === 1);
  await second.running.stop(never);
});

test("an update goes on where it was, while lines still wait to be taken", async () => {
  rig.put(shop, event("a", "one"));
  const sink = new Sink();
  sink.refuses = true;
  const { running, update } = await run(sink);
  await until(() => rig.requests.length > 0);
  await clock.advance(1000);
  await update('job_name = "other"');
  rig.put(shop, event("b", "two"));
  sink.refuses = false;
  await until(() => sink.lines.length === 2);
  await clock.advance(5000);
  assert.deepEqual(sink.messages.toSorted(), ["one", "two"]);
  assert.equal(sink.lines.filter((line) => line.includes('job="other"')).length, 1);
  await running.stop(never);
});

test("watches the namespaces that are named, and says which permission is missing", async () => {
  rig.put(shop, event("a", "one"));
  rig.put("/api/v1/namespaces/other/events", event("b", "two"));
  const sink = new Sink();
  const { context, running } = await run(sink, 'namespaces = ["shop"]');
  await until(() => sink.lines.length === 1);
  await running.stop(never);
  rig.forbidden.add("list events");
  const refused = await run(sink, 'namespaces = ["more"]');
  await until(() => refused.context.healthReports.length > 0);
  assert.match(refused.context.healthReports[0]?.message ?? "", /a permission is missing: list on events in namespace more/);
  assert.deepEqual(
    context.healthReports.filter(({ state }) => state === "unhealthy"),
    [],
  );
  await refused.running.stop(never);
});

test("begins anew where the cluster counts from the beginning", async () => {
  for (let i = 0; i < 20; i++) rig.put(shop, event("a", `old ${i}`));
  const sink = new Sink();
  const first = await run(sink);
  await until(() => sink.lines.length === 1);
  await first.running.stop(never);
  await rig.stop();
  rig = await new ApiServerRig().start();
  rig.put(shop, event("n", "before"));
  const second = await run(sink);
  await until(() => rig.watches === 1);
  rig.put(shop, event("m", "after"));
  await until(() => sink.messages.includes("after"));
  await second.running.stop(never);
});

const full: WireEvent = {
  metadata: { resourceVersion: "7" },
  involvedObject: { kind: "Pod", namespace: "n", name: "p", apiVersion: "v1", resourceVersion: "3" },
  action: "Binding",
  reason: "Scheduled",
  message: 'said "yes" <to>\n\u00e9',
  type: "Normal",
  count: 2,
  reportingComponent: "sched",
  reportingInstance: "sched-1",
  source: { component: "kubelet", host: "n1" },
};

test("writes lines as logfmt and as JSON", () => {
  assert.equal(
    eventLine(full, "logfmt"),
    'name=p kind=Pod action=Binding objectAPIversion=v1 objectRV=3 eventRV=7 reportinginstance=sched-1 reportingcontroller=sched sourcecomponent=kubelet sourcehost=n1 reason=Scheduled type=Normal count=2 msg="said \\"yes\\" <to>\\né" ',
  );
  assert.equal(
    eventLine(full, "json"),
    '{"action":"Binding","count":2,"eventRV":"7","kind":"Pod","msg":"said \\"yes\\" \\u003cto\\u003e\\né","name":"p","objectAPIversion":"v1","objectRV":"3","reason":"Scheduled","reportingcontroller":"sched","reportinginstance":"sched-1","sourcecomponent":"kubelet","sourcehost":"n1","type":"Normal"}',
  );
  assert.equal(eventLine({ message: "about nothing" }, "logfmt"), undefined);
});

test("refuses an empty job name and an unknown format", () => {
  const messages = tryDecodeText(component, 'forward_to = []\njob_name = ""\nlog_format = "xml"').diagnostics.map(({ message }) => message);
  assert.match(messages.join("; "), /job_name must not be an empty string.*"xml"|"xml".*job_name must not be an empty string/);
});
