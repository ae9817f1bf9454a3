import { Capsule, isObject, type Value } from "@invar/alloy-syntax";
import {
  any,
  assumed,
  type Decoded,
  defaulted,
  duration,
  list,
  map,
  oneOf,
  optional,
  required,
  secret,
  string,
} from "../../../../component/arguments.ts";
import { authHandler } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import type { AuthHandler, ClientAuthenticator } from "../../../../transport/authentication.ts";
import { type ClientCredentialsGrant, type JwtBearerGrant, oauth2Credentials } from "../../../../transport/credentials/oauth2.ts";
import { secretSource } from "../../../../transport/credentials/secret-source.ts";
import { createHttpClient, type HttpClient } from "../../../../transport/http/client.ts";
import { otelcolTlsClient, otelcolTlsClientBlock } from "../../../../transport/tls/otelcol-arguments.ts";

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const schema = {
  arguments: {
    token_url: required(string, "The URL at which tokens are given.", {
      check: (url) => (url !== "" && URL.canParse(url) ? undefined : `token_url "${url}" is not a URL`),
    }),
    audience: defaulted(string, "For whom a signed request is meant; the token's URL where empty.", ""),
    claims: defaulted(map(any), "More claims of a signed request.", {}),
    client_certificate_key: optional(secret, "The private key that signs requests, in PEM."),
    client_certificate_key_file: defaulted(string, "The file with that key; it wins.", ""),
    client_certificate_key_id: defaulted(string, "The name of that key.", ""),
    client_id: defaulted(string, "The client's identifier.", ""),
    client_id_file: defaulted(string, "The file with the client's identifier; it wins.", ""),
    client_secret: optional(secret, "The client's secret."),
    client_secret_file: defaulted(string, "The file with the client's secret; it wins.", ""),
    endpoint_params: defaulted(map(list(string)), "More parameters for the token's server.", {}),
    expiry_buffer: defaulted(duration, "Tokens are renewed so long before they expire.", "0s"),
    grant_type: defaulted(oneOf("client_credentials", jwtBearer), "How tokens are asked for.", "client_credentials"),
    iss: defaulted(string, "Who issues a signed request; the client where empty.", ""),
    scopes: defaulted(list(string), "What tokens shall permit.", []),
    signature_algorithm: defaulted(oneOf("RS256", "RS384", "RS512"), "How requests are signed.", "RS256"),
    timeout: defaulted(duration, "How long the token's server may take; 0s: any time.", "0s"),
  },
  blocks: {
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
    tls: otelcolTlsClientBlock,
  },
};

type Args = Decoded<typeof schema>;

/** Tokens of an OAuth 2.0 server, for requests that are sent. */
export const component = defineComponent({
  name: "otelcol.auth.oauth2",
  stability: "generally-available",
  summary: "Authenticates requests by tokens which an OAuth 2.0 server gives.",
  ...schema,
  exports: { handler: { type: authHandler, doc: "For arguments called `auth`." } },
  metrics: [],
  needs: {},
  check(args, report) {
    if (args.client_id === "" && args.client_id_file === "")
      report("no ClientID provided in the OAuth2 exporter configuration: write client_id or client_id_file");
    if (args.grant_type === jwtBearer) {
      if (secretSource(args.client_certificate_key_file, args.client_certificate_key?.reveal()) === undefined)
        report("no client certificate key provided: write client_certificate_key or client_certificate_key_file", "grant_type");
    } else if (secretSource(args.client_secret_file, args.client_secret?.reveal()) === undefined) {
      report("no ClientSecret provided in OAuth Client Credentials configuration: write client_secret or client_secret_file");
    }
  },
  create(context, args) {
    let current = open(context, args);
    const handler: AuthHandler = {
      id: context.id,
      client: { requiresTls: true, authenticate: (request) => current.credentials.authenticate(request) },
    };
    context.export({ handler: new Capsule("otelcol.Handler", handler) });
    return {
      start() {},
      async update(next) {
        const old = current;
        current = open(context, next);
        await old.http.close();
      },
      stop: () => current.http.close(),
    };
  },
});

function open(context: ComponentContext, args: Args): { readonly credentials: ClientAuthenticator; readonly http: HttpClient } {
  const http = createHttpClient({
    tls: otelcolTlsClient(args.tls),
    proxy: { fromEnvironment: true },
    headers: { "user-agent": context.peers.userAgent },
    followRedirects: true,
    http2: false,
    idleTimeoutMs: 90_000,
    clock: context.clock,
    log: context.log,
  });
  const credentials = oauth2Credentials(
    {
      tokenUrl: args.token_url,
      clientId: secretSource(args.client_id_file, args.client_id) ?? { text: "" },
      grant: grantOf(args),
      scopes: args.scopes,
      endpointParams: args.endpoint_params,
      expiryBufferMs: args.expiry_buffer,
      timeoutMs: args.timeout,
    },
    http,
    context.clock,
  );
  return { credentials, http };
}

function grantOf(args: Args): ClientCredentialsGrant | JwtBearerGrant {
  if (args.grant_type === "client_credentials")
    return { type: "client_credentials", clientSecret: secretSource(args.client_secret_file, args.client_secret?.reveal()) };
  return {
    type: "jwt-bearer",
    privateKey: secretSource(args.client_certificate_key_file, args.client_certificate_key?.reveal()) ?? { text: "" },
    keyId: args.client_certificate_key_id || undefined,
    algorithm: args.signature_algorithm,
    issuer: args.iss || undefined,
    audience: args.audience || undefined,
    claims: Object.fromEntries(Object.entries(args.claims).map(([name, value]) => [name, plain(value)])),
  };
}

/** As JSON writes it. */
function plain(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
}
