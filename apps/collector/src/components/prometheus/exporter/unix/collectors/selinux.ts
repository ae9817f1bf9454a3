import type { Collector } from "../collector.ts";
import { numberOf } from "../text-table.ts";

const modes: Readonly<Record<string, number>> = { enforcing: 1, permissive: 0 };
const disabled = -1;

export const selinux: Collector = {
  name: "selinux",
  isDefault: true,
  prepare: () => (host, page) => {
    const enforce = host.sysValue("fs/selinux/enforce");
    page.gauge("node_selinux_enabled", "Whether SELinux is on.").sample(enforce === undefined ? 0 : 1);
    if (enforce === undefined) return;
    const mode = /^\s*SELINUX="?(\w+)"?\s*$/m.exec(host.rootIfThere("etc/selinux/config") ?? "")?.[1] ?? "";
    page.gauge("node_selinux_config_mode", "The mode of SELinux by its configuration.").sample(modes[mode] ?? disabled);
    page.gauge("node_selinux_current_mode", "The mode of SELinux now: 1 enforcing, 0 permissive.").sample(numberOf(enforce));
  },
};
