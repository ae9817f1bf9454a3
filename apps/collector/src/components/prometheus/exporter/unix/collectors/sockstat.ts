import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** What a protocol may tell, of which `inuse` is always there. */
const fields = ["inuse", "orphan", "tw", "alloc", "mem", "memory"] as const;

export const sockstat: Collector = {
  name: "sockstat",
  isDefault: true,
  prepare: () => {
    const bytesAPage = pageBytes();
    return (host, page) => {
      const gauge = (name: string, value: number) =>
        page.gauge(`node_sockstat_${name}`, `Sockets: ${name.replaceAll("_", " ")}.`).sample(value);
      for (const file of ["net/sockstat", "net/sockstat6"])
        for (const line of linesOf(host.procIfThere(file) ?? "")) {
          const [protocol = "", ...pairs] = wordsOf(line.replace(":", ""));
          const values = new Map<string, number>([["inuse", 0]]);
          for (let i = 0; i < pairs.length; i += 2) values.set(pairs[i] ?? "", numberOf(pairs[i + 1]));
          if (protocol === "sockets") {
            if (file === "net/sockstat") gauge("sockets_used", values.get("used") ?? 0);
            continue;
          }
          for (const field of fields) {
            const value = values.get(field);
            if (value !== undefined) gauge(`${protocol}_${field}`, value);
          }
          const pages = values.get("mem");
          if (pages !== undefined) gauge(`${protocol}_mem_bytes`, pages * bytesAPage);
        }
    };
  },
};

const pageSizeEntry = 6n;

/** Bytes of a page of memory, which the kernel hands to each program: pairs of words, a kind and a value. Mostly 4096; 64 KiB on some arm64. */
function pageBytes(): number {
  try {
    const words = readFileSync("/proc/self/auxv");
    const read = (at: number) => (endianness() === "LE" ? words.readBigUInt64LE(at) : words.readBigUInt64BE(at));
    for (let at = 0; at + 16 <= words.length; at += 16) if (read(at) === pageSizeEntry) return Number(read(at + 8));
    return 4096;
  } catch {
    return 4096;
  }
}
