import type { Collector } from "../collector.ts";
import { deviceFilter, linesOf, wordsOf } from "../text-table.ts";

/** The kernel counts sectors of this size, whatever the device has. */
const sectorBytes = 512;

/** Column of /proc/diskstats behind the device's name → metric, factor. */
const columns = [
  ["reads_completed_total", 1, "Reads that were completed."],
  ["reads_merged_total", 1, "Reads that were merged with others."],
  ["read_bytes_total", sectorBytes, "Bytes that were read."],
  ["read_time_seconds_total", 0.001, "Time of all reads, in seconds."],
  ["writes_completed_total", 1, "Writes that were completed."],
  ["writes_merged_total", 1, "Writes that were merged with others."],
  ["written_bytes_total", sectorBytes, "Bytes that were written."],
  ["write_time_seconds_total", 0.001, "Time of all writes, in seconds."],
  ["io_now", 1, "Requests under way."],
  ["io_time_seconds_total", 0.001, "Time in which requests were under way, in seconds."],
  ["io_time_weighted_seconds_total", 0.001, "The same, weighted by their number, in seconds."],
  ["discards_completed_total", 1, "Discards that were completed."],
  ["discards_merged_total", 1, "Discards that were merged with others."],
  ["discarded_sectors_total", 1, "Sectors that were discarded."],
  ["discard_time_seconds_total", 0.001, "Time of all discards, in seconds."],
  ["flush_requests_total", 1, "Flushes that were completed."],
  ["flush_requests_time_seconds_total", 0.001, "Time of all flushes, in seconds."],
] as const;

export const diskstats: Collector = {
  name: "diskstats",
  isDefault: true,
  collect(host, page, { disk: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_include ? undefined : options.device_exclude);
    for (const line of linesOf(host.proc("diskstats"))) {
      const [major = "", minor = "", device = "", ...numbers] = wordsOf(line);
      if (!isWanted(device)) continue;
      for (const [index, [name, factor, help]] of columns.entries()) {
        const number = numbers[index];
        if (number === undefined) continue;
        const kind = name === "io_now" ? "gauge" : "counter";
        // Thousandths are divided, not multiplied: 0.001 has no exact form.
        const value = factor === 0.001 ? Number(number) / 1000 : Number(number) * factor;
        page.metric(`node_disk_${name}`, kind, help).sample(value, "device", device);
      }
      const udev = udevProperties(host.optional(`${host.udev}/b${major}:${minor}`) ?? "");
      const of = (key: string) => udev.get(key) ?? "";
      page
        .gauge("node_disk_info", "What the device is.")
        .sample(
          1,
          "device",
          device,
          "major",
          major,
          "minor",
          minor,
          "path",
          of("ID_PATH"),
          "wwn",
          of("ID_WWN"),
          "model",
          of("ID_MODEL"),
          "serial",
          of("SCSI_IDENT_SERIAL") || of("ID_SERIAL_SHORT") || of("ID_SERIAL"),
          "revision",
          of("ID_REVISION"),
          "rotational",
          host.sysValue(`block/${device}/queue/rotational`) ?? "0",
        );
    }
  },
};

function udevProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of linesOf(text)) {
    const equals = line.indexOf("=");
    if (line.startsWith("E:") && equals > 0) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return properties;
}
