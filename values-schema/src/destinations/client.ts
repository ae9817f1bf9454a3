import { type TProperties, Type } from "@sinclair/typebox";
import { choice, flag, integer, list, section, table, text, textOrNumber, texts } from "../words.ts";

// What destinations that speak HTTP have in common. A credential has three forms: the value, the key of the Secret that holds it, and
// an expression of the configuration language that gives it.

/** A credential: its value, the key under which a Secret holds it, and an expression that gives it. */
export const credential = <Name extends string>(name: Name, description: string, key: string = name) =>
  ({
    [name]: textOrNumber(description, ""),
    [`${name}Key`]: text("The key of the Secret that holds it.", key),
    [`${name}From`]: text("An expression of the configuration language that gives it."),
  }) as Record<Name | `${Name}Key` | `${Name}From`, ReturnType<typeof text>>;

const textOrTexts = Type.Union([Type.String(), Type.Array(Type.String())]);

export const proxy = {
  proxyURL: text("The proxy that requests pass."),
  noProxy: text("Hosts, domains and networks that are reached without the proxy, separated by commas."),
  proxyFromEnvironment: flag("Take the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY."),
  proxyConnectHeader: table("Headers for the proxy's CONNECT, each a text or several.", textOrTexts),
};

export const tls = <More extends TProperties = Record<never, never>>(
  keys: { ca: string; cert: string; key: string } = { ca: "ca", cert: "cert", key: "key" },
  more: More = {} as More,
) =>
  section("How the connection is encrypted.", {
    ...more,
    insecureSkipVerify: flag("Do not verify the server's certificate."),
    ...credential("ca", "The certificate of the authority that signed the server's, in PEM.", keys.ca),
    caFile: text("The same, as a path in the container."),
    ...credential("cert", "The client's certificate, in PEM.", keys.cert),
    certFile: text("The same, as a path in the container."),
    ...credential("key", "The key of the client's certificate, in PEM.", keys.key),
    keyFile: text("The same, as a path in the container."),
  });

export const secret = section("Where the credentials are kept.", {
  create: flag("Create a Secret of the credentials that stand in the values.", true),
  embed: flag("Write the credentials into the configuration, which then is a Secret."),
  name: text("The name of the Secret; where `create` is false, of one that is there."),
  namespace: text("Its namespace. Empty: the release's."),
});

export const oauth2 = section("Client credentials of OAuth 2.", {
  ...credential("clientId", "The client's id."),
  ...credential("clientSecret", "The client's secret."),
  clientSecretFile: text("The same, as a path in the container."),
  endpointParams: table(
    "More parameters of the token request, each a text or several.",
    Type.Union([Type.String(), Type.Array(Type.String())]),
  ),
  ...proxy,
  scopes: texts("The scopes that are asked for."),
  tokenURL: text("Where tokens are issued."),
  tls: tls({ ca: "oauth2-tls-ca", cert: "oauth2-tls-cert", key: "oauth2-tls-key" }),
});

export const auth = <const Types extends readonly string[], More extends TProperties = Record<never, never>>(
  types: Types,
  more: More = {} as More,
) =>
  section("How the client says who it is.", {
    type: choice("The kind. Empty: `basic` where a username and a password are set, else none.", ["", ...types], ""),
    ...credential("username", "The user."),
    ...credential("password", "The password."),
    ...credential("bearerToken", "The token."),
    bearerTokenFile: text("The same, as a path in the container."),
    oauth2,
    ...more,
  });

export const clusterLabels = list("The labels that carry the cluster's name.", Type.String(), ["cluster", "k8s.cluster.name"]);

export const port = (description: string, byDefault: number) => integer(description, byDefault, { minimum: 1, maximum: 65535 });
