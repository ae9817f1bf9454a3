import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { driverNumber } from "../host-files.ts";
import { SensorFiles } from "../sensor-files.ts";

const folder = "class/power_supply";

const same = (value: number) => value;
const micro = (value: number) => value / 1e6;
const tenths = (value: number) => value / 10;

function named(
  convert: (value: number) => number,
  suffix: string,
  files: string,
): [file: string, metric: string, (value: number) => number][] {
  return files.split(" ").map((file) => [file, `${file}${suffix}`, convert]);
}

/** File → metric. */
const numbers = new Map(
  [
    ...named(same, "", "authentic calibrate capacity capacity_alert_max capacity_alert_min online present"),
    ["cycle_count", "cyclecount", same] as const,
    ["time_to_empty_now", "time_to_empty_seconds", same] as const,
    ["time_to_full_now", "time_to_full_seconds", same] as const,
    ...named(micro, "", "current_boot current_max energy_empty energy_empty_design energy_full energy_full_design"),
    ...named(micro, "", "voltage_boot voltage_max voltage_max_design voltage_min voltage_min_design voltage_ocv"),
    ...named(micro, "", "charge_control_limit charge_control_limit_max charge_counter charge_empty charge_empty_design charge_full"),
    ...named(micro, "", "charge_full_design charge_term_current constant_charge_current constant_charge_current_max"),
    ...named(micro, "", "constant_charge_voltage constant_charge_voltage_max precharge_current input_current_limit"),
    ["current_now", "current_ampere", micro] as const,
    ["energy_now", "energy_watthour", micro] as const,
    ["voltage_now", "voltage_volt", micro] as const,
    ["charge_now", "charge_ampere", micro] as const,
    ["power_now", "power_watt", micro] as const,
    ...named(tenths, "_celsius", "temp temp_alert_max temp_alert_min temp_ambient temp_ambient_max temp_ambient_min temp_max temp_min"),
  ].map(([file, metric, convert]) => [file, { metric, convert }] as const),
);

const texts = "capacity_level charge_type health manufacturer model_name serial_number status technology type usb_type scope".split(" ");

export const powersupplyclass: Collector = {
  name: "powersupplyclass",
  isDefault: true,
  prepare({ powersupply: options }) {
    const ignored = compileRegexp(options.ignored_supplies);
    const sensors = new SensorFiles();
    return async (host, page) => {
      for (const supply of host.sysFolder(folder)) {
        if (ignored.test(supply)) continue;
        const labels = ["power_supply"];
        const values = [supply];
        for (const file of host.sysList(`${folder}/${supply}`)) {
          const number = numbers.get(file);
          if (number === undefined && !texts.includes(file)) continue;
          const text = await sensors.value(host, `${folder}/${supply}/${file}`);
          const value = driverNumber(text);
          if (number !== undefined && value !== undefined) {
            const metric = page.gauge(`node_power_supply_${number.metric}`, `The attribute ${file} of power supplies.`, "power_supply");
            metric.sample(number.convert(value), supply);
          } else if (number === undefined && text) {
            labels.push(file);
            values.push(text);
          }
        }
        page.gauge("node_power_supply_info", "What the supply is.", ...labels).sample(1, ...values);
      }
    };
  },
};
