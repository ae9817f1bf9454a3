import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../component/clock.ts";
import { decodeText } from "../component/from-text.ts";
import { testContext } from "../component/testing.ts";
import { cloudCredentialBlocks, cloudCredentials } from "./cloud-credential-arguments.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-cloud-"));
after(() => rmSync(folder, { recursive: true }));

const asked: { readonly path: string; readonly body: string; readonly headers: NodeJS.Dict<string | string[]> }[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  asked.push({ path: request.url ?? "", body, headers: request.headers });
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ access_token: "from the server", expires_in: 3600 }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// A semicolon ends a line.
async function authorization(text: string, environment: Record<string, string>): Promise<string | undefined> {
  const args = decodeText({ blocks: cloudCredentialBlocks }, text.replaceAll(";", "\n"));
  const credentials = cloudCredentials(args, { clock: systemClock, log: testContext().log, environment: { HOME: folder, ...environment } });
  const request = {
    method: "POST",
    url: new URL("https://aps.example/write"),
    headers: new Map([["content-type", "x"]]),
    body: [Buffer.from("data")],
  };
  await credentials?.authenticate(request);
  return request.headers.get("authorization");
}

test("without a block there are no credentials", async () => {
  assert.equal(await authorization("", {}), undefined);
});

test("sigv4 signs for its region and service, with its keys or the environment's", async () => {
  const own = await authorization('sigv4 { ; access_key = "AK"; secret_key = "SK"; region = "eu-west-1"; }', {});
  assert.match(
    own ?? "",
    /^AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/eu-west-1\/aps\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
  );
  const environment = { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "S", AWS_REGION: "us-east-1" };
  assert.match((await authorization('sigv4 { service_name = "es" }', environment)) ?? "", /Credential=ENV\/\d{8}\/us-east-1\/es\//);
});

test("google_iam signs in with the key of its file", async () => {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const file = join(folder, "key.json");
  writeFileSync(file, JSON.stringify({ type: "service_account", client_email: "a@b", private_key: key, token_uri: `${url}/token` }));
  asked.length = 0;
  assert.equal(await authorization(`google_iam { credentials_file = "${file}" }`, {}), "Bearer from the server");
  const claims = JSON.parse(Buffer.from(new URLSearchParams(asked[0]?.body).get("assertion")?.split(".")[1] ?? "", "base64url").toString());
  assert.equal(claims.scope, "https://www.googleapis.com/auth/monitoring.write");
});

test("azuread asks the App Service that it runs in, and proxies are no matter to metadata servers", async () => {
  asked.length = 0;
  const environment = { IDENTITY_ENDPOINT: `${url}/msi`, IDENTITY_HEADER: "h", HTTP_PROXY: "http://127.0.0.1:1" };
  const text = 'azuread { ; cloud = "AzureChina"; managed_identity { client_id = "00000000-0000-0000-0000-000000000001" } ; }';
  assert.equal(await authorization(text, environment), "Bearer from the server");
  assert.equal(
    asked[0]?.path,
    "/msi?api-version=2019-08-01&resource=https%3A%2F%2Fmonitor.azure.cn%2F&client_id=00000000-0000-0000-0000-000000000001",
  );
  assert.equal(asked[0]?.headers["x-identity-header"], "h");
});
