import type { Collector } from "../collector.ts";
import type { MetricPage } from "../metric-page.ts";
import { deviceFilter, linesOf, numberOf, wordsOf } from "../text-table.ts";

/** The kernel counts sectors of this size, whatever the device has. */
const sectorBytes = 512;

const same = (value: number) => value;
const sectors = (value: number) => value * sectorBytes;
const milliseconds = (value: number) => value / 1000;

/** The columns behind a device's name. Each kernel has more of them than the one before. */
const columns = [
  ["reads_completed_total", same, "Reads that were completed."],
  ["reads_merged_total", same, "Reads that were merged with others."],
  ["read_bytes_total", sectors, "Bytes that were read."],
  ["read_time_seconds_total", milliseconds, "Time of all reads, in seconds."],
  ["writes_completed_total", same, "Writes that were completed."],
  ["writes_merged_total", same, "Writes that were merged with others."],
  ["written_bytes_total", sectors, "Bytes that were written."],
  ["write_time_seconds_total", milliseconds, "Time of all writes, in seconds."],
  ["io_now", same, "Requests under way."],
  ["io_time_seconds_total", milliseconds, "Time in which requests were under way, in seconds."],
  ["io_time_weighted_seconds_total", milliseconds, "The same, weighted by their number, in seconds."],
  ["discards_completed_total", same, "Discards that were completed."],
  ["discards_merged_total", same, "Discards that were merged with others."],
  ["discarded_sectors_total", same, "Sectors that were discarded."],
  ["discard_time_seconds_total", milliseconds, "Time of all discards, in seconds."],
  ["flush_requests_total", same, "Flushes that were completed."],
  ["flush_requests_time_seconds_total", milliseconds, "Time of all flushes, in seconds."],
] as const;

export const diskstats: Collector = {
  name: "diskstats",
  isDefault: true,
  prepare({ disk: options }) {
    const isWanted = deviceFilter(options.device_include, options.device_include ? undefined : options.device_exclude);
    return (host, page) => {
      const metrics = columns.map(([name, , help]) => page[name === "io_now" ? "gauge" : "counter"](`node_disk_${name}`, help, "device"));
      const expose = properties(page);
      for (const line of linesOf(host.proc("diskstats"))) {
        const [major = "", minor = "", device = "", ...words] = wordsOf(line);
        if (!isWanted(device)) continue;
        for (const [index, [, inBase]] of columns.entries())
          if (index < words.length) metrics[index]?.sample(inBase(numberOf(words[index])), device);
        const udev = udevProperties(host.udevData(`b${major}:${minor}`) ?? "");
        expose(device, major, minor, host.sysValue(`block/${device}/queue/rotational`) ?? "0", udev);
      }
    };
  },
};

type Expose = (device: string, major: string, minor: string, rotational: string, udev: ReadonlyMap<string, string>) => void;

/** What udev knows of a device. */
function properties(page: MetricPage): Expose {
  const infoLabels = ["device", "major", "minor", "path", "wwn", "model", "serial", "revision", "rotational"];
  const info = page.gauge("node_disk_info", "What the device is.", ...infoLabels);
  const fileSystem = page.gauge("node_disk_filesystem_info", "The file system on a disk.", "device", "type", "usage", "uuid", "version");
  const mapperLabels = ["device", "name", "uuid", "vg_name", "lv_name", "lv_layer"];
  const mapper = page.gauge("node_disk_device_mapper_info", "What the device mapper made of disks.", ...mapperLabels);
  const ata = [
    ["ID_ATA_WRITE_CACHE", page.gauge("node_disk_ata_write_cache", "Whether an ATA disk has a write cache.", "device")],
    ["ID_ATA_WRITE_CACHE_ENABLED", page.gauge("node_disk_ata_write_cache_enabled", "Whether its write cache is on.", "device")],
    ["ID_ATA_ROTATION_RATE_RPM", page.gauge("node_disk_ata_rotation_rate_rpm", "Its rotations a minute; 0 where none turn.", "device")],
  ] as const;
  return (device, major, minor, rotational, udev) => {
    const of = (key: string) => udev.get(key) ?? "";
    // What is printed on the disk comes first; virtio devices have only the last.
    const serial = of("SCSI_IDENT_SERIAL") || of("ID_SERIAL_SHORT") || of("ID_SERIAL");
    info.sample(1, device, major, minor, of("ID_PATH"), of("ID_WWN"), of("ID_MODEL"), serial, of("ID_REVISION"), rotational);
    if (of("ID_FS_TYPE") !== "") fileSystem.sample(1, device, of("ID_FS_TYPE"), of("ID_FS_USAGE"), of("ID_FS_UUID"), of("ID_FS_VERSION"));
    if (of("DM_NAME") !== "") mapper.sample(1, device, of("DM_NAME"), of("DM_UUID"), of("DM_VG_NAME"), of("DM_LV_NAME"), of("DM_LV_LAYER"));
    if (of("ID_ATA") === "") return;
    for (const [key, metric] of ata) if (udev.has(key)) metric.sample(numberOf(udev.get(key)), device);
  };
}

/** `E:KEY=value` lines. */
function udevProperties(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of linesOf(text)) {
    const equals = line.indexOf("=");
    if (line.startsWith("E:") && equals > 0) found.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return found;
}
