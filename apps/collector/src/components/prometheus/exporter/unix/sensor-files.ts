import { readFile } from "node:fs/promises";
import type { HostFiles } from "./host-files.ts";

/** Hardware that answers a read within this time does not hold up others, in milliseconds. */
const slowMs = 5;

/**
 * Attributes behind which hardware stands. Most answer in microseconds and are read at once, but some ask a controller over a slow bus: once
 * one of these took long, all are read on another thread.
 */
export class SensorFiles {
  #areSlow = false;

  /** A value in sysfs, without the blanks around it; undefined where it is missing or the driver refuses to tell. */
  value(host: HostFiles, path: string): string | undefined | Promise<string | undefined> {
    if (this.#areSlow) {
      return readFile(`${host.sysfs}/${path}`, "utf8").then(
        (text) => text.trim(),
        () => undefined,
      );
    }
    const started = performance.now();
    const value = host.sysValue(path);
    this.#areSlow = performance.now() - started > slowMs;
    return value;
  }
}
