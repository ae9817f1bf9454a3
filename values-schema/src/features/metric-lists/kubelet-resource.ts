/** The metrics of the kubelet about resources that dashboards and alerts use. */
export const kubeletResource = ["node_cpu_usage_seconds_total", "node_memory_working_set_bytes"];
