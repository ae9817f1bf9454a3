import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { ComponentContext } from "../component/context.ts";
import type { ClientAuthenticator } from "../transport/authentication.ts";
import { authorizationCredentials, basicCredentials } from "../transport/credentials/authorization.ts";
import { createHttpClient, type HttpClient } from "../transport/http/client.ts";
import { httpClient } from "../transport/http-client.ts";
import type { TlsClientSettings } from "../transport/tls/settings.ts";
import { ApiServer } from "./api-server.ts";
import type { ApiServerArgs } from "./client-arguments.ts";
import { execAuthenticator } from "./exec-credentials.ts";
import { type KubeconfigCluster, readKubeconfig } from "./kubeconfig.ts";

type Surroundings = Pick<ComponentContext, "clock" | "log" | "peers">;

/** Where pods find what they need to speak to their API server. */
export interface PodSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountFolder: string;
}

const ofThisPod: PodSurroundings = {
  environment: process.env,
  serviceAccountFolder: "/var/run/secrets/kubernetes.io/serviceaccount",
};

/** Makes a client as the arguments say. Throws where they, or the surroundings, do not say how the API server is reached. */
export function connect(args: ApiServerArgs, context: Surroundings, pod: PodSurroundings = ofThisPod): ApiServer {
  if (args.kubeconfig_file) return connectByKubeconfig(args.kubeconfig_file, undefined, context);
  if (args.api_server) return new ApiServer(args.api_server, httpClient(args, context), undefined);
  return inCluster(context, pod);
}

/** Makes a client as a kubeconfig says, by one of its contexts or by the current one. */
export function connectByKubeconfig(file: string, contextName: string | undefined, context: Surroundings): ApiServer {
  const resolve = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const cluster = readKubeconfig(readFileSync(file, "utf8"), resolve, contextName);
  return new ApiServer(cluster.server, byKubeconfig(cluster, context), undefined);
}

/** Whether this process runs in a pod that may speak to its API server. */
export function isInCluster({ environment, serviceAccountFolder }: PodSurroundings = ofThisPod): boolean {
  return Boolean(environment.KUBERNETES_SERVICE_HOST) && readIfThere(join(serviceAccountFolder, "token")) !== undefined;
}

function inCluster(context: Surroundings, { environment, serviceAccountFolder: folder }: PodSurroundings): ApiServer {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (!host)
    throw new Error(
      "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined: outside of a pod, set kubeconfig_file or api_server",
    );
  const tokenFile = join(folder, "token");
  if (readIfThere(tokenFile) === undefined)
    throw new Error(`${tokenFile} can't be read: the pod needs a service account whose token is mounted (automountServiceAccountToken)`);
  const http = client(context, {
    tls: { ...verified, ca: { file: join(folder, "ca.crt") } },
    // Read for each request, for the kubelet replaces it long before it ends.
    credentials: authorizationCredentials("Bearer", { file: tokenFile }),
  });
  const address = host.includes(":") ? `[${host}]` : host;
  return new ApiServer(`https://${address}:${port}`, http, readIfThere(join(folder, "namespace"))?.trim() || undefined);
}

function byKubeconfig(cluster: KubeconfigCluster, context: Surroundings): HttpClient {
  const { ca, cert, key, serverName, verify, proxyUrl } = cluster;
  const credentials = credentialsOf(cluster, context);
  return client(context, {
    tls: {
      ...verified,
      verify,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(serverName !== undefined && { serverName }),
    },
    ...(credentials !== undefined && { credentials }),
    ...(proxyUrl !== undefined && { proxyUrl }),
  });
}

function credentialsOf({ token, basic, exec }: KubeconfigCluster, { clock }: Surroundings): ClientAuthenticator | undefined {
  if (token !== undefined) return authorizationCredentials("Bearer", token);
  if (basic !== undefined) return basicCredentials({ text: basic.username }, { text: basic.password });
  return exec && execAuthenticator(exec, clock);
}

const verified: TlsClientSettings = {
  systemCas: false,
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  verify: true,
  // Authorities are exchanged while pods run.
  reloadMs: 60_000,
};

const idleMs = 90_000;

function client(
  context: Surroundings,
  use: { readonly tls: TlsClientSettings; readonly credentials?: ClientAuthenticator; readonly proxyUrl?: string },
): HttpClient {
  return createHttpClient({
    tls: use.tls,
    ...(use.proxyUrl !== undefined ? { proxy: { url: new URL(use.proxyUrl) } } : { proxy: { fromEnvironment: true } }),
    ...(use.credentials !== undefined && { credentials: use.credentials }),
    headers: { "user-agent": context.peers.userAgent },
    followRedirects: true,
    // A connection a watch: none waits behind another, and an end of one is the end of one.
    http2: false,
    idleTimeoutMs: idleMs,
    clock: context.clock,
    log: context.log,
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Absent, or not for us: then we are not in a pod that may ask.
    return undefined;
  }
}
