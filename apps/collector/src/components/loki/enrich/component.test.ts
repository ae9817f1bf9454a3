import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../../signals/loki/log-batch-builder.ts";
import { lineText } from "../../../signals/loki/log-lines.ts";
import { internRecord } from "../../../signals/loki/stream-labels.ts";
import { component } from "./component.ts";

class Sink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  refusal: DeliveryError | undefined;
  async consume(batch: LogBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    for (let row = 0; row < batch.rows; row++)
      this.lines.push(`${batch.streams[batch.stream[row] as number]?.text} ${lineText(batch, row)}`);
  }
  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
}

async function setUp(text: string) {
  const sink = new Sink();
  const context = testContext({ id: "loki.enrich.a" });
  const decode = (more: string) => decodeText(component, `forward_to = [sink]\n${more}`, { sink: capsuleOf("loki.LogsReceiver", sink) });
  const running = await component.create(context, decode(text));
  await running.start();
  const { value: receiver } = context.exports.receiver as { value: Consumer<LogBatch> };
  const send = async (...lines: [Record<string, string>, string][]) => {
    const builder = new LogBatchBuilder();
    for (const [labels, line] of lines) builder.add(internRecord(labels), 1, 0, line);
    const batch = builder.build({ createdMs: 0 });
    await receiver.consume(batch).finally(() => batch.release());
    return sink.lines.splice(0);
  };
  return { sink, running, receiver, send, decode };
}

const stop = new AbortController().signal;
const hosts = 'targets = [{ ip = "1", rack = "r1", x = "" }, { ip = "2", rack = "r2" }]\ntarget_match_label = "ip"';

test("copies the labels of the target that matches; others pass unchanged", async () => {
  const { send, running } = await setUp(`${hosts}\nlogs_match_label = "host"\nlabels_to_copy = ["rack", "x"]`);
  assert.deepEqual(
    await send([{ host: "1", x: "kept" }, "a"], [{ host: "3" }, "b"], [{ host: "2", rack: "old" }, "c"], [{ host: "1", x: "kept" }, "d"]),
    ['{host="1", rack="r1", x="kept"} a', '{host="3"} b', '{host="2", rack="r2"} c', '{host="1", rack="r1", x="kept"} d'],
  );
  await running.stop(stop);
});

test("puts streams together that become one, and follows targets that change", async () => {
  const { send, running, decode } = await setUp(`targets = [{ a = "1", b = "2" }]\ntarget_match_label = "a"`);
  assert.deepEqual(await send([{ a: "1" }, "x"], [{ a: "1", b: "old" }, "y"]), ['{a="1", b="2"} x', '{a="1", b="2"} y']);
  await running.update(decode(`targets = []\ntarget_match_label = "a"`));
  assert.deepEqual(await send([{ a: "1" }, "x"]), ['{a="1"} x']);
  await running.stop(stop);
});

test("passes refusals back", async () => {
  const { sink, send, receiver, running } = await setUp(hosts);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(receiver.pressure(), sink.refusal);
  await assert.rejects(send([{ ip: "1" }, "a"]), /full/);
  await running.stop(stop);
  await assert.rejects(send([{ ip: "1" }, "a"]), /has exited/);
});
