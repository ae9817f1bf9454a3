import type { Collector } from "../collector.ts";
import { NoData } from "../host-files.ts";

const folder = "class/dmi/id";

/** File → label. Some may be read by root alone. */
const labels = new Map([
  ...[
    "bios_date bios_release bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version",
    "chassis_asset_tag chassis_serial chassis_vendor chassis_version",
    "product_family product_name product_serial product_sku product_uuid product_version",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, name] as const),
  ["sys_vendor", "system_vendor"] as const,
]);

export const dmi: Collector = {
  name: "dmi",
  isDefault: true,
  prepare() {
    // It stays as it is while the host runs.
    let known: [label: string, value: string][] | undefined;
    return (host, page) => {
      known ??= [...labels].flatMap(([file, label]) => {
        const value = host.sysValue(`${folder}/${file}`);
        return value === undefined ? [] : [[label, value]];
      });
      if (known.length === 0) throw new NoData("the firmware tells nothing of the host");
      const names = known.map(([label]) => label);
      page.gauge("node_dmi_info", "What the firmware tells of the host.", ...names).sample(1, ...known.map(([, value]) => value));
    };
  },
};
