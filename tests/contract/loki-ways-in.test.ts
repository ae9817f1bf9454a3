import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { systemClock } from "../../apps/collector/src/component/clock.ts";
import { capsuleOf, decodeText } from "../../apps/collector/src/component/from-text.ts";
import { type TestContext, testContext } from "../../apps/collector/src/component/testing.ts";
import { components } from "../../apps/collector/src/components/registry.generated.ts";
import { ApiServerRig } from "../../apps/collector/src/kubernetes/api-server-rig.ts";
import type { Consumer } from "../../apps/collector/src/signals/consumer.ts";
import { DeliveryError } from "../../apps/collector/src/signals/delivery-error.ts";
import type { LogBatch } from "../../apps/collector/src/signals/loki/log-batch.ts";
import { lineAt } from "../../apps/collector/src/signals/loki/log-lines.ts";

// Every way in of log lines keeps the same account: what was fed to it was handed on once, or is counted as dropped. The consumer behind
// refuses now and then, for now or for good.

/** Takes some batches, refuses every fourth for now and every fifth for good. */
class MoodySink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  refusedForGood = 0;
  #asked: number;

  constructor(asked: number) {
    this.#asked = asked;
  }

  pressure() {
    return undefined;
  }

  async consume(batch: LogBatch) {
    const turn = ++this.#asked;
    // A queue takes its time to write.
    await sleep(1);
    if (turn % 4 === 0) throw new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 10 });
    if (turn % 5 === 0) {
      this.refusedForGood += batch.rows;
      throw new DeliveryError("too old", { retryable: false, reason: "too_old" });
    }
    for (let row = 0; row < batch.rows; row++) this.lines.push(lineAt(batch, row).line);
  }
}

interface Scene {
  readonly folder: string;
  readonly api: ApiServerRig;
  /** What the running component says of itself. */
  info(): unknown;
}

interface WayIn {
  readonly component: string;
  readonly text: (scene: Scene) => string;
  /** Feeds lines, one part after the other; resolves with how many of them the way in has taken up. */
  readonly feed: (scene: Scene) => Promise<number>;
  /** Lines that came to nothing, besides those refused for good: bad input, by its metric. */
  readonly bad?: readonly [metric: string, lines: number];
  /** Tells the sender of a refusal for good, and so does not count it. */
  readonly answers?: boolean;
  /** How often the consumer was asked before: one that hands on all at once meets the refusal for good. */
  readonly begins?: number;
}

const parts = 20;
const linesAPart = 5;
const part = (at: number, line: (text: string) => string) =>
  Array.from({ length: linesAPart }, (_, i) => line(`seq=${at * linesAPart + i}`)).join("");

const cri = (text: string) => `2026-01-01T00:00:00.${String(Number(text.slice(4)) + 1).padStart(9, "0")}Z ${text}\n`;

