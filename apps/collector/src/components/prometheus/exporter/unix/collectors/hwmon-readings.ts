export const sensorTypes: ReadonlySet<string> = new Set(
  "vrm beep_enable update_interval in cpu fan pwm temp curr power energy humidity intrusion freq".split(" "),
);

/** The metric of a sensor's property. */
export interface Reading {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  convert(value: number): number;
  /** Whether the label stands in the place of the sensor. */
  readonly byLabel?: true;
}

const same = (value: number) => value;
const milli = (value: number) => value / 1000;
const micro = (value: number) => value / 1e6;

/** How a property is exposed; undefined where it is no metric. `hasBare` says that the sensor has a value without a property as well. */
export function readingOf(type: string, property: string, hasBare: boolean): Reading | undefined {
  if (type === "beep_enable")
    return alone(
      property,
      gauge("beep_enabled", "Whether the chip beeps.", (value) => (value === 1 ? 1 : 0)),
    );
  if (type === "vrm") return alone(property, gauge("voltage_regulator_version", "Version of the voltage regulator.", same));
  if (type === "update_interval")
    return alone(property, gauge("update_interval_seconds", "How often the chip measures, in seconds.", milli));
  const name = nameOf(type, property, hasBare);
  const what = `The property ${property === "" ? "without a name" : property} of ${type} sensors`;
  if (property === "fault" || property === "alarm") return gauge(name, `${what}: whether there is one.`, same);
  if (property === "beep") return gauge(`${name}_enabled`, `${what}: whether it is on.`, same);
  switch (type) {
    case "in":
    case "cpu":
      return gauge(`${name}_volts`, `${what}, in volts.`, milli);
    case "temp":
      return property === "type" ? gauge(name, `${what}.`, same) : gauge(`${name}_celsius`, `${what}, in degrees Celsius.`, milli);
    case "curr":
      return gauge(`${name}_amps`, `${what}, in amperes.`, milli);
    case "energy":
      return { name: `${name}_joule_total`, kind: "counter", help: `${what}, in joules.`, convert: micro };
    case "power":
      return power(name, property, what);
    case "humidity":
      return gauge(name, `${what}, from 0 to 1.`, micro);
    case "fan":
      if (["input", "min", "max", "target"].includes(property)) return gauge(`${name}_rpm`, `${what}, in rotations a minute.`, same);
      break;
    case "freq":
      if (property === "input") return { ...gauge(`${name}_freq_mhz`, `${what}, in megahertz.`, micro), byLabel: true };
  }
  return gauge(name, `${what}.`, same);
}

function power(name: string, property: string, what: string): Reading {
  if (property === "accuracy") return gauge(name, `${what}, from 0 to 1.`, micro);
  if (/^average_interval(_min|_max)?$/.test(property)) return gauge(`${name}_seconds`, `${what}, in seconds.`, milli);
  return gauge(`${name}_watt`, `${what}, in watts.`, micro);
}

function nameOf(type: string, property: string, hasBare: boolean): string {
  if (property === "input") return hasBare ? `${type}_input` : type;
  return property === "" ? type : `${type}_${property.toLowerCase().replace(/[^a-z0-9:_]/g, "_")}`;
}

function gauge(name: string, help: string, convert: (value: number) => number): Reading {
  return { name, kind: "gauge", help, convert };
}

/** These types have a value and nothing else. */
function alone(property: string, reading: Reading): Reading | undefined {
  return property === "" ? reading : undefined;
}
