import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

export const netstat: Collector = {
  name: "netstat",
  isDefault: true,
  prepare({ netstat: { fields } }) {
    const wanted = compileRegexp(fields);
    return (host, page) => {
      const add = (group: string, field: string, value: string | undefined) => {
        const key = `${group}_${field}`;
        if (wanted.test(key)) page.untyped(`node_netstat_${key}`, `The statistic ${group} ${field}.`).sample(numberOf(value));
      };
      for (const file of ["net/netstat", "net/snmp"]) {
        const lines = linesOf(host.proc(file));
        // A line of names is followed by one of values.
        for (let i = 0; i < lines.length; i += 2) {
          const [group = "", ...names] = wordsOf(lines[i] ?? "");
          const [, ...values] = wordsOf(lines[i + 1] ?? "");
          if (names.length !== values.length) throw new Error(`${file} has ${names.length} names and ${values.length} values of ${group}`);
          for (const [index, name] of names.entries()) add(group.slice(0, -1), name, values[index]);
        }
      }
      // A host without IPv6 has no such file.
      for (const line of linesOf(host.procIfThere("net/snmp6") ?? "")) {
        const [name = "", value] = wordsOf(line);
        const six = name.indexOf("6");
        if (six >= 0 && value !== undefined) add(name.slice(0, six + 1), name.slice(six + 1), value);
      }
    };
  },
};
