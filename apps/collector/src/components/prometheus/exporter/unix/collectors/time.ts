import { loadZone } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { wordsOf } from "../text-table.ts";

export const time: Collector = {
  name: "time",
  isDefault: true,
  prepare: () => (host, page) => {
    const now = Date.now() / 1000;
    page.gauge("node_time_seconds", "The system's time, in seconds since the epoch.").sample(now);
    const { abbreviation, offsetSeconds } = loadZone("Local").at(now);
    page
      .gauge("node_time_zone_offset_seconds", "How far the system's time zone is from UTC, in seconds.", "time_zone")
      .sample(offsetSeconds, abbreviation);
    const folder = "devices/system/clocksource";
    const available = page.gauge("node_time_clocksource_available_info", "Sources of time that may be used.", "device", "clocksource");
    const current = page.gauge("node_time_clocksource_current_info", "The source of time in use.", "device", "clocksource");
    const sources = host.sysList(folder).filter((name) => /^clocksource\d/.test(name));
    for (const [index, source] of sources.entries()) {
      const device = String(index);
      for (const name of wordsOf(host.sysText(`${folder}/${source}/available_clocksource`))) available.sample(1, device, name);
      current.sample(1, device, host.sysText(`${folder}/${source}/current_clocksource`));
    }
  },
};
