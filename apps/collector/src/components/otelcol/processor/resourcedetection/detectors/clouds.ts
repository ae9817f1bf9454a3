import { type Detected, type Detector, type DetectorSettings, matches, type Surroundings, textAt } from "../detector.ts";
import { jsonOf, type MetadataOptions, textOf } from "../metadata-request.ts";
import { compiledPatterns } from "../patterns.ts";
import { Unavailable } from "../unavailable.ts";

// Clouds whose machines learn all about themselves from one or a few pages of a metadata service.

const LINK_LOCAL = "http://169.254.169.254";

/** Several pages as texts, asked at once. */
async function pages<Name extends string>(
  surroundings: Surroundings,
  base: string,
  paths: Readonly<Record<Name, string>>,
  options: MetadataOptions,
  signal: AbortSignal,
): Promise<Record<Name, string>> {
  const entries = Object.entries<string>(paths).map(
    async ([name, path]) => [name, await textOf(surroundings.request, base + path, options, signal)] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, string>;
}

export const akamai: Detector = async ({ request }, _, signal) => {
  const token = await textOf(
    request,
    `${LINK_LOCAL}/v1/token`,
    { method: "PUT", headers: { "metadata-token-expiry-seconds": "3600" } },
    signal,
  );
  const headers = { "metadata-token": token.trim(), accept: "application/json" };
  const instance = await jsonOf(request, `${LINK_LOCAL}/v1/instance`, { headers }, signal);
  return {
    attributes: {
      "cloud.provider": "akamai_cloud",
      "cloud.region": textAt(instance, "region"),
      "host.id": textAt(instance, "id"),
      "host.name": textAt(instance, "label"),
    },
  };
};

export const alibabaEcs: Detector = async (surroundings, _, signal) => {
  const base = "http://100.100.100.200/latest/";
  const token = await textOf(
    surroundings.request,
    `${base}api/token`,
    { method: "PUT", headers: { "x-aliyun-ecs-metadata-token-ttl-seconds": "21600" } },
    signal,
  );
  const found = await pages(
    surroundings,
    `${base}meta-data/`,
    {
      "host.name": "hostname",
      "host.image.id": "image-id",
      "host.id": "instance-id",
      "host.type": "instance/instance-type",
      "cloud.account.id": "owner-account-id",
      "cloud.region": "region-id",
      "cloud.availability_zone": "zone-id",
    },
    { headers: { "x-aliyun-ecs-metadata-token": token } },
    signal,
  );
  return { attributes: { "cloud.provider": "alibaba_cloud", "cloud.platform": "alibaba_cloud_ecs", ...found } };
};

export const tencentCvm: Detector = async (surroundings, _, signal) => {
  const found = await pages(
    surroundings,
    "http://metadata.tencentyun.com/latest/meta-data/",
    {
      "host.name": "instance-name",
      "host.image.id": "instance/image-id",
      "host.id": "instance-id",
      "host.type": "instance/instance-type",
      "cloud.account.id": "app-id",
      "cloud.region": "placement/region",
      "cloud.availability_zone": "placement/zone",
    },
    {},
    signal,
  );
  return { attributes: { "cloud.provider": "tencent_cloud", "cloud.platform": "tencent_cloud_cvm", ...found } };
};

async function azureCompute({ request }: Surroundings, signal: AbortSignal): Promise<unknown> {
  const url = `${LINK_LOCAL}/metadata/instance/compute?api-version=2020-09-01&format=json`;
  return jsonOf(request, url, { headers: { metadata: "true" } }, signal);
}

export const azure: Detector = async (surroundings, settings, signal) => {
  const compute = await azureCompute(surroundings, signal);
  const name = textAt(compute, "name");
  const zone = textAt(compute, "zone");
  const scaleSet = textAt(compute, "vmScaleSetName");
  return {
    attributes: {
      "cloud.provider": "azure",
      "cloud.platform": "azure.vm",
      "host.name": textAt(compute, "osProfile", "computerName") || name || undefined,
      "cloud.region": textAt(compute, "location"),
      "host.id": textAt(compute, "vmId"),
      "cloud.account.id": textAt(compute, "subscriptionId"),
      "cloud.availability_zone": zone === "" ? undefined : zone,
      "azure.vm.name": name,
      "azure.vm.size": textAt(compute, "vmSize"),
      "azure.vm.scaleset.name": scaleSet === "" ? undefined : scaleSet,
      "azure.resourcegroup.name": textAt(compute, "resourceGroupName"),
    },
    extra: tagged((compute as { tagsList?: readonly { name: string; value: string }[] }).tagsList ?? [], settings, "azure.tag."),
  };
};

function tagged(tags: readonly { name: string; value: string }[], settings: DetectorSettings, prefix: string): Record<string, string> {
  const patterns = compiledPatterns(settings.tags as readonly string[]);
  return Object.fromEntries(tags.filter(({ name }) => matches(patterns, name)).map(({ name, value }) => [prefix + name, value]));
}

export const aks: Detector = async (surroundings, _, signal) => {
  if (!surroundings.environment.KUBERNETES_SERVICE_HOST) return undefined;
  const group = textAt(await azureCompute(surroundings, signal), "resourceGroupName");
  const parts = group.split("_");
  const isUsual = parts.length === 4 && parts[0]?.toLowerCase() === "mc";
  return {
    attributes: { "cloud.provider": "azure", "cloud.platform": "azure.aks", "k8s.cluster.name": isUsual ? (parts[2] ?? "") : group },
  };
};

export const digitalocean: Detector = async ({ request }, _, signal) => {
  const found = await jsonOf(request, `${LINK_LOCAL}/metadata/v1.json`, {}, signal);
  return {
    attributes: {
      "cloud.provider": "digitalocean",
      "cloud.region": textAt(found, "region"),
      "host.id": textAt(found, "droplet_id"),
      "host.name": textAt(found, "hostname"),
    },
  };
};

export const hetzner: Detector = async (surroundings, _, signal) => {
  const found = await pages(
    surroundings,
    `${LINK_LOCAL}/hetzner/v1/metadata/`,
    { "host.id": "instance-id", "host.name": "hostname", "cloud.region": "region", "cloud.availability_zone": "availability-zone" },
    {},
    signal,
  );
  return { attributes: { "cloud.provider": "hetzner", ...found } };
};

export const nova: Detector = async ({ request }, settings, signal) => {
  const document = await jsonOf(request, `${LINK_LOCAL}/openstack/latest/meta_data.json`, { timeoutMs: 2000 }, signal);
  const id = textAt(document, "uuid");
  if (id === "") throw new Unavailable("instance ID (uuid) not found in metadata");
  const name = textAt(document, "hostname");
  if (name === "") throw new Error("failed getting hostname: hostname not found in metadata");
  const type = await textOf(request, `${LINK_LOCAL}/latest/meta-data/instance-type`, { timeoutMs: 2000 }, signal).catch(() => undefined);
  const patterns = compiledPatterns(settings.labels as readonly string[]);
  const meta = Object.entries((document as { meta?: Readonly<Record<string, string>> }).meta ?? {});
  return {
    attributes: {
      "cloud.provider": "openstack",
      "cloud.platform": "openstack_nova",
      "cloud.availability_zone": textAt(document, "availability_zone"),
      "host.id": id,
      "host.name": name,
      "host.type": type === "" ? undefined : type,
    },
    extra: Object.fromEntries(
      meta.filter(([key]) => matches(patterns, key)).map(([key, value]) => [`openstack.nova.meta.${key}`, String(value)]),
    ),
  };
};

export const oraclecloud: Detector = async ({ request }, _, signal) => {
  const instance = await jsonOf(request, `${LINK_LOCAL}/opc/v2/instance/`, { headers: { authorization: "Bearer Oracle" } }, signal);
  return {
    attributes: {
      "cloud.provider": "oracle_cloud",
      "cloud.platform": "oracle_cloud_oke",
      "cloud.region": textAt(instance, "canonicalRegionName"),
      "cloud.availability_zone": textAt(instance, "availabilityDomain"),
      "host.id": textAt(instance, "id"),
      "host.name": textAt(instance, "displayName"),
      "host.type": textAt(instance, "shape"),
      "k8s.cluster.name": textAt(instance, "metadata", "oke-cluster-display-name"),
      "oracle_cloud.realm": textAt(instance, "metadata", "realm"),
    },
  };
};

export const scaleway: Detector = async ({ request }, _, signal) => {
  const found = await jsonOf(request, "http://169.254.42.42/conf?format=json", {}, signal);
  const zone = textAt(found, "location", "zone_id");
  const dash = zone.lastIndexOf("-");
  return {
    attributes: {
      "cloud.account.id": textAt(found, "organization"),
      "cloud.availability_zone": zone,
      "cloud.provider": "scaleway_cloud",
      "cloud.platform": "scaleway_cloud_compute",
      "cloud.region": dash > 0 ? zone.slice(0, dash) : undefined,
      "host.id": textAt(found, "id"),
      "host.image.id": textAt(found, "image", "id"),
      "host.image.name": textAt(found, "image", "name"),
      "host.name": textAt(found, "name"),
      "host.type": textAt(found, "commercial_type"),
    },
  };
};

export const upcloud: Detector = async ({ request }, _, signal) => {
  const found = await jsonOf(request, `${LINK_LOCAL}/metadata/v1.json`, { timeoutMs: 2000 }, signal);
  return {
    attributes: {
      "cloud.provider": textAt(found, "cloud_name"),
      "cloud.region": textAt(found, "region"),
      "host.id": textAt(found, "instance_id"),
      "host.name": textAt(found, "hostname"),
    },
  };
};

export const vultr: Detector = async ({ request }, _, signal) => {
  const found = await jsonOf(request, `${LINK_LOCAL}/v1.json`, { timeoutMs: 2000 }, signal);
  return {
    attributes: {
      "cloud.provider": "vultr",
      "cloud.region": textAt(found, "region", "regioncode").toLowerCase(),
      "host.id": textAt(found, "instance-v2-id") || textAt(found, "instanceid"),
      "host.name": textAt(found, "hostname"),
    },
  } satisfies Detected;
};
