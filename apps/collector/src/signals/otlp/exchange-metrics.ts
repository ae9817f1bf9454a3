import type { MetricDoc } from "../../component/definition.ts";
import type { Histogram, MetricScope } from "../../component/metrics.ts";

// What the incumbent's instrumentation of gRPC and HTTP measures, for clients and servers alike.

const BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
/** Beyond so many combinations of labels, further ones are not told apart. */
const MAX_CHILDREN = 200;

const grpcLabels = ["rpc_system", "rpc_service", "rpc_method", "rpc_grpc_status_code"] as const;
const httpLabels = ["http_method", "http_status_code"] as const;
const PEER = "net_sock_peer_addr";

type Side = "client" | "server";

export function grpcMetricDocs(side: Side): readonly MetricDoc[] {
  const docs = {
    duration_milliseconds: "How long calls took.",
    request_size_bytes: "The size of requests, uncompressed.",
    response_size_bytes: "The size of responses, uncompressed.",
    requests_per_rpc: "Messages received for each call: one.",
    responses_per_rpc: "Messages sent for each call: one.",
  };
  return Object.entries(docs).map(([name, doc]) => ({ name: `rpc_${side}_${name}`, kind: "histogram", doc }));
}

export function httpMetricDocs(side: Side): readonly MetricDoc[] {
  const docs = {
    duration_milliseconds: "How long requests took.",
    request_size_bytes: "The size of requests as they came over the wire.",
    response_size_bytes: "The size of responses as they came over the wire.",
  };
  return Object.entries(docs).map(([name, doc]) => ({ name: `http_${side}_${name}`, kind: "histogram", doc }));
}

export interface Measured {
  /** The other side, where metrics are to tell it. */
  readonly peerAddress?: string;
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

interface Children {
  readonly duration: Histogram;
  readonly requestBytes: Histogram;
  readonly responseBytes: Histogram;
  readonly each: readonly Histogram[];
}

/** Measures gRPC calls. `method` is the path: `/package.Service/Method`. Other sides are told apart where `withPeers`. */
export function grpcMeter(
  scope: MetricScope,
  side: Side,
  withPeers = false,
): (call: Measured & { readonly method: string; readonly code: number }) => void {
  const meter = new Meter(scope, `rpc_${side}`, grpcMetricDocs(side), withPeers ? [...grpcLabels, PEER] : grpcLabels);
  return (call) => {
    const slash = call.method.lastIndexOf("/");
    const peer = withPeers ? [call.peerAddress ?? ""] : [];
    meter.observe(`${call.method} ${call.code} ${peer}`, call, () => [
      "grpc",
      call.method.slice(1, slash),
      call.method.slice(slash + 1),
      String(call.code),
      ...peer,
    ]);
  };
}

const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

/** Measures HTTP requests. Other sides are told apart where `withPeers`. */
export function httpMeter(
  scope: MetricScope,
  side: Side,
  withPeers = false,
): (exchange: Measured & { readonly method: string; readonly status: number }) => void {
  const meter = new Meter(scope, `http_${side}`, httpMetricDocs(side), withPeers ? [...httpLabels, PEER] : httpLabels);
  return (exchange) => {
    const method = knownMethods.has(exchange.method) ? exchange.method : "_OTHER";
    const peer = withPeers ? [exchange.peerAddress ?? ""] : [];
    meter.observe(`${method} ${exchange.status} ${peer}`, exchange, () => [method, String(exchange.status), ...peer]);
  };
}

class Meter {
  readonly #children = new Map<string, Children>();
  readonly #make: (labels: readonly string[]) => Children;

  constructor(scope: MetricScope, prefix: string, docs: readonly MetricDoc[], labels: readonly string[]) {
    const help = (name: string) => docs.find((doc) => doc.name === name)?.doc ?? "";
    const family = (name: string) => scope.histogram(`${prefix}_${name}`, { help: help(`${prefix}_${name}`), labels, buckets: BUCKETS });
    const perCall = docs.filter((doc) => doc.name.endsWith("_per_rpc")).map((doc) => doc.name.slice(prefix.length + 1));
    this.#make = (values) => ({
      duration: family("duration_milliseconds").of(...values),
      requestBytes: family("request_size_bytes").of(...values),
      responseBytes: family("response_size_bytes").of(...values),
      each: perCall.map((name) => family(name).of(...values)),
    });
  }

  observe(key: string, { seconds, requestBytes, responseBytes }: Measured, labels: () => string[]): void {
    let children = this.#children.get(key);
    if (children === undefined) {
      const values = labels();
      const isKnown = this.#children.size < MAX_CHILDREN;
      children = this.#make(isKnown ? values : values.map(() => "other"));
      if (isKnown) this.#children.set(key, children);
    }
    children.duration.observe(seconds * 1000);
    children.requestBytes.observe(requestBytes);
    children.responseBytes.observe(responseBytes);
    for (const histogram of children.each) histogram.observe(1);
  }
}
