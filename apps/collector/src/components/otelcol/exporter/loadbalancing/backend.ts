import type { ComponentContext } from "../../../../component/context.ts";
import type { SendOutcome } from "../../../../delivery/destination.ts";
import type { RetryArguments, SendingQueueArguments } from "../../../../delivery/otlp/arguments.ts";
import { OtlpExporter } from "../../../../delivery/otlp/exporter.ts";
import { grpcSender } from "../../../../delivery/otlp/grpc-send.ts";
import type { OtlpExporterOptions, OtlpRequest } from "../../../../delivery/otlp/options.ts";
import type { OtelConsumer, Signal } from "../../../../signals/otlp/batch.ts";
import type { GrpcClient } from "../../../../transport/grpc-client.ts";
import { type OtelcolGrpcClientArgs, otelcolGrpcClientOf } from "../../../../transport/otelcol/grpc-client-arguments.ts";
import type { BalancerMetrics } from "./metrics.ts";

export interface BackendArguments {
  readonly timeout: number;
  readonly client: Omit<OtelcolGrpcClientArgs, "endpoint">;
  readonly queue: SendingQueueArguments;
  readonly retry: RetryArguments;
  readonly withPeers: boolean;
}

/** Hands a request on to the backends that are responsible now. */
export type MoveOn = (request: OtlpRequest) => Promise<SendOutcome>;

const signals = ["traces", "metrics", "logs"] as const;
/** How often it is seen whether a backend that is gone has been emptied. */
const LOOK_MS = 500;

/** One endpoint with queues of its own. Once it is gone, what waits in them goes to the other backends. */
export class Backend {
  readonly endpoint: string;
  readonly #context: ComponentContext;
  readonly #exporter: OtlpExporter;
  readonly #metrics: BalancerMetrics;
  #args: BackendArguments;
  #client: GrpcClient;
  #send: OtlpExporterOptions["send"];
  #moveOn: MoveOn | undefined;
  #isStopped = false;

  constructor(context: ComponentContext, endpoint: string, args: BackendArguments, metrics: BalancerMetrics) {
    this.endpoint = endpoint;
    this.#context = context;
    this.#args = args;
    this.#metrics = metrics;
    this.#client = otelcolGrpcClientOf({ ...args.client, endpoint }, context);
    this.#send = grpcSender(context, args.withPeers)(this.#client, args.timeout, endpoint);
    this.#exporter = new OtlpExporter(context, this.#options(), false);
  }

  get consumer(): OtelConsumer {
    return this.#exporter.consumer;
  }

  start(): Promise<void> {
    return this.#exporter.start();
  }

  async update(args: BackendArguments): Promise<void> {
    const old = this.#client;
    const timeoutMs = this.#args.timeout;
    this.#args = args;
    this.#client = otelcolGrpcClientOf({ ...args.client, endpoint: this.endpoint }, this.#context);
    this.#send = grpcSender(this.#context, args.withPeers)(this.#client, args.timeout, this.endpoint);
    await this.#exporter.update(this.#options());
    void old.close(AbortSignal.timeout(Math.max(timeoutMs, 1000)));
  }

  /** Takes the endpoint as gone: what waits is moved. Resolves once nothing is left; false where it came back, or was stopped, before. */
  async leave(moveOn: MoveOn): Promise<boolean> {
    this.#moveOn = moveOn;
    for (;;) {
      if (this.#isStopped || this.#moveOn !== moveOn) return false;
      if (signals.every((signal) => this.buffered(signal).records + this.buffered(signal).inFlight === 0)) return true;
      await new Promise<void>((resolve) => void this.#context.clock.after(LOOK_MS, resolve));
    }
  }

  /** The endpoint is back. */
  stay(): void {
    this.#moveOn = undefined;
  }

  get isLeaving(): boolean {
    return this.#moveOn !== undefined;
  }

  buffered(signal: Signal): ReturnType<OtlpExporter["buffered"]> {
    return this.#exporter.buffered(signal);
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true;
    await this.#exporter.stop(deadline);
    await this.#client.close(deadline);
  }

  debugInfo(): unknown {
    return { endpoint: this.endpoint, leaving: this.isLeaving, ...(this.#exporter.debugInfo() as object) };
  }

  #options(): OtlpExporterOptions {
    const { queue, retry, timeout, client } = this.#args;
    return {
      kind: "loadbalancing",
      queue,
      retry,
      timeoutMs: timeout,
      senderKeys: () => client.auth?.client?.senderKeys?.(),
      endpoint: () => this.endpoint,
      send: (request, abort) => this.#sendOrMove(request, abort),
    };
  }

  async #sendOrMove(request: OtlpRequest, abort: AbortSignal): Promise<SendOutcome> {
    const { clock } = this.#context;
    if (this.#moveOn !== undefined) return this.#moveOn(request);
    const startedMs = clock.monotonic();
    const outcome = await this.#send(request, abort);
    this.#metrics.sent(this.endpoint, outcome.kind === "delivered", clock.monotonic() - startedMs);
    return outcome;
  }
}
