import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../component/from-text.ts";
import { testContext } from "../../component/testing.ts";
import { Metadata } from "../../signals/client-info.ts";
import type { DeliveryError } from "../../signals/delivery-error.ts";
import { OtlpBatch, type Signal } from "../../signals/otlp/batch.ts";
import { namesIn, requestOf } from "../../signals/otlp/testing.ts";
import { Receipt } from "../../signals/receipt.ts";
import type { SendOutcome } from "../destination.ts";
import { retryBlock, sendingQueueBlock } from "./arguments.ts";
import { OtlpExporter } from "./exporter.ts";
import type { OtlpRequest } from "./options.ts";

const root = mkdtempSync(join(tmpdir(), "invar-exporter-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

const schema = { blocks: { sending_queue: sendingQueueBlock, retry_on_failure: retryBlock } };
const quick = 'retry_on_failure {\ninitial_interval = "1ms"\nmax_interval = "2ms"\n}';

interface Given {
  readonly queue?: string;
  readonly retry?: string;
  readonly folder?: string | undefined;
  readonly needsClient?: boolean;
  readonly endpoint?: string;
}

/** An exporter over a destination that notes `signal:names` of each request and answers as `answer` says. */
async function running(
  given: Given = {},
  answer: (request: OtlpRequest) => SendOutcome | Promise<SendOutcome> = () => ({ kind: "delivered" }),
) {
  const sent: string[] = [];
  const requests: OtlpRequest[] = [];
  const context = testContext({
    clock: systemClock,
    id: "otelcol.exporter.test.x",
    ...("folder" in given && { dataPath: given.folder ?? "" }),
  });
  const options = ({ queue = "", retry = quick, needsClient = false, endpoint = "here" }: Given) => {
    const args = decodeText(schema, `sending_queue {\n${queue}\n}\n${retry}`, {
      storage: capsuleOf("otelcol.StorageHandler", { id: "s", directory: join(root, "storage"), fsync: true, timeoutMs: 1 }),
    });
    return {
      kind: "test",
      queue: args.sending_queue,
      retry: args.retry_on_failure,
      timeoutMs: 1000,
      senderKeys: () => (needsClient ? { metadata: ["Tenant"], attributes: ["subject"] } : undefined),
      endpoint: () => endpoint,
      async send(request: OtlpRequest) {
        const outcome = await answer(request);
        requests.push(request);
        sent.push(`${outcome.kind} ${namesIn(request.signal, request.payload).join(" ")}`);
        return outcome;
      },
    };
  };
  const exporter = new OtlpExporter(given.folder === undefined ? { ...context, dataPath: undefined } : context, options(given));
  await exporter.start();
  return {
    sent,
    requests,
    context,
    exporter,
    update: (next: Given) => exporter.update(options(next)),
    send(names: string, extra: { signal?: Signal; tenant?: string; receipt?: Receipt } = {}) {
      const { signal = "traces", tenant, receipt } = extra;
      const list = names.split(" ");
      const client = tenant === undefined ? undefined : { metadata: new Metadata(["tenant", tenant]), address: "::1" };
      const batch = new OtlpBatch({ signal, chunks: [requestOf(signal, list)], items: list.length, client, receipt });
      return exporter.consumer.consume(batch).then(
        () => "ok",
        (error: DeliveryError) => `${error.reason} ${error.retryable}`,
      );
    },
    async until(condition: () => boolean) {
      for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 4));
      assert.ok(condition(), `not within 2 s; sent: ${sent.join(", ")}`);
    },
    stop: () => exporter.stop(AbortSignal.timeout(1000)),
  };
}

const folder = () => join(root, String(folders++));

test("acknowledges what is queued, and delivers it", async () => {
  const { send, sent, until, context, stop } = await running({ folder: folder() });
  assert.equal(await send("a b"), "ok");
  assert.equal(await send("c", { signal: "logs" }), "ok");
  await until(() => sent.length === 2);
  assert.deepEqual(sent.sort(), ["delivered a b", "delivered c"]);
  await until(() => context.metric("otelcol_exporter_sent_spans_total") === 2);
  assert.equal(context.metric("otelcol_exporter_sent_log_records_total"), 1);
  assert.equal(context.metric("otelcol_exporter_queue_capacity", { data_type: "traces" }), 1024 ** 3);
  await stop();
});

test("data left on disk goes out after a restart, without any new data", async () => {
  const path = folder();
  const first = await running({ folder: path }, () => ({ kind: "retry", message: "503", retryAfterMs: 60_000 }));
  assert.equal(await first.send("a b"), "ok");
  await first.exporter.stop(AbortSignal.abort());
  const second = await running({ folder: path });
  await second.until(() => second.sent.length === 1);
  assert.deepEqual(second.sent, ["delivered a b"]);
  await second.stop();
});

