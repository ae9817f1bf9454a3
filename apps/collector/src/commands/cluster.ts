import { hostname, networkInterfaces } from "node:os";
import { parseDurationMs } from "@invar/go-compat";
import type { Clock } from "../component/clock.ts";
import type { ComponentContext, Logger, ProcessServices } from "../component/context.ts";
import type { MetricScope } from "../component/metrics.ts";
import { ApiError } from "../kubernetes/api-error.ts";
import { isInCluster } from "../kubernetes/connect.ts";
import { watchServiceAddresses } from "../kubernetes/service-addresses.ts";
import type { AddressListener, AddressSource } from "../services/cluster/address-source.ts";
import { ClusterNode } from "../services/cluster/cluster-node.ts";
import { dnsSource, type JoinAddress, parseJoinAddress, systemNames } from "../services/cluster/dns-source.ts";
import { GrpcPeerNetwork, peerService } from "../services/cluster/grpc-network.ts";
import { registerClusterMetrics } from "../services/cluster/metrics.ts";
import { answerPeerCall } from "../services/cluster/peer-calls.ts";
import { type ProcessServer, splitAddress } from "../services/http/server.ts";
import { addressText } from "../transport/address.ts";
import type { TlsClientSettings } from "../transport/tls/settings.ts";
import { version } from "../version.ts";
import type { clusterFlags } from "./cluster-flags.ts";
import type { FlagValues } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

export interface ClusterSettings {
  readonly name: string;
  readonly node: string;
  readonly advertiseAddress: string;
  readonly joins: readonly JoinAddress[];
  readonly defaultPort: number;
  readonly refreshMs: number;
  readonly minimumSize: number;
  readonly minimumSizeTimeoutMs: number;
  readonly tls: TlsClientSettings | undefined;
}

/** What makes this process a member of a cluster. Loaded only where it shall be one. */
export interface ClusterMembership {
  readonly name: string;
  /** The node that answers peers on the process's server; it does nothing before it is started. */
  create(around: Surroundings, server: ProcessServer, metrics: MetricScope): ClusterNode;
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly peers: ProcessServices;
}

export function clusterMembership(settings: ClusterSettings): ClusterMembership {
  return {
    name: settings.name,
    create(around, server, metrics) {
      const node = createCluster(settings, around);
      registerClusterMetrics(metrics, node, settings.minimumSize);
      server.answerCalls(peerService, (request, response) => answerPeerCall(request, response, node.handle));
      return node;
    },
  };
}

/** What the flags say. Throws `UsageError`. */
export function clusterSettings(flags: FlagValues<typeof clusterFlags>, listenAddress: string, log: Logger): ClusterSettings {
  const { port } = splitAddress(listenAddress);
  const timeout = flags["cluster.wait-timeout"];
  return {
    name: flags["cluster.name"],
    node: flags["cluster.node-name"] || hostname(),
    advertiseAddress: advertised(flags["cluster.advertise-address"], flags["cluster.advertise-interfaces"], port, log),
    joins: flags["cluster.join-addresses"]
      .split(",")
      .map((text) => text.trim())
      .filter((text) => text !== "")
      .map(parseJoinAddress),
    defaultPort: port,
    refreshMs: parseDurationMs(flags["cluster.rejoin-interval"]),
    minimumSize: Number(flags["cluster.wait-for-size"]),
    minimumSizeTimeoutMs: timeout === "0" ? 0 : parseDurationMs(timeout),
    tls: flags["cluster.enable-tls"] ? tlsOf(flags) : undefined,
  };
}

function createCluster(settings: ClusterSettings, around: Surroundings): ClusterNode {
  const { clock, log, peers } = around;
  return new ClusterNode({
    ...settings,
    source: settings.joins.length === 0 ? undefined : sourceOf(settings, around),
    version,
    network: new GrpcPeerNetwork({ tls: settings.tls, userAgent: peers.userAgent, clock, log }),
    clock,
    log,
    random: Math.random,
    load: cpuLoad(clock),
  });
}

