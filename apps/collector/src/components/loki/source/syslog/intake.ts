import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Counter, Family } from "../../../../component/metrics.ts";
import type { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import { type Rules, relabel } from "../../../../relabel/rules.ts";
import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { internRecord } from "../../../../signals/loki/stream-labels.ts";
import { parseRaw, parseRfc5424, rfc3164Parser, type SyslogMessage } from "../../../../signals/syslog/message.ts";
import type { ListenerArgs } from "./arguments.ts";
import { type FrameOptions, Frames } from "./frames.ts";

/** Raw lines have no limit of their own in the incumbent; here they have one. */
const MAX_RAW_BYTES = 1024 * 1024;

export interface SyslogCounts {
  readonly entries: Counter;
  readonly parsingErrors: Counter;
  readonly empty: Counter;
  readonly dropped: Family<Counter>;
}

/** Makes lines of what one listener receives. */
export class SyslogIntake {
  readonly #context: ComponentContext;
  readonly #args: ListenerArgs;
  readonly #rules: () => Rules;
  readonly #counts: SyslogCounts;
  readonly #sink: WaitingSink;
  readonly #parse: (line: string) => SyslogMessage;
  #warnedMs = Number.NEGATIVE_INFINITY;

  constructor(options: { context: ComponentContext; args: ListenerArgs; rules: () => Rules; counts: SyslogCounts; sink: WaitingSink }) {
    this.#context = options.context;
    this.#args = options.args;
    this.#rules = options.rules;
    this.#counts = options.counts;
    this.#sink = options.sink;
    this.#parse = parserOf(options.args, options.context);
  }

  frames(): Frames {
    const isRaw = this.#args.syslog_format === "raw";
    const options: FrameOptions = {
      delimiter: this.#args.raw_format_options?.use_null_terminator_delimiter === true ? 0 : 10,
      maxBytes: isRaw ? MAX_RAW_BYTES : this.#args.max_message_length,
      isStrict: !isRaw,
    };
    return new Frames(options);
  }

  /** Divides bytes of a sender into messages, and resolves when their lines are taken. Throws `MalformedInput` where the rest can't be read. */
  async take(frames: Frames, bytes: Buffer | undefined, sender: { readonly ip: string; readonly host: string }): Promise<void> {
    const builder = new LogBatchBuilder();
    const message = (text: string) => this.#add(builder, text, sender);
    const wrong = (problem: string) => this.wrong(problem, sender.ip);
    let failure: unknown;
    try {
      if (bytes === undefined) frames.end(message, wrong);
      else frames.add(bytes, message, wrong);
    } catch (error) {
      failure = error;
    }
    if (builder.rows > 0) {
      const { rows } = builder;
      const batch = builder.build({ createdMs: this.#context.clock.now() });
      try {
        await this.#sink.send(batch, sender.ip);
        this.#counts.entries.add(rows);
      } catch (error) {
        if (!this.#sink.isStopped) throw error;
        this.#counts.dropped.of("stopping").add(rows);
      } finally {
        batch.release();
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Counts what can't be read; the log hears of it once a minute. */
  wrong(problem: string, from: string): void {
    this.#counts.parsingErrors.add(1);
    const now = this.#context.clock.monotonic();
    if (now - this.#warnedMs < 60_000) return;
    this.#warnedMs = now;
    this.#context.log.warn("error parsing syslog stream", { err: problem, from });
  }

  #add(builder: LogBatchBuilder, text: string, sender: { readonly ip: string; readonly host: string }): void {
    let message: SyslogMessage;
    try {
      message = this.#parse(text);
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      this.wrong(error.message, sender.ip);
      return;
    }
    if (message.text === undefined) {
      this.#counts.empty.add(1);
      if (!this.#args.rfc5424_allow_empty_msg) return;
    }
    const relabelled = relabel(this.#labels(message, sender), this.#rules()) ?? {};
    const kept = Object.fromEntries(Object.entries(relabelled).filter(([name]) => !name.startsWith("__")));
    const timeMs = (this.#args.use_incoming_timestamp ? message.timeMs : undefined) ?? this.#context.clock.now();
    const seconds = Math.floor(timeMs / 1000);
    const nanos = Math.round((timeMs - seconds * 1000) * 1000) * 1000;
    builder.add(internRecord(kept), seconds, nanos, this.#args.use_rfc5424_message ? text : (message.text ?? ""));
  }

  #labels(message: SyslogMessage, { ip, host }: { readonly ip: string; readonly host: string }): Record<string, string> {
    const labels: Record<string, string> = { ...this.#args.labels, __syslog_connection_ip_address: ip, __syslog_connection_hostname: host };
    const set = (name: string, value: string | undefined) => {
      if (value !== undefined) labels[`__syslog_message_${name}`] = value;
    };
    set("severity", message.severity);
    set("facility", message.facility);
    set("hostname", message.hostname);
    set("app_name", message.appName);
    set("proc_id", message.procId);
    set("msg_id", message.msgId);
    set("msg_counter", message.counter);
    set("sequence", message.sequence);
    if (this.#args.label_structured_data)
      for (const [id, params] of message.structured ?? [])
        for (const [name, value] of params) set(`sd_${id.replaceAll("@", "_")}_${name}`, value);
    return labels;
  }
}

function parserOf(args: ListenerArgs, { clock }: ComponentContext): (line: string) => SyslogMessage {
  switch (args.syslog_format) {
    case "rfc5424":
      return parseRfc5424;
    case "raw":
      return parseRaw;
    case "rfc3164": {
      const given = args.rfc3164_cisco_components;
      const cisco = given && {
        counter: given.enable_all || given.message_counter,
        sequence: given.enable_all || given.sequence_number,
        hostname: given.enable_all || given.hostname,
        fractions: given.enable_all || given.second_fractions,
      };
      // In January a message of December is of the year before, and the other way round.
      const yearOf = (month: number) => {
        const now = new Date(clock.now());
        const turn = now.getUTCMonth() - month;
        return now.getUTCFullYear() + (turn === 11 ? 1 : turn === -11 ? -1 : 0);
      };
      return rfc3164Parser({ cisco, yearOf: args.rfc3164_default_to_current_year ? yearOf : undefined });
    }
  }
}
