import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import { fuzzParameters } from "../../../../../../../tests/fuzz-time.ts";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { compileRules } from "../../../../relabel/rules.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt } from "../../../../signals/loki/log-lines.ts";
import { parseRaw, parseRfc5424, rfc3164Parser } from "../../../../signals/syslog/message.ts";
import { testAuthority } from "../../../../transport/tls/test-certificates.ts";
import { component } from "./component.ts";
import { Frames } from "./frames.ts";

const NOW = Date.UTC(2024, 0, 2, 3, 4, 5);

class Sink implements Consumer<LogBatch> {
  readonly lines: { labels: string; line: string; ms: number }[] = [];
  refusal: DeliveryError | undefined;
  pressure() {
    return this.refusal;
  }
  async consume(batch: LogBatch) {
    for (let row = 0; row < batch.rows; row++) {
      const { labels, line, seconds, nanos } = lineAt(batch, row);
      this.lines.push({ labels: labels.text, line, ms: seconds * 1000 + nanos / 1e6 });
    }
  }
}

const rules = compileRules([
  {
    action: "labelmap",
    source_labels: ["__name__"],
    regex: "__syslog_(.+)",
    separator: ";",
    target_label: "",
    replacement: "$1",
    modulus: 0,
  },
]);

async function run(t: { after(fn: () => Promise<void>): void }, listener: string, { relabels = false, listeners = "" } = {}) {
  const sink = new Sink();
  const clock = new FakeClock(NOW);
  const context = testContext({ clock });
  const decode = (text: string) =>
    decodeText(
      component,
      `forward_to = [sink]\n${relabels ? "relabel_rules = rules" : ""}\nlistener {\naddress = "127.0.0.1:0"\n${text}\n}\n${listeners}`,
      { sink: capsuleOf("loki.LogsReceiver", sink), rules: capsuleOf("relabel.Rules", rules) },
    );
  const source = await component.create(context, decode(listener));
  await source.start();
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await source.stop(AbortSignal.timeout(300));
    isStopped = true;
  };
  t.after(stop);
  const info = () => {
    const shown = source.debugInfo?.() as { listeners: { ready: boolean; listen_address: string; labels: string }[] } | undefined;
    return shown?.listeners ?? [];
  };
  const port = (i = 0) => Number(/\d+$/.exec(info()[i]?.listen_address ?? "")?.[0]);
  return { sink, clock, context, stop, info, port, update: async (text: string) => source.update(decode(text)) };
}

async function until(condition: () => boolean) {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(condition(), "it did not come to that");
}

