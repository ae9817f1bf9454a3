import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../component/clock.ts";
import type { ClientAuthenticator } from "../authentication.ts";
import type { HttpClient } from "../http/client.ts";
import type { Environment } from "../http/proxy.ts";
import type { HttpResponse } from "../http/response.ts";
import { parseTokenResponse, signJwt } from "./oauth2.ts";
import { type Token, TokenCache } from "./token-cache.ts";

export interface GoogleSettings {
  /** A service account's key; undefined: what the environment offers. */
  readonly credentialsFile?: string;
  readonly scopes: readonly string[];
}

export interface GoogleSurroundings {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly environment: Environment;
}

/** Adds Google Cloud access tokens. */
export function googleCredentials(settings: GoogleSettings, surroundings: GoogleSurroundings): ClientAuthenticator {
  const cache = new TokenCache(() => fetchToken(settings, surroundings), surroundings.clock);
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      headers.set("authorization", `Bearer ${(await cache.get()).value}`);
    },
  };
}

/** The right that sending metrics to Google's monitoring needs. */
export const monitoringWriteScope = "https://www.googleapis.com/auth/monitoring.write";

const requestTimeoutMs = 30_000;
const maxAnswerBytes = 1024 * 1024;
const renewBeforeMs = 225_000;

type KeyFile = Readonly<Partial<Record<string, string>>>;

async function fetchToken(settings: GoogleSettings, surroundings: GoogleSurroundings): Promise<Token> {
  if (settings.credentialsFile !== undefined) {
    const key = await readKeyFile(settings.credentialsFile);
    if (key.type !== "service_account")
      throw new Error(`${settings.credentialsFile} must hold the key of a service account, not of type "${key.type}"`);
    return serviceAccountToken(key, settings.scopes, surroundings);
  }
  const { environment } = surroundings;
  const named = environment.GOOGLE_APPLICATION_CREDENTIALS;
  if (named) return tokenForKey(named, await readKeyFile(named), settings.scopes, surroundings);
  const wellKnown = join(environment.HOME || homedir(), ".config", "gcloud", "application_default_credentials.json");
  const key = await readKeyFile(wellKnown).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return key === undefined ? machineToken(settings.scopes, surroundings) : tokenForKey(wellKnown, key, settings.scopes, surroundings);
}

async function tokenForKey(file: string, key: KeyFile, scopes: readonly string[], surroundings: GoogleSurroundings): Promise<Token> {
  switch (key.type) {
    case "service_account":
      return serviceAccountToken(key, scopes, surroundings);
    case "authorized_user":
      return post(
        key.token_uri ?? defaultTokenUrl,
        {
          grant_type: "refresh_token",
          client_id: key.client_id ?? "",
          client_secret: key.client_secret ?? "",
          refresh_token: key.refresh_token ?? "",
        },
        surroundings,
      );
    default:
      throw new Error(`${file}: Google credentials of type "${key.type}" are not supported; use a service account's key`);
  }
}

const defaultTokenUrl = "https://oauth2.googleapis.com/token";

async function serviceAccountToken(key: KeyFile, scopes: readonly string[], surroundings: GoogleSurroundings): Promise<Token> {
  const tokenUrl = key.token_uri ?? defaultTokenUrl;
  const nowSeconds = Math.floor(surroundings.clock.now() / 1000);
  const assertion = signJwt("RS256", key.private_key ?? "", key.private_key_id, {
    iss: key.client_email,
    scope: scopes.join(" "),
    aud: tokenUrl,
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  });
  return post(tokenUrl, { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }, surroundings);
}

async function post(url: string, form: Record<string, string>, { http, clock }: GoogleSurroundings): Promise<Token> {
  const response = await http.request({
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: [Buffer.from(new URLSearchParams(form).toString())],
    timeoutMs: requestTimeoutMs,
    maxResponseBytes: maxAnswerBytes,
  });
  return tokenOf(response, clock);
}

/** A token of the account that Google gave to this machine or pod. */
async function machineToken(scopes: readonly string[], { http, clock, environment }: GoogleSurroundings): Promise<Token> {
  const url = new URL(
    `http://${environment.GCE_METADATA_HOST || "169.254.169.254"}/computeMetadata/v1/instance/service-accounts/default/token`,
  );
  url.searchParams.set("scopes", scopes.join(","));
  const response = await http
    .request({
      method: "GET",
      url,
      headers: { "metadata-flavor": "Google" },
      timeoutMs: requestTimeoutMs,
      maxResponseBytes: maxAnswerBytes,
    })
    .catch((error: Error) => {
      throw new Error(
        `error finding default Google credentials: no credentials_file, no GOOGLE_APPLICATION_CREDENTIALS, and ${error.message}`,
      );
    });
  return tokenOf(response, clock);
}

function tokenOf(response: HttpResponse, clock: Clock): Token {
  return parseTokenResponse(response, (lifeMs) => clock.now() + Math.max(lifeMs - renewBeforeMs, lifeMs / 2));
}

async function readKeyFile(file: string): Promise<KeyFile> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON, as Google's key files are`);
  }
}