test("tries again what may be tried again, and counts what is refused for good", async () => {
  const outcomes: SendOutcome[] = [
    { kind: "retry", message: "503" },
    { kind: "delivered", rejectedItems: 1, message: "too old" },
    { kind: "refused", reason: "rejected_400", message: "bad" },
  ];
  const { send, sent, until, context, stop } = await running({}, () => outcomes.shift() ?? { kind: "delivered" });
  await send("a b");
  await until(() => sent.length === 2);
  await send("c d e");
  await until(() => context.metric("otelcol_exporter_send_failed_spans_total") === 4);
  assert.equal(context.metric("otelcol_exporter_sent_spans_total"), 1);
  assert.equal(context.logged.filter(({ level }) => level === "error").length, 2);
  await stop();
});

test("without retrying, one failure is enough", async () => {
  const { send, until, context, stop } = await running({ retry: "retry_on_failure {\nenabled = false\n}" }, () => ({
    kind: "retry",
    message: "503",
  }));
  await send("a");
  await until(() => context.metric("otelcol_exporter_send_failed_spans_total") === 1);
  await stop();
});

test("drops the oldest, and counts it, where the queue is full", async () => {
  const holds: ((outcome: SendOutcome) => void)[] = [];
  const held = () => new Promise<SendOutcome>((resolve) => holds.push(resolve));
  const { send, sent, until, exporter, context, stop } = await running({ queue: "queue_size = 2\nnum_consumers = 1" }, held);
  assert.deepEqual([await send("a"), await send("b"), await send("c")], ["ok", "ok", "ok"]);
  assert.equal(exporter.consumer.pressure("traces"), undefined);
  assert.equal(context.metric("otelcol_exporter_send_failed_spans_total"), 1);
  assert.equal(context.metric("invar_destination_dropped_items_total", { reason: "queue_full" }), 1);
  assert.equal(context.metric("otelcol_exporter_queue_size"), 2);
  // The first is on its way and stays; of those that wait the oldest goes.
  holds[0]?.({ kind: "delivered" });
  await until(() => holds.length === 2);
  holds[1]?.({ kind: "delivered" });
  await until(() => sent.length === 2);
  assert.deepEqual(sent, ["delivered a", "delivered c"]);
  await stop();
});

test("lets senders wait for room where it is told to block", async () => {
  const holds: ((outcome: SendOutcome) => void)[] = [];
  const held = () => new Promise<SendOutcome>((resolve) => holds.push(resolve));
  const { send, exporter, stop, until } = await running({ queue: "queue_size = 1\nblock_on_overflow = true\nnum_consumers = 1" }, held);
  await send("a");
  const waiting = send("b");
  assert.equal(exporter.consumer.pressure("traces"), undefined);
  await until(() => holds.length === 1);
  holds[0]?.({ kind: "delivered" });
  assert.equal(await waiting, "ok");
  await until(() => holds.length === 2);
  holds[1]?.({ kind: "delivered" });
  await stop();
});

test("a batch block gathers small requests and divides large ones", async () => {
  const queue = 'num_consumers = 2\nbatch {\nmin_size = 3\nmax_size = 4\nflush_timeout = "20ms"\n}';
  const { send, sent, until, stop } = await running({ queue });
  await send("a");
  await send("b c");
  await until(() => sent.length === 1);
  await send("d e f g h i j k l");
  await until(() => sent.length >= 4);
  assert.deepEqual(sent.slice(0, 1), ["delivered a b c"]);
  assert.deepEqual(sent.slice(1).sort(), ["delivered d e f g", "delivered h i j k", "delivered l"]);
  await stop();
});

test("a batch block can count bytes", async () => {
  const queue = 'batch {\nsizer = "bytes"\nmin_size = 1\nmax_size = 20\nflush_timeout = "5ms"\n}';
  const { send, requests, sent, until, stop } = await running({ queue });
  await send("a b c d e f g h i j");
  await until(() => sent.map((line) => line.split(" ").length - 1).reduce((a, b) => a + b, 0) === 10);
  assert.ok(requests.every(({ bytes }) => bytes <= 20));
  await stop();
});

test("data of different senders goes apart where requests carry their credentials", async () => {
  const { send, requests, until, stop } = await running({
    needsClient: true,
    queue: 'num_consumers = 1\nbatch {\nmin_size = 10\nmax_size = 10\nflush_timeout = "10ms"\n}',
  });
  await send("a", { tenant: "one" });
  await send("b", { tenant: "two" });
  await send("c", { tenant: "one" });
  await until(() => requests.length >= 2 && requests.reduce((sum, { items }) => sum + items, 0) === 3);
  for (const { client, payload, signal } of requests)
    assert.equal(client?.metadata.get("tenant"), namesIn(signal, payload).join("") === "b" ? "two" : "one");
  await stop();
});

