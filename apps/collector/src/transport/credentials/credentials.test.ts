import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import type { ClientAuthenticator } from "../authentication.ts";
import type { HttpClient, HttpClientRequest } from "../http/client.ts";
import { authorizationCredentials, basicCredentials } from "./authorization.ts";
import { azureCredentials } from "./azure.ts";
import { googleCredentials } from "./google.ts";
import { type JwtBearerGrant, type OAuth2Settings, oauth2Credentials } from "./oauth2.ts";
import { sigv4Credentials } from "./sigv4.ts";
import { signature } from "./sigv4-signature.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-credentials-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The `Authorization` header after authentication. */
async function authorization(credentials: ClientAuthenticator, headers: Record<string, string> = {}): Promise<string | undefined> {
  const request = { method: "POST", url: new URL("https://example.com/"), headers: new Map(Object.entries(headers)), body: [] };
  await credentials.authenticate(request);
  return request.headers.get("authorization");
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Record<string, string>;
}

/** A token server in the place of the network: each answer is made from what it was asked. */
function answering(answer: (asked: Asked) => unknown): { http: HttpClient; asked: Asked[] } {
  const asked: Asked[] = [];
  const http: HttpClient = {
    async request(request: HttpClientRequest) {
      const text = Buffer.concat(request.body ?? []).toString();
      const one = {
        method: request.method,
        url: String(request.url),
        headers: request.headers ?? {},
        form: Object.fromEntries(new URLSearchParams(text)),
      };
      asked.push(one);
      const given = answer(one);
      const status = typeof given === "number" ? given : 200;
      const body = Buffer.from(
        typeof given === "string" ? given : JSON.stringify(typeof given === "number" ? { error: "invalid_client" } : given),
      );
      const headers = { "content-type": typeof given === "string" ? "application/x-www-form-urlencoded" : "application/json" };
      return { status, headers, body: [body], bodyBytes: body.length, url: new URL(request.url) };
    },
    close: async () => {},
  };
  return { http, asked };
}

