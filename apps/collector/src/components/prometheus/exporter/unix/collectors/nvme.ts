import type { Collector } from "../collector.ts";

const folder = "class/nvme";

export const nvme: Collector = {
  name: "nvme",
  isDefault: true,
  prepare: () => (host, page) => {
    const devices = host.sysFolder(folder);
    const info = page.gauge("node_nvme_info", "What the device is.", "device", "firmware_revision", "model", "serial", "state");
    for (const device of devices) {
      const text = (file: string) => host.sysText(`${folder}/${device}/${file}`);
      info.sample(1, device, text("firmware_rev"), text("model"), text("serial"), text("state"));
    }
  },
};
