import { join } from "node:path";
import { dnsAddress, type Layout, podNetwork } from "./layout.ts";

// The files that the parts of a cluster are configured with. JSON is YAML, so most of them are JSON.

export function kubeletSettings({ folder, certificates }: Layout): string {
  return JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "0.0.0.0",
    cgroupDriver: "cgroupfs",
    failSwapOn: false,
    failCgroupV1: false,
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    clusterDNS: [dnsAddress],
    clusterDomain: "cluster.local",
    resolvConf: join(folder, "resolv.conf"),
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: join(certificates, "ca.crt") } },
    authorization: { mode: "Webhook" },
    tlsCertFile: join(certificates, "kubelet-server.crt"),
    tlsPrivateKeyFile: join(certificates, "kubelet-server.key"),
    // Nobody could pull again an image that the kubelet has deleted.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    enforceNodeAllocatable: ["pods"],
    shutdownGracePeriod: "0s",
    registerNode: true,
    // So that rotation can be seen within a test.
    containerLogMaxSize: "1Mi",
    containerLogMonitorInterval: "3s",
  });
}

export function proxySettings({ certificates }: Layout): string {
  return JSON.stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clusterCIDR: podNetwork,
    clientConnection: { kubeconfig: join(certificates, "kube-proxy.conf") },
    // The kernel's own limits can't be written from inside of a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: "0s", tcpEstablishedTimeout: "0s" },
    metricsBindAddress: "127.0.0.1:10249",
    healthzBindAddress: "127.0.0.1:10256",
  });
}

export function networkSettings({ folder }: Layout): string {
  const ipam = {
    type: "host-local",
    dataDir: join(folder, "cni-addresses"),
    ranges: [[{ subnet: podNetwork }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const bridge = { type: "bridge", bridge: "cni0", isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  return JSON.stringify({
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [bridge, { type: "portmap", capabilities: { portMappings: true } }],
  });
}

export function containerdSettings({ folder }: Layout): string {
  const unused = ["btrfs", "zfs", "aufs", "devmapper"].map((name) => `"io.containerd.snapshotter.v1.${name}"`).join(", ");
  // Without restrict_oom_score_adj no pod starts where the process may not lower its own score.
  return `version = 2
root = "${join(folder, "containerd")}"
state = "/run/containerd"
oom_score = 0
disabled_plugins = [${unused}, "io.containerd.internal.v1.opt"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(folder, "cni")}"
`;
}
