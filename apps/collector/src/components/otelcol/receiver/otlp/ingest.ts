import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { ClientInfo } from "../../../../signals/client-info.ts";
import { asksForPause, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { protobufFromJson } from "../../../../signals/otlp/json-to-protobuf.ts";
import { mergeRepeated } from "../../../../signals/otlp/merge-repeated.ts";
import { modernize } from "../../../../signals/otlp/modernize.ts";
import type { ReceiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { walk } from "../../../../signals/otlp/walk.ts";
import type { GrpcCodeName } from "../../../../transport/grpc-status.ts";

type Transport = "grpc" | "http";

/** Why a request was not taken, in the terms of gRPC; HTTP has a status for each. */
export interface Refusal {
  readonly code: GrpcCodeName;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Bodies that came in pieces are put together in memory that is used again. */
const POOL_BYTES = 8 * 1024 * 1024;
/** What senders wait where the refuser has not said how long. */
const RETRY_MS = 1000;

/** Takes requests in, whatever protocol they came by. */
export class Ingest {
  readonly #output: OtelConsumer;
  readonly #metrics: ReceiverMetrics;
  /** Where requests are put together. */
  readonly memory = new BufferPool(POOL_BYTES);

  constructor(output: OtelConsumer, metrics: ReceiverMetrics) {
    this.#output = output;
    this.#metrics = metrics;
  }

  /** The refusal that a request would get now, before its body is read. */
  pressure(signal: Signal, transport: Transport): Refusal | undefined {
    const error = this.#output.pressure(signal);
    if (error === undefined) return undefined;
    this.#metrics.pushedBack(signal, transport);
    return refusalOf(error);
  }

  /** Takes one request in protobuf, in pieces as they came; resolves with a refusal, or undefined when everything below is responsible. */
  async protobuf(signal: Signal, transport: Transport, pieces: readonly Uint8Array[], client: ClientInfo): Promise<Refusal | undefined> {
    const [first, ...others] = pieces;
    if (first === undefined) return this.#take(signal, transport, new Uint8Array(0), client);
    if (others.length === 0) return this.#take(signal, transport, first, client);
    const whole = this.#joined(pieces);
    return this.#take(signal, transport, whole, client, () => this.memory.give(whole));
  }

  /** Takes one request in protobuf that is in one piece; `recycle` is called when nothing refers to it any more. */
  message(signal: Signal, transport: Transport, whole: Uint8Array, client: ClientInfo, recycle: () => void): Promise<Refusal | undefined> {
    return this.#take(signal, transport, whole, client, recycle);
  }

  /** Takes one request in JSON. */
  async json(signal: Signal, transport: Transport, pieces: readonly Uint8Array[], client: ClientInfo): Promise<Refusal | undefined> {
    const whole = this.#joined(pieces);
    let request: Uint8Array;
    try {
      request = protobufFromJson(requests[signal], whole);
    } catch (error) {
      return this.#malformed(signal, transport, error);
    } finally {
      this.memory.give(whole);
    }
    return this.#take(signal, transport, request, client);
  }

  async #take(
    signal: Signal,
    transport: Transport,
    request: Uint8Array,
    client: ClientInfo,
    recycle?: () => void,
  ): Promise<Refusal | undefined> {
    let items: number;
    let chunk = request;
    try {
      const walked = walk(signal, request);
      items = walked.items;
      if (walked.hasOldScopes) chunk = modernize(request);
      if (walked.hasRepeated) {
        chunk = mergeRepeated(signal, chunk);
        items = walk(signal, chunk).items;
      }
    } catch (error) {
      recycle?.();
      return this.#malformed(signal, transport, error);
    }
    if (items === 0) {
      recycle?.();
      return undefined;
    }
    const batch = new OtlpBatch({ signal, chunks: [chunk], items, client, recycle });
    try {
      await this.#output.consume(batch);
      this.#metrics.accepted(signal, transport, items);
      return undefined;
    } catch (thrown) {
      this.#metrics.refused(signal, transport, items);
      return refusalOf(deliveryErrorOf(thrown));
    } finally {
      batch.release();
    }
  }

  #malformed(signal: Signal, transport: Transport, error: unknown): Refusal {
    if (!(error instanceof MalformedInput)) throw error;
    this.#metrics.malformed(signal, transport);
    return { code: "INVALID_ARGUMENT", message: error.message };
  }

  #joined(pieces: readonly Uint8Array[]): Buffer {
    let size = 0;
    for (const piece of pieces) size += piece.length;
    const whole = this.memory.take(size);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

function refusalOf(error: ReturnType<typeof deliveryErrorOf>): Refusal {
  if (!error.retryable) return { code: "INTERNAL", message: error.message };
  const retryAfterMs = error.retryAfterMs ?? RETRY_MS;
  return { code: asksForPause(error) ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE", message: error.message, retryAfterMs };
}
