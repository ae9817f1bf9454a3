import type { WireObject } from "../kubernetes/kind.ts";

// The custom resources of the Prometheus operator, as the API server writes them: the fields that say what to scrape and how.

export interface WireServiceMonitor extends WireObject {
  readonly spec?: WireMonitorSpec & { readonly endpoints?: readonly WireEndpoint[]; readonly targetLabels?: readonly string[] };
}

export interface WirePodMonitor extends WireObject {
  readonly spec?: WireMonitorSpec & { readonly podMetricsEndpoints?: readonly WireEndpoint[] };
}

export interface WireProbe extends WireObject {
  readonly spec?: WireLimits &
    WireAccess & {
      readonly jobName?: string;
      readonly interval?: string;
      readonly scrapeTimeout?: string;
      readonly module?: string;
      readonly prober?: { readonly url?: string; readonly scheme?: string; readonly path?: string; readonly proxyUrl?: string };
      readonly metricRelabelings?: readonly WireRule[];
      readonly targets?: {
        readonly staticConfig?: {
          readonly static?: readonly string[];
          readonly labels?: Readonly<Record<string, string>>;
          readonly relabelingConfigs?: readonly WireRule[];
        };
        readonly ingress?: {
          readonly selector?: WireSelector;
          readonly namespaceSelector?: WireNamespaceSelector;
          readonly relabelingConfigs?: readonly WireRule[];
        };
      };
    };
}

export interface WireLimits {
  readonly sampleLimit?: number;
  readonly targetLimit?: number;
  readonly labelLimit?: number;
  readonly labelNameLengthLimit?: number;
  readonly labelValueLengthLimit?: number;
  readonly bodySizeLimit?: string;
  readonly scrapeProtocols?: readonly string[];
}

interface WireMonitorSpec extends WireLimits {
  readonly jobLabel?: string;
  readonly podTargetLabels?: readonly string[];
  readonly selector?: WireSelector;
  readonly namespaceSelector?: WireNamespaceSelector;
  readonly attachMetadata?: { readonly node?: boolean };
}

export interface WireSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key?: string; readonly operator?: string; readonly values?: readonly string[] }[];
}

export interface WireNamespaceSelector {
  readonly any?: boolean;
  readonly matchNames?: readonly string[];
}

export interface WireEndpoint extends WireAccess {
  readonly port?: string;
  readonly portNumber?: number;
  readonly targetPort?: string | number;
  readonly path?: string;
  readonly scheme?: string;
  readonly params?: Readonly<Record<string, readonly string[]>>;
  readonly interval?: string;
  readonly scrapeTimeout?: string;
  readonly honorLabels?: boolean;
  readonly honorTimestamps?: boolean;
  readonly proxyUrl?: string;
  readonly followRedirects?: boolean;
  readonly enableHttp2?: boolean;
  readonly filterRunning?: boolean;
  readonly relabelings?: readonly WireRule[];
  readonly metricRelabelings?: readonly WireRule[];
}

/** How a target is reached. */
export interface WireAccess {
  readonly tlsConfig?: WireTls;
  readonly bearerTokenFile?: string;
  readonly bearerTokenSecret?: WireKey;
  readonly basicAuth?: { readonly username?: WireKey; readonly password?: WireKey };
  readonly authorization?: { readonly type?: string; readonly credentials?: WireKey };
  readonly oauth2?: {
    readonly clientId?: WireSource;
    readonly clientSecret?: WireKey;
    readonly tokenUrl?: string;
    readonly scopes?: readonly string[];
    readonly endpointParams?: Readonly<Record<string, string>>;
  };
}

export interface WireTls {
  readonly ca?: WireSource;
  readonly cert?: WireSource;
  readonly keySecret?: WireKey;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly insecureSkipVerify?: boolean;
  readonly serverName?: string;
}

/** A key of a Secret, or of a ConfigMap, in the namespace of the resource. */
export interface WireKey {
  readonly name?: string;
  readonly key?: string;
}

export interface WireSource {
  readonly secret?: WireKey;
  readonly configMap?: WireKey;
}

export interface WireRule {
  readonly sourceLabels?: readonly string[];
  readonly separator?: string;
  readonly targetLabel?: string;
  readonly regex?: string;
  readonly modulus?: number;
  readonly replacement?: string;
  readonly action?: string;
}
