import { parse } from "yaml";
import type { SecretSource } from "../transport/credentials/secret-source.ts";
import type { Pem } from "../transport/tls/settings.ts";

/** What a kubeconfig says of the cluster that a context of it names. */
export interface KubeconfigCluster {
  readonly server: string;
  readonly ca?: Pem;
  readonly verify: boolean;
  readonly serverName?: string;
  readonly proxyUrl?: string;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly token?: SecretSource;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly exec?: ExecCredentials;
}

/** A program that prints a token or a certificate. */
export interface ExecCredentials {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
}

/** Reads what the named context says, or the current one. Throws with the place of what is wrong. `resolve` finds relative files. */
export function readKubeconfig(text: string, resolve: (path: string) => string, wanted?: string): KubeconfigCluster {
  const config = record(parse(text), "the kubeconfig");
  const contextName = wanted ?? textOf(config, "current-context");
  if (contextName === undefined) throw new Error("the kubeconfig has no current-context");
  const context = named(config, "contexts", "context", contextName);
  const cluster = named(config, "clusters", "cluster", textOf(context, "cluster") ?? "");
  const userName = textOf(context, "user");
  const user = userName === undefined ? {} : named(config, "users", "user", userName);
  if (user["auth-provider"] !== undefined)
    throw new Error(`user ${JSON.stringify(userName)} has an auth-provider: Kubernetes no longer knows those, use exec`);
  const server = textOf(cluster, "server");
  if (server === undefined || !URL.canParse(server)) throw new Error("the cluster of the kubeconfig has no server URL");
  const ca = pemOf(cluster, "certificate-authority", resolve);
  const cert = pemOf(user, "client-certificate", resolve);
  const key = pemOf(user, "client-key", resolve);
  const token = textOf(user, "token");
  const tokenFile = textOf(user, "tokenFile");
  const serverName = textOf(cluster, "tls-server-name");
  const proxyUrl = textOf(cluster, "proxy-url");
  const username = textOf(user, "username");
  return {
    server,
    verify: cluster["insecure-skip-tls-verify"] !== true,
    ...(ca !== undefined && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(proxyUrl !== undefined && { proxyUrl }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tokenFile !== undefined ? { token: { file: resolve(tokenFile) } } : token !== undefined && { token: { text: token } }),
    ...(username !== undefined && { basic: { username, password: textOf(user, "password") ?? "" } }),
    ...(user.exec !== undefined && { exec: execOf(record(user.exec, "exec"), resolve) }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function named(config: Fields, list: string, field: string, name: string): Fields {
  const entries = Array.isArray(config[list]) ? config[list] : [];
  const found = entries.map((entry) => record(entry, list)).find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the kubeconfig has no ${field} ${JSON.stringify(name)}`);
  return record(found[field] ?? {}, `${field} ${JSON.stringify(name)}`);
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return value as Fields;
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new Error(`${name} is not text`);
  return value;
}

/** `name-data` in base64 wins over the file that `name` tells. */
function pemOf(fields: Fields, name: string, resolve: (path: string) => string): Pem | undefined {
  const data = textOf(fields, `${name}-data`);
  if (data !== undefined) return { text: Buffer.from(data, "base64").toString("utf8") };
  const file = textOf(fields, name);
  return file === undefined ? undefined : { file: resolve(file) };
}

function execOf(fields: Fields, resolve: (path: string) => string): ExecCredentials {
  const command = textOf(fields, "command");
  if (command === undefined) throw new Error("exec has no command");
  if (fields.interactiveMode === "Always") throw new Error(`exec command ${command} wants to ask somebody: interactiveMode is Always`);
  const env = (Array.isArray(fields.env) ? fields.env : []).map((each) => record(each, "env of exec"));
  return {
    // As the reference client: a name is looked for on PATH, a path is relative to the file.
    command: command.includes("/") ? resolve(command) : command,
    args: (Array.isArray(fields.args) ? fields.args : []).map(String),
    env: Object.fromEntries(env.map((each) => [textOf(each, "name") ?? "", textOf(each, "value") ?? ""])),
    apiVersion: textOf(fields, "apiVersion") ?? "client.authentication.k8s.io/v1",
  };
}
