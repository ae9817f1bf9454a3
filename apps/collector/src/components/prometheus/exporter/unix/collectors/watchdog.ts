import type { Collector } from "../collector.ts";
import { driverNumber } from "../host-files.ts";

const folder = "class/watchdog";

/** File → metric. */
const numbers = [
  ["bootstatus", "bootstatus", "Why the host was started."],
  ["fw_version", "fw_version", "Version of the device's firmware."],
  ["nowayout", "nowayout", "Whether it can't be stopped once it runs."],
  ["timeleft", "timeleft_seconds", "Seconds until it resets the host."],
  ["timeout", "timeout_seconds", "Seconds within which it has to be told that all is well."],
  ["pretimeout", "pretimeout_seconds", "Seconds before the reset at which it warns."],
  ["access_cs0", "access_cs0", "Whether the host was started from its second image."],
] as const;

const texts = ["options", "identity", "state", "status", "pretimeout_governor"] as const;

export const watchdog: Collector = {
  name: "watchdog",
  isDefault: true,
  prepare: () => (host, page) => {
    const devices = host.sysFolder(folder);
    const info = page.gauge("node_watchdog_info", "What the device is.", "name", ...texts);
    for (const device of devices) {
      const files = new Set(host.sysList(`${folder}/${device}`));
      const read = (file: string) => (files.has(file) ? host.sysText(`${folder}/${device}/${file}`) : undefined);
      for (const [file, metric, help] of numbers) {
        const text = read(file);
        if (text === undefined) continue;
        const value = driverNumber(text);
        if (value === undefined) throw new Error(`${file} of ${device} is ${JSON.stringify(text)}, not a number`);
        page.gauge(`node_watchdog_${metric}`, help, "name").sample(value, device);
      }
      info.sample(1, device, ...texts.map((file) => read(file) ?? ""));
    }
  },
};
