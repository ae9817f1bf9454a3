import type { Collector } from "../collector.ts";
import type { MetricPage } from "../metric-page.ts";
import { eventFields, type NfsMount, nfsMounts, operationFields, type Transport, transportFields } from "./nfs-mounts.ts";

/** By position in the line. */
const bytes = [
  ["read_bytes_total", "Bytes that applications read."],
  ["write_bytes_total", "Bytes that applications wrote."],
  ["direct_read_bytes_total", "Bytes that applications read past the cache."],
  ["direct_write_bytes_total", "Bytes that applications wrote past the cache."],
  ["total_read_bytes_total", "Bytes that were read from the server."],
  ["total_write_bytes_total", "Bytes that were written to the server."],
  ["read_pages_total", "Pages that were read through mapped files."],
  ["write_pages_total", "Pages that were written through mapped files."],
] as const;

const mountLabels = ["export", "protocol", "mountaddr"] as const;

/** File systems of NFS that are mounted here. */
export const mountstats: Collector = {
  name: "mountstats",
  isDefault: false,
  prepare: () => (host, page) => {
    // Both files list the mounts in the same order; the server's address is in one, the numbers in the other.
    const addresses = host
      .proc("self/mountinfo")
      .split("\n")
      .map((line) => /[ ,]addr=([^,\s]*)/.exec(line.slice(line.lastIndexOf(" ")))?.[1] ?? "");
    const known = new Set<string>();
    for (const mount of nfsMounts(host.proc("self/mountstats")))
      for (const [protocol, transports] of Map.groupBy(mount.transports, (transport) => transport.protocol)) {
        const labels = [mount.device, protocol, addresses[mount.index] ?? ""];
        const key = JSON.stringify(labels);
        // What is mounted twice is counted once, by the first.
        if (!known.has(key)) expose(page, mount, transports, labels);
        known.add(key);
      }
  },
};

function expose(page: MetricPage, mount: NfsMount, transports: readonly Transport[], labels: readonly string[]): void {
  const counter = (name: string, help: string, value: number) =>
    page.counter(`node_mountstats_nfs_${name}`, help, ...mountLabels).sample(value, ...labels);
  counter("age_seconds_total", "Time since it was mounted, in seconds.", mount.ageSeconds);
  for (const [index, [name, help]] of bytes.entries()) counter(name, help, mount.bytes[index] ?? 0);
  for (const [index, field] of eventFields.entries())
    if (field !== undefined) counter(`event_${field}_total`, `Times of the event ${field.replaceAll("_", " ")}.`, mount.events[index] ?? 0);
  // A mount may have several connections, which is why they are joined.
  for (const [index, field] of transportFields.entries()) {
    if (field === undefined) continue;
    const values = transports.map(({ numbers }) => numbers[index] ?? 0);
    const help = `The statistic ${field.replaceAll("_", " ")} of connections to the server.`;
    const gauge = page.gauge.bind(page, `node_mountstats_nfs_transport_${field}`, help, ...mountLabels);
    if (field === "idle_time_seconds") gauge().sample(Math.min(...values), ...labels);
    else if (field === "maximum_rpc_slots") gauge().sample(Math.max(...values), ...labels);
    else
      counter(
        `transport_${field}`,
        help,
        values.reduce((sum, value) => sum + value, 0),
      );
  }
  for (const { name, numbers } of mount.operations)
    for (const [index, [field, inBase]] of operationFields.entries())
      page
        .counter(`node_mountstats_nfs_operations_${field}`, `The statistic ${field} of an operation.`, ...mountLabels, "operation")
        .sample(inBase(numbers[index]), ...labels, name);
}
