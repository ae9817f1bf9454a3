import type { Collector } from "../collector.ts";
import { numberOf, wordsOf } from "../text-table.ts";

const kibibytes = 1024;

/** Key → metric. */
const numbers = new Map([
  ["ns", ["network_sent_bytes_total", "counter", kibibytes, "Bytes that were sent."]],
  // The file has kibibytes here too, but the reference leaves them as they are.
  ["nr", ["network_received_bytes_total", "counter", 1, "Data that was received, in kibibytes."]],
  ["dw", ["disk_written_bytes_total", "counter", kibibytes, "Bytes that were written to the disk of this host."]],
  ["dr", ["disk_read_bytes_total", "counter", kibibytes, "Bytes that were read from the disk of this host."]],
  ["al", ["activitylog_writes_total", "counter", 1, "Times that the log of activity was written."]],
  ["bm", ["bitmap_writes_total", "counter", 1, "Times that the map of blocks was written."]],
  ["lo", ["local_pending", "gauge", 1, "Requests to the disk of this host that are open."]],
  ["pe", ["remote_pending", "gauge", 1, "Requests to the other host that it has not answered."]],
  ["ua", ["remote_unacknowledged", "gauge", 1, "Requests of the other host that were not answered."]],
  ["ap", ["application_pending", "gauge", 1, "Requests of applications that were not answered."]],
  ["ep", ["epochs", "gauge", 1, "Epochs under way."]],
  ["oos", ["out_of_sync_bytes", "gauge", kibibytes, "Bytes that are known to differ."]],
] as const);

/** Key → metric of both hosts, and the value that is good. */
const pairs = new Map([
  ["ro", ["node_role_is_primary", "Primary", "Whether the host is the one that is written to."]],
  ["ds", ["disk_state_is_up_to_date", "UpToDate", "Whether the disk of the host is up to date."]],
] as const);

type NumberKey = typeof numbers extends Map<infer K, unknown> ? K : never;
type PairKey = typeof pairs extends Map<infer K, unknown> ? K : never;

/** Disks that are mirrored to another host. */
export const drbd: Collector = {
  name: "drbd",
  isDefault: false,
  prepare: () => (host, page) => {
    let device = "unknown";
    for (const word of wordsOf(host.proc("drbd"))) {
      const [key = "", value, ...more] = word.split(":");
      if (value === undefined || more.length > 0) continue;
      const number = numbers.get(key as NumberKey);
      const pair = pairs.get(key as PairKey);
      if (/^\d+$/.test(key) && value === "") device = `drbd${Number(key)}`;
      else if (number !== undefined) {
        const [name, kind, factor, help] = number;
        page[kind](`node_drbd_${name}`, help, "device").sample(numberOf(value) * factor, device);
      } else if (pair !== undefined) {
        const [name, good, help] = pair;
        const [local, remote] = value.split("/");
        const metric = page.gauge(`node_drbd_${name}`, help, "device", "node");
        metric.sample(local === good ? 1 : 0, device, "local");
        metric.sample(remote === good ? 1 : 0, device, "remote");
      } else if (key === "cs")
        page.gauge("node_drbd_connected", "Whether the other host is there.", "device").sample(value === "Connected" ? 1 : 0, device);
    }
  },
};
