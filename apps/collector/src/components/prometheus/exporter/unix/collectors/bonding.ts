import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { wordsOf } from "../text-table.ts";

export const bonding: Collector = {
  name: "bonding",
  isDefault: true,
  prepare: () => (host, page) => {
    const slaves = page.gauge("node_bonding_slaves", "Devices that are bonded into one.", "master");
    const active = page.gauge("node_bonding_active", "Devices of these that work.", "master");
    for (const master of wordsOf(host.sys("class/net/bonding_masters"))) {
      const folder = `class/net/${master}`;
      const names = wordsOf(host.sys(`${folder}/bonding/slaves`));
      const states = names.map((slave) => {
        // Old kernels named the link differently.
        const states = ["lower", "slave"].map((prefix) => host.sysValue(`${folder}/${prefix}_${slave}/bonding_slave/mii_status`));
        const state = states.find((text) => text !== undefined);
        if (state === undefined) throw new NoData(`${slave} of ${master} has no state`);
        return state;
      });
      slaves.sample(names.length, master);
      active.sample(states.filter((state) => state === "up").length, master);
    }
  },
};
