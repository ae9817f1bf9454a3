import type { Collector } from "../collector.ts";
import { driverNumber } from "../host-files.ts";
import { SensorFiles } from "../sensor-files.ts";
import { numberOf } from "../text-table.ts";

const folder = "class/thermal";

export const thermalZone: Collector = {
  name: "thermal_zone",
  isDefault: true,
  prepare() {
    const sensors = new SensorFiles();
    return async (host, page) => {
      const temperature = page.gauge("node_thermal_zone_temp", "Temperature of the zone, in degrees Celsius.", "zone", "type");
      const now = page.gauge("node_cooling_device_cur_state", "How strongly the device cools or throttles.", "name", "type");
      const most = page.gauge("node_cooling_device_max_state", "How strongly it can.", "name", "type");
      const names = host.sysList(folder);
      for (const name of names) {
        const zone = /^thermal_zone(\d.*)$/.exec(name)?.[1];
        if (zone === undefined) continue;
        // A sensor that is off tells nothing.
        const value = driverNumber(await sensors.value(host, `${folder}/${name}/temp`));
        const type = host.sysValue(`${folder}/${name}/type`);
        if (value !== undefined && type !== undefined) temperature.sample(value / 1000, zone, type);
      }
      for (const name of names) {
        const device = /^cooling_device(\d.*)$/.exec(name)?.[1];
        if (device === undefined) continue;
        const type = host.sysText(`${folder}/${name}/type`);
        now.sample(numberOf(await sensors.value(host, `${folder}/${name}/cur_state`)), device, type);
        most.sample(numberOf(host.sysText(`${folder}/${name}/max_state`)), device, type);
      }
    };
  },
};
