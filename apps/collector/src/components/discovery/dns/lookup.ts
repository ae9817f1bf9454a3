import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import type { RecordType } from "./records.ts";

export type DnsRecord =
  | { readonly type: "SRV"; readonly host: string; readonly port: number }
  | { readonly type: "A" | "AAAA" | "MX" | "NS"; readonly host: string };

export interface Dns {
  /** All records of that type; none where the name is known not to exist. Throws where no server could say. */
  lookup(name: string, type: RecordType): Promise<readonly DnsRecord[]>;
}

export interface SearchRules {
  readonly search: readonly string[];
  readonly ndots: number;
}

/** The servers and search domains of the system. */
export function systemDns(): Dns {
  return dns(new Resolver({ timeout: 5_000, tries: 2 }), () => searchRules("/etc/resolv.conf"));
}

export function dns(resolver: Resolver, rules: () => SearchRules): Dns {
  return {
    async lookup(name, type) {
      let couldSay = true;
      for (const candidate of candidates(name, rules())) {
        try {
          return await resolve(resolver, candidate, type);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          // The name is there, without such records: an answer.
          if (code === "ENODATA") return [];
          // A later search domain may know it.
          if (code !== "ENOTFOUND") couldSay = false;
        }
      }
      if (couldSay) return [];
      throw new Error(`could not resolve ${JSON.stringify(name)}: all servers responded with errors to at least one search domain`);
    },
  };
}

/** The names to try, as a resolver does: a name with enough dots first as it is, else last. */
export function candidates(name: string, { search, ndots }: SearchRules): string[] {
  if (name.endsWith(".")) return [name];
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/** Reads `search` and `options ndots:` of a resolver's configuration; the defaults where there is none. */
export function searchRules(path: string): SearchRules {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { search: [], ndots: 1 };
  }
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === "search" || word === "domain") search = rest;
    if (word === "options")
      for (const option of rest) if (option.startsWith("ndots:")) ndots = Math.min(Number(option.slice("ndots:".length)) || 0, 15);
  }
  return { search, ndots };
}

async function resolve(resolver: Resolver, name: string, type: RecordType): Promise<DnsRecord[]> {
  switch (type) {
    case "SRV":
      return (await resolver.resolveSrv(name)).map(({ name: host, port }) => ({ type, host, port }));
    case "MX":
      return (await resolver.resolveMx(name)).map(({ exchange }) => ({ type, host: exchange }));
    case "NS":
      return (await resolver.resolveNs(name)).map((host) => ({ type, host }));
    case "A":
      return (await resolver.resolve4(name)).map((host) => ({ type, host }));
    case "AAAA":
      return (await resolver.resolve6(name)).map((host) => ({ type, host }));
    default:
      return type satisfies never;
  }
}
