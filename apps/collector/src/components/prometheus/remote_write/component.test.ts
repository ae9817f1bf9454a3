import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Capsule } from "@invar/alloy-syntax";
import { startDestination } from "../../../../../../tests/destinations/destination.ts";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { systemClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { sortedLabels, writeLabels } from "../../../signals/prometheus/label-encoding.ts";
import { type SampleBatch, SampleBatchBuilder } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { component } from "./component.ts";

const quick = 'queue_config {\n batch_send_deadline = "5ms"\n min_backoff = "5ms"\n max_backoff = "20ms"\n}\n';

function endpoint(url: string, more = ""): string {
  return `endpoint {\n url = "${url}"\n ${more.includes("queue_config") ? "" : quick}\n ${more}\n}`;
}

async function writer(t: TestContext, text: string, options: { dataPath?: string } = {}) {
  const context = testContext({ id: "prometheus.remote_write.test", clock: systemClock, ...options });
  const running = await component.create(context, decodeText(component, text));
  await running.start();
  let isStopped = false;
  const stop = async (withinMs = 0) => {
    if (isStopped) return;
    isStopped = true;
    await running.stop(withinMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(withinMs));
  };
  t.after(() => stop());
  const receiver = (context.exports.receiver as Capsule<Consumer<SampleBatch>>).value;
  return {
    context,
    running,
    receiver,
    stop,
    async send(fill: (builder: SampleBatchBuilder) => void): Promise<void> {
      const builder = new SampleBatchBuilder(processSeries, 8);
      fill(builder);
      const batch = builder.build();
      try {
        await receiver.consume(batch);
      } finally {
        batch.release();
      }
    },
  };
}

function series(labels: Record<string, string>): number {
  return processSeries.internLabels(sortedLabels(Object.entries(labels)));
}

async function until(claim: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000 && !claim(); i++) await pause(10);
  assert.ok(claim(), what);
}

