import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { systemClock } from "../../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { testAuthority } from "../../../../transport/tls/test-certificates.ts";
import { component } from "./component.ts";

// A semicolon ends a line.
const lines = (text: string) => text.replaceAll(";", "\n");

const asked: URLSearchParams[] = [];
const tokens: RequestListener = async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  asked.push(new URLSearchParams(body));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ access_token: `token ${asked.length}`, token_type: "bearer", expires_in: 3600 }));
};

const authority = testAuthority();
const plain = createPlainServer(tokens).listen(0, "127.0.0.1");
const secure = createServer({ ...authority.issue("localhost") }, tokens).listen(0, "127.0.0.1");
await Promise.all([once(plain, "listening"), once(secure, "listening")]);
after(() => {
  plain.close();
  secure.close();
});
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

async function start(text: string) {
  const context = testContext({ clock: systemClock });
  const running = await component.create(context, decodeText(component, lines(text)));
  after(() => running.stop(AbortSignal.abort()));
  const handler = (context.exports.handler as Capsule<AuthHandler>).value;
  return {
    running,
    async sent(): Promise<string | undefined> {
      const request = { method: "POST", url: new URL("http://a/"), headers: new Map<string, string>(), body: [] };
      await handler.client?.authenticate(request);
      return request.headers.get("authorization");
    },
  };
}

test("tokens are fetched once, with scopes and parameters, and again for other arguments", async () => {
  asked.length = 0;
  const url = `http://127.0.0.1:${portOf(plain)}/token`;
  const text = `client_id = "i"; client_secret = "s"; token_url = "${url}"; scopes = ["a", "b"]; endpoint_params = { "audience" = ["x", "y"] }`;
  const one = await start(text);
  assert.deepEqual([await one.sent(), await one.sent()], ["Bearer token 1", "Bearer token 1"]);
  assert.equal(asked[0]?.get("scope"), "a b");
  assert.deepEqual(asked[0]?.getAll("audience"), ["x", "y"]);
  await one.running.update(decodeText(component, lines(text.replace('"s"', '"other"'))));
  assert.equal(await one.sent(), "Bearer token 2");
});

test("a signed request brings a token as well, over TLS that the block describes", async () => {
  asked.length = 0;
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const url = `https://localhost:${portOf(secure)}/token`;
  const text = `client_id = "i"; token_url = "${url}"; grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"; client_certificate_key = ${JSON.stringify(key)}; claims = { team = "x", level = 3 }; iss = "me"; signature_algorithm = "RS512"; tls { ca_pem = ${JSON.stringify(authority.ca)} }`;
  const one = await start(text);
  assert.equal(await one.sent(), "Bearer token 1");
  const [header = "", payload = ""] = (asked[0]?.get("assertion") ?? "").split(".");
  assert.equal(JSON.parse(Buffer.from(header, "base64url").toString()).alg, "RS512");
  const { iss, sub, aud, team, level } = JSON.parse(Buffer.from(payload, "base64url").toString());
  assert.deepEqual([iss, sub, aud, team, level], ["me", "i", url, "x", 3]);
});

test("a server that is not there is said with its reason", async () => {
  const one = await start('client_id = "i"; client_secret = "s"; token_url = "http://127.0.0.1:1/token"');
  await assert.rejects(one.sent(), /ECONNREFUSED/);
});

const cases: readonly (readonly [string, RegExp])[] = [
  ['token_url = "http://t"', /no ClientID provided.*no ClientSecret provided/],
  ['token_url = "nothing"; client_id = "i"; client_secret = "s"', /token_url "nothing" is not a URL/],
  [
    'token_url = "http://t"; client_id = "i"; grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"',
    /no client certificate key provided/,
  ],
  ['token_url = "http://t"; client_id = "i"; client_secret = "s"; signature_algorithm = "HS256"', /HS256/],
  ['token_url = "http://t"; client_id_file = "i"; client_secret_file = "s"', /^$/],
];

for (const [text, expected] of cases)
  test(`${text} is found to be ${expected}`, () => {
    const found = tryDecodeText(component, lines(text)).diagnostics.map(({ message }) => message);
    assert.match(found.join("; "), expected);
  });
