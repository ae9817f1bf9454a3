import { AwsCredentialChain } from "../../../../../transport/credentials/aws-credentials.ts";
import { signature } from "../../../../../transport/credentials/sigv4-signature.ts";
import { createHttpClient } from "../../../../../transport/http/client.ts";
import { type Detector, matches, type Surroundings, textAt } from "../detector.ts";
import { jsonOf, textOf } from "../metadata-request.ts";
import { compiledPatterns } from "../patterns.ts";
import { Unavailable } from "../unavailable.ts";
import { podApi } from "./kubernetes.ts";

const METADATA = "http://169.254.169.254";
const TOKEN_TTL = { "x-aws-ec2-metadata-token-ttl-seconds": "21600" };

interface MetadataService {
  text(path: string): Promise<string>;
  json(path: string): Promise<unknown>;
}

interface Patience {
  readonly attempts: number;
  readonly maxBackoffMs: number;
}

/** EC2's metadata service, version 2; version 1 where there are no tokens. */
async function instanceMetadata(
  { request, environment, context }: Surroundings,
  patience: Patience,
  signal: AbortSignal,
): Promise<MetadataService> {
  const base = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT?.replace(/\/$/, "") ?? METADATA;
  const repeated = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++)
      try {
        return await ask();
      } catch (error) {
        if (attempt >= patience.attempts || signal.aborted) throw error;
        await new Promise<void>((resolve) => context.clock.after(Math.min(100 * 2 ** attempt, patience.maxBackoffMs), resolve));
      }
  };
  const token = await repeated(async () => {
    const { status, text } = await request(`${base}/latest/api/token`, { method: "PUT", headers: TOKEN_TTL, timeoutMs: 1000 }, signal);
    return status === 200 ? text : undefined;
  });
  const headers: Readonly<Record<string, string>> = token === undefined ? {} : { "x-aws-ec2-metadata-token": token };
  return {
    text: (path) => repeated(() => textOf(request, base + path, { headers, timeoutMs: 1000 }, signal)),
    json: (path) => repeated(() => jsonOf(request, base + path, { headers, timeoutMs: 1000 }, signal)),
  };
}

export const ec2: Detector = async (surroundings, settings, signal) => {
  const patience = { attempts: settings.max_attempts as number, maxBackoffMs: settings.max_backoff as number };
  const metadata = await instanceMetadata(surroundings, patience, signal);
  await metadata.text("/latest/meta-data/instance-id");
  const identity = await metadata.json("/latest/dynamic/instance-identity/document").catch(hard("failed getting identity document"));
  const hostname = await metadata.text("/latest/meta-data/hostname").catch(hard("failed getting hostname"));
  const patterns = compiledPatterns(settings.tags as readonly string[]);
  let tags: readonly (readonly [string, string])[] = [];
  if (patterns.length > 0)
    try {
      tags =
        settings.tags_from_imds === true
          ? await metadataTags(metadata)
          : await describedTags(surroundings, textAt(identity, "region"), textAt(identity, "instanceId"), signal);
    } catch (error) {
      surroundings.context.log.warn("failed fetching ec2 instance tags", { err: error });
    }
  return {
    attributes: {
      "cloud.provider": "aws",
      "cloud.platform": "aws_ec2",
      "cloud.region": textAt(identity, "region"),
      "cloud.account.id": textAt(identity, "accountId"),
      "cloud.availability_zone": textAt(identity, "availabilityZone"),
      "host.id": textAt(identity, "instanceId"),
      "host.image.id": textAt(identity, "imageId"),
      "host.type": textAt(identity, "instanceType"),
      "host.name": hostname,
    },
    extra: Object.fromEntries(tags.filter(([key]) => matches(patterns, key)).map(([key, value]) => [`ec2.tag.${key}`, value])),
  };
};

/** What is half there is an error, whatever is said about services that are not. */
function hard(what: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  };
}

async function metadataTags(metadata: MetadataService): Promise<(readonly [string, string])[]> {
  const keys = (await metadata.text("/latest/meta-data/tags/instance")).split("\n").filter((key) => key !== "");
  return Promise.all(
    keys.map(async (key) => [key, await metadata.text(`/latest/meta-data/tags/instance/${encodeURIComponent(key)}`)] as const),
  );
}

/** The tags of an instance by EC2's own API, for which the machine's role needs ec2:DescribeTags. */
async function describedTags(
  { context, environment, request }: Surroundings,
  region: string,
  instance: string,
  signal: AbortSignal,
): Promise<(readonly [string, string])[]> {
  const url = new URL(environment.AWS_ENDPOINT_URL_EC2 ?? environment.AWS_ENDPOINT_URL ?? `https://ec2.${region}.amazonaws.com/`);
  const query = { Action: "DescribeTags", "Filter.1.Name": "resource-id", "Filter.1.Value.1": instance, Version: "2016-11-15" };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const http = createHttpClient({
    tls: undefined,
    followRedirects: false,
    http2: false,
    idleTimeoutMs: 1000,
    clock: context.clock,
    log: context.log,
    environment,
  });
  try {
    const chain = new AwsCredentialChain({ region, fipsSts: false }, { http, clock: context.clock, environment });
    const credentials = await chain.credentials();
    const signed = signature(
      { method: "GET", url, headers: new Map(), body: [] },
      { credentials, region, service: "ec2", clock: context.clock },
    );
    const xml = await textOf(request, url.href, { headers: Object.fromEntries(signed) }, signal);
    return [...xml.matchAll(/<item>([\s\S]*?)<\/item>/g)].map(([, item = ""]) => [element(item, "key"), element(item, "value")] as const);
  } finally {
    await http.close();
  }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function element(xml: string, name: string): string {
  const [, content = ""] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml) ?? [];
  return content.replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => entities[entity] ?? "");
}

