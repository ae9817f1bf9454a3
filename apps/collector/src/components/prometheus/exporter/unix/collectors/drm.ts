import type { Collector } from "../collector.ts";
import { driverNumber } from "../host-files.ts";
import { SensorFiles } from "../sensor-files.ts";

const folder = "class/drm";

/** File → metric. */
const numbers = [
  ["gpu_busy_percent", "gpu_busy_percent", "Share of time in which the processor works."],
  ["mem_info_gtt_total", "memory_gtt_size_bytes", "Memory of the host that it may use, in bytes."],
  ["mem_info_gtt_used", "memory_gtt_used_bytes", "Memory of the host that it uses, in bytes."],
  ["mem_info_vram_total", "memory_vram_size_bytes", "Memory of its own, in bytes."],
  ["mem_info_vram_used", "memory_vram_used_bytes", "Memory of its own in use, in bytes."],
  ["mem_info_vis_vram_total", "memory_vis_vram_size_bytes", "Memory of its own that the host sees, in bytes."],
  ["mem_info_vis_vram_used", "memory_vis_vram_used_bytes", "The same in use, in bytes."],
] as const;

/** Graphics cards, of which AMD's driver alone tells something. */
export const drm: Collector = {
  name: "drm",
  isDefault: false,
  prepare() {
    const sensors = new SensorFiles();
    return async (host, page) => {
      const labels = ["card", "memory_vendor", "power_performance_level", "unique_id", "vendor"];
      for (const card of host.sysList(folder).filter((name) => /^card\d$/.test(name))) {
        const path = `${folder}/${card}/device`;
        if (!host.sysText(`${path}/uevent`).includes("DRIVER=amdgpu")) continue;
        const text = (file: string) => host.sysValue(`${path}/${file}`) ?? "";
        const info = page.gauge("node_drm_card_info", "What the card is.", ...labels);
        info.sample(1, card, text("mem_info_vram_vendor"), text("power_dpm_force_performance_level"), text("unique_id"), "amd");
        for (const [file, name, help] of numbers)
          page.gauge(`node_drm_${name}`, help, "card").sample(driverNumber(await sensors.value(host, `${path}/${file}`)) ?? 0, card);
      }
    };
  },
};