function send(port: number, ...parts: (string | Buffer)[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.setNoDelay(true);
      for (const part of parts) socket.write(part);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

const full = '<165>1 2018-10-11T22:14:15.003Z host5 e - id1 [custom@32473 exkey="1"][b c="d\\"e"] An application event log entry...';

test("takes messages with their lengths before them and up to line breaks on one connection", async (t) => {
  const { sink, port, context } = await run(t, 'labels = { job = "syslog" }');
  const socket = await send(port(), `${full.length} ${full}`, `${full}\n\n<34>1 - - `, "- - - - ünd\n", "<35>1 - - - - - - last");
  socket.end();
  await until(() => sink.lines.length === 4);
  assert.deepEqual(
    sink.lines.map(({ line }) => line),
    ["An application event log entry...", "An application event log entry...", "ünd", "last"],
  );
  assert.deepEqual([sink.lines[0]?.labels, sink.lines[0]?.ms], ['{job="syslog"}', NOW]);
  await until(() => context.metric("loki_source_syslog_entries_total") === 4);
});

test("labels tell what messages tell, and times may be theirs", async (t) => {
  const { sink, port } = await run(t, "use_incoming_timestamp = true\nlabel_structured_data = true\nuse_rfc5424_message = true", {
    relabels: true,
  });
  await send(port(), `${full}\n`);
  await until(() => sink.lines.length === 1);
  const [line] = sink.lines;
  assert.equal(line?.ms, Date.UTC(2018, 9, 11, 22, 14, 15, 3));
  assert.equal(line?.line, full);
  const labels = line?.labels.replace(/connection_hostname="[^"]*", /, "");
  assert.equal(
    labels,
    '{connection_ip_address="127.0.0.1", message_app_name="e", message_facility="local4", message_hostname="host5", message_msg_id="id1", ' +
      'message_sd_b_c="d\\"e", message_sd_custom_32473_exkey="1", message_severity="notice"}',
  );
});

test("what can't be read is counted, and ends the connection only where the rest can't be divided", async (t) => {
  const { sink, port, context } = await run(t, "max_message_length = 60");
  const socket = await send(port(), `<34>1 nonsense\n<34>1 - - - - - - ${"x".repeat(200)}\n<34>1 - - - - - - fine\n<34>1 - - - - - -\n`);
  await until(() => sink.lines.length === 1);
  assert.equal(sink.lines[0]?.line, "fine");
  await until(() => context.metric("loki_source_syslog_empty_messages_total") === 1);
  assert.equal(context.metric("loki_source_syslog_parsing_errors_total"), 2);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  socket.write("garbage\n");
  await closed;
  assert.equal(context.metric("loki_source_syslog_parsing_errors_total"), 3);
});

test("senders wait while nobody takes lines, and nothing is lost", async (t) => {
  const { sink, port, clock, stop, context } = await run(t, "");
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  const line = (i: number) => `<34>1 - - - - - - ${i} ${"x".repeat(1000)}\n`;
  const socket = await send(port());
  let sent = 0;
  while (sent < 30_000 && socket.write(line(sent++))) if (sent % 100 === 0) await new Promise(setImmediate);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(socket.bufferSize > 0 || socket.writableLength > 0, "the sender is not held back");
  sink.refusal = undefined;
  socket.end();
  await until(() => {
    void clock.advance(1000);
    return sink.lines.length === sent;
  });
  assert.deepEqual(
    sink.lines.map(({ line }) => Number(line.split(" ")[0])),
    Array.from({ length: sent }, (_, i) => i),
  );
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send(port(), line(0), line(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await stop();
  await until(() => context.metric("loki_source_syslog_dropped_lines_total", { reason: "stopping" }) === 2);
});

test("takes datagrams, each by itself", async (t) => {
  const { sink, port, context } = await run(
    t,
    'protocol = "udp"\nsyslog_format = "rfc3164"\nuse_incoming_timestamp = true\nrfc3164_default_to_current_year = true',
  );
  const socket = createSocket("udp4");
  t.after(async () => void socket.close());
  socket.send("<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed", port(), "127.0.0.1");
  await until(() => sink.lines.length === 1);
  assert.deepEqual([sink.lines[0]?.line, sink.lines[0]?.ms], ["'su root' failed", Date.UTC(2024, 9, 11, 22, 14, 15)]);
  // In January a message of December is a few days old.
  socket.send("<34>Dec 31 22:14:15 mymachine su: again\n", port(), "127.0.0.1");
  await until(() => sink.lines.length === 2);
  assert.equal(sink.lines[1]?.ms, Date.UTC(2023, 11, 31, 22, 14, 15));
  socket.send("nothing of the kind", port(), "127.0.0.1");
  await until(() => context.metric("loki_source_syslog_parsing_errors_total") === 1);
});

test("takes raw lines as they are", async (t) => {
  const { sink, port } = await run(t, 'syslog_format = "raw"\nraw_format_options {\nuse_null_terminator_delimiter = true\n}');
  const socket = await send(port(), "any thing\0<1>at all\nof it\0rest");
  socket.end();
  await until(() => sink.lines.length === 3);
  assert.deepEqual(
    sink.lines.map(({ line }) => line),
    ["any thing", "at all\nof it", "rest"],
  );
});

test("silent connections are closed after idle_timeout", async (t) => {
  const { port } = await run(t, 'idle_timeout = "50ms"');
  const socket = await send(port(), "<34>1 -");
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
});

test("an update keeps listeners that stay the same, with the new rules", async (t) => {
  const { sink, port, update, info } = await run(t, "", { listeners: 'listener {\naddress = "127.0.0.1:0"\nprotocol = "udp"\n}' });
  const [tcp, udp] = [port(0), port(1)];
  await update('labels = { a = "b" }');
  assert.notEqual(port(0), 0);
  assert.deepEqual([port(1), info()[0]?.labels, info().every(({ ready }) => ready)], [udp, '{"a":"b"}', true]);
  assert.ok(tcp > 0);
  await send(port(0), "<34>1 - - - - - - x\n");
  await until(() => sink.lines.length === 1);
  assert.equal(sink.lines[0]?.labels, '{a="b"}');
});

test("messages come over TLS, from clients with certificates where an authority is told", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "invar-syslog-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const authority = testAuthority();
  const server = authority.issue("localhost");
  const client = authority.issue("client");
  const text = (pem: string) => JSON.stringify(pem);
  const { sink, port } = await run(
    t,
    `tls_config {\ncert_pem = ${text(server.cert)}\nkey_pem = ${text(server.key)}\nca_pem = ${text(authority.ca)}\n}`,
  );
  const open = (more: object) => connectTls({ port: port(), host: "127.0.0.1", ca: authority.ca, servername: "localhost", ...more });
  const stranger = open({});
  stranger.resume();
  await new Promise((resolve) => stranger.once("error", resolve));
  const known = open({ cert: client.cert, key: client.key });
  known.end("<34>1 - - - - - - secret\n");
  await until(() => sink.lines.length === 1);
  assert.equal(sink.lines[0]?.line, "secret");
});

test("arguments without effect are refused", () => {
  const refused = (text: string) =>
    tryDecodeText(component, `forward_to = []\nlistener {\naddress = "127.0.0.1:0"\n${text}\n}`)
      .diagnostics.map(({ message }) => message)
      .join("; ");
  assert.match(refused('syslog_format = "raw"\nuse_rfc5424_message = true'), /"use_rfc5424_message" has no effect/);
  assert.match(refused("rfc3164_cisco_components {\nenable_all = true\n}"), /no effect when syslog format is not "rfc3164/);
  assert.match(refused('protocol = "sctp"'), /sctp/);
  assert.match(refused('tls_config {\nca_pem = "x"\n}'), /certificate and key are required/);
});

test("fuzz: any bytes in any pieces give messages or MalformedInput", () => {
  const piece = fc.oneof(
    fc.constantFrom(full, `${full.length} ${full}`, "<34>Oct 11 22:14:15 h t[1]: x", "\n", "12 ", "<1>", "1 - - - - - - ", '[a b="c"]'),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isStrict) => {
      const frames = new Frames({ delimiter: 10, maxBytes: 200, isStrict });
      const cisco = rfc3164Parser({ cisco: { counter: true, sequence: true, hostname: true, fractions: true }, yearOf: () => 2024 });
      const parse = (text: string) => {
        assert.ok(Buffer.byteLength(text) <= 600);
        for (const parser of [parseRaw, parseRfc5424, rfc3164Parser({}), cisco])
          try {
            parser(text);
          } catch (error) {
            assert.ok(error instanceof MalformedInput, String(error));
          }
      };
      try {
        for (const text of pieces) frames.add(Buffer.from(text), parse, () => {});
        frames.end(parse, () => {});
      } catch (error) {
        assert.ok(error instanceof MalformedInput, String(error));
      }
    }),
    fuzzParameters(),
  );
});
