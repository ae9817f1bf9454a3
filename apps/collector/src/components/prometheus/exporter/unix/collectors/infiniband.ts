import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { numberOf } from "../text-table.ts";

const folder = "class/infiniband";

/** Data is counted in lanes of four bytes. */
const words = 4;

/** File below the port → metric. */
const counters = [
  ["counters_ext/port_multicast_rcv_packets", "legacy_multicast_packets_received_total", 1, "Packets to groups that were received."],
  ["counters_ext/port_multicast_xmit_packets", "legacy_multicast_packets_transmitted_total", 1, "Packets to groups that were sent."],
  ["counters_ext/port_rcv_data_64", "legacy_data_received_bytes_total", words, "Bytes that were received on all links."],
  ["counters_ext/port_rcv_packets_64", "legacy_packets_received_total", 1, "Packets that were received on all links."],
  ["counters_ext/port_unicast_rcv_packets", "legacy_unicast_packets_received_total", 1, "Packets to one that were received."],
  ["counters_ext/port_unicast_xmit_packets", "legacy_unicast_packets_transmitted_total", 1, "Packets to one that were sent."],
  ["counters_ext/port_xmit_data_64", "legacy_data_transmitted_bytes_total", words, "Bytes that were sent on all links."],
  ["counters_ext/port_xmit_packets_64", "legacy_packets_transmitted_total", 1, "Packets that were sent on all links."],
  ["counters/excessive_buffer_overrun_errors", "excessive_buffer_overrun_errors_total", 1, "Times that buffers overran again and again."],
  ["counters/link_downed", "link_downed_total", 1, "Times that the link could not recover."],
  ["counters/link_error_recovery", "link_error_recovery_total", 1, "Times that the link recovered from an error."],
  ["counters/local_link_integrity_errors", "local_link_integrity_errors_total", 1, "Times that the link had too many physical errors."],
  ["counters/multicast_rcv_packets", "multicast_packets_received_total", 1, "Packets to groups that were received, errors among them."],
  ["counters/multicast_xmit_packets", "multicast_packets_transmitted_total", 1, "Packets to groups that were sent, errors among them."],
  ["counters/port_rcv_constraint_errors", "port_constraint_errors_received_total", 1, "Received packets that a switch discarded."],
  ["counters/port_xmit_constraint_errors", "port_constraint_errors_transmitted_total", 1, "Packets that a switch did not send."],
  ["counters/port_rcv_data", "port_data_received_bytes_total", words, "Bytes that were received on all links."],
  ["counters/port_xmit_data", "port_data_transmitted_bytes_total", words, "Bytes that were sent on all links."],
  ["counters/port_rcv_discards", "port_discards_received_total", 1, "Received packets that were discarded."],
  ["counters/port_xmit_discards", "port_discards_transmitted_total", 1, "Packets that were discarded before they were sent."],
  ["counters/port_rcv_errors", "port_errors_received_total", 1, "Received packets with an error."],
  ["counters/port_rcv_packets", "port_packets_received_total", 1, "Packets that were received, errors among them."],
  ["counters/port_xmit_packets", "port_packets_transmitted_total", 1, "Packets that were sent, errors among them."],
  ["counters/port_xmit_wait", "port_transmit_wait_total", 1, "Ticks in which data waited and none was sent."],
  ["counters/unicast_rcv_packets", "unicast_packets_received_total", 1, "Packets to one that were received, errors among them."],
  ["counters/unicast_xmit_packets", "unicast_packets_transmitted_total", 1, "Packets to one that were sent, errors among them."],
  ["counters/port_rcv_remote_physical_errors", "port_receive_remote_physical_errors_total", 1, "Received packets that were marked as bad."],
  ["counters/port_rcv_switch_relay_errors", "port_receive_switch_relay_errors_total", 1, "Packets that a switch could not hand on."],
  ["counters/symbol_error", "symbol_error_total", 1, "Small errors of the link."],
  ["counters/VL15_dropped", "vl15_dropped_total", 1, "Packets of management that were dropped."],
] as const;

const bytesASecondAGigabit = 125_000_000;

export const infiniband: Collector = {
  name: "infiniband",
  isDefault: true,
  prepare: () => (host, page) => {
    const devices = host.sysFolder(folder);
    const info = page.gauge("node_infiniband_info", "What the device is.", "device", "board_id", "firmware_version", "hca_type");
    for (const device of devices) {
      const path = `${folder}/${device}`;
      info.sample(
        1,
        device,
        host.sysValue(`${path}/board_id`) ?? "",
        host.sysText(`${path}/fw_ver`),
        host.sysValue(`${path}/hca_type`) ?? "",
      );
      for (const port of host.sysFolder(`${path}/ports`)) exposePort(host, page, device, port);
    }
  },
};

function exposePort(host: HostFiles, page: MetricPage, device: string, port: string): void {
  const path = `${folder}/${device}/ports/${port}`;
  const gauge = (name: string, help: string) => page.gauge(`node_infiniband_${name}`, help, "device", "port");
  // `4: ACTIVE`
  const number = (file: string) => numberOf(host.sysText(`${path}/${file}`).split(":")[0]);
  gauge("state_id", "What the port does: 1 down, 2 starting, 3 armed, 4 active, 5 waiting.").sample(number("state"), device, port);
  const physical = "What the port does physically: 1 sleep, 2 polling, 3 off, 4 shift, 5 up, 6 recovering, 7 test.";
  gauge("physical_state_id", physical).sample(number("phys_state"), device, port);
  // `40 Gb/sec (4X QDR)`
  const rate = Math.trunc(Math.fround(numberOf(host.sysText(`${path}/rate`).split(" ")[0])) * bytesASecondAGigabit);
  gauge("rate_bytes_per_second", "Highest speed of the port, in bytes a second.").sample(rate, device, port);
  // Some drivers answer `N/A (no PMA)`.
  for (const [file, name, factor, help] of counters) {
    const value = host.sysNumber(`${path}/${file}`);
    if (value !== undefined) page.counter(`node_infiniband_${name}`, help, "device", "port").sample(value * factor, device, port);
  }
}
