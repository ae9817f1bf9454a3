/** The metrics of nodes that dashboards and alerts for Kubernetes use. */
export const nodeExporter = [
  "node_cpu.*",
  "node_exporter_build_info",
  "node_filesystem.*",
  "node_memory.*",
  "node_network_receive_bytes_total",
  "node_network_receive_drop_total",
  "node_network_transmit_bytes_total",
  "node_network_transmit_drop_total",
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
];
