import { createPrivateKey, randomUUID, sign } from "node:crypto";
import type { Clock } from "../../component/clock.ts";
import type { ClientAuthenticator } from "../authentication.ts";
import type { HttpClient } from "../http/client.ts";
import type { HttpResponse } from "../http/response.ts";
import { basicAuthorization } from "./authorization.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";
import { type Token, TokenCache } from "./token-cache.ts";

export interface OAuth2Settings {
  readonly tokenUrl: string;
  readonly clientId: SecretSource;
  readonly grant: ClientCredentialsGrant | JwtBearerGrant;
  readonly scopes: readonly string[];
  readonly endpointParams: Readonly<Record<string, string | readonly string[]>>;
  /** Tokens are renewed so long before they expire. */
  readonly expiryBufferMs: number;
  /** For one request to the token's server; 0: no limit. */
  readonly timeoutMs: number;
}

export interface ClientCredentialsGrant {
  readonly type: "client_credentials";
  readonly clientSecret: SecretSource | undefined;
}

export interface JwtBearerGrant {
  readonly type: "jwt-bearer";
  readonly privateKey: SecretSource;
  readonly keyId: string | undefined;
  readonly algorithm: JwtAlgorithm;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

export type JwtAlgorithm = "RS256" | "RS384" | "RS512";

/** Adds tokens which a server of the user gives for the client's credentials. `client` sends the requests for them. */
export function oauth2Credentials(settings: OAuth2Settings, client: HttpClient, clock: Clock): ClientAuthenticator {
  const source = new OAuth2TokenSource(settings, client, clock);
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      const { type, value } = await source.token();
      headers.set("authorization", `${type} ${value}`);
    },
  };
}

class OAuth2TokenSource {
  readonly #settings: OAuth2Settings;
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #cache: TokenCache;
  #secretOfCache: string | undefined;
  /** Where the server wants the client's credentials: tried out once, as the RFC leaves it open. */
  #credentialsIn: "header" | "body" | undefined;

  constructor(settings: OAuth2Settings, client: HttpClient, clock: Clock) {
    this.#settings = settings;
    this.#client = client;
    this.#clock = clock;
    this.#cache = new TokenCache(() => this.#fetch(), clock);
  }

  async token(): Promise<Token> {
    const secret = JSON.stringify([await readSecret(this.#settings.clientId, "client_id_file"), await this.#secret()]);
    // A secret that was changed in its file makes a token of the old one worthless.
    if (this.#secretOfCache !== secret) this.#cache.forget();
    this.#secretOfCache = secret;
    return this.#cache.get();
  }

  async #secret(): Promise<string> {
    const { grant } = this.#settings;
    if (grant.type === "jwt-bearer") return readSecret(grant.privateKey, "client_certificate_key_file");
    return grant.clientSecret === undefined ? "" : readSecret(grant.clientSecret, "client_secret_file");
  }

  async #fetch(): Promise<Token> {
    const { grant, endpointParams, scopes } = this.#settings;
    const clientId = await readSecret(this.#settings.clientId, "client_id_file");
    const secret = await this.#secret();
    const form = new URLSearchParams();
    if (grant.type === "jwt-bearer") {
      form.set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
      form.set("assertion", this.#assertion(grant, clientId, secret));
    } else {
      form.set("grant_type", "client_credentials");
    }
    if (scopes.length > 0 && grant.type === "client_credentials") form.set("scope", scopes.join(" "));
    for (const [name, value] of Object.entries(endpointParams)) {
      form.delete(name);
      for (const one of typeof value === "string" ? [value] : value) form.append(name, one);
    }
    if (grant.type === "jwt-bearer") return this.#tokenOf(await this.#post(form));
    if (this.#credentialsIn !== undefined) return this.#tokenOf(await this.#postAs(this.#credentialsIn, form, clientId, secret));
    const first = await this.#postAs("header", form, clientId, secret);
    if (isSuccess(first)) {
      this.#credentialsIn = "header";
      return this.#tokenOf(first);
    }
    const second = await this.#postAs("body", form, clientId, secret);
    if (isSuccess(second)) this.#credentialsIn = "body";
    return this.#tokenOf(second);
  }

  #postAs(where: "header" | "body", form: URLSearchParams, clientId: string, secret: string): Promise<HttpResponse> {
    if (where === "header")
      return this.#post(form, { authorization: basicAuthorization(encodeURIComponent(clientId), encodeURIComponent(secret)) });
    const withCredentials = new URLSearchParams(form);
    withCredentials.set("client_id", clientId);
    if (secret !== "") withCredentials.set("client_secret", secret);
    return this.#post(withCredentials);
  }

  #post(form: URLSearchParams, headers: Record<string, string> = {}): Promise<HttpResponse> {
    return this.#client.request({
      method: "POST",
      url: this.#settings.tokenUrl,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...headers },
      body: [Buffer.from(form.toString())],
      timeoutMs: this.#settings.timeoutMs,
      maxResponseBytes: maxTokenBytes,
    });
  }

  #assertion(grant: JwtBearerGrant, clientId: string, privateKey: string): string {
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    const scope = this.#settings.scopes.length > 0 ? { scope: this.#settings.scopes.join(" ") } : {};
    return signJwt(grant.algorithm, privateKey, grant.keyId, {
      iss: grant.issuer ?? clientId,
      sub: clientId,
      aud: grant.audience ?? this.#settings.tokenUrl,
      jti: randomUUID(),
      iat: nowSeconds,
      exp: nowSeconds + assertionLifeSeconds,
      ...scope,
      ...grant.claims,
    });
  }

