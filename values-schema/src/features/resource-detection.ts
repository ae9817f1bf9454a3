import type { TProperties } from "@sinclair/typebox";
import { choice, flag, section, table, text, texts } from "../words.ts";

const detector = (what: string, isEnabled = false, properties: TProperties = {}) =>
  section(`Attributes of ${what}.`, {
    enabled: flag("Whether they are looked for.", isEnabled),
    ...properties,
    resourceAttributes: table(
      "Which of them are added: `<name>: {enabled: …}`.",
      section("One of them.", { enabled: flag("Whether it is.") }),
    ),
  });

/** Where attributes of the machine, the cluster and the cloud come from. */
export const resourceDetection = section("Attributes of the place that data comes from.", {
  override: flag("Whether they take the place of what the application said.", true),
  env: section("Attributes from OTEL_RESOURCE_ATTRIBUTES.", { enabled: flag("Whether they are looked for.", true) }),
  system: detector("the machine", true, {
    hostnameSources: texts("Where the host's name is looked for: dns, os, cname, lookup.", ["os"]),
  }),
  kubernetesNode: detector("the node, as Kubernetes knows it", false, {
    authType: choice("How the API is asked.", ["none", "serviceAccount", "kubeConfig"], "serviceAccount"),
    nodeFromEnvVar: text("The environment variable that names the node.", "K8S_NODE_NAME"),
  }),
  akamai: detector("Akamai's machines"),
  alibaba_ecs: detector("Alibaba's machines"),
  aks: detector("Azure's Kubernetes service"),
  azure: detector("Azure's machines"),
  consul: detector("the Consul agent", false, {
    address: text("Its address."),
    datacenter: text("The datacenter."),
    token: text("The token to ask with."),
    namespace: text("The namespace."),
    meta: texts("Keys of the node's metadata."),
  }),
  digitalocean: detector("DigitalOcean's machines"),
  docker: detector("the Docker daemon"),
  dynatrace: section("Attributes of Dynatrace's agent.", { enabled: flag("Whether they are looked for.") }),
  ec2: detector("EC2's machines", false, { tags: texts("RE2 patterns of tags that become attributes.") }),
  ecs: detector("ECS' tasks"),
  eks: detector("Amazon's Kubernetes service"),
  elasticbeanstalk: detector("Elastic Beanstalk"),
  gcp: detector("Google's cloud"),
  heroku: detector("Heroku"),
  hetzner: detector("Hetzner's machines"),
  kubeadm: detector("clusters made by kubeadm"),
  lambda: detector("AWS Lambda"),
  nova: detector("OpenStack's machines"),
  openshift: detector("OpenShift", false, { address: text("The API server."), token: text("The token to ask with.") }),
  oraclecloud: detector("Oracle's machines"),
  scaleway: detector("Scaleway's machines"),
  tencent_cvm: detector("Tencent's machines"),
  upcloud: detector("UpCloud's machines"),
  vultr: detector("Vultr's machines"),
});
