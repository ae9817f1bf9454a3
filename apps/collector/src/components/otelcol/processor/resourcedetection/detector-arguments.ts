import {
  assumed,
  type BlockSchema,
  bool,
  defaulted,
  duration,
  int,
  list,
  maybe,
  oneOf,
  required,
  secret,
  string,
} from "../../../../component/arguments.ts";
import { otelcolTlsClientBlock } from "../../../../transport/tls/otelcol-arguments.ts";
import { patternsFault } from "./patterns.ts";

/** `cloud.provider host.id !os.name`: attributes that a detector adds; those with `!` only where they are enabled. */
const attributesOf = {
  akamai: "cloud.provider cloud.region host.id host.name",
  alibaba_ecs:
    "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type",
  aks: "cloud.platform cloud.provider !k8s.cluster.name",
  azure:
    "azure.resourcegroup.name azure.vm.name azure.vm.scaleset.name azure.vm.size cloud.account.id !cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name",
  consul: "cloud.region host.id host.name",
  digitalocean: "cloud.provider cloud.region host.id host.name",
  docker: "host.name os.type",
  dynatrace: "",
  ec2: "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type",
  ecs: "aws.ecs.cluster.arn aws.ecs.launchtype aws.ecs.task.arn aws.ecs.task.family aws.ecs.task.id aws.ecs.task.revision aws.log.group.arns aws.log.group.names aws.log.stream.arns aws.log.stream.names cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region",
  eks: "!cloud.account.id cloud.platform cloud.provider !k8s.cluster.name",
  elasticbeanstalk: "cloud.platform cloud.provider deployment.environment service.instance.id service.version",
  gcp: "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region faas.instance faas.name faas.version gcp.cloud_run.job.execution gcp.cloud_run.job.task_index !gcp.gce.instance.hostname !gcp.gce.instance.name gcp.gce.instance.group_manager.name gcp.gce.instance.group_manager.region gcp.gce.instance.group_manager.zone host.id host.name host.type k8s.cluster.name",
  heroku:
    "cloud.provider heroku.app.id heroku.dyno.id heroku.release.commit heroku.release.creation_timestamp service.instance.id service.name service.version",
  hetzner: "cloud.availability_zone cloud.provider cloud.region host.id host.name",
  kubeadm: "k8s.cluster.name k8s.cluster.uid",
  kubernetes_node: "k8s.node.name k8s.node.uid",
  lambda:
    "aws.log.group.names aws.log.stream.names cloud.platform cloud.provider cloud.region faas.instance faas.max_memory faas.name faas.version",
  nova: "cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name host.type",
  openshift: "cloud.platform cloud.provider cloud.region k8s.cluster.name",
  oraclecloud:
    "cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name host.type k8s.cluster.name oracle_cloud.realm",
  scaleway:
    "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.image.name host.name host.type",
  system:
    "!host.arch !host.cpu.cache.l2.size !host.cpu.family !host.cpu.model.id !host.cpu.model.name !host.cpu.stepping !host.cpu.vendor.id !host.id !host.interface !host.ip !host.mac host.name !os.build.id !os.description !os.name os.type !os.version",
  tencent_cvm:
    "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type",
  upcloud: "cloud.provider cloud.region host.id host.name",
  vultr: "cloud.provider cloud.region host.id host.name",
} as const;

export type ConfiguredDetector = keyof typeof attributesOf;
export const detectorNames: readonly string[] = [...Object.keys(attributesOf), "env"];

/** Whether a detector adds an attribute where nothing is written about it; undefined: it never does. */
export function isOnByDefault(detector: string, attribute: string): boolean | undefined {
  if (!Object.hasOwn(attributesOf, detector)) return undefined;
  const names = attributesOf[detector as ConfiguredDetector].split(" ");
  return names.includes(attribute) ? true : names.includes(`!${attribute}`) ? false : undefined;
}

const enabled = { arguments: { enabled: required(bool, "Whether the attribute is added.") } };
const removed = { deprecated: "the attribute no longer exists: remove the block" };

function attributesBlock(detector: ConfiguredDetector) {
  const blocks: Record<string, BlockSchema> = {};
  for (const name of attributesOf[detector].split(" ").filter((each) => each !== "")) {
    const isOff = name.startsWith("!");
    const attribute = isOff ? name.slice(1) : name;
    blocks[attribute] = maybe(`Whether ${attribute} is added; it is ${isOff ? "not " : ""}unless this says otherwise.`, enabled);
  }
  if (detector === "gcp") blocks["faas.id"] = maybe("Without effect.", enabled, removed);
  return assumed("Which attributes are added.", { blocks });
}

const patterns = { check: patternsFault };
const ownFailure = {
  fail_on_missing_metadata: defaulted(
    bool,
    "Whether it is an error that nobody answers, whatever the component's own argument says.",
    false,
  ),
};
const nodeName = { node_from_env_var: defaulted(string, "The environment variable that holds the node's name.", "K8S_NODE_NAME") };
const kubernetesAccess = {
  auth_type: defaulted(oneOf("none", "serviceAccount", "kubeConfig"), "How this process shows who it is.", "none"),
  context: defaulted(string, "The context of the kubeconfig, in place of its current one.", ""),
};
const hostnameSources = ["os", "dns", "cname", "lookup"];

