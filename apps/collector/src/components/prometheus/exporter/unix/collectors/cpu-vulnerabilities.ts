import type { Collector } from "../collector.ts";

const folder = "devices/system/cpu/vulnerabilities";

export const cpuVulnerabilities: Collector = {
  name: "cpu_vulnerabilities",
  isDefault: false,
  prepare: () => (host, page) => {
    const help = "What the kernel says of a weakness of the processor.";
    const info = page.gauge("node_cpu_vulnerabilities_info", help, "codename", "state", "mitigation");
    for (const name of host.sysList(folder)) {
      const text = host.sysText(`${folder}/${name}`);
      // `Mitigation: PTI`, `Vulnerable`, `Not affected`
      const state = /^(not affected|vulnerable|mitigation|unknown)/i.exec(text)?.[1]?.toLowerCase();
      const rest = text.split(/\s+/).slice(1).join(" ");
      if (state === undefined) info.sample(1, name, "unknown", text);
      else info.sample(1, name, state, state === "not affected" ? "" : rest);
    }
  },
};