test("without a queue the sender waits for the destination, and hears of its refusal", async () => {
  const outcomes: SendOutcome[] = [
    { kind: "retry", message: "503" },
    { kind: "delivered" },
    { kind: "refused", reason: "http_400", message: "bad" },
  ];
  const { send, sent, context, stop } = await running({ queue: "enabled = false" }, () => outcomes.shift() ?? { kind: "delivered" });
  assert.equal(await send("a"), "ok");
  assert.deepEqual(sent, ["retry a", "delivered a"]);
  assert.equal(await send("b"), "http_400 false");
  assert.equal(context.metric("otelcol_exporter_send_failed_spans_total"), 1);
  await stop();
});

test("without a queue a destination that is down is the sender's to try again", async () => {
  const retry = 'retry_on_failure {\ninitial_interval = "1ms"\nmax_elapsed_time = "5ms"\n}';
  const { send, exporter, stop } = await running({ queue: "enabled = false", retry }, () => ({ kind: "retry", message: "503" }));
  assert.equal(await send("a"), "destination_unavailable true");
  await stop();
  assert.equal(exporter.consumer.pressure()?.reason, "stopping");
});

test("waiting for the result has its own limits", async () => {
  const holds: ((outcome: SendOutcome) => void)[] = [];
  const held = () => new Promise<SendOutcome>((resolve) => holds.push(resolve));
  const { send, stop, until } = await running({ queue: "wait_for_result = true\nnum_consumers = 1\nqueue_size = 1" }, held);
  const answers = [send("a"), send("b"), send("c")];
  assert.equal(await answers[2], "queue_full true");
  await until(() => holds.length === 1);
  holds[0]?.({ kind: "delivered" });
  await until(() => holds.length === 2);
  holds[1]?.({ kind: "delivered" });
  assert.deepEqual(await Promise.all(answers.slice(0, 2)), ["ok", "ok"]);
  await stop();
});

test("a receipt settles when the data is on disk", async () => {
  const { send, stop } = await running({ folder: folder() }, () => ({ kind: "retry", message: "503", retryAfterMs: 60_000 }));
  let settled = false;
  const receipt = new Receipt(() => {
    settled = true;
  });
  await send("a", { receipt });
  receipt.settle();
  assert.equal(settled, true);
  await stop();
});

test("an update keeps the queue of the same endpoint and takes new limits", async () => {
  const path = folder();
  let isDown = true;
  const { send, sent, update, until, stop, context } = await running({ folder: path }, () =>
    isDown ? { kind: "retry", message: "503" } : { kind: "delivered" },
  );
  await send("a");
  await update({ queue: "queue_size = 5", folder: path });
  assert.equal(context.metric("otelcol_exporter_queue_capacity"), 5);
  isDown = false;
  await until(() => sent.includes("delivered a"));
  await update({ endpoint: "elsewhere", folder: path });
  await send("b");
  await until(() => sent.includes("delivered b"));
  await stop();
});

test("keeps its queue in the folder of a storage component", async () => {
  const { send, exporter, stop } = await running({ queue: "storage = storage" }, () => ({ kind: "retry", message: "503" }));
  await send("a");
  assert.equal((exporter.debugInfo() as { queue: { isOnDisk: boolean }[] }).queue[0]?.isOnDisk, true);
  await stop();
});

for (const [text, message] of [
  ["sending_queue {\nqueue_size = 0\n}", "queue_size must be greater than zero"],
  ["sending_queue {\nbatch {\nmin_size = 10\nmax_size = 5\n}\n}", "`max_size` must be greater or equal to `min_size`"],
  ['sending_queue {\nbatch {\nsizer = "requests"\n}\n}', "`batch` supports only `items` or `bytes` sizer"],
  ['sending_queue {\nbatch {\nflush_timeout = "0s"\n}\n}', "`flush_timeout` must be positive"],
  ['sending_queue {\nsizer = "items"\nqueue_size = 10\nbatch {}\n}', "`min_size` must be less than or equal to `queue_size`"],
  ["retry_on_failure {\nmultiplier = 1.0\n}", "multiplier must be greater than 1.0"],
  ["retry_on_failure {\nrandomization_factor = -1\n}", "randomization_factor must be greater or equal to 0"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(schema, text);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });

test("refuses data of a sender whose credentials are too long to be kept with it", async () => {
  const { send, stop } = await running({ needsClient: true });
  assert.equal(await send("a", { tenant: "x".repeat(2000) }), "sender_too_long false");
  await stop();
});
