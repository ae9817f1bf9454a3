import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../component/clock.ts";
import type { HttpClient } from "../http/client.ts";
import type { Environment } from "../http/proxy.ts";
import { type AwsProfiles, parseAwsProfiles } from "./aws-profiles.ts";
import { type AwsCredentials, signature } from "./sigv4-signature.ts";
import { TokenCache } from "./token-cache.ts";

export interface AwsSettings {
  readonly region?: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly fipsSts: boolean;
}

/** What is around the process and gives credentials. */
export interface AwsSurroundings {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly environment: Environment;
}

interface Expiring extends AwsCredentials {
  readonly renewAtMs: number | undefined;
}

/**
 * Finds credentials as AWS's own tools do: the given ones, a named profile, the environment, a web identity (as Kubernetes service accounts have),
 * the default profile, the container's or the machine's role; then takes on `roleArn` if there is one.
 */
export class AwsCredentialChain {
  readonly #settings: AwsSettings;
  readonly #surroundings: AwsSurroundings;
  readonly #base: TokenCache<Expiring>;
  readonly #assumed: TokenCache<Expiring>;

  constructor(settings: AwsSettings, surroundings: AwsSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#base = new TokenCache(() => this.#find(), surroundings.clock);
    this.#assumed = new TokenCache(
      async () => this.#assumeRole(settings.roleArn ?? "", settings.externalId, await this.#base.get()),
      surroundings.clock,
    );
  }

  credentials(): Promise<AwsCredentials> {
    return this.#settings.roleArn === undefined ? this.#base.get() : this.#assumed.get();
  }

  async region(): Promise<string> {
    const { environment } = this.#surroundings;
    const known = this.#settings.region ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION);
    const region = known ?? (await this.#profiles()).get(this.#profileName())?.region;
    if (region === undefined) throw new Error("region not configured in sigv4 or in default credentials chain: set region, or AWS_REGION");
    return region;
  }

  async #find(): Promise<Expiring> {
    const { accessKey, secretKey, profile } = this.#settings;
    if (accessKey !== undefined && secretKey !== undefined) return lasting({ accessKeyId: accessKey, secretAccessKey: secretKey });
    if (profile !== undefined) return this.#fromProfile(profile, []);
    const { environment } = this.#surroundings;
    const fromEnvironment = environmentCredentials(environment);
    if (fromEnvironment !== undefined) return lasting(fromEnvironment);
    if (environment.AWS_WEB_IDENTITY_TOKEN_FILE && environment.AWS_ROLE_ARN)
      return this.#assumeWithWebIdentity(
        environment.AWS_ROLE_ARN,
        environment.AWS_WEB_IDENTITY_TOKEN_FILE,
        environment.AWS_ROLE_SESSION_NAME,
      );
    if (environment.AWS_PROFILE || (await this.#profiles()).has("default")) return this.#fromProfile(this.#profileName(), []);
    return this.#fromSurroundings();
  }

  async #fromProfile(name: string, seen: readonly string[]): Promise<Expiring> {
    if (seen.includes(name)) throw new Error(`AWS profiles refer to each other in a circle: ${[...seen, name].join(", ")}`);
    const profile = (await this.#profiles()).get(name);
    if (profile === undefined)
      throw new Error(`failed to get shared config profile, ${name}: it is in neither ~/.aws/config nor ~/.aws/credentials`);
    const { role_arn: roleArn, source_profile: source, credential_source: credentialSource } = profile;
    if (roleArn !== undefined && profile.web_identity_token_file !== undefined)
      return this.#assumeWithWebIdentity(roleArn, profile.web_identity_token_file, profile.role_session_name);
    if (roleArn !== undefined && source !== undefined && source !== name)
      return this.#assumeRole(roleArn, profile.external_id, await this.#fromProfile(source, [...seen, name]), profile.role_session_name);
    if (roleArn !== undefined && credentialSource !== undefined)
      return this.#assumeRole(roleArn, profile.external_id, await this.#fromSource(credentialSource), profile.role_session_name);
    const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile;
    if (id !== undefined && secret !== undefined) {
      const own = lasting({ accessKeyId: id, secretAccessKey: secret, ...(token !== undefined && { sessionToken: token }) });
      return roleArn === undefined ? own : this.#assumeRole(roleArn, profile.external_id, own, profile.role_session_name);
    }
    if (profile.sso_session !== undefined || profile.sso_start_url !== undefined)
      throw new Error(`AWS profile ${name} signs in through a browser (sso), which a collector can't: use a role or keys`);
    if (profile.credential_process !== undefined) return this.#fromProcess(profile.credential_process);
    return this.#fromSurroundings();
  }

  async #fromSource(source: string): Promise<Expiring> {
    switch (source) {
      case "Environment": {
        const found = environmentCredentials(this.#surroundings.environment);
        if (found === undefined) throw new Error("credential_source is Environment, but AWS_ACCESS_KEY_ID is not set");
        return lasting(found);
      }
      case "EcsContainer":
        return this.#fromContainer();
      case "Ec2InstanceMetadata":
        return this.#fromMachine();
      default:
        throw new Error(`credential_source ${source} is none of Environment, EcsContainer, Ec2InstanceMetadata`);
    }
  }

  async #fromSurroundings(): Promise<Expiring> {
    const { environment } = this.#surroundings;
    const inContainer = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || environment.AWS_CONTAINER_CREDENTIALS_FULL_URI;
    return inContainer ? this.#fromContainer() : this.#fromMachine();
  }

  async #fromContainer(): Promise<Expiring> {
    const { environment } = this.#surroundings;
    const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
    const url = relative ? `http://169.254.170.2${relative}` : (environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "");
    const tokenFile = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    const token = tokenFile ? (await readFile(tokenFile, "utf8")).trim() : environment.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    return this.#parsed(await this.#get(url, token ? { authorization: token } : {}), "the container's credentials");
  }

  /** EC2's instance metadata, version 2. */
  async #fromMachine(): Promise<Expiring> {
    const { environment } = this.#surroundings;
    if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true")
      throw new Error("no AWS credentials were found, and AWS_EC2_METADATA_DISABLED keeps from asking the machine");
    const base = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT || "http://169.254.169.254";
    const token = await this.#send("PUT", new URL("/latest/api/token", base), { "x-aws-ec2-metadata-token-ttl-seconds": "21600" }, []);
    const headers = { "x-aws-ec2-metadata-token": token };
    const path = "/latest/meta-data/iam/security-credentials/";
    const role = (await this.#get(new URL(path, base).href, headers)).split("\n", 1)[0]?.trim() ?? "";
    return this.#parsed(await this.#get(new URL(path + encodeURIComponent(role), base).href, headers), "the machine's role");
  }

  async #fromProcess(command: string): Promise<Expiring> {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", command], { timeout: requestTimeoutMs, maxBuffer: maxAnswerBytes });
    return this.#parsed(stdout, "credential_process");
  }

  async #assumeRole(roleArn: string, externalId: string | undefined, own: AwsCredentials, sessionName?: string): Promise<Expiring> {
    const form = new URLSearchParams({ Action: "AssumeRole", RoleArn: roleArn, DurationSeconds: "900" });
    if (externalId !== undefined) form.set("ExternalId", externalId);
    return this.#askSts(form, sessionName, own);
  }

  async #assumeWithWebIdentity(roleArn: string, tokenFile: string, sessionName: string | undefined): Promise<Expiring> {
    const token = (await readFile(tokenFile, "utf8")).trim();
    return this.#askSts(
      new URLSearchParams({ Action: "AssumeRoleWithWebIdentity", RoleArn: roleArn, WebIdentityToken: token }),
      sessionName,
      undefined,
    );
  }

  async #askSts(form: URLSearchParams, sessionName: string | undefined, own: AwsCredentials | undefined): Promise<Expiring> {
    form.set("Version", "2011-06-15");
    form.set("RoleSessionName", sessionName ?? `invar-${randomUUID()}`);
    const region = await this.region();
    const url = this.#stsUrl(region);
    const body = [Buffer.from(form.toString())];
    const headers = new Map([["content-type", "application/x-www-form-urlencoded"]]);
    const { clock } = this.#surroundings;
    if (own !== undefined)
      for (const [name, value] of signature({ method: "POST", url, headers, body }, { credentials: own, region, service: "sts", clock }))
        headers.set(name, value);
    const xml = await this.#send("POST", url, Object.fromEntries(headers), body);
    const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.replaceAll("&amp;", "&");
    return this.#expiring(field("AccessKeyId"), field("SecretAccessKey"), field("SessionToken"), field("Expiration"), "STS");
  }

  #stsUrl(region: string): URL {
    const { AWS_ENDPOINT_URL_STS: own, AWS_ENDPOINT_URL: all } = this.#surroundings.environment;
    if (own || all) return new URL(own || all || "");
    const host = this.#settings.fipsSts ? "sts-fips" : "sts";
    return new URL(`https://${host}.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
  }

  #parsed(text: string, from: string): Expiring {
    let fields: Partial<Record<string, string>>;
    try {
      fields = JSON.parse(text);
    } catch {
      throw new Error(`${from} did not answer in JSON`);
    }
    return this.#expiring(fields.AccessKeyId, fields.SecretAccessKey, fields.Token ?? fields.SessionToken, fields.Expiration, from);
  }

  #expiring(
    id: string | undefined,
    secret: string | undefined,
    token: string | undefined,
    expiration: string | undefined,
    from: string,
  ): Expiring {
    if (!id || !secret) throw new Error(`${from} gave no AWS credentials`);
    const expiresAtMs = expiration === undefined ? Number.NaN : Date.parse(expiration);
    return {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token && { sessionToken: token }),
      renewAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs - renewBeforeMs,
    };
  }

  #profileName(): string {
    return this.#settings.profile ?? (this.#surroundings.environment.AWS_PROFILE || "default");
  }

  async #profiles(): Promise<AwsProfiles> {
    const { environment } = this.#surroundings;
    const home = environment.HOME || homedir();
    const [config, credentials] = await Promise.all([
      readIfThere(environment.AWS_CONFIG_FILE || join(home, ".aws", "config")),
      readIfThere(environment.AWS_SHARED_CREDENTIALS_FILE || join(home, ".aws", "credentials")),
    ]);
    return parseAwsProfiles(config, credentials);
  }

  #get(url: string, headers: Record<string, string>): Promise<string> {
    return this.#send("GET", new URL(url), headers, []);
  }

  async #send(method: string, url: URL, headers: Record<string, string>, body: readonly Uint8Array[]): Promise<string> {
    const { http } = this.#surroundings;
    const response = await http.request({ method, url, headers, body, timeoutMs: requestTimeoutMs, maxResponseBytes: maxAnswerBytes });
    const text = Buffer.concat(response.body).toString("utf8");
    if (response.status >= 200 && response.status < 300) return text;
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
    const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? text.slice(0, 300);
    throw new Error(`${url.host} answered ${response.status}${code === undefined ? "" : ` ${code}`}: ${message}`);
  }
}

const requestTimeoutMs = 10_000;
const maxAnswerBytes = 1024 * 1024;
const renewBeforeMs = 60_000;

function environmentCredentials(environment: Environment): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  return id && secret ? { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) } : undefined;
}

function lasting(credentials: AwsCredentials): Expiring {
  return { ...credentials, renewAtMs: undefined };
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new Error(`AWS profiles can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