/** Seconds of CPU time a second, over the last ten seconds or more. */
function cpuLoad(clock: Clock): () => number {
  let atMs = clock.monotonic();
  let used = process.cpuUsage();
  let load = 0;
  return () => {
    const nowMs = clock.monotonic();
    if (nowMs - atMs < 10_000) return load;
    const now = process.cpuUsage();
    load = (now.user + now.system - used.user - used.system) / 1000 / (nowMs - atMs);
    atMs = nowMs;
    used = now;
    return load;
  };
}

function sourceOf(settings: ClusterSettings, around: Surroundings): AddressSource {
  const names = dnsSource(settings.joins, { ...settings, names: systemNames, clock: around.clock });
  const [only, ...others] = settings.joins;
  const service = only === undefined || others.length > 0 ? undefined : serviceOf(only);
  if (service === undefined || !isInCluster()) return names;
  return watchedSource({ ...service, port: only?.port ?? settings.defaultPort }, names, around);
}

/** `NAME.NAMESPACE.svc`, with or without the cluster's domain. */
export function serviceOf({ kind, host }: JoinAddress): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/.exec(host) ?? [];
  return kind === "address" || name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** The EndpointSlices of a service where they may be read, its name where not. */
export function watchedSource(
  service: { readonly name: string; readonly namespace: string; readonly port: number; readonly kubeconfigFile?: string },
  names: AddressSource,
  { clock, log, peers }: Pick<ComponentContext, "clock" | "log" | "peers">,
): AddressSource {
  return {
    description: `EndpointSlices of service ${service.name} in namespace ${service.namespace}`,
    isAuthoritative: true,
    start(listener: AddressListener) {
      let stopNames: (() => void) | undefined;
      const stopWatch = watchServiceAddresses(
        service,
        { clock, log, peers },
        {
          found(addresses) {
            stopNames?.();
            stopNames = undefined;
            listener.found(addresses);
          },
          failed(error) {
            if (error instanceof ApiError && (error.status === 403 || error.status === 401)) {
              if (stopNames !== undefined) return;
              log.warn("EndpointSlices can't be read: the cluster's members are looked up by DNS", { err: error.message });
              stopNames = names.start(listener);
            } else if (stopNames === undefined) listener.failed(error.message);
          },
        },
      );
      return () => {
        stopNames?.();
        void stopWatch();
      };
    },
  };
}

function advertised(written: string, interfaces: string, port: number, log: Logger): string {
  if (written !== "") {
    const { host, port: own } = parseJoinAddress(written);
    return addressText(host, own ?? port);
  }
  const wanted = interfaces.split(",").map((name) => name.trim());
  const all = networkInterfaces();
  for (const name of wanted.includes("all") ? Object.keys(all) : wanted) {
    const usable = (all[name] ?? []).filter(({ internal, scopeid, family }) => !internal && !(family === "IPv6" && (scopeid ?? 0) > 0));
    const best = usable.find(({ family }) => family === "IPv4") ?? usable[0];
    if (best !== undefined) return addressText(best.address, port);
  }
  log.warn("could not find advertise address using network interfaces falling back to localhost", { interfaces });
  return addressText("127.0.0.1", port);
}

function tlsOf(flags: FlagValues<typeof clusterFlags>): TlsClientSettings {
  const ca = flags["cluster.tls-ca-path"];
  const cert = flags["cluster.tls-cert-path"];
  const key = flags["cluster.tls-key-path"];
  const serverName = flags["cluster.tls-server-name"];
  if ((cert === "") !== (key === ""))
    throw new UsageError("--cluster.tls-cert-path and --cluster.tls-key-path belong together: write both");
  return {
    ...(ca !== "" && { ca: { file: ca } }),
    ...(cert !== "" && { cert: { file: cert }, key: { file: key } }),
    ...(serverName !== "" && { serverName }),
    systemCas: false,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    verify: true,
    reloadMs: 60_000,
  };
}
