import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { type Rules, relabel } from "../../../../relabel/rules.ts";
import { parseLabelText } from "../../../../signals/loki/label-text.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { decodePushRequest } from "../../../../signals/loki/push-decode.ts";
import { decodeJsonPush } from "../../../../signals/loki/push-json.ts";
import { internRecord, type StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import { decompress } from "../../../../transport/compression.ts";

/** How labels of clients become labels of streams, and times. */
export interface IntakeSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: Rules;
  readonly usesIncomingTime: boolean;
  readonly maxBytes: number;
}

export interface Intake {
  readonly batch: LogBatch;
  /** What is wrong with the labels of some of the streams, which are left out. */
  readonly problem: string | undefined;
  /** Streams that rules drop. */
  readonly droppedStreams: number;
}

/** Clients send the same streams again and again. */
const MOST_REMEMBERED = 10_000;
const TENANT_LABEL = "__tenant_id__";

/** Reads push requests into batches. Throws `MalformedInput` or `CompressionError` where a body can't be read. */
export class PushIntake {
  readonly #settings: IntakeSettings;
  #byText = new Map<string, StreamLabels | undefined>();

  constructor(settings: IntakeSettings) {
    this.#settings = settings;
  }

  async readHttp(
    body: readonly Uint8Array[],
    head: { contentType: string; encoding: string; tenant: string },
    nowMs: number,
  ): Promise<Intake> {
    const unpacked = await this.#unpack(body, head.encoding);
    if (head.contentType === "application/json") return this.#readJson(unpacked, head.tenant, nowMs);
    return this.read(await decompress("snappy", [unpacked], this.#settings.maxBytes), head.tenant, nowMs);
  }

  /** Reads an uncompressed push request in protobuf. */
  read(body: Uint8Array, tenant: string, nowMs: number): Intake {
    const outcome = new Outcome();
    const batch = decodePushRequest(body, {
      ...this.#times(nowMs),
      labels: (text) => outcome.note(() => this.#labelsOfText(text, tenant)),
    });
    return { batch, ...outcome.result };
  }

  /** One line of text a line; empty ones are left out. */
  readRaw(body: readonly Uint8Array[], tenant: string, nowMs: number): LogBatch {
    const labels = internRecord(withTenant(this.#settings.labels, tenant));
    const bytes = whole(body);
    const builder = new LogBatchBuilder();
    const { seconds, nanos } = timeOf(nowMs);
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(10, at);
      const next = newline < 0 ? bytes.length : newline + 1;
      let end = newline < 0 ? next : newline;
      while (end > at && bytes[end - 1] === 13) end--;
      const line = nanos + builder.rows;
      if (end > at) builder.addBytes(labels, seconds + Math.floor(line / 1e9), line % 1e9, bytes, at, end);
      at = next;
    }
    return builder.build({ createdMs: nowMs });
  }

  #readJson(body: Uint8Array, tenant: string, nowMs: number): Intake {
    const outcome = new Outcome();
    const batch = decodeJsonPush(body, { ...this.#times(nowMs), labels: (record) => outcome.note(() => this.#labelsOf(record, tenant)) });
    return { batch, ...outcome.result };
  }

  #times(nowMs: number): { createdMs: number; timestamp?: { seconds: number; nanos: number } } {
    return { createdMs: nowMs, ...(!this.#settings.usesIncomingTime && { timestamp: timeOf(nowMs) }) };
  }

  #labelsOfText(text: string, tenant: string): StreamLabels | undefined {
    const key = `${tenant}\n${text}`;
    if (this.#byText.has(key)) return this.#byText.get(key);
    const labels = this.#labelsOf(Object.fromEntries(parseLabelText(text)), tenant);
    if (this.#byText.size >= MOST_REMEMBERED) this.#byText = new Map();
    this.#byText.set(key, labels);
    return labels;
  }

  /** Undefined where rules drop the stream. */
  #labelsOf(record: Readonly<Record<string, string>>, tenant: string): StreamLabels | undefined {
    const relabelled = relabel({ ...record, ...this.#settings.labels }, this.#settings.rules);
    if (relabelled === undefined || Object.keys(relabelled).length === 0) return undefined;
    const kept = Object.fromEntries(Object.entries(relabelled).filter(([name]) => !name.startsWith("__")));
    return internRecord(withTenant(kept, tenant));
  }

  async #unpack(body: readonly Uint8Array[], encoding: string): Promise<Uint8Array> {
    switch (encoding) {
      case "":
      case "snappy":
        return whole(body);
      case "gzip":
        return decompress("gzip", body, this.#settings.maxBytes);
      case "deflate":
        return this.#inflate(whole(body));
      default:
        throw new MalformedInput(`Content-Encoding ${JSON.stringify(encoding)} not supported`);
    }
  }

  /** `deflate` means the zlib format, but many clients send it bare. */
  async #inflate(body: Uint8Array): Promise<Uint8Array> {
    const [first = 0, second = 0] = body;
    if ((first & 0x0f) === 8 && (first * 256 + second) % 31 === 0) return decompress("deflate", [body], this.#settings.maxBytes);
    try {
      return await inflateRawLater(body, { maxOutputLength: this.#settings.maxBytes });
    } catch (error) {
      throw new MalformedInput(`deflate: ${(error as Error).message}`);
    }
  }
}

const inflateRawLater = promisify(inflateRaw);

/** What became of the streams of one request. */
class Outcome {
  #problem: string | undefined;
  #dropped = 0;

  get result(): { problem: string | undefined; droppedStreams: number } {
    return { problem: this.#problem, droppedStreams: this.#dropped };
  }

  note(read: () => StreamLabels | undefined): StreamLabels | undefined {
    try {
      const labels = read();
      if (labels === undefined) this.#dropped++;
      return labels;
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      this.#problem = error.message;
      return undefined;
    }
  }
}

function withTenant(labels: Readonly<Record<string, string>>, tenant: string): Readonly<Record<string, string>> {
  return tenant === "" ? labels : { ...labels, [TENANT_LABEL]: tenant };
}

function timeOf(nowMs: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(nowMs / 1000);
  return { seconds, nanos: Math.floor((nowMs - seconds * 1000) * 1e6) };
}

function whole(body: readonly Uint8Array[]): Uint8Array {
  return body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body);
}

/** The tenant that a request names, or "" where the name can't be one. */
export function tenantOf(header: string | undefined): string {
  if (header === undefined || header.length > 150 || header === "." || header === "..") return "";
  return /^[a-zA-Z0-9!_.*'()-]*$/.test(header) ? header : "";
}
