import {
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  map,
  maybe,
  optional,
  type Report,
  required,
  string,
} from "../../component/arguments.ts";
import { authHandler } from "../../component/capsules.ts";
import type { ComponentContext } from "../../component/context.ts";
import { parseTarget } from "../grpc/target.ts";
import { type GrpcClient, grpcClient } from "../grpc-client.ts";
import { otelcolTlsClient, otelcolTlsClientBlock } from "../tls/otelcol-arguments.ts";
import { checkClientAuth, clientAuth } from "./auth.ts";
import { compressionArgument, compressionChoice } from "./compression-arguments.ts";
import { lowerCase } from "./http-client-arguments.ts";

/** gRPC's own default for messages that are received. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const grpcCompressions = ["gzip", "snappy", "zstd", "none", ""];

/** The inside of a `client` block of OpenTelemetry exporters that send by gRPC. */
export const otelcolGrpcClient = {
  arguments: {
    endpoint: required(string, "`host:port` to send to."),
    auth: optional(authHandler, "Adds credentials to calls."),
    authority: optional(string, "What `:authority` says in place of the endpoint."),
    balancer_name: defaulted(string, "`round_robin` uses all addresses of the endpoint in turn, `pick_first` one of them.", "round_robin", {
      check: (name) =>
        ["", "round_robin", "pick_first"].includes(name) ? undefined : `invalid balancer_name: ${name}: write round_robin or pick_first`,
    }),
    compression: compressionArgument,
    headers: defaulted(map(string), "Sent with every call.", {}),
    read_buffer_size: defaulted(bytes, "How much a connection reads ahead; 0 is the platform's.", 0),
    wait_for_ready: defaulted(bool, "Whether calls wait for a connection until their time is over, or fail while none can be made.", false),
    write_buffer_size: defaulted(bytes, "How much is gathered before it is written, up to 16KiB; 0 is as much as is good.", 512 * 1024),
  },
  blocks: {
    keepalive: maybe("How it is noticed that the server is gone.", {
      arguments: {
        ping_wait: defaulted(duration, "After so much silence the server is asked whether it is there; 0 is never.", "0s"),
        ping_response_timeout: defaulted(duration, "How long it may take to answer that; 20s where it is 0.", "0s"),
        ping_without_stream: defaulted(bool, "Whether it is asked while no call is under way.", false),
      },
    }),
    tls: otelcolTlsClientBlock,
  },
} as const;

export type OtelcolGrpcClientArgs = Decoded<typeof otelcolGrpcClient>;

/** What must hold between the arguments. */
export function checkOtelcolGrpcClient(args: OtelcolGrpcClientArgs, report: Report): void {
  checkClientAuth(args.auth, report);
  const target = parseTarget(args.endpoint);
  if (args.endpoint === "") report("requires a non-empty endpoint", "endpoint");
  else if (typeof target === "string") report(target, "endpoint");
  if (!grpcCompressions.includes(args.compression))
    report(`unsupported compression type "${args.compression}": gRPC has gzip, snappy and zstd`, "compression");
}

/** The client that the block describes. Closed by who made it. */
export function otelcolGrpcClientOf(args: OtelcolGrpcClientArgs, context: Pick<ComponentContext, "clock" | "log" | "peers">): GrpcClient {
  const { encoding, level } = compressionChoice(args.compression, undefined);
  const auth = clientAuth(args.auth);
  const { keepalive } = args;
  // An endpoint that says https has TLS, whatever the block says.
  const tls = otelcolTlsClient(/^https:\/\//i.test(args.endpoint) ? { ...args.tls, insecure: false } : args.tls);
  return grpcClient({
    endpoint: args.endpoint,
    tls,
    ...(encoding !== undefined && { compression: encoding }),
    ...(level !== undefined && { compressionLevel: level }),
    ...(args.authority !== undefined && args.authority !== "" && { authority: args.authority }),
    balancer: args.balancer_name === "pick_first" ? "pick_first" : "round_robin",
    waitForReady: args.wait_for_ready,
    headers: lowerCase(args.headers),
    userAgent: context.peers.userAgent,
    ...(auth !== undefined && { auth }),
    ...(keepalive !== undefined &&
      keepalive.ping_wait > 0 && {
        keepalive: {
          timeMs: keepalive.ping_wait,
          timeoutMs: keepalive.ping_response_timeout > 0 ? keepalive.ping_response_timeout : 20_000,
          withoutStream: keepalive.ping_without_stream,
        },
      }),
    ...(args.read_buffer_size > 0 && { readBufferBytes: args.read_buffer_size }),
    ...(args.write_buffer_size > 0 && { writeBufferBytes: args.write_buffer_size }),
    maxResponseBytes: MAX_RESPONSE_BYTES,
    tracer: context.peers.tracer,
    clock: context.clock,
    log: context.log,
  });
}
