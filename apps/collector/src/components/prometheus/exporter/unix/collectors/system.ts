import { hostname, machine, release, type as systemName, version } from "node:os";
import type { Collector } from "../collector.ts";
import { linesOf } from "../text-table.ts";

export const uname: Collector = {
  name: "uname",
  isDefault: true,
  collect(host, page) {
    const domain = host.optional(`${host.procfs}/sys/kernel/domainname`)?.trim() ?? "(none)";
    page
      .gauge("node_uname_info", "What uname tells of the system.")
      .sample(
        1,
        "sysname",
        systemName(),
        "release",
        release(),
        "version",
        version(),
        "machine",
        machine(),
        "nodename",
        hostname(),
        "domainname",
        domain,
      );
  },
};

export const time: Collector = {
  name: "time",
  isDefault: true,
  collect(host, page) {
    const now = new Date();
    page.gauge("node_time_seconds", "The system's time, in seconds since the epoch.").sample(now.getTime() / 1000);
    const zone =
      new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ??
      "UTC";
    page
      .gauge("node_time_zone_offset_seconds", "How far the system's time zone is from UTC, in seconds.")
      .sample(-now.getTimezoneOffset() * 60 + 0, "time_zone", zone);
    for (const folder of host.sysList("devices/system/clocksource")) {
      const device = /^clocksource(\d+)$/.exec(folder)?.[1];
      if (device === undefined) continue;
      const read = (file: string) =>
        (host.sysValue(`devices/system/clocksource/${folder}/${file}`) ?? "").split(/\s+/).filter((name) => name !== "");
      for (const name of read("available_clocksource"))
        page
          .gauge("node_time_clocksource_available_info", "Sources of time that the kernel may use.")
          .sample(1, "device", device, "clocksource", name);
      for (const name of read("current_clocksource"))
        page.gauge("node_time_clocksource_current_info", "The source of time in use.").sample(1, "device", device, "clocksource", name);
    }
  },
};

const infoFields = [
  "build_id",
  "id",
  "id_like",
  "image_id",
  "image_version",
  "name",
  "pretty_name",
  "variant",
  "variant_id",
  "version",
  "version_codename",
  "version_id",
];

export const os: Collector = {
  name: "os",
  isDefault: true,
  collect(host, page) {
    const root = host.rootfs.replace(/\/$/, "");
    const text = host.optional(`${root}/etc/os-release`) ?? host.optional(`${root}/usr/lib/os-release`);
    if (text === undefined) throw new Error("there is no os-release");
    const fields = new Map<string, string>();
    for (const line of linesOf(text)) {
      const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line);
      if (match?.[1] !== undefined) fields.set(match[1].toLowerCase(), (match[2] ?? match[3] ?? match[4] ?? "").replace(/\\(.)/g, "$1"));
    }
    const of = (name: string) => fields.get(name) ?? "";
    page.gauge("node_os_info", "What the operating system is.").sample(1, ...infoFields.flatMap((name) => [name, of(name)]));
    const number = /^\d+(\.\d+)?/.exec(of("version_id"))?.[0];
    if (number !== undefined)
      page
        .gauge("node_os_version", "Major and minor version of the operating system.")
        .sample(Number(number), "id", of("id"), "id_like", of("id_like"), "name", of("name"));
    const end = Date.parse(of("support_end"));
    if (!Number.isNaN(end))
      page.gauge("node_os_support_end_timestamp_seconds", "When the support of the operating system ends.").sample(end / 1000);
  },
};