  #tokenOf(response: HttpResponse): Token {
    return parseTokenResponse(response, (lifeMs) => this.#clock.now() + lifeMs - Math.max(this.#settings.expiryBufferMs, minimumBufferMs));
  }
}

const maxTokenBytes = 1024 * 1024;
const assertionLifeSeconds = 600;
/** A token that is about to expire would not survive its way to the server. */
const minimumBufferMs = 10_000;

/** The token in the answer of a token endpoint; throws with what the server says where it is none. */
export function parseTokenResponse(response: HttpResponse, renewAt: (lifeMs: number) => number): Token {
  const text = Buffer.concat(response.body).toString("utf8");
  const fields = tokenFields(text, response.headers["content-type"] ?? "");
  const error = fields.get("error");
  if (!isSuccess(response) || error !== undefined) {
    const description = fields.get("error_description");
    if (error !== undefined) throw new Error(`oauth2: "${error}"${description === undefined ? "" : ` "${description}"`}`);
    throw new Error(`oauth2: cannot fetch token: ${response.status}; response: ${text.slice(0, 500)}`);
  }
  const value = fields.get("access_token");
  if (value === undefined || value === "") throw new Error("oauth2: server response missing access_token");
  const life = Number(fields.get("expires_in") ?? "0");
  return { value, type: schemeOf(fields.get("token_type")), renewAtMs: life > 0 ? renewAt(life * 1000) : undefined };
}

/** A signed JSON web token (RFC 7519). */
export function signJwt(algorithm: JwtAlgorithm, privateKeyPem: string, keyId: string | undefined, claims: object): string {
  const header = { alg: algorithm, typ: "JWT", ...(keyId !== undefined && keyId !== "" && { kid: keyId }) };
  const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch {
    throw new Error("the private key for signing tokens is not a PEM key");
  }
  return `${text}.${sign(`sha${algorithm.slice(2)}`, Buffer.from(text), key).toString("base64url")}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function isSuccess(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** Servers write "bearer" in any case; those that read it don't all. */
function schemeOf(type: string | undefined): string {
  if (type === undefined || type === "" || type.toLowerCase() === "bearer") return "Bearer";
  if (type.toLowerCase() === "mac") return "MAC";
  return type.toLowerCase() === "basic" ? "Basic" : type;
}

function tokenFields(text: string, contentType: string): Map<string, string> {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded" || type === "text/plain") return new Map(new URLSearchParams(text));
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return new Map();
    return new Map(Object.entries(parsed).flatMap(([key, value]) => (isScalar(value) ? [[key, String(value)] as const] : [])));
  } catch {
    return new Map(); // No JSON: the caller reports status and text.
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
