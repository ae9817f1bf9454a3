import type { Type } from "../component/arguments.ts";
import type { ComponentContext } from "../component/context.ts";
import type { ClientAuthenticator } from "./authentication.ts";
import { authorizationCredentials, basicCredentials } from "./credentials/authorization.ts";
import { oauth2Credentials } from "./credentials/oauth2.ts";
import { secretSource } from "./credentials/secret-source.ts";
import { createHttpClient, type HttpClient } from "./http/client.ts";
import { type ProxySettings, proxyUrl } from "./http/proxy.ts";
import type { HttpClientArgs, ProxyArgs, secretLists } from "./http-client-arguments.ts";
import { prometheusTlsClient } from "./tls/prometheus-arguments.ts";

export interface HttpClientUse {
  /** In place of those in the arguments: `sigv4` and its like. */
  readonly credentials?: ClientAuthenticator;
  /** Sent with each request; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Use the addresses of a name in turn. */
  readonly rotateAddresses?: boolean;
  /** 0: no limit. */
  readonly maxConnectionsPerHost?: number;
}

/** A client that does what the arguments say. Closed by who made it. */
export function httpClient(
  args: HttpClientArgs,
  context: Pick<ComponentContext, "clock" | "log" | "peers">,
  use: HttpClientUse = {},
): HttpClient {
  const credentials = use.credentials ?? credentialsOf(args, context);
  return createHttpClient({
    tls: prometheusTlsClient(args.tls_config),
    proxy: proxySettings(args),
    ...(credentials !== undefined && { credentials }),
    headers: { "user-agent": context.peers.userAgent, ...joined(args.http_headers), ...use.headers },
    followRedirects: args.follow_redirects,
    http2: args.enable_http2,
    idleTimeoutMs: idleMs,
    ...(use.rotateAddresses !== undefined && { rotateAddresses: use.rotateAddresses }),
    ...(use.maxConnectionsPerHost !== undefined && { maxConnectionsPerHost: use.maxConnectionsPerHost }),
    tracer: context.peers.tracer,
    clock: context.clock,
    log: context.log,
  });
}

const idleMs = 5 * 60_000;
const tokenTimeoutMs = 30_000;

function credentialsOf(args: HttpClientArgs, context: Pick<ComponentContext, "clock" | "log" | "peers">): ClientAuthenticator | undefined {
  const { basic_auth: basic, authorization, oauth2 } = args;
  if (basic !== undefined)
    return basicCredentials(secretSource(undefined, basic.username), secretSource(basic.password_file, basic.password?.reveal()));
  const bearer = secretSource(args.bearer_token_file, args.bearer_token?.reveal());
  if (bearer !== undefined) return authorizationCredentials("Bearer", bearer);
  if (authorization !== undefined)
    return authorizationCredentials(
      authorization.type?.trim() || "Bearer",
      secretSource(authorization.credentials_file, authorization.credentials?.reveal()),
    );
  if (oauth2 === undefined) return undefined;
  const tokens = createHttpClient({
    tls: prometheusTlsClient(oauth2.tls_config),
    proxy: proxySettings(oauth2),
    headers: { "user-agent": context.peers.userAgent },
    followRedirects: true,
    http2: false,
    idleTimeoutMs: 10_000,
    clock: context.clock,
    log: context.log,
  });
  return oauth2Credentials(
    {
      tokenUrl: oauth2.token_url ?? "",
      clientId: { text: oauth2.client_id ?? "" },
      grant: { type: "client_credentials", clientSecret: secretSource(oauth2.client_secret_file, oauth2.client_secret?.reveal()) },
      scopes: oauth2.scopes ?? [],
      endpointParams: oauth2.endpoint_params ?? {},
      expiryBufferMs: 0,
      timeoutMs: tokenTimeoutMs,
    },
    tokens,
    context.clock,
  );
}

function proxySettings(args: ProxyArgs): ProxySettings {
  const url = proxyUrl(args.proxy_url ?? "");
  return {
    ...(url !== undefined && { url }),
    ...(args.no_proxy !== undefined && { noProxy: args.no_proxy }),
    fromEnvironment: args.proxy_from_environment,
    connectHeaders: joined(args.proxy_connect_header),
  };
}

type SecretLists = typeof secretLists extends Type<infer T> ? T : never;

/** Several values of a header mean the same as one with commas between. */
function joined(headers: SecretLists | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.map((value) => value.reveal()).join(", ")]),
  );
}
