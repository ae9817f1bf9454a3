import type { Collector } from "../collector.ts";

const folder = "class/fc_host";

/** File → label; those with 0x before the value lose it. */
const infoFiles = [
  ["speed", "speed", false],
  ["port_state", "port_state", false],
  ["port_type", "port_type", false],
  ["port_id", "port_id", true],
  ["port_name", "port_name", true],
  ["fabric_name", "fabric_name", true],
  ["symbolic_name", "symbolic_name", false],
  ["supported_classes", "supported_classes", false],
  ["supported_speeds", "supported_speeds", false],
  ["dev_loss_tmo", "dev_loss_tmo", false],
] as const;

/** File → metric. */
const counters = [
  ["dumped_frames", "dumped_frames_total", "Frames that were dumped."],
  ["error_frames", "error_frames_total", "Frames with errors."],
  ["invalid_crc_count", "invalid_crc_total", "Frames whose checksum was wrong."],
  ["rx_frames", "rx_frames_total", "Frames that were received."],
  ["rx_words", "rx_words_total", "Words that were received."],
  ["tx_frames", "tx_frames_total", "Frames that were sent."],
  ["tx_words", "tx_words_total", "Words that were sent."],
  ["seconds_since_last_reset", "seconds_since_last_reset_total", "Seconds since the port was reset."],
  ["invalid_tx_word_count", "invalid_tx_words_total", "Invalid words that were sent."],
  ["link_failure_count", "link_failure_total", "Times that the link failed."],
  ["loss_of_sync_count", "loss_of_sync_total", "Times that the bounds of words were lost."],
  ["loss_of_signal_count", "loss_of_signal_total", "Times that the signal was lost."],
  ["nos_count", "nos_total", "Times that the other side was not operational."],
  ["fcp_packet_aborts", "fcp_packet_aborts_total", "Packets that were aborted."],
] as const;

/** All bits set: the driver does not count this. */
const notCounted = 2 ** 64;

export const fibrechannel: Collector = {
  name: "fibrechannel",
  isDefault: true,
  prepare: () => (host, page) => {
    const hosts = host.sysFolder(folder);
    const info = page.gauge("node_fibrechannel_info", "What the port is.", "fc_host", ...infoFiles.map(([, label]) => label));
    for (const name of hosts) {
      const values = infoFiles.map(([file, , hasPrefix]) => {
        const value = host.sysValue(`${folder}/${name}/${file}`) ?? "";
        return hasPrefix && value.length > 2 ? value.slice(2) : value;
      });
      info.sample(1, name, ...values);
      for (const [file, metric, help] of counters) {
        const value = host.sysNumber(`${folder}/${name}/statistics/${file}`);
        if (value !== undefined && value !== notCounted) page.counter(`node_fibrechannel_${metric}`, help, "fc_host").sample(value, name);
      }
    }
  },
};