test("basic credentials come from text or from files that are read for each request", async () => {
  const path = file("password", "first\n");
  const credentials = basicCredentials({ text: "user" }, { file: path });
  assert.equal(await authorization(credentials), `Basic ${Buffer.from("user:first").toString("base64")}`);
  file("password", "second");
  assert.equal(await authorization(credentials), `Basic ${Buffer.from("user:second").toString("base64")}`);
  assert.equal(await authorization(basicCredentials(undefined, undefined)), "Basic Og==");
  await assert.rejects(authorization(basicCredentials(undefined, { file: join(folder, "absent") })), /password_file can't be read/);
});

test("an authorization that the request has already stays", async () => {
  assert.equal(await authorization(authorizationCredentials("Bearer", { text: "t" }), { authorization: "own" }), "own");
  assert.equal(await authorization(authorizationCredentials("Custom", { text: "t" })), "Custom t");
});

const settings: OAuth2Settings = {
  tokenUrl: "https://auth.example/token",
  clientId: { text: "id" },
  grant: { type: "client_credentials", clientSecret: { text: "s:ecret" } },
  scopes: ["a", "b"],
  endpointParams: { audience: "x" },
  expiryBufferMs: 0,
  timeoutMs: 0,
};

test("an OAuth token is fetched once and again before it expires", async () => {
  const clock = new FakeClock();
  let count = 0;
  const { http, asked } = answering(() => ({ access_token: `t${++count}`, token_type: "bearer", expires_in: 60 }));
  const credentials = oauth2Credentials(settings, http, clock);
  assert.deepEqual(await Promise.all([authorization(credentials), authorization(credentials)]), ["Bearer t1", "Bearer t1"]);
  assert.deepEqual(asked[0]?.form, { grant_type: "client_credentials", scope: "a b", audience: "x" });
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from("id:s%3Aecret").toString("base64")}`);
  await clock.advance(49_000);
  assert.equal(await authorization(credentials), "Bearer t1");
  await clock.advance(1000);
  assert.equal(await authorization(credentials), "Bearer t2");
});

test("a server that wants the client's credentials in the body gets them there, from then on at once", async () => {
  const { http, asked } = answering(({ form }) => (form.client_id === "id" ? "access_token=t&token_type=MAC" : 401));
  const credentials = oauth2Credentials(settings, http, new FakeClock());
  assert.equal(await authorization(credentials), "MAC t");
  assert.equal(asked.length, 2);
  assert.equal(asked[1]?.form.client_secret, "s:ecret");
});

test("a refusal says what the server says, and is asked again the next time", async () => {
  let refuse = true;
  const { http } = answering(() => (refuse ? 401 : { access_token: "t" }));
  const credentials = oauth2Credentials(settings, http, new FakeClock());
  await assert.rejects(authorization(credentials), /oauth2: "invalid_client"/);
  refuse = false;
  assert.equal(await authorization(credentials), "Bearer t");
});

test("a changed secret file brings a new token", async () => {
  const path = file("client-secret", "old");
  const { http, asked } = answering(() => ({ access_token: "t", expires_in: 3600 }));
  const credentials = oauth2Credentials(
    { ...settings, grant: { type: "client_credentials", clientSecret: { file: path } } },
    http,
    new FakeClock(),
  );
  await authorization(credentials);
  await authorization(credentials);
  assert.equal(asked.length, 1);
  file("client-secret", "new");
  await authorization(credentials);
  assert.equal(asked.length, 2);
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaPem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** The claims of a token whose signature holds. */
function claims(jwt: string | undefined): Record<string, unknown> {
  const [header = "", payload = "", mark = ""] = (jwt ?? "").split(".");
  const key = createPublicKey(rsa.publicKey.export({ type: "spki", format: "pem" }));
  assert.ok(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(mark, "base64url")));
  return { header: JSON.parse(Buffer.from(header, "base64url").toString()), ...JSON.parse(Buffer.from(payload, "base64url").toString()) };
}

test("the JWT bearer grant signs who asks for what", async () => {
  const { http, asked } = answering(() => ({ access_token: "t" }));
  const grant: JwtBearerGrant = {
    type: "jwt-bearer",
    privateKey: { text: rsaPem },
    keyId: "k1",
    algorithm: "RS256",
    issuer: undefined,
    audience: undefined,
    claims: { team: "x" },
  };
  assert.equal(await authorization(oauth2Credentials({ ...settings, grant }, http, new FakeClock(1_700_000_000_000))), "Bearer t");
  assert.equal(asked[0]?.form.grant_type, "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const { jti, ...rest } = claims(asked[0]?.form.assertion);
  assert.equal(typeof jti, "string");
  assert.deepEqual(rest, {
    header: { alg: "RS256", typ: "JWT", kid: "k1" },
    iss: "id",
    sub: "id",
    aud: "https://auth.example/token",
    iat: 1_700_000_000,
    exp: 1_700_000_600,
    scope: "a b",
    team: "x",
  });
});

// The cases of AWS's published test suite for Signature Version 4.
const suite = {
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  region: "us-east-1",
  service: "service",
  clock: { now: () => Date.UTC(2015, 7, 30, 12, 36, 0) },
};

function signed(method: string, pathAndQuery: string, headers: Record<string, string> = {}, body = ""): string {
  const url = new URL(pathAndQuery, "https://example.amazonaws.com");
  const request = { method, url, headers: new Map(Object.entries(headers)), body: [Buffer.from(body)] };
  return /Signature=(\w+)/.exec(signature(request, suite).get("authorization") ?? "")?.[1] ?? "";
}

test("signatures are those of AWS's test suite", () => {
  assert.equal(signed("GET", "/"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  assert.equal(signed("POST", "/"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  assert.equal(signed("GET", "/?Param2=value2&Param1=value1"), "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  assert.equal(
    signed("POST", "/", { "content-type": "application/x-www-form-urlencoded" }, "Param1=value1"),
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  );
  assert.equal(signed("GET", "/example/.."), signed("GET", "/"));
});

const sts = `<R><Credentials><AccessKeyId>role</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>tok</SessionToken>
<Expiration>2023-11-14T23:00:00Z</Expiration></Credentials></R>`;

/** Which access key signs, given the surroundings. */
async function awsKey(
  environment: Record<string, string>,
  more: Partial<Parameters<typeof sigv4Credentials>[0]> = {},
  answer: (asked: Asked) => unknown = () => sts,
) {
  const { http, asked } = answering(answer);
  const surroundings = {
    http,
    clock: new FakeClock(),
    environment: { HOME: join(folder, "nobody"), AWS_REGION: "eu-west-1", ...environment },
  };
  const header = await authorization(sigv4Credentials({ serviceName: "aps", fipsSts: false, ...more }, surroundings));
  return { key: /Credential=([^/]+)/.exec(header ?? "")?.[1], asked, header };
}

test("AWS credentials are found in the order of AWS's own tools", async () => {
  const env = { AWS_ACCESS_KEY_ID: "env", AWS_SECRET_ACCESS_KEY: "s" };
  assert.equal((await awsKey(env)).key, "env");
  assert.equal((await awsKey(env, { accessKey: "given", secretKey: "s" })).key, "given");
  const home = join(folder, "home");
  mkdirSync(join(home, ".aws"), { recursive: true });
  file(
    "home/.aws/credentials",
    "[default]\naws_access_key_id = def\naws_secret_access_key = s\n[base]\naws_access_key_id=base\naws_secret_access_key=s\n",
  );
  file(
    "home/.aws/config",
    '# comment\n[profile cross]\nrole_arn = arn:r\nsource_profile = base\nregion = us-west-2\n[profile loop]\nrole_arn=x\nsource_profile=loop2\n[profile loop2]\nrole_arn=x\nsource_profile=loop\n[profile run]\ncredential_process = echo \'{"AccessKeyId":"proc","SecretAccessKey":"s"}\'\n[profile sso]\nsso_session = x\n',
  );
  assert.equal((await awsKey({ HOME: home })).key, "def");
  assert.equal((await awsKey({ HOME: home, ...env }, { profile: "base" })).key, "base");
  assert.equal((await awsKey({ HOME: home, AWS_PROFILE: "run" })).key, "proc");
  const cross = await awsKey({ HOME: home, AWS_REGION: "" }, { profile: "cross" });
  assert.equal(cross.key, "role");
  assert.equal(cross.asked[0]?.url, "https://sts.us-west-2.amazonaws.com/");
  assert.match(cross.asked[0]?.headers.authorization ?? "", /Credential=base\/\d+\/us-west-2\/sts/);
  await assert.rejects(awsKey({ HOME: home }, { profile: "loop" }), /in a circle/);
  await assert.rejects(awsKey({ HOME: home }, { profile: "sso" }), /browser/);
  await assert.rejects(awsKey({ HOME: home }, { profile: "absent" }), /failed to get shared config profile, absent/);
  await assert.rejects(awsKey({ ...env, AWS_REGION: "" }), /region not configured/);
});

test("an AWS role is taken on with the external id, and signs with its session", async () => {
  const { key, asked, header } = await awsKey(
    { AWS_ACCESS_KEY_ID: "env", AWS_SECRET_ACCESS_KEY: "s" },
    { roleArn: "arn:aws:iam::1:role/x", externalId: "ext", fipsSts: true },
  );
  assert.equal(key, "role");
  assert.match(header ?? "", /x-amz-security-token/);
  assert.equal(asked[0]?.url, "https://sts-fips.eu-west-1.amazonaws.com/");
  assert.equal(asked[0]?.form.ExternalId, "ext");
  assert.equal(asked[0]?.form.RoleArn, "arn:aws:iam::1:role/x");
});

test("service accounts, containers and machines give AWS credentials", async () => {
  const token = file("web-identity", "jwt");
  const web = await awsKey({ AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: "arn:web" });
  assert.equal(web.key, "role");
  assert.equal(web.asked[0]?.form.WebIdentityToken, "jwt");
  assert.equal(web.asked[0]?.headers.authorization, undefined);
  const container = await awsKey(
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/creds", AWS_CONTAINER_AUTHORIZATION_TOKEN: "tok" },
    {},
    () => ({
      AccessKeyId: "ecs",
      SecretAccessKey: "s",
      Token: "t",
    }),
  );
  assert.equal(container.key, "ecs");
  assert.equal(container.asked[0]?.url, "http://169.254.170.2/creds");
  assert.equal(container.asked[0]?.headers.authorization, "tok");
  const machine = await awsKey({}, {}, ({ url, method }) => {
    if (method === "PUT") return "imds-token";
    return url.endsWith("/") ? "my-role" : { AccessKeyId: "ec2", SecretAccessKey: "s" };
  });
  assert.equal(machine.key, "ec2");
  assert.deepEqual(
    machine.asked.map(({ url }) => new URL(url).pathname),
    ["/latest/api/token", "/latest/meta-data/iam/security-credentials/", "/latest/meta-data/iam/security-credentials/my-role"],
  );
  await assert.rejects(awsKey({ AWS_EC2_METADATA_DISABLED: "true" }), /no AWS credentials were found/);
});

test("Azure tokens are asked for as each kind of identity demands", async () => {
  const clock = new FakeClock();
  const ask = async (identity: Parameters<typeof azureCredentials>[0]["identity"], environment = {}, scope?: string) => {
    const { http, asked } = answering(() => ({ access_token: "az", expires_in: 3600 }));
    const credentials = azureCredentials(
      { cloud: "AzureGovernment", identity, ...(scope !== undefined && { scope }) },
      { http, clock, environment },
    );
    assert.equal(await authorization(credentials), "Bearer az");
    await clock.advance(1_799_000);
    await authorization(credentials);
    assert.equal(asked.length, 1, "renewed only at half of its life");
    return asked[0];
  };
  const oauth = await ask({ kind: "oauth", clientId: "c", clientSecret: "s", tenantId: "t" });
  assert.equal(oauth?.url, "https://login.microsoftonline.us/t/oauth2/v2.0/token");
  assert.deepEqual(oauth?.form, {
    client_id: "c",
    client_secret: "s",
    scope: "https://monitor.azure.us//.default",
    grant_type: "client_credentials",
  });
  const workload = await ask(
    { kind: "workload_identity", clientId: "c", tenantId: "t", tokenFile: file("sa-token", "sa\n") },
    {},
    "api://x/.default",
  );
  assert.equal(workload?.form.client_assertion, "sa");
  assert.equal(workload?.form.scope, "api://x/.default");
  const managed = await ask({ kind: "managed_identity", clientId: "c" }, {}, "api://x/.default");
  assert.equal(
    managed?.url,
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2Fx&client_id=c",
  );
  assert.equal(managed?.headers.metadata, "true");
  const appService = await ask({ kind: "sdk", tenantId: undefined }, { IDENTITY_ENDPOINT: "http://127.0.0.1:1/msi", IDENTITY_HEADER: "h" });
  assert.equal(appService?.headers["x-identity-header"], "h");
  const environment = await ask({ kind: "sdk", tenantId: "mine" }, { AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" });
  assert.equal(environment?.url, "https://login.microsoftonline.us/mine/oauth2/v2.0/token");
});

test("Google tokens come from a service account's key, a user's or the machine", async () => {
  const clock = new FakeClock(1_700_000_000_000);
  const ask = async (credentialsFile: string | undefined, environment: Record<string, string> = {}) => {
    const { http, asked } = answering(() => ({ access_token: "g", expires_in: 3600 }));
    const given = { scopes: ["one", "two"], ...(credentialsFile !== undefined && { credentialsFile }) };
    assert.equal(await authorization(googleCredentials(given, { http, clock, environment: { HOME: folder, ...environment } })), "Bearer g");
    return asked[0];
  };
  const account = {
    type: "service_account",
    client_email: "a@b",
    private_key: rsaPem,
    private_key_id: "k",
    token_uri: "https://t.example/",
  };
  const key = file("google.json", JSON.stringify(account));
  const byKey = await ask(key);
  assert.equal(byKey?.url, "https://t.example/");
  const { header: _, ...said } = claims(byKey?.form.assertion);
  assert.deepEqual(said, { iss: "a@b", scope: "one two", aud: "https://t.example/", iat: 1_700_000_000, exp: 1_700_003_600 });
  const user = file("user.json", JSON.stringify({ type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" }));
  assert.equal((await ask(undefined, { GOOGLE_APPLICATION_CREDENTIALS: user }))?.form.refresh_token, "r");
  const machine = await ask(undefined, { GCE_METADATA_HOST: "127.0.0.1:9" });
  assert.equal(machine?.url, "http://127.0.0.1:9/computeMetadata/v1/instance/service-accounts/default/token?scopes=one%2Ctwo");
  await assert.rejects(ask(user), /must hold the key of a service account/);
  await assert.rejects(ask(file("bad.json", "{")), /is not JSON/);
});