for (const message of ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"])
  test(`${message}: samples, markers, histograms and exemplars arrive as they are`, async (t) => {
    await using destination = await startDestination();
    const { send, context } = await writer(
      t,
      endpoint(destination.remoteWriteUrl, `protobuf_message = "${message}"\nsend_native_histograms = true`),
    );
    const exemplar = new ProtobufWriter(32);
    writeLabels(exemplar, sortedLabels([["trace_id", "t"]]));
    await send((builder) => {
      builder.add(series({ __name__: "a", x: "1" }), 1000, 1.5);
      builder.addStale(series({ __name__: "b", x: "1" }), 2000);
      builder.add(series({ __name__: "c" }), 3000, Number.NEGATIVE_INFINITY);
      builder.addHistogram(series({ __name__: "h" }), 4000, Buffer.from("0803190000000000000840", "hex"));
      builder.addExemplar(series({ __name__: "a", x: "1" }), 900, 0.5, exemplar.bytes, 0, exemplar.length);
    });
    await destination.until(({ samples, exemplars }) => samples === 4 && exemplars === 1);
    const samples = destination
      .received("samples")
      .map(({ version, labels, timestampMs, value, isStale, histogram }) => {
        const shown = isStale ? "stale" : histogram === undefined ? value : `histogram of ${histogram.sum}`;
        return `${version} ${JSON.stringify(labels)} ${shown} @${timestampMs}`;
      })
      .sort();
    const version = message.includes("v2") ? 2 : 1;
    assert.deepEqual(samples, [
      `${version} {"__name__":"a","x":"1"} 1.5 @1000`,
      `${version} {"__name__":"b","x":"1"} stale @2000`,
      `${version} {"__name__":"c"} -Infinity @3000`,
      `${version} {"__name__":"h"} histogram of 3 @4000`,
    ]);
    assert.deepEqual(
      destination.received("exemplars").map(({ labels, value, timestampMs }) => [{ ...labels }, value, timestampMs]),
      [[{ trace_id: "t" }, 0.5, 900]],
    );
    await until(() => context.metric("prometheus_remote_storage_samples_total") === 3, "samples are counted");
    await until(() => context.metric("prometheus_remote_storage_histograms_total") === 1, "histograms are counted");
    await until(() => context.metric("prometheus_remote_storage_exemplars_total") === 1, "exemplars are counted");
    assert.equal(context.metric("prometheus_remote_storage_samples_pending"), 0);
    assert.equal(context.metric("prometheus_remote_write_wal_samples_appended_total"), 4);
    assert.equal(context.metric("prometheus_remote_write_wal_storage_active_series"), 3);
    assert.ok((context.metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds") ?? 0) >= 3);
  });

test("external labels and rules of the endpoint apply, in this order", async (t) => {
  await using destination = await startDestination();
  const rule =
    'write_relabel_config {\n source_labels = ["cluster"]\n target_label = "c"\n}\nwrite_relabel_config {\n regex = "secret"\n action = "labeldrop"\n}';
  const drop = 'write_relabel_config {\n source_labels = ["__name__"]\n regex = "unwanted"\n action = "drop"\n}';
  const { send } = await writer(
    t,
    `external_labels = { cluster = "k", x = "external" }\n${endpoint(destination.remoteWriteUrl, `${rule}\n${drop}`)}\n${endpoint(destination.remoteWriteUrl, 'name = "plain"')}`,
  );
  await send((builder) => {
    builder.add(series({ __name__: "a", x: "own", secret: "s" }), 1000, 1);
    builder.add(series({ __name__: "unwanted" }), 1000, 1);
  });
  await destination.until(({ samples }) => samples === 3);
  const labels = destination.received("samples").map((sample) => JSON.stringify(sample.labels));
  assert.deepEqual(labels.sort(), [
    '{"__name__":"a","c":"k","cluster":"k","x":"own"}',
    '{"__name__":"a","cluster":"k","secret":"s","x":"own"}',
    '{"__name__":"unwanted","cluster":"k","x":"external"}',
  ]);
});

test("what a failing destination does not take is sent again, in order", async (t) => {
  await using destination = await startDestination();
  destination.fault({ mode: [503, 429, "drop"], every: 1 });
  const { send, context } = await writer(t, endpoint(destination.remoteWriteUrl));
  for (let i = 0; i < 20; i++) await send((builder) => builder.add(series({ __name__: "a" }), 1000 + i, i));
  await until(() => destination.requests.length >= 6, "requests are repeated");
  assert.equal(destination.stats().samples, 0);
  destination.fault("ok");
  const { samples, outOfOrderSamples, repeatedSamples } = await destination.until((stats) => stats.samples >= 20);
  assert.deepEqual([samples, outOfOrderSamples, repeatedSamples], [20, 0, 0]);
  assert.ok((context.metric("prometheus_remote_storage_samples_retried_total") ?? 0) > 0);
});

const refusals: [mode: number, more: string][] = [
  [400, ""],
  [429, 'queue_config {\n batch_send_deadline = "5ms"\n retry_on_http_429 = false\n}'],
];

for (const [mode, more] of refusals)
  test(`${mode} is final${more === "" ? "" : " where 429 is not to be repeated"}: counted, and the next request goes out`, async (t) => {
    await using destination = await startDestination();
    destination.fault({ mode });
    const { send, context } = await writer(t, endpoint(destination.remoteWriteUrl, more));
    await send((builder) => builder.add(series({ __name__: "a" }), 1000, 1));
    await until(() => context.metric("prometheus_remote_storage_samples_failed_total") === 1, "the loss is counted");
    destination.fault("ok");
    await send((builder) => builder.add(series({ __name__: "a" }), 2000, 1));
    await destination.until(({ samples }) => samples === 1);
    assert.equal(context.metric("prometheus_remote_storage_samples_in_total"), 2);
    await until(() => context.metric("prometheus_remote_storage_samples_total") === 1, "what arrived is counted");
  });

test("a receiver that does not speak version 2 is found out", async (t) => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/write`;
  const { send, context } = await writer(t, endpoint(url, 'protobuf_message = "io.prometheus.write.v2.Request"'));
  await send((builder) => builder.add(series({ __name__: "a" }), 1000, 1));
  await until(() => context.metric("prometheus_remote_storage_samples_failed_total") === 1, "the loss is counted");
  assert.match(JSON.stringify(context.logged), /does not speak remote write 2/);
});

test("requests have the headers of the protocol and the user's", async (t) => {
  await using destination = await startDestination({ credentials: { username: "u", password: "p" } });
  const { send } = await writer(
    t,
    endpoint(destination.remoteWriteUrl, 'headers = { "X-Scope-OrgID" = "tenant" }\nbasic_auth {\n username = "u"\n password = "p"\n}'),
  );
  await send((builder) => builder.add(series({ __name__: "a" }), 1000, 1));
  await destination.until(({ samples }) => samples === 1);
  const headers = destination.requests[0]?.headers ?? {};
  assert.equal(headers["content-encoding"], "snappy");
  assert.equal(headers["content-type"], "application/x-protobuf");
  assert.equal(headers["x-prometheus-remote-write-version"], "0.1.0");
  assert.equal(headers["x-scope-orgid"], "tenant");
});

test("requests hold no more samples than they may", async (t) => {
  await using destination = await startDestination();
  const { send } = await writer(
    t,
    endpoint(destination.remoteWriteUrl, 'queue_config {\n batch_send_deadline = "5ms"\n max_samples_per_send = 50\n max_shards = 1\n}'),
  );
  for (let i = 0; i < 20; i++)
    await send((builder) => {
      for (let n = 0; n < 40; n++) builder.add(series({ __name__: "a", n: String(n) }), 1000 + i, n);
    });
  await destination.until(({ samples }) => samples === 800);
  assert.ok(destination.requests.length >= 16, String(destination.requests.length));
});

test("samples that are too old, and histograms that nobody wants, are dropped and counted", async (t) => {
  await using destination = await startDestination();
  const { send, context } = await writer(
    t,
    endpoint(destination.remoteWriteUrl, 'queue_config {\n batch_send_deadline = "5ms"\n sample_age_limit = "1m"\n}'),
  );
  const now = Date.now();
  await send((builder) => {
    builder.add(series({ __name__: "a" }), now - 120_000, 1);
    builder.add(series({ __name__: "a" }), now, 2);
    builder.addHistogram(series({ __name__: "h" }), now, Buffer.from("0801", "hex"));
  });
  await destination.until(({ samples }) => samples === 1);
  assert.equal(destination.received("samples")[0]?.value, 2);
  assert.equal(context.metric("prometheus_remote_storage_samples_dropped_total", { reason: "too_old" }), 1);
  assert.equal(context.metric("prometheus_remote_storage_histograms_dropped_total", { reason: "not_sent" }), 1);
});

test("metadata go out in intervals in version 1, with the samples in version 2", async (t) => {
  await using destination = await startDestination();
  const metadata = { family: "a", type: "counter", help: "Help.", unit: "s" } as const;
  const interval = 'metadata_config {\n send_interval = "1s"\n}';
  const first = await writer(t, endpoint(destination.remoteWriteUrl, interval));
  await first.send((builder) => {
    builder.add(series({ __name__: "a_total" }), 1000, 1);
    builder.addMetadata(series({ __name__: "a_total" }), metadata);
  });
  await destination.until((stats) => stats.metadata === 1);
  await first.stop();
  const second = await writer(t, endpoint(destination.remoteWriteUrl, 'protobuf_message = "io.prometheus.write.v2.Request"'));
  await second.send((builder) => {
    builder.add(series({ __name__: "a_total" }), 2000, 1);
    builder.addMetadata(series({ __name__: "a_total" }), metadata);
  });
  await destination.until((stats) => stats.metadata === 2);
  assert.deepEqual(
    destination.received("metadata").map(({ type, help, unit }) => [type, help, unit]),
    [
      [1, "Help.", "s"],
      [1, "Help.", "s"],
    ],
  );
});

test("what could not be sent is there after a restart", async (t) => {
  const dataPath = mkdtempSync(join(tmpdir(), "invar-remote-write-"));
  t.after(() => rmSync(dataPath, { recursive: true, force: true }));
  await using destination = await startDestination();
  destination.fault("503");
  const before = await writer(t, endpoint(destination.remoteWriteUrl), { dataPath });
  for (let i = 0; i < 5; i++) await before.send((builder) => builder.add(series({ __name__: "a" }), 1000 + i, i));
  await before.stop(100);
  destination.fault("ok");
  await writer(t, endpoint(destination.remoteWriteUrl), { dataPath });
  const stats = await destination.until(({ samples }) => samples >= 5);
  assert.deepEqual([stats.samples, stats.outOfOrderSamples], [5, 0]);
});

test("endpoints come and go with the arguments, and one that fails makes the component unhealthy by its name", async (t) => {
  await using one = await startDestination();
  await using two = await startDestination();
  const { send, running, context } = await writer(t, endpoint(one.remoteWriteUrl));
  await send((builder) => builder.add(series({ __name__: "a" }), 1000, 1));
  await one.until(({ samples }) => samples === 1);
  await running.update(decodeText(component, `${endpoint(one.remoteWriteUrl)}\n${endpoint(two.remoteWriteUrl, 'name = "second"')}`));
  await send((builder) => builder.add(series({ __name__: "a" }), 2000, 1));
  await two.until(({ samples }) => samples === 1);
  await one.until(({ samples }) => samples === 2);
  assert.equal(context.metric("prometheus_remote_storage_samples_in_total", { remote_name: "second" }), 1);
  await running.update(decodeText(component, endpoint(two.remoteWriteUrl, 'name = "second"')));
  await send((builder) => builder.add(series({ __name__: "a" }), 3000, 1));
  await two.until(({ samples }) => samples === 2);
  assert.equal(one.stats().samples, 2);
  assert.equal(context.metric("prometheus_remote_storage_samples_in_total", { url: one.remoteWriteUrl }), undefined);
});

test("after it has stopped nothing is taken", async (t) => {
  const { receiver, stop, send } = await writer(t, "");
  await send((builder) => builder.add(series({ __name__: "a" }), 1000, 1));
  await stop();
  assert.equal(receiver.pressure()?.reason, "stopping");
  await assert.rejects(
    send((builder) => builder.add(series({ __name__: "a" }), 1000, 1)),
    /has exited/,
  );
});

const refused: [text: string, finding: RegExp][] = [
  [endpoint("nonsense"), /cannot parse remote_write url "nonsense"/],
  [endpoint("ftp://x"), /must begin with http/],
  [endpoint("http://x", 'protobuf_message = "x"'), /prometheus.WriteRequest/],
  [endpoint("http://x", 'bearer_token = "a"\nsigv4 {}'), /at most one of sigv4, azuread/],
  [
    endpoint("http://x", "queue_config {\n min_shards = 9\n max_shards = 3\n}"),
    /min_shards must be at least 1 and at most max_shards, got 9 and 3/,
  ],
  [`${endpoint("http://x", 'name = "n"')}\n${endpoint("http://y", 'name = "n"')}`, /found multiple remote write configs with job name "n"/],
  ['wal {\n max_keepalive_time = "1m"\n}', /min_keepalive_time must be smaller than max_keepalive_time/],
  ['wal {\n truncate_frequency = "0s"\n}', /truncate_frequency must not be 0/],
];

for (const [text, finding] of refused)
  test(`refuses ${JSON.stringify(text).slice(0, 90)}`, () => {
    const { diagnostics } = tryDecodeText(component, text);
    const messages = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    assert.ok(
      messages.some((message) => finding.test(message)),
      messages.join("; "),
    );
  });
