import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Case {
  readonly section: string;
  readonly input: string;
  readonly expected: string;
  /** Where it stands, for messages. */
  readonly place: string;
}

/** The one-line cases of a file in `cases/`: `input  =>  expected`, in sections that begin with `# title`. */
export function readCases(name: string): Case[] {
  let section = "";
  return readFileSync(join(import.meta.dirname, "cases", name), "utf8")
    .split("\n")
    .flatMap((line, at) => {
      if (line.startsWith("# ")) section = line.slice(2);
      const [input, expected] = line.split("  =>  ");
      return input === undefined || expected === undefined ? [] : [{ section, input, expected, place: `${name}:${at + 1}` }];
    });
}

/** The sections of a file in the order of their first case. */
export function bySection(cases: readonly Case[]): Map<string, Case[]> {
  const sections = new Map<string, Case[]>();
  for (const item of cases) sections.set(item.section, [...(sections.get(item.section) ?? []), item]);
  return sections;
}
