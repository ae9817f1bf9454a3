import { basename, dirname } from "node:path";
import type { Collector } from "../collector.ts";
import { driverNumber, type HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { SensorFiles } from "../sensor-files.ts";
import { deviceFilter } from "../text-table.ts";
import { type Reading, readingOf, sensorTypes } from "./hwmon-readings.ts";

const folder = "class/hwmon";

/** Files of one sensor: property → value. The property of `temp1_input` is `input`, that of `pwm1` is empty. */
type Sensor = Map<string, string>;

/** Chips that measure the hardware. */
export const hwmon: Collector = {
  name: "hwmon",
  isDefault: true,
  prepare({ hwmon: options }) {
    const isWanted = deviceFilter(options.chip_include, options.chip_exclude);
    const files = new SensorFiles();
    return async (host, page) => {
      for (const entry of host.sysFolder(folder)) {
        const chip = chipName(host, entry);
        if (!isWanted(chip)) continue;
        const sensors = new Map<string, Sensor>();
        await readSensors(host, files, `${folder}/${entry}`, sensors);
        // Old drivers put their files beside the device itself.
        await readSensors(host, files, `${folder}/${entry}/device`, sensors);
        const name = clean(host.sysValue(`${folder}/${entry}/name`) ?? "");
        if (name !== "") page.gauge("node_hwmon_chip_names", "The chip's name for people.", "chip", "chip_name").sample(1, chip, name);
        for (const [id, sensor] of sensors) expose(page, chip, id, sensor);
      }
    };
  },
};

/** By the device's place in the system, which does not change with the order in which drivers are loaded. */
function chipName(host: HostFiles, entry: string): string {
  const device = host.sysTarget(`${folder}/${entry}/device`);
  if (device !== undefined) {
    const name = clean(basename(device));
    const kind = clean(basename(dirname(device)));
    if (name !== "") return kind === "" ? name : `${kind}_${name}`;
  }
  return clean(host.sysValue(`${folder}/${entry}/name`) ?? "") || clean(basename(host.sysTarget(`${folder}/${entry}`) ?? entry));
}

function clean(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, "_")
    .replace(/^_+|_+$/g, "");
}

async function readSensors(host: HostFiles, files: SensorFiles, path: string, sensors: Map<string, Sensor>): Promise<void> {
  for (const file of host.sysList(path)) {
    const [, type, number, property = ""] = /^([^0-9]+)([0-9]*)(?:_(.+))?$/.exec(file) ?? [];
    if (type === undefined || !sensorTypes.has(type)) continue;
    const value = await files.value(host, `${path}/${file}`);
    if (value === undefined) continue;
    const id = `${type}${Number(number)}`;
    const sensor: Sensor = sensors.get(id) ?? new Map();
    sensor.set(property, value);
    sensors.set(id, sensor);
  }
}

function expose(page: MetricPage, chip: string, id: string, sensor: Sensor): void {
  const type = id.replace(/[0-9]+$/, "");
  const label = sensor.get("label");
  if (label !== undefined)
    page.gauge("node_hwmon_sensor_label", "The sensor's name for people.", "chip", "sensor", "label").sample(1, chip, id, label);
  for (const [property, text] of sensor) {
    if (property === "label") continue;
    const value = driverNumber(text);
    if (value === undefined) continue;
    const reading: Reading | undefined = readingOf(type, property, sensor.has(""));
    if (reading === undefined) continue;
    // Frequencies are told apart by their names alone.
    const name = reading.byLabel ? label && clean(label) : id;
    if (name === undefined || name === "") continue;
    page[reading.kind](`node_hwmon_${reading.name}`, reading.help, "chip", "sensor").sample(reading.convert(value), chip, name);
  }
}
