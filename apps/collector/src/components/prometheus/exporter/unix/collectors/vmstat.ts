import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

export const vmstat: Collector = {
  name: "vmstat",
  isDefault: true,
  prepare({ vmstat: { fields } }) {
    const wanted = compileRegexp(fields);
    return (host, page) => {
      for (const line of linesOf(host.proc("vmstat"))) {
        const [name = "", value] = wordsOf(line);
        if (wanted.test(name)) page.untyped(`node_vmstat_${name}`, `The field ${name} of vmstat.`).sample(numberOf(value));
      }
    };
  },
};
