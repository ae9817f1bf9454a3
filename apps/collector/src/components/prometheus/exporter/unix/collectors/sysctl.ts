import type { Collector } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { numberOf, wordsOf } from "../text-table.ts";

/** Settings of the kernel: `net.ipv4.tcp_rmem:min,default,max` names the values of one that has several. */
export const sysctl: Collector = {
  name: "sysctl",
  isDefault: false,
  prepare:
    ({ sysctl: { include, include_info: includeInfo } }) =>
    (host, page) => {
      const failures: string[] = [];
      const attempt = (run: () => void) => {
        try {
          run();
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error));
        }
      };
      for (const written of include) attempt(() => exposeNumbers(host, page, written));
      for (const written of includeInfo) attempt(() => exposeTexts(host, page, written));
      if (failures.length > 0) throw new Error(failures.join("; "));
    },
};

function exposeNumbers(host: HostFiles, page: MetricPage, written: string): void {
  const { name, keys, values } = read(host, written);
  const metric = `node_sysctl_${name.replace(/_*[^0-9A-Za-z_]+_*/g, "_")}`;
  const help = `The setting ${name} of the kernel.`;
  if (keys.length > 0 && keys.length !== values.length)
    throw new Error(`sysctl ${name} has ${values.length} values, but ${keys.length} names are given: ${keys.join(",")}`);
  for (const [index, value] of values.entries()) {
    if (keys.length > 0) page.untyped(`${metric}_${keys[index]}`, help).sample(numberOf(value));
    else if (values.length === 1) page.untyped(metric, help).sample(numberOf(value));
    else page.untyped(metric, help, "index").sample(numberOf(value), String(index));
  }
}

function exposeTexts(host: HostFiles, page: MetricPage, written: string): void {
  const { name, keys, values } = read(host, written);
  if (keys.length > 0) throw new Error(`the values of ${name} can't have names in include_info: write ${JSON.stringify(name)}`);
  const info = page.gauge("node_sysctl_info", "Settings of the kernel that are text.", "name", "value", "index");
  for (const [index, value] of values.entries()) info.sample(1, name, value, String(index));
}

function read(host: HostFiles, written: string): { name: string; keys: string[]; values: string[] } {
  const colon = written.indexOf(":");
  const name = colon < 0 ? written : written.slice(0, colon);
  const values = wordsOf(host.proc(`sys/${name.replaceAll(".", "/")}`));
  if (values.length === 0) throw new Error(`sysctl ${name} has no values`);
  return { name, keys: colon < 0 ? [] : written.slice(colon + 1).split(","), values };
}
