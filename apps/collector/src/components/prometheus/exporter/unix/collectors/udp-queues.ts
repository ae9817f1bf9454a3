import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { hexOf, wordsOf } from "../text-table.ts";

const files = [
  ["v4", "net/udp"],
  ["v6", "net/udp6"],
] as const;

export const udpQueues: Collector = {
  name: "udp_queues",
  isDefault: true,
  prepare: () => async (host, page) => {
    const queues = page.gauge("node_udp_queues", "Memory of UDP datagrams that wait in the kernel, in bytes.", "queue", "ip");
    let missing = 0;
    for (const [ip, file] of files) {
      let sending = 0;
      let receiving = 0;
      let isHead = true;
      try {
        await host.procLines(file, (line) => {
          if (!isHead) {
            const [transmit, receive] = (wordsOf(line)[4] ?? "").split(":");
            sending += hexOf(transmit);
            receiving += hexOf(receive);
          }
          isHead = false;
        });
      } catch (error) {
        if (!(error instanceof NoData)) throw error;
        missing++;
        continue;
      }
      queues.sample(sending, "tx", ip);
      queues.sample(receiving, "rx", ip);
    }
    if (missing === files.length) throw new NoData("there is neither net/udp nor net/udp6");
  },
};
