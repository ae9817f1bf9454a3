import { join } from "node:path";
import { podNetwork, serviceNetwork } from "./layout.ts";

/** Where the parts of a control plane listen. */
export interface ControlPlanePorts {
  readonly etcd: number;
  readonly etcdPeers: number;
  readonly api: number;
}

export function etcdArguments(folder: string, { etcd, etcdPeers }: ControlPlanePorts): readonly string[] {
  const [clients, peers] = [`http://127.0.0.1:${etcd}`, `http://127.0.0.1:${etcdPeers}`];
  return [
    `--data-dir=${join(folder, "etcd")}`,
    // A cluster that is thrown away needs no safe disk.
    "--unsafe-no-fsync",
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ];
}

export function apiServerArguments(pki: string, address: string, bindAddress: string, { etcd, api }: ControlPlanePorts): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--advertise-address=${address}`,
    `--bind-address=${bindAddress}`,
    `--secure-port=${api}`,
    `--service-cluster-ip-range=${serviceNetwork}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
  ];
}

export function controllerArguments(pki: string): readonly string[] {
  return [
    ...clientArguments(pki, "kube-controller-manager"),
    `--service-account-private-key-file=${pki}/sa.key`,
    `--root-ca-file=${pki}/ca.crt`,
    "--use-service-account-credentials=true",
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
    "--allocate-node-cidrs=true",
    `--cluster-cidr=${podNetwork}`,
    `--service-cluster-ip-range=${serviceNetwork}`,
  ];
}

export function schedulerArguments(pki: string): readonly string[] {
  return clientArguments(pki, "kube-scheduler");
}

function clientArguments(pki: string, name: string): readonly string[] {
  const kubeconfig = `${pki}/${name}.conf`;
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    // Nobody asks them.
    "--secure-port=0",
  ];
}