const waysIn: readonly WayIn[] = [
  {
    component: "loki.source.file",
    text: ({ folder }) =>
      `targets = [{ __path__ = "${folder}/app.log" }]\nfile_watch {\nmin_poll_frequency = "5ms"\nmax_poll_frequency = "10ms"\n}`,
    async feed({ folder }) {
      for (let at = 0; at < parts; at++) {
        appendFileSync(
          join(folder, "app.log"),
          part(at, (text) => `${text}\n`),
        );
        await sleep(30);
      }
      return parts * linesAPart;
    },
  },
  {
    component: "loki.source.api",
    text: () => 'http {\nlisten_address = "127.0.0.1"\nlisten_port = 0\n}',
    answers: true,
    async feed(scene) {
      let taken = 0;
      const url = () => `http://${(scene.info() as { http: string }).http}/loki/api/v1/raw`;
      const bad = await fetch(url().replace("raw", "push"), {
        method: "POST",
        body: "no push request",
        headers: { "content-type": "application/json" },
      });
      assert.equal(bad.status, 400, await bad.text());
      for (let at = 0; at < parts; ) {
        const response = await fetch(url(), { method: "POST", body: part(at, (text) => `${text}\n`) });
        await response.arrayBuffer();
        assert.ok([204, 400, 429, 503].includes(response.status), `${response.status}`);
        if (response.status === 204) taken += linesAPart;
        if (response.status === 204 || response.status === 400) at++;
      }
      return taken;
    },
  },
  {
    component: "loki.source.syslog",
    text: () => 'listener {\naddress = "127.0.0.1:0"\n}',
    bad: ["loki_source_syslog_parsing_errors_total", parts],
    async feed(scene) {
      const socket = connect(syslogPort(scene), "127.0.0.1");
      for (let at = 0; at < parts; at++) {
        socket.write(`<34>no message\n${part(at, (text) => `<34>1 - - - - - - ${text}\n`)}`);
        await sleep(10);
      }
      socket.end();
      return parts * linesAPart;
    },
  },
  {
    component: "loki.source.syslog",
    text: () => 'listener {\naddress = "127.0.0.1:0"\nprotocol = "udp"\n}',
    bad: ["loki_source_syslog_parsing_errors_total", parts],
    async feed(scene) {
      const socket = createSocket("udp4");
      const port = syslogPort(scene);
      const send = (text: string) => new Promise((resolve) => socket.send(text, port, "127.0.0.1", resolve));
      for (let at = 0; at < parts * linesAPart; at++) {
        await send(`<34>1 - - - - - - seq=${at}`);
        if (at % linesAPart === 0) await send("<34>no message");
        await sleep(2);
      }
      socket.close();
      return parts * linesAPart;
    },
  },
  {
    component: "loki.source.journal",
    text: ({ folder }) => {
      mkdirSync(join(folder, "journal"));
      const cases = join(import.meta.dirname, "../../apps/collector/src/components/loki/source/journal/cases");
      writeFileSync(join(folder, "journal/system.journal"), gunzipSync(readFileSync(join(cases, "regular.journal.gz"))));
      return `path = "${folder}/journal"\nmax_age = "1000000h"\nformat_as_json = true`;
    },
    begins: 3,
    feed: async () => 300,
  },
  {
    component: "loki.source.kubernetes",
    text: ({ api }) => {
      api.put("/api/v1/namespaces/shop/pods", {
        metadata: { name: "web", uid: "u" },
        status: { containerStatuses: [{ name: "app", restartCount: 0, state: { running: {} } }] },
      });
      api.pages.set("/api/v1/namespaces/shop/pods/web/log", async (_, response) => {
        response.writeHead(200);
        for (let at = 0; at < parts; at++) {
          response.write(part(at, cri));
          await sleep(10);
        }
      });
      const labels = { namespace: "shop", pod_name: "web", pod_container_name: "app", pod_uid: "u" };
      const target = Object.entries(labels).map(([name, value]) => `__meta_kubernetes_${name} = "${value}"`);
      return `targets = [{ ${target.join(", ")} }]\nclient {\napi_server = "${api.url}"\n}`;
    },
    feed: async () => parts * linesAPart,
  },
  {
    component: "loki.source.kubernetes_events",
    text: ({ api }) => `client {\napi_server = "${api.url}"\n}`,
    async feed({ api }) {
      // Those that are there when it begins are no news.
      await until(() => api.watches === 1, "the events are watched");
      for (let at = 0; at < parts; at++) {
        for (let i = 0; i < linesAPart; i++)
          api.put("/api/v1/namespaces/shop/events", {
            metadata: { name: `e${at * linesAPart + i}` },
            involvedObject: { kind: "Pod", name: "web", namespace: "shop" },
            message: `seq=${at * linesAPart + i}`,
            lastTimestamp: new Date().toISOString(),
          });
        await sleep(10);
      }
      return parts * linesAPart;
    },
  },
];

for (const { component, text, feed, bad, answers = false, begins = 0 } of waysIn)
  test(`${component} hands every line on once or counts why not: ${text.toString().includes("udp") ? "over UDP" : "as usual"}`, {
    timeout: 60_000,
  }, async () => {
    const definition = components[component]?.();
    assert.ok(definition);
    const folder = mkdtempSync(join(tmpdir(), "invar-ways-in-"));
    const api = await new ApiServerRig().start();
    const sink = new MoodySink(begins);
    const context = testContext({ id: `${component}.a`, clock: systemClock, dataPath: join(folder, "data") });
    let running: Awaited<ReturnType<typeof definition.create>> | undefined;
    const scene: Scene = { folder, api, info: () => running?.debugInfo?.() };
    try {
      const args = decodeText(definition, `forward_to = [sink]\n${text(scene)}`, { sink: capsuleOf("loki.LogsReceiver", sink) });
      running = await definition.create(context, args);
      await running.start();
      const fed = await feed(scene);
      const dropped = () => (answers ? 0 : droppedBy(component, context));
      await until(
        () => sink.lines.length + dropped() >= fed,
        () => `${fed} lines were fed, ${sink.lines.length} came, ${dropped()} were dropped`,
      );
      assert.equal(sink.lines.length + dropped(), fed);
      assert.equal(new Set(sink.lines).size, sink.lines.length, "a line came twice");
      if (!answers) assert.equal(dropped(), sink.refusedForGood);
      assert.ok(sink.refusedForGood > 0, "nothing was refused for good: this proves too little");
      if (bad !== undefined) assert.equal(context.metric(bad[0]), bad[1]);
    } finally {
      await running?.stop(AbortSignal.timeout(1000));
      await api.stop();
      rmSync(folder, { recursive: true });
    }
  });

function droppedBy(component: string, context: TestContext): number {
  return context.metric(`${component.replaceAll(".", "_")}_dropped_lines_total`) ?? 0;
}

function syslogPort({ info }: Scene): number {
  const { listeners } = info() as { listeners: { listen_address: string }[] };
  return Number(listeners[0]?.listen_address.split(":")[1]);
}

async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); await sleep(10))
    assert.ok(Date.now() < end, typeof what === "string" ? what : what());
}
