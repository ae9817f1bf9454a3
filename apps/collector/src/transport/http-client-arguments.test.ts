import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { Decoded, Report } from "../component/arguments.ts";
import { systemClock } from "../component/clock.ts";
import { decodeText, tryDecodeText } from "../component/from-text.ts";
import { testContext } from "../component/testing.ts";
import { checkCloudCredentials, cloudCredentialBlocks } from "./cloud-credential-arguments.ts";
import { httpClient } from "./http-client.ts";
import { checkHttpClient, httpAuthenticationsOf, httpClientArguments, httpClientBlocks } from "./http-client-arguments.ts";

const inner = { arguments: httpClientArguments, blocks: { ...httpClientBlocks, ...cloudCredentialBlocks } };
const schema = {
  ...inner,
  check(args: Decoded<typeof inner>, report: Report) {
    checkHttpClient(args, report);
    checkCloudCredentials(args, httpAuthenticationsOf(args), report);
  },
};

/** All findings in the text of a client's arguments. */
function findings(text: string): string {
  return tryDecodeText(schema, text.replaceAll(";", "\n"))
    .diagnostics.map(({ message }) => message)
    .join("; ");
}

// A semicolon ends a line.
const cases: readonly (readonly [string, RegExp])[] = [
  ["", /^$/],
  ['basic_auth { username = "u"; password = "p" }', /^$/],
  ['basic_auth { password = "p"; password_file = "f" }', /^at most one of basic_auth password & password_file must be configured$/],
  ['authorization { credentials = "p"; credentials_file = "f" }', /at most one of authorization credentials & credentials_file/],
  ['authorization { type = " Basic " }', /use "basic_auth" block instead/],
  [
    'bearer_token = "t"; basic_auth {}',
    /^at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured$/,
  ],
  ['bearer_token = "t"; bearer_token_file = "f"', /at most one of basic_auth/],
  ["oauth2 {}", /client_id must be configured.*client_secret or client_secret_file.*token_url must be configured/],
  ['oauth2 { client_id = "i"; client_secret = "s"; token_url = "not a url" }', /is not a URL/],
  [
    'oauth2 { client_id = "i"; client_secret_file = "f"; token_url = "http://t"; tls_config { ca_pem = "a"; ca_file = "b" } }',
    /at most one of ca_pem/,
  ],
  ['no_proxy = "a"', /if no_proxy is configured, proxy_url must also be configured/],
  ['proxy_url = "http://p"; proxy_from_environment = true', /proxy_url must not be configured/],
  ['no_proxy = "a"; proxy_from_environment = true', /no_proxy must not be configured/],
  ['proxy_connect_header = { "X" = ["a"] }', /proxy_url or proxy_from_environment must also be configured/],
  ['proxy_url = "ftp://p"', /http, https or socks5/],
  ['http_headers = { "x-amz-date" = ["a"] }', /setting header "X-Amz-Date" is not allowed/],
  ['tls_config { cert_pem = "a" }', /exactly one of key_pem or key_file/],
  ['tls_config { min_version = "TLS14" }', /unknown TLS version: TLS14/],
  ["sigv4 {}", /^$/],
  ['sigv4 { access_key = "a" }', /access key and secret key/],
  ['sigv4 { external_id = "a" }', /external_id can only be used with role_arn/],
  ["sigv4 {}; basic_auth {}", /at most one of sigv4, azuread, google_iam/],
  ["azuread {}", /must provide an Azure Managed Identity/],
  ['azuread { managed_identity { client_id = "x" } }', /client_id is invalid/],
  ['azuread { managed_identity { client_id = "{00000000-0000-0000-0000-000000000000}" } }', /^$/],
  [
    'azuread { sdk { tenant_id = "a" }; oauth { client_id = "00000000000000000000000000000000"; client_secret = ""; tenant_id = "a b" } }',
    /client_secret.*tenant_id is invalid/,
  ],
  ['azuread { sdk { tenant_id = "t" }; scope = "a{b" }', /invalid characters/],
  ['google_iam { credentials_file = "f" }', /^$/],
];

for (const [text, expected] of cases) test(`${text || "nothing"} is found to be ${expected}`, () => assert.match(findings(text), expected));

/** The headers that a request carries by these arguments. */
async function headersBy(text: string): Promise<IncomingHttpHeaders> {
  let headers: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    headers = request.headers;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const client = httpClient(decodeText(schema, text.replaceAll(";", "\n")), testContext({ clock: systemClock }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await client.request({ method: "GET", url, timeoutMs: 5000, maxResponseBytes: 0 });
  await client.close();
  return headers;
}

test("the arguments decide which credentials and headers a request carries", async () => {
  assert.equal((await headersBy('basic_auth { username = "u"; password = "p" }')).authorization, "Basic dTpw");
  assert.equal((await headersBy('bearer_token = "t"')).authorization, "Bearer t");
  assert.equal((await headersBy('authorization { credentials = "c" }')).authorization, "Bearer c");
  assert.equal((await headersBy('authorization { type = "Custom"; credentials = "c" }')).authorization, "Custom c");
  assert.equal((await headersBy('http_headers = { "X-One" = ["a", "b"] }'))["x-one"], "a, b");
  assert.equal((await headersBy(""))["user-agent"], "Invar/test");
});
