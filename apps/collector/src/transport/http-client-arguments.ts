import { bool, type Decoded, defaulted, list, map, maybe, optional, type Report, secret, string } from "../component/arguments.ts";
import { secretSource } from "./credentials/secret-source.ts";
import { proxyUrl } from "./http/proxy.ts";
import { tlsConfigBlock } from "./tls/prometheus-arguments.ts";

export const secretLists = map(list(secret));

const proxyArguments = {
  proxy_url: optional(string, "The HTTP proxy that requests go through.", { check: proxyUrlText }),
  no_proxy: optional(string, "Addresses, networks and names that are reached without the proxy, with commas between."),
  proxy_from_environment: defaulted(bool, "Use the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name.", false),
  proxy_connect_header: optional(secretLists, "Headers sent to the proxy with CONNECT."),
};

/** The arguments of HTTP clients in the style of Prometheus and Loki; a component may override defaults. */
export const httpClientArguments = {
  bearer_token_file: optional(string, "The file with a bearer token, read for each request."),
  bearer_token: optional(secret, "A bearer token."),
  enable_http2: defaulted(bool, "Speak HTTP/2 where the server offers it.", true),
  follow_redirects: defaulted(bool, "Follow redirects.", true),
  http_headers: optional(secretLists, "Headers sent with each request."),
  ...proxyArguments,
};

const authorizationSchema = {
  arguments: {
    type: optional(string, "The scheme before the credentials, Bearer unless written."),
    credentials: optional(secret, "The credentials."),
    credentials_file: optional(string, "The file with the credentials, read for each request."),
  },
};

const basicAuthSchema = {
  arguments: {
    username: optional(string, "The user's name."),
    password: optional(secret, "The user's password."),
    password_file: optional(string, "The file with the password, read for each request."),
  },
};

const oauth2Schema = {
  arguments: {
    client_id: optional(string, "The client's identifier."),
    client_secret: optional(secret, "The client's secret."),
    client_secret_file: optional(string, "The file with the client's secret, read for each request."),
    endpoint_params: optional(map(string), "More parameters for the token's server."),
    scopes: optional(list(string), "What the token shall permit."),
    token_url: optional(string, "Where tokens are given."),
    ...proxyArguments,
  },
  blocks: { tls_config: tlsConfigBlock },
};

/** The blocks that go with `httpClientArguments`. */
export const httpClientBlocks = {
  basic_auth: maybe("A user's name and password.", basicAuthSchema, { check: checkBasicAuth }),
  authorization: maybe("A token or other credentials of one scheme.", authorizationSchema, { check: checkAuthorization }),
  oauth2: maybe("A token which a server gives for the client's credentials.", oauth2Schema, { check: checkOAuth2 }),
  tls_config: tlsConfigBlock,
};

const httpClientSchema = { arguments: httpClientArguments, blocks: httpClientBlocks };

export type HttpClientArgs = Decoded<typeof httpClientSchema>;

/** What must hold between the arguments and blocks above; call it from the check of who includes them. */
export function checkHttpClient(args: HttpClientArgs, report: Report): void {
  if (httpAuthenticationsOf(args).length > 1)
    report("at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured");
  for (const name of Object.keys(args.http_headers ?? {}))
    if (reservedHeaders.has(name.toLowerCase())) report(`setting header "${canonicalName(name)}" is not allowed`, "http_headers");
  checkProxy(args, report);
}

/** The names of the arguments and blocks that give credentials. */
export function httpAuthenticationsOf(args: HttpClientArgs): string[] {
  return [
    ...(args.basic_auth === undefined ? [] : ["basic_auth"]),
    ...(args.authorization === undefined ? [] : ["authorization"]),
    ...(args.oauth2 === undefined ? [] : ["oauth2"]),
    ...(secretSource(undefined, args.bearer_token?.reveal()) === undefined ? [] : ["bearer_token"]),
    ...(secretSource(args.bearer_token_file, undefined) === undefined ? [] : ["bearer_token_file"]),
  ];
}

export type ProxyArgs = Decoded<{ arguments: typeof proxyArguments }>;

function checkBasicAuth(args: Decoded<typeof basicAuthSchema>, report: Report): void {
  if (args.password?.reveal() && args.password_file)
    report("at most one of basic_auth password & password_file must be configured", "password_file");
}

function checkAuthorization(args: Decoded<typeof authorizationSchema>, report: Report): void {
  if (args.credentials?.reveal() && args.credentials_file)
    report("at most one of authorization credentials & credentials_file must be configured", "credentials_file");
  if (args.type?.trim().toLowerCase() === "basic")
    report('authorization type cannot be set to "basic", use "basic_auth" block instead', "type");
}

function checkOAuth2(args: Decoded<typeof oauth2Schema>, report: Report): void {
  const secretText = args.client_secret?.reveal();
  if (!args.client_id) report("oauth2 client_id must be configured");
  if (!secretText && !args.client_secret_file) report("either oauth2 client_secret or client_secret_file must be configured");
  if (!args.token_url) report("oauth2 token_url must be configured");
  else if (!URL.canParse(args.token_url)) report(`oauth2 token_url "${args.token_url}" is not a URL`, "token_url");
  if (secretText && args.client_secret_file)
    report("at most one of oauth2 client_secret & client_secret_file must be configured", "client_secret_file");
  checkProxy(args, report);
}

function checkProxy(args: ProxyArgs, report: Report): void {
  const hasUrl = args.proxy_url !== undefined && args.proxy_url !== "";
  if (Object.keys(args.proxy_connect_header ?? {}).length > 0 && !args.proxy_from_environment && !hasUrl)
    report("if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured", "proxy_connect_header");
  if (args.proxy_from_environment && hasUrl)
    report("if proxy_from_environment is configured, proxy_url must not be configured", "proxy_url");
  if (args.proxy_from_environment && args.no_proxy)
    report("if proxy_from_environment is configured, no_proxy must not be configured", "no_proxy");
  if (!args.proxy_from_environment && !hasUrl && args.no_proxy)
    report("if no_proxy is configured, proxy_url must also be configured", "no_proxy");
}

function proxyUrlText(text: string): string | undefined {
  if (text === "") return undefined;
  const url = proxyUrl(text);
  if (url === undefined) return `"${text}" is not a URL`;
  return proxyProtocols.has(url.protocol) ? undefined : `a proxy is reached by http, https or socks5, not ${url.protocol.slice(0, -1)}`;
}

const proxyProtocols = new Set(["http:", "https:", "socks5:", "socks5h:"]);

/** Headers that belong to the protocol or to credentials. */
const reservedHeaders = new Set([
  "authorization",
  "host",
  "content-encoding",
  "content-length",
  "content-type",
  "user-agent",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "www-authenticate",
  "accept-encoding",
  "x-prometheus-remote-write-version",
  "x-prometheus-remote-read-version",
  "x-prometheus-scrape-timeout-seconds",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
]);

function canonicalName(header: string): string {
  return header.toLowerCase().replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
