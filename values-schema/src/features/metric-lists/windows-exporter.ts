/** The metrics of Windows nodes that dashboards and alerts for Kubernetes use. */
export const windowsExporter = [
  "windows_.*",
  "node_cpu_seconds_total",
  "node_filesystem_size_bytes",
  "node_filesystem_avail_bytes",
  "container_cpu_usage_seconds_total",
];
