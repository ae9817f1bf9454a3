import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** Every field of the file: kernels have more of them than any list. */
export const meminfo: Collector = {
  name: "meminfo",
  isDefault: true,
  prepare: () => (host, page) => {
    for (const line of linesOf(host.proc("meminfo"))) {
      const [field = "", number, unit] = wordsOf(line);
      const name = fieldName(field);
      const [full, factor] = unit === undefined ? [name, 1] : [`${name}_bytes`, 1024];
      page.gauge(`node_memory_${full}`, `The field ${field.slice(0, -1)} of meminfo.`).sample(numberOf(number) * factor);
    }
  },
};

/** `Active(anon):` → `Active_anon`. */
export function fieldName(field: string): string {
  return field.replace(/:$/, "").replace(/\((.*)\)/, "_$1");
}
