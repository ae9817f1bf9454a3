import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { type DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { CompressionError } from "../../../../transport/compression/error.ts";
import { startGrpcServer } from "../../../../transport/grpc-server.ts";
import { grpcStatus } from "../../../../transport/grpc-status.ts";
import { type HttpAnswer, type HttpRoute, startHttpServer } from "../../../../transport/http-server.ts";
import { type GrpcListenArgs, grpcListenOptions, type HttpListenArgs, httpListenOptions } from "../../../../transport/listen-arguments.ts";
import { type PushIntake, tenantOf } from "./intake.ts";
import type { ApiMetrics } from "./metrics.ts";

export interface Listeners {
  /** Where they listen: `127.0.0.1:8080`. */
  readonly http: string;
  readonly grpc: string | undefined;
  close(deadline: AbortSignal): Promise<void>;
}

export interface ListenArgs {
  readonly http: HttpListenArgs | undefined;
  readonly grpc: GrpcListenArgs | undefined;
  readonly max_send_message_size: number;
}

interface Surroundings {
  readonly context: ComponentContext;
  readonly metrics: ApiMetrics;
  /** Those in force now. */
  intake(): PushIntake;
  next(): Consumer<LogBatch>;
}

/** Starts the servers. Rejects where one of them can't listen, and none is left then. */
export async function listen(args: ListenArgs, surroundings: Surroundings): Promise<Listeners> {
  const { context, metrics } = surroundings;
  const { clock, log, budget } = context;
  const http = await startHttpServer({
    ...httpListenOptions(args.http, args.max_send_message_size),
    routes: routesOf(surroundings),
    encodings: [],
    budget,
    observe: metrics.observeHttp,
    tracer: context.peers.tracer,
    clock,
    log,
  });
  metrics.follow(http);
  const grpc = args.grpc === undefined ? undefined : await grpcServer(args.grpc, surroundings).catch(stopping(http));
  return {
    http: `${http.host}:${http.port}`,
    grpc: grpc === undefined ? undefined : `${grpc.host}:${grpc.port}`,
    async close(deadline) {
      await Promise.all([http.close(deadline), grpc?.close(deadline)]);
      metrics.follow(undefined);
    },
  };
}

function stopping(server: { close(deadline: AbortSignal): Promise<void> }): (error: unknown) => Promise<never> {
  return async (error) => {
    await server.close(AbortSignal.abort());
    throw error;
  };
}

function routesOf(surroundings: Surroundings): Record<string, HttpRoute> {
  const push = pushRoute(surroundings);
  const raw = rawRoute(surroundings);
  return {
    "/loki/api/v1/push": push,
    "/api/v1/push": push,
    "/loki/api/v1/raw": raw,
    "/api/v1/raw": raw,
    "/ready": { methods: ["GET"], handle: () => ({ status: 200, headers: plain, body: "ready" }) },
  };
}

const plain = { "content-type": "text/plain; charset=utf-8" };

function pushRoute({ context, metrics, intake, next }: Surroundings): HttpRoute {
  return {
    methods: ["POST"],
    // The body is unpacked here: that of a protobuf is Snappy whatever the header says.
    encodings: [],
    pressure: () => pushedBack(next().pressure()),
    async handle({ body, contentType, client }) {
      const head = {
        contentType,
        encoding: (client.metadata.get("content-encoding") ?? "").toLowerCase(),
        tenant: tenantOf(client.metadata.get("x-scope-orgid")),
      };
      try {
        const { batch, problem, droppedStreams } = await intake().readHttp(body, head, context.clock.now());
        metrics.streamsDropped.add(droppedStreams);
        const refusal = await handOn(batch, next(), metrics);
        if (refusal !== undefined) return pushedBack(refusal) as HttpAnswer;
        return problem === undefined ? { status: 204 } : refused(400, problem);
      } catch (error) {
        return badRequest(error);
      }
    },
  };
}

function rawRoute({ context, metrics, intake, next }: Surroundings): HttpRoute {
  return {
    methods: ["POST"],
    encodings: ["", "gzip"],
    pressure: () => pushedBack(next().pressure()),
    async handle({ body, client }) {
      const batch = intake().readRaw(body, tenantOf(client.metadata.get("x-scope-orgid")), context.clock.now());
      const refusal = await handOn(batch, next(), metrics);
      return refusal === undefined ? { status: 204 } : (pushedBack(refusal) as HttpAnswer);
    },
  };
}

function grpcServer(args: GrpcListenArgs, { context, metrics, intake, next }: Surroundings) {
  const { clock, log, budget } = context;
  const status = (refusal: DeliveryError) =>
    grpcStatus(
      refusal.retryable ? "RESOURCE_EXHAUSTED" : "INTERNAL",
      refusal.message,
      refusal.retryable ? (refusal.retryAfterMs ?? 1000) : undefined,
    );
  return startGrpcServer({
    ...grpcListenOptions(args),
    methods: {
      "/logproto.Pusher/Push": {
        maxMessageBytes: args.server_max_recv_msg_size,
        pressure: () => {
          const refusal = next().pressure();
          return refusal === undefined ? undefined : status(refusal);
        },
        async handle(message, client) {
          try {
            const { batch, problem, droppedStreams } = intake().read(message, tenantOf(client.metadata.get("x-scope-orgid")), clock.now());
            metrics.streamsDropped.add(droppedStreams);
            const refusal = await handOn(batch, next(), metrics);
            if (refusal !== undefined) return status(refusal);
            return problem === undefined ? new Uint8Array(0) : grpcStatus("INVALID_ARGUMENT", problem);
          } catch (error) {
            if (error instanceof MalformedInput) return grpcStatus("INVALID_ARGUMENT", error.message);
            throw error;
          }
        },
      },
    },
    budget,
    observe: metrics.observeGrpc,
    tracer: context.peers.tracer,
    clock,
    log,
  });
}

/** Gives the refusal where nobody took the lines. */
async function handOn(batch: LogBatch, next: Consumer<LogBatch>, metrics: ApiMetrics): Promise<DeliveryError | undefined> {
  if (batch.rows === 0) return undefined;
  try {
    await next.consume(batch);
  } catch (error) {
    return deliveryErrorOf(error);
  }
  metrics.entriesWritten.add(batch.rows);
  return undefined;
}

function pushedBack(refusal: DeliveryError | undefined): HttpAnswer | undefined {
  if (refusal === undefined) return undefined;
  // Loki's clients send again what was answered with 5xx; this will never be taken.
  if (!refusal.retryable) return refused(400, refusal.message);
  const seconds = Math.max(1, Math.ceil((refusal.retryAfterMs ?? 1000) / 1000));
  return { status: 429, headers: { ...plain, "retry-after": String(seconds) }, body: `${refusal.message}\n` };
}

function badRequest(error: unknown): HttpAnswer {
  if (error instanceof MalformedInput) return refused(400, error.message);
  if (error instanceof CompressionError) return refused(error.kind === "too_large" ? 413 : 400, error.message);
  throw error;
}

function refused(status: number, message: string): HttpAnswer {
  return { status, headers: plain, body: `${message}\n` };
}
