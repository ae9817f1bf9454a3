import { Secret } from "@invar/alloy-syntax";
import { parsePrometheusDurationMs } from "@invar/go-compat";
import { parseByteSize } from "../component/byte-size.ts";
import type { RoleName } from "../discovery/kubernetes/roles.ts";
import type { Target } from "../discovery/targets.ts";
import type { Rule } from "../relabel/rule.ts";
import type { ScrapeArgs } from "../scraping/arguments.ts";
import { isScrapeProtocol } from "../scraping/content-type.ts";
import type { WireAccess, WireKey, WireLimits, WireNamespaceSelector, WireSource, WireTls } from "./wire.ts";

/** What one endpoint of a custom resource asks for. */
export interface JobPlan {
  readonly jobName: string;
  readonly find: FindTargets;
  readonly rules: readonly Rule[];
  readonly metricRules: readonly Rule[];
  /** What differs from the component's own ways to scrape. */
  readonly scrape: Partial<ScrapeArgs>;
}

export type FindTargets =
  | { readonly kind: "static"; readonly targets: readonly Target[] }
  /** `namespaces` empty: the whole cluster. */
  | { readonly kind: "role"; readonly role: RoleName; readonly namespaces: readonly string[]; readonly attachNode: boolean };

/** Reads a key of a Secret or a ConfigMap; rejects with what is missing. */
export type ReadKey = (kind: "secrets" | "configmaps", namespace: string, key: WireKey) => Promise<string>;

export function namespacesOf(selector: WireNamespaceSelector | undefined, own: string): readonly string[] {
  if (selector?.any === true) return [];
  return selector?.matchNames?.length ? selector.matchNames : [own];
}

/** Leaves out what is undefined, so that it does not stand in the way of what is usual. */
export function defined<T extends object>(fields: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

export function limitsOf(limits: WireLimits): Partial<ScrapeArgs> {
  const unknown = limits.scrapeProtocols?.find((protocol) => !isScrapeProtocol(protocol));
  if (unknown !== undefined) throw new Error(`unknown scrape protocol ${JSON.stringify(unknown)}`);
  return defined<ScrapeArgs>({
    // 0 is no limit of its own: the component's counts.
    sample_limit: limits.sampleLimit || undefined,
    target_limit: limits.targetLimit,
    label_limit: limits.labelLimit,
    label_name_length_limit: limits.labelNameLengthLimit,
    label_value_length_limit: limits.labelValueLengthLimit,
    body_size_limit: limits.bodySizeLimit === undefined ? undefined : sizeOf(limits.bodySizeLimit),
    scrape_protocols: limits.scrapeProtocols,
  });
}

export function durationOf(text: string | undefined, what: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return parsePrometheusDurationMs(text);
  } catch (error) {
    throw new Error(`parsing ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function proxyOf(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (!URL.canParse(text)) throw new Error(`parsing proxyUrl: ${JSON.stringify(text)} is not a URL`);
  return text;
}

/** How targets are reached, with the secrets that a resource names in its namespace. */
export async function accessOf(access: WireAccess, namespace: string, read: ReadKey): Promise<Partial<ScrapeArgs>> {
  const secret = async (key: WireKey) => new Secret(await read("secrets", namespace, key));
  const { tlsConfig, bearerTokenFile, bearerTokenSecret, basicAuth, authorization, oauth2 } = access;
  return defined<ScrapeArgs>({
    tls_config: tlsConfig && (await tlsOf(tlsConfig, namespace, read)),
    bearer_token_file: bearerTokenFile || undefined,
    bearer_token: !bearerTokenFile && bearerTokenSecret?.name ? await secret(bearerTokenSecret) : undefined,
    basic_auth: basicAuth && {
      username: basicAuth.username && (await read("secrets", namespace, basicAuth.username)),
      password: basicAuth.password && (await secret(basicAuth.password)),
      password_file: undefined,
    },
    authorization: authorization && {
      type: authorization.type || "Bearer",
      credentials: authorization.credentials && (await secret(authorization.credentials)),
      credentials_file: undefined,
    },
    oauth2: oauth2 && {
      client_id: oauth2.clientId && (await sourceOf(oauth2.clientId, namespace, read)),
      client_secret: oauth2.clientSecret && (await secret(oauth2.clientSecret)),
      client_secret_file: undefined,
      token_url: oauth2.tokenUrl,
      scopes: oauth2.scopes,
      endpoint_params: oauth2.endpointParams,
      proxy_url: undefined,
      no_proxy: undefined,
      proxy_from_environment: false,
      proxy_connect_header: undefined,
      tls_config: plainTls,
    },
  });
}

const plainTls: ScrapeArgs["tls_config"] = {
  ca_pem: undefined,
  ca_file: undefined,
  cert_pem: undefined,
  cert_file: undefined,
  insecure_skip_verify: false,
  key_file: undefined,
  key_pem: undefined,
  min_version: undefined,
  server_name: undefined,
};

async function tlsOf(tls: WireTls, namespace: string, read: ReadKey): Promise<ScrapeArgs["tls_config"]> {
  const text = (source: WireSource | undefined) =>
    source?.secret !== undefined || source?.configMap !== undefined ? sourceOf(source, namespace, read) : undefined;
  return {
    ...plainTls,
    ca_pem: await text(tls.ca),
    cert_pem: await text(tls.cert),
    key_pem: tls.keySecret && new Secret(await read("secrets", namespace, tls.keySecret)),
    ca_file: tls.caFile || undefined,
    cert_file: tls.certFile || undefined,
    key_file: tls.keyFile || undefined,
    insecure_skip_verify: tls.insecureSkipVerify === true,
    server_name: tls.serverName || undefined,
  };
}

async function sourceOf(source: WireSource, namespace: string, read: ReadKey): Promise<string> {
  if (source.secret !== undefined) return await read("secrets", namespace, source.secret);
  return source.configMap === undefined ? "" : await read("configmaps", namespace, source.configMap);
}

function sizeOf(text: string): number {
  const size = parseByteSize(text);
  if (size === undefined) throw new Error(`parsing bodySizeLimit: ${JSON.stringify(text)} is no size`);
  return size;
}
