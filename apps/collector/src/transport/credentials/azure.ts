import { readFile } from "node:fs/promises";
import type { Clock } from "../../component/clock.ts";
import type { ClientAuthenticator } from "../authentication.ts";
import type { HttpClient } from "../http/client.ts";
import type { Environment } from "../http/proxy.ts";
import type { HttpResponse } from "../http/response.ts";
import { parseTokenResponse } from "./oauth2.ts";
import { type Token, TokenCache } from "./token-cache.ts";

export type AzureCloud = "AzurePublic" | "AzureChina" | "AzureGovernment";

export interface AzureSettings {
  readonly cloud: AzureCloud;
  /** Undefined: Azure Monitor's of the cloud. */
  readonly scope?: string;
  readonly identity: AzureIdentity;
}

export type AzureIdentity =
  | { readonly kind: "managed_identity"; readonly clientId: string | undefined }
  | { readonly kind: "oauth"; readonly clientId: string; readonly clientSecret: string; readonly tenantId: string }
  | { readonly kind: "workload_identity"; readonly clientId: string; readonly tenantId: string; readonly tokenFile: string }
  /** What the environment offers: a client's secret, a workload identity, a managed identity. */
  | { readonly kind: "sdk"; readonly tenantId: string | undefined };

export interface AzureSurroundings {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly environment: Environment;
  /** Where tokens are given, in place of the cloud's own server. */
  readonly authority?: string;
  /** The machine's own metadata server. */
  readonly metadataServer?: string;
}

/** Adds Microsoft Entra tokens. */
export function azureCredentials(settings: AzureSettings, surroundings: AzureSurroundings): ClientAuthenticator {
  const scope = settings.scope ?? clouds[settings.cloud].audience;
  const cache = new TokenCache(() => fetchToken(settings, scope, surroundings), surroundings.clock);
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      headers.set("authorization", `Bearer ${(await cache.get()).value}`);
    },
  };
}

const clouds = {
  AzurePublic: { authority: "https://login.microsoftonline.com", audience: "https://monitor.azure.com//.default" },
  AzureChina: { authority: "https://login.chinacloudapi.cn", audience: "https://monitor.azure.cn//.default" },
  AzureGovernment: { authority: "https://login.microsoftonline.us", audience: "https://monitor.azure.us//.default" },
} as const;

const requestTimeoutMs = 30_000;
const maxAnswerBytes = 1024 * 1024;

async function fetchToken({ cloud, identity }: AzureSettings, scope: string, surroundings: AzureSurroundings): Promise<Token> {
  const authority = surroundings.authority ?? clouds[cloud].authority;
  switch (identity.kind) {
    case "oauth":
      return clientToken(
        authority,
        identity.tenantId,
        { client_id: identity.clientId, client_secret: identity.clientSecret, scope },
        surroundings,
      );
    case "workload_identity":
      return workloadToken(authority, identity, scope, surroundings);
    case "managed_identity":
      return managedToken(identity.clientId, scope, surroundings);
    case "sdk":
      return environmentToken(authority, identity.tenantId, scope, surroundings);
    default:
      return identity satisfies never;
  }
}

async function environmentToken(
  authority: string,
  tenant: string | undefined,
  scope: string,
  surroundings: AzureSurroundings,
): Promise<Token> {
  const { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: tokenFile } = surroundings.environment;
  const tenantId = surroundings.environment.AZURE_TENANT_ID || tenant;
  if (clientId && secret && tenantId)
    return clientToken(authority, tenantId, { client_id: clientId, client_secret: secret, scope }, surroundings);
  if (clientId && tokenFile && tenantId) return workloadToken(authority, { clientId, tenantId, tokenFile }, scope, surroundings);
  return managedToken(clientId || undefined, scope, surroundings);
}

async function workloadToken(
  authority: string,
  { clientId, tenantId, tokenFile }: { clientId: string; tenantId: string; tokenFile: string },
  scope: string,
  surroundings: AzureSurroundings,
): Promise<Token> {
  const form = {
    client_id: clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: (await readFile(tokenFile, "utf8")).trim(),
    scope,
  };
  return clientToken(authority, tenantId, form, surroundings);
}

async function clientToken(
  authority: string,
  tenant: string,
  form: Record<string, string>,
  surroundings: AzureSurroundings,
): Promise<Token> {
  const response = await surroundings.http.request({
    method: "POST",
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: [Buffer.from(new URLSearchParams({ ...form, grant_type: "client_credentials" }).toString())],
    timeoutMs: requestTimeoutMs,
    maxResponseBytes: maxAnswerBytes,
  });
  return tokenOf(response, surroundings.clock);
}

/** A token of the identity that Azure gave to this machine, or to the App Service that this runs in. */
async function managedToken(clientId: string | undefined, scope: string, surroundings: AzureSurroundings): Promise<Token> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header, IMDS_ENDPOINT: arc } = surroundings.environment;
  if (endpoint && !header && arc) throw new Error("managed identities of Azure Arc are not supported: use workload_identity or oauth");
  const inAppService = endpoint !== undefined && endpoint !== "" && header !== undefined && header !== "";
  const url = inAppService
    ? new URL(endpoint)
    : new URL("/metadata/identity/oauth2/token", surroundings.metadataServer ?? "http://169.254.169.254");
  url.searchParams.set("api-version", inAppService ? "2019-08-01" : "2018-02-01");
  url.searchParams.set("resource", scope.replace(/\/\.default$/, ""));
  if (clientId !== undefined) url.searchParams.set("client_id", clientId);
  const response = await surroundings.http.request({
    method: "GET",
    url,
    headers: inAppService ? { "x-identity-header": header } : { metadata: "true" },
    timeoutMs: requestTimeoutMs,
    maxResponseBytes: maxAnswerBytes,
  });
  return tokenOf(response, surroundings.clock);
}

/** Renewed at half of its life. */
function tokenOf(response: HttpResponse, clock: Clock): Token {
  return parseTokenResponse(response, (lifeMs) => clock.now() + lifeMs / 2);
}
