/** The metrics of the kubelet about probes. */
export const kubeletProbes = ["prober_.*"];
