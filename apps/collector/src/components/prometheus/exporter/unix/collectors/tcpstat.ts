import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { hexOf, wordsOf } from "../text-table.ts";

/** By the number of the state, the first being 1. */
const states = "established syn_sent syn_recv fin_wait1 fin_wait2 time_wait close close_wait last_ack listen closing".split(" ");

export const tcpstat: Collector = {
  name: "tcpstat",
  isDefault: false,
  prepare: () => async (host, page) => {
    const counts = new Map<string, number>();
    const add = (state: string, amount: number) => counts.set(state, (counts.get(state) ?? 0) + amount);
    for (const file of ["net/tcp", "net/tcp6"]) {
      let isHead = true;
      try {
        await host.procLines(file, (line) => {
          const words = isHead ? [] : wordsOf(line);
          isHead = false;
          if (words.length === 0) return;
          const [transmit, receive] = (words[4] ?? "").split(":");
          add("tx_queued_bytes", hexOf(transmit));
          add("rx_queued_bytes", hexOf(receive));
          add(states[hexOf(words[3]) - 1] ?? "unknown", 1);
        });
      } catch (error) {
        // A host without IPv6 has but the first.
        if (!(error instanceof NoData) || file === "net/tcp") throw error;
      }
    }
    const metric = page.gauge("node_tcp_connection_states", "Connections by state, and bytes that wait in them.", "state");
    for (const [state, count] of counts) metric.sample(count, state);
  },
};