export const eks: Detector = async (surroundings, settings, signal) => {
  if (!(await isEks(surroundings, signal))) throw new Unavailable("eks metadata unavailable: not running on EKS");
  const attributes: Record<string, string> = { "cloud.provider": "aws", "cloud.platform": "aws_eks" };
  if (!settings.isEnabled("cloud.account.id") && !settings.isEnabled("k8s.cluster.name")) return { attributes };
  const metadata = await instanceMetadata(surroundings, { attempts: 1, maxBackoffMs: 0 }, signal);
  const identity = await metadata.json("/latest/dynamic/instance-identity/document");
  attributes["cloud.account.id"] = textAt(identity, "accountId");
  if (settings.isEnabled("k8s.cluster.name"))
    try {
      const name = clusterName(await describedTags(surroundings, textAt(identity, "region"), textAt(identity, "instanceId"), signal));
      if (name !== undefined) attributes["k8s.cluster.name"] = name;
    } catch (error) {
      throw new Unavailable(`EKS instance metadata unavailable: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  return { attributes };
};

function clusterName(tags: readonly (readonly [string, string])[]): string | undefined {
  for (const [key, value] of tags) {
    if (key === "aws:eks:cluster-name" || key === "eks:cluster-name") return value;
    if (key.startsWith("kubernetes.io/cluster/")) return key.slice("kubernetes.io/cluster/".length);
  }
  return undefined;
}

async function isEks(surroundings: Surroundings, signal: AbortSignal): Promise<boolean> {
  const { environment } = surroundings;
  if (!environment.KUBERNETES_SERVICE_HOST) return false;
  if (environment.AWS_WEB_IDENTITY_TOKEN_FILE?.includes("eks.amazonaws.com")) return true;
  if (environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE?.includes("eks-pod-identity")) return true;
  const api = await podApi(surroundings, "serviceAccount");
  const issuer = await api.get("/.well-known/openid-configuration", signal).catch(() => undefined);
  if (textAt(issuer, "issuer").includes("oidc.eks.")) return true;
  return textAt(await api.get("/version", signal), "gitVersion").includes("-eks-");
}

interface Container {
  readonly DockerId?: string;
  readonly Type?: string;
  readonly KnownStatus?: string;
  readonly LogDriver?: string;
  readonly LogOptions?: Readonly<Record<string, string>>;
}

export const ecs: Detector = async (surroundings, _, signal) => {
  const { environment, request } = surroundings;
  const endpoint = environment.ECS_CONTAINER_METADATA_URI_V4 || environment.ECS_CONTAINER_METADATA_URI;
  if (!endpoint) throw new Unavailable("ecs metadata unavailable: no task metadata endpoint detected");
  const task = await jsonOf(request, `${endpoint}/task`, {}, signal).catch(hard("unable to fetch task metadata"));
  const arn = textAt(task, "TaskARN");
  const parts = arn.split(":");
  const [region = "", account = ""] = parts.length >= 6 ? parts.slice(3, 5) : [];
  const id = parts.length >= 6 ? (parts[5] ?? "").split("/").at(-1) : undefined;
  const cluster = textAt(task, "Cluster");
  const launchType = textAt(task, "LaunchType").toLowerCase();
  const self = (await jsonOf(request, endpoint, {}, signal)) as Container;
  const logs = ((task as { Containers?: readonly Container[] }).Containers ?? []).filter(
    (each) =>
      each.Type === "NORMAL" &&
      each.KnownStatus === "RUNNING" &&
      each.LogDriver === "awslogs" &&
      each.DockerId !== self.DockerId &&
      each.LogOptions !== undefined,
  );
  const groupArn = (options: Container["LogOptions"]) =>
    `arn:aws:logs:${options?.["awslogs-region"] ?? ""}:${account}:log-group:${options?.["awslogs-group"] ?? ""}`;
  const ofLogs = (read: (options: Container["LogOptions"]) => string) =>
    logs.length === 0 ? undefined : logs.map((each) => read(each.LogOptions));
  return {
    attributes: {
      "cloud.provider": "aws",
      "cloud.platform": "aws_ecs",
      "cloud.account.id": account || undefined,
      "cloud.region": region || undefined,
      "cloud.availability_zone": textAt(task, "AvailabilityZone") || undefined,
      "aws.ecs.task.arn": arn,
      "aws.ecs.task.family": textAt(task, "Family"),
      "aws.ecs.task.revision": textAt(task, "Revision"),
      "aws.ecs.task.id": id || undefined,
      "aws.ecs.cluster.arn": cluster.includes(":") ? cluster : `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
      "aws.ecs.launchtype": launchType === "ec2" || launchType === "fargate" ? launchType : undefined,
      "aws.log.group.names": ofLogs((options) => options?.["awslogs-group"] ?? ""),
      "aws.log.group.arns": ofLogs(groupArn),
      "aws.log.stream.names": ofLogs((options) => options?.["awslogs-stream"] ?? ""),
      "aws.log.stream.arns": ofLogs((options) => `${groupArn(options)}:log-stream:${options?.["awslogs-stream"] ?? ""}`),
    },
  };
};
