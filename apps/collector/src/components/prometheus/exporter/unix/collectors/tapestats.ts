import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";

const folder = "class/scsi_tape";

const same = (value: number) => value;
const seconds = (nanoseconds: number) => nanoseconds / 1e9;

/** File → metric. */
const statistics = [
  ["in_flight", "io_now", "gauge", same, "Requests under way."],
  ["io_ns", "io_time_seconds_total", "counter", seconds, "Time of all requests, in seconds."],
  ["other_cnt", "io_others_total", "counter", same, "Requests that neither read nor write."],
  ["read_byte_cnt", "read_bytes_total", "counter", same, "Bytes that were read."],
  ["read_cnt", "reads_completed_total", "counter", same, "Reads that were completed."],
  ["read_ns", "read_time_seconds_total", "counter", seconds, "Time of all reads, in seconds."],
  ["resid_cnt", "residual_total", "counter", same, "Times that less was transferred than asked for."],
  ["write_byte_cnt", "written_bytes_total", "counter", same, "Bytes that were written."],
  ["write_cnt", "writes_completed_total", "counter", same, "Writes that were completed."],
  ["write_ns", "write_time_seconds_total", "counter", seconds, "Time of all writes, in seconds."],
] as const;

export const tapestats: Collector = {
  name: "tapestats",
  isDefault: true,
  prepare({ tapestats: options }) {
    const ignored = compileRegexp(options.ignored_devices);
    return (host, page) => {
      // Each drive has further devices that behave differently at the end of a tape.
      const drives = host.sysFolder(folder).filter((name) => /^st\d+$/.test(name) && !ignored.test(name));
      for (const drive of drives)
        for (const [file, metric, kind, inBase, help] of statistics) {
          const value = host.sysNumber(`${folder}/${drive}/stats/${file}`) ?? 0;
          page[kind](`node_tape_${metric}`, help, "device").sample(inBase(value), drive);
        }
    };
  },
};
