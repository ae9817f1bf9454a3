import type { Detector } from "./detector.ts";
import { consul, docker } from "./detectors/agents.ts";
import { ec2, ecs, eks } from "./detectors/aws.ts";
import {
  akamai,
  aks,
  alibabaEcs,
  azure,
  digitalocean,
  hetzner,
  nova,
  oraclecloud,
  scaleway,
  tencentCvm,
  upcloud,
  vultr,
} from "./detectors/clouds.ts";
import { dynatrace, elasticbeanstalk, env, heroku, lambda } from "./detectors/environment.ts";
import { gcp } from "./detectors/gcp.ts";
import { kubeadm, kubernetesNode, openshift } from "./detectors/kubernetes.ts";
import { system } from "./detectors/system.ts";

/** By the names that users write. */
export const detectors: Readonly<Record<string, Detector>> = {
  akamai,
  aks,
  alibaba_ecs: alibabaEcs,
  azure,
  consul,
  digitalocean,
  docker,
  dynatrace,
  ec2,
  ecs,
  eks,
  elasticbeanstalk,
  env,
  gcp,
  heroku,
  hetzner,
  kubeadm,
  kubernetes_node: kubernetesNode,
  lambda,
  nova,
  openshift,
  oraclecloud,
  scaleway,
  system,
  tencent_cvm: tencentCvm,
  upcloud,
  vultr,
};
