import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";

const infoLabels = [
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
  prepare: () => (host, page) => {
    const text = host.rootIfThere("etc/os-release") ?? host.rootIfThere("usr/lib/os-release");
    if (text === undefined) throw new NoData("there is no os-release");
    const fields = releaseFields(text);
    const of = (label: string) => fields.get(label.toUpperCase()) ?? "";
    const end = of("support_end");
    const endMs = /^\d{4}-\d\d-\d\d$/.test(end) ? Date.parse(end) : Number.NaN;
    if (end !== "" && Number.isNaN(endMs))
      throw new Error(`SUPPORT_END of os-release is ${JSON.stringify(end)}, not a date like 2030-12-31`);
    page.gauge("node_os_info", "What the operating system is.", ...infoLabels).sample(1, ...infoLabels.map(of));
    const version = Number(/^[0-9]+\.?[0-9]*/.exec(of("version_id"))?.[0] ?? 0);
    if (version > 0)
      page
        .gauge("node_os_version", "Major and minor version of the operating system.", "id", "id_like", "name")
        .sample(version, of("id"), of("id_like"), of("name"));
    if (end !== "")
      page.gauge("node_os_support_end_timestamp_seconds", "When the support of the operating system ends.").sample(endMs / 1000);
  },
};

/** `KEY="value"` lines in the way of shells: quotes of both kinds, escapes in double ones, comments. */
function releaseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, written] = /^\s*(?:export\s+)?([A-Za-z_][\w./]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || written === undefined) continue;
    let value = "";
    for (const [piece, double, single, comment] of written.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\s*#.*)|[^"'#\s]+|\s+/g))
      value += double?.replace(/\\(.)/g, "$1") ?? single ?? (comment === undefined ? piece : "");
    fields.set(key, value);
  }
  return fields;
}
