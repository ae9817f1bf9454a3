import { join } from "node:path";

/** Where everything of a cluster lies below its own folder, and its addresses inside of its network namespace. */
export interface Layout {
  readonly folder: string;
  readonly certificates: string;
  readonly logs: string;
}

export const nodeAddress = "10.99.0.1";
export const podNetwork = "10.244.0.0/24";
export const serviceNetwork = "10.96.0.0/16";
export const dnsAddress = "10.96.0.10";

export function layoutOf(folder: string): Layout {
  return { folder, certificates: join(folder, "pki"), logs: join(folder, "log") };
}

/** Folders of the host's that the parts of a cluster use by their names, and what stands in for them inside of it. */
export function standIns(folder: string): readonly (readonly [inside: string, ours: string])[] {
  return [
    ["/run/containerd", join(folder, "run-containerd")],
    ["/var/lib/kubelet", join(folder, "kubelet")],
    ["/var/log/pods", join(folder, "pod-logs")],
    ["/var/log/containers", join(folder, "container-logs")],
    ["/run/netns", join(folder, "netns")],
    ["/var/lib/cni", join(folder, "cni-state")],
  ];
}
