import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";
import { SensorFiles } from "../sensor-files.ts";
import { numberOf } from "../text-table.ts";

const folder = "class/powercap";

export const rapl: Collector = {
  name: "rapl",
  isDefault: true,
  prepare() {
    const sensors = new SensorFiles();
    return async (host, page) => {
      const uses = new Map<string, number>();
      for (const zone of host.sysFolder(folder)) {
        const written = host.sysValue(`${folder}/${zone}/name`);
        if (written === undefined) continue;
        // Several parts of one name are numbered, either by the driver or here.
        const [, base = written, number] = /^([^-]*)-(\d+)$/.exec(written) ?? [];
        const index = number === undefined ? (uses.get(base) ?? 0) : Number(number);
        uses.set(base, index + 1);
        const energy = await sensors.value(host, `${folder}/${zone}/energy_uj`);
        if (energy === undefined) throw new NoData(`${zone} does not tell its energy: root alone may read it`);
        const name = base.replace(/_*[^0-9A-Za-z_]+_*/g, "_");
        page
          .counter(`node_rapl_${name}_joules_total`, `Energy that ${base} used, in joules.`, "index", "path")
          .sample(numberOf(energy) / 1e6, String(index), `${host.sysfs}/${folder}/${zone}`);
      }
    };
  },
};