/** A block for each detector. */
export const detectorBlocks = {
  akamai: assumed("Akamai's metadata service.", { blocks: { resource_attributes: attributesBlock("akamai") } }),
  alibaba_ecs: assumed("Alibaba's metadata service.", {
    arguments: ownFailure,
    blocks: { resource_attributes: attributesBlock("alibaba_ecs") },
  }),
  aks: assumed("Azure's Kubernetes service.", { blocks: { resource_attributes: attributesBlock("aks") } }),
  azure: assumed("Azure's metadata service.", {
    arguments: { tags: defaulted(list(string), "Patterns of tags that become attributes.", [], patterns) },
    blocks: { resource_attributes: attributesBlock("azure") },
  }),
  consul: assumed("The Consul agent.", {
    arguments: {
      address: defaulted(string, "The agent's address; CONSUL_HTTP_ADDR or 127.0.0.1:8500 where it is empty.", ""),
      datacenter: defaulted(string, "The datacenter to ask about; the agent's own where it is empty.", ""),
      token: defaulted(secret, "The ACL token to ask with.", ""),
      namespace: defaulted(string, "The namespace to ask about.", ""),
      meta: defaulted(list(string), "Keys of the node's metadata that become attributes.", []),
    },
    blocks: { resource_attributes: attributesBlock("consul") },
  }),
  digitalocean: assumed("DigitalOcean's metadata service.", { blocks: { resource_attributes: attributesBlock("digitalocean") } }),
  docker: assumed("The Docker daemon.", { blocks: { resource_attributes: attributesBlock("docker") } }),
  dynatrace: assumed("The file of Dynatrace's agent.", {}),
  ec2: assumed("EC2's metadata service.", {
    arguments: {
      tags: defaulted(list(string), "Patterns of tags that become attributes.", [], patterns),
      tags_from_imds: defaulted(bool, "Reads tags from the metadata service, for which no permission is needed.", false),
      max_attempts: defaulted(int, "How often the metadata service is asked.", 3),
      max_backoff: defaulted(duration, "The longest pause between two attempts.", "20s"),
      ...ownFailure,
    },
    blocks: { resource_attributes: attributesBlock("ec2") },
  }),
  ecs: assumed("The metadata endpoint of an ECS task.", { blocks: { resource_attributes: attributesBlock("ecs") } }),
  eks: assumed("Amazon's Kubernetes service.", { arguments: nodeName, blocks: { resource_attributes: attributesBlock("eks") } }),
  elasticbeanstalk: assumed("The X-Ray file of Elastic Beanstalk.", {
    blocks: { resource_attributes: attributesBlock("elasticbeanstalk") },
  }),
  gcp: assumed("Google's metadata server.", { blocks: { resource_attributes: attributesBlock("gcp") } }),
  heroku: assumed("Heroku's environment variables.", { blocks: { resource_attributes: attributesBlock("heroku") } }),
  hetzner: assumed("Hetzner's metadata service.", { blocks: { resource_attributes: attributesBlock("hetzner") } }),
  kubeadm: assumed("The configuration that kubeadm leaves in its cluster.", {
    arguments: kubernetesAccess,
    blocks: { resource_attributes: attributesBlock("kubeadm") },
  }),
  kubernetes_node: assumed("The node, as the Kubernetes API knows it.", {
    arguments: { ...kubernetesAccess, ...nodeName },
    blocks: { resource_attributes: attributesBlock("kubernetes_node") },
  }),
  lambda: assumed("The environment variables of AWS Lambda.", { blocks: { resource_attributes: attributesBlock("lambda") } }),
  nova: assumed("OpenStack's metadata service.", {
    arguments: { labels: defaulted(list(string), "Patterns of metadata keys that become attributes.", [], patterns), ...ownFailure },
    blocks: { resource_attributes: attributesBlock("nova") },
  }),
  openshift: assumed("OpenShift's API.", {
    arguments: {
      address: defaulted(string, "The API server's URL; the pod's own where it is empty.", ""),
      token: defaulted(secret, "The token to ask with; that of the pod's service account where it is empty.", ""),
    },
    blocks: { tls: otelcolTlsClientBlock, resource_attributes: attributesBlock("openshift") },
  }),
  oraclecloud: assumed("Oracle Cloud's metadata service.", { blocks: { resource_attributes: attributesBlock("oraclecloud") } }),
  scaleway: assumed("Scaleway's metadata service.", { blocks: { resource_attributes: attributesBlock("scaleway") } }),
  system: assumed("The machine itself.", {
    arguments: {
      hostname_sources: defaulted(
        list(string),
        "Where the host's name is looked for, in this order: os, dns, cname, lookup.",
        ["dns", "os"],
        {
          check: (sources) => {
            const wrong = sources.find((source) => !hostnameSources.includes(source));
            return wrong === undefined ? undefined : `invalid hostname source: ${wrong}`;
          },
        },
      ),
    },
    blocks: { resource_attributes: attributesBlock("system") },
  }),
  tencent_cvm: assumed("Tencent's metadata service.", {
    arguments: ownFailure,
    blocks: { resource_attributes: attributesBlock("tencent_cvm") },
  }),
  upcloud: assumed("UpCloud's metadata service.", { arguments: ownFailure, blocks: { resource_attributes: attributesBlock("upcloud") } }),
  vultr: assumed("Vultr's metadata service.", { arguments: ownFailure, blocks: { resource_attributes: attributesBlock("vultr") } }),
};
