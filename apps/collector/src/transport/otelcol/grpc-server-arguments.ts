import {
  assumed,
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  oneOf,
  optional,
  type Report,
  string,
  uint,
} from "../../component/arguments.ts";
import { authHandler } from "../../component/capsules.ts";
import { parseAddress } from "../address.ts";
import type { ServerAuthenticator } from "../authentication.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, type GrpcServerOptions } from "../grpc-server.ts";
import { otelcolTlsServer, otelcolTlsServerBlock } from "../tls/otelcol-arguments.ts";
import { checkServerAuth, serverAuth } from "./auth.ts";

const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The inside of a `grpc` block of OpenTelemetry receivers, which listens on `endpoint` unless told otherwise. */
export function otelcolGrpcServer(endpoint: string) {
  return {
    arguments: {
      endpoint: defaulted(string, "`host:port` to listen on, or the path of a socket.", endpoint),
      auth: optional(authHandler, "Checks the credentials of calls."),
      include_metadata: defaulted(bool, "Whether further components see the metadata of calls.", false),
      max_concurrent_streams: defaulted(uint, "Calls at the same time on one connection; 1000 where it is 0.", 0),
      max_recv_msg_size: defaulted(bytes, "How large messages may be, compressed and uncompressed; 4MiB where it is 0.", 0),
      read_buffer_size: defaulted(bytes, "How much a connection reads ahead; 0 is the platform's.", 512 * 1024),
      transport: defaulted(oneOf("tcp", "tcp4", "tcp6", "unix"), "The kind of socket.", "tcp"),
      write_buffer_size: defaulted(bytes, "How much is gathered before it is written, up to 16KiB; 0 is as much as is good.", 0),
    },
    blocks: {
      keepalive: assumed("How connections are kept.", {
        blocks: {
          enforcement_policy: assumed("How often clients may ask whether the server is there.", {
            arguments: {
              min_time: defaulted(duration, "Clients that ask more often are cut off; 5m where it is 0.", "0s"),
              permit_without_stream: defaulted(bool, "Whether they may ask while no call is under way.", false),
            },
          }),
          server_parameters: assumed("When connections end, and how it is noticed that the client is gone; 0 is the default.", {
            arguments: {
              max_connection_age: defaulted(duration, "Connections are closed after so long; never where it is 0.", "0s"),
              max_connection_age_grace: defaulted(duration, "How long calls may take to end then; any time where it is 0.", "0s"),
              max_connection_idle: defaulted(duration, "Connections without calls are closed after so long; never where it is 0.", "0s"),
              time: defaulted(duration, "After so much silence a client is asked whether it is there; 2h where it is 0.", "0s"),
              timeout: defaulted(duration, "How long it may take to answer that; 20s where it is 0.", "0s"),
            },
          }),
        },
      }),
      tls: otelcolTlsServerBlock,
    },
  } as const;
}

export type OtelcolGrpcServerArgs = Decoded<ReturnType<typeof otelcolGrpcServer>>;

/** What must hold between the arguments. */
export function checkOtelcolGrpcServer(args: OtelcolGrpcServerArgs, report: Report): void {
  checkServerAuth(args.auth, report);
  if (args.transport === "unix") {
    if (args.endpoint === "") report("endpoint must be the path of a socket where transport is unix", "endpoint");
    return;
  }
  const address = parseAddress(args.endpoint);
  if (typeof address === "string") report(address, "endpoint");
}

type ListenOptions = Pick<GrpcServerOptions, "host" | "port" | "limits" | "keepalive" | "readBufferBytes" | "writeBufferBytes"> & {
  readonly path?: string;
  readonly tls?: NonNullable<GrpcServerOptions["tls"]>;
  readonly auth?: ServerAuthenticator;
};

/** What the block says to `startGrpcServer`. */
export function otelcolGrpcServerOptions(args: OtelcolGrpcServerArgs): ListenOptions {
  const auth = serverAuth(args.auth);
  return {
    ...(args.transport === "unix" ? { host: undefined, port: 0, path: args.endpoint } : listenAddress(args)),
    ...(args.tls !== undefined && { tls: otelcolTlsServer(args.tls) }),
    ...(auth !== undefined && { auth }),
    limits: {
      ...defaultGrpcLimits,
      ...(args.max_concurrent_streams > 0 && { maxConcurrentStreams: args.max_concurrent_streams }),
    },
    keepalive: keepalive(args),
    ...(args.read_buffer_size > 0 && { readBufferBytes: args.read_buffer_size }),
    ...(args.write_buffer_size > 0 && { writeBufferBytes: args.write_buffer_size }),
  };
}

/** The size of messages that the block allows. */
export function maxGrpcMessageBytes(args: OtelcolGrpcServerArgs): number {
  return args.max_recv_msg_size > 0 ? args.max_recv_msg_size : DEFAULT_MAX_MESSAGE_BYTES;
}

/** `tcp4` and `tcp6` choose the family where the endpoint names no host. */
function listenAddress({ endpoint, transport }: OtelcolGrpcServerArgs): { readonly host: string | undefined; readonly port: number } {
  const address = parseAddress(endpoint);
  if (typeof address === "string") throw new Error(address);
  if (address.host !== undefined || transport === "tcp") return address;
  return { host: transport === "tcp4" ? "0.0.0.0" : "::", port: address.port };
}

function keepalive({ keepalive: { enforcement_policy: policy, server_parameters: parameters } }: OtelcolGrpcServerArgs) {
  const or = (ms: number, otherwise: number) => (ms > 0 ? ms : otherwise);
  return {
    maxConnectionIdleMs: or(parameters.max_connection_idle, defaultGrpcKeepalive.maxConnectionIdleMs),
    maxConnectionAgeMs: or(parameters.max_connection_age, defaultGrpcKeepalive.maxConnectionAgeMs),
    maxConnectionAgeGraceMs: or(parameters.max_connection_age_grace, defaultGrpcKeepalive.maxConnectionAgeGraceMs),
    timeMs: or(parameters.time, defaultGrpcKeepalive.timeMs),
    timeoutMs: or(parameters.timeout, defaultGrpcKeepalive.timeoutMs),
    minTimeMs: or(policy.min_time, defaultGrpcKeepalive.minTimeMs),
    permitWithoutStream: policy.permit_without_stream,
  };
}
