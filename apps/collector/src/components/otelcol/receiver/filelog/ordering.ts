import { stat } from "node:fs/promises";
import { compileRegexp } from "@invar/go-compat";
import type { Args } from "./arguments.ts";
import { Entry } from "./entry.ts";
import { Settings } from "./operators/settings.ts";
import { timeReader } from "./operators/time.ts";

type Criteria = NonNullable<Args["ordering_criteria"]>;
type Sort = Criteria["sort_by"][number];

/** The files that are to be read of those that match: the first of each group after sorting. */
export async function chosenFiles(paths: readonly string[], criteria: Criteria | undefined): Promise<readonly string[]> {
  if (criteria === undefined || criteria.sort_by.length === 0) return paths;
  const groups = new Map<string, string[]>();
  const grouping = criteria.group_by === "" ? undefined : compileRegexp(criteria.group_by);
  for (const path of paths) {
    const group = grouping === undefined ? "" : grouping.exec(path)?.groups[1];
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), path]);
  }
  const chosen: string[] = [];
  for (const group of groups.values()) chosen.push(...(await sorted(group, criteria)).slice(0, criteria.top_n || 1));
  return chosen;
}

async function sorted(paths: readonly string[], { regex, sort_by }: Criteria): Promise<string[]> {
  const pattern = regex === "" ? undefined : compileRegexp(regex);
  const files = await Promise.all(
    paths.map(async (path) => {
      const match = pattern?.exec(path);
      const values = await Promise.all(
        sort_by.map((sort) => keyOf(sort, path, match?.groups[pattern?.groupNames.indexOf(sort.regex_key) ?? -1])),
      );
      return { path, values };
    }),
  );
  // What lacks a value can't be sorted, and is not read.
  const sortable = files.filter(({ values }) => values.every((value) => value !== undefined)) as {
    path: string;
    values: (string | number)[];
  }[];
  sortable.sort((a, b) => {
    for (const [i, { ascending }] of sort_by.entries()) {
      const [one, other] = [a.values[i] as string | number, b.values[i] as string | number];
      if (one !== other) return one < other === ascending ? -1 : 1;
    }
    return 0;
  });
  return sortable.map(({ path }) => path);
}

async function keyOf(sort: Sort, path: string, text: string | undefined): Promise<string | number | undefined> {
  if (sort.sort_type === "mtime") return (await stat(path).catch(() => undefined))?.mtimeMs;
  if (text === undefined) return undefined;
  switch (sort.sort_type) {
    case "numeric":
      return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
    case "lexicographic":
      return text;
    case "timestamp":
      return timeOf(sort, text);
  }
}

function timeOf({ layout, location }: Sort, text: string): number | undefined {
  const entry = new Entry(text, 0);
  let isWrong = false;
  const settings = new Settings({ layout, location }, "ordering_criteria", () => {
    isWrong = true;
  });
  const read = timeReader(settings, { root: "body", keys: [], text: "body" }, () => Date.now());
  if (isWrong) return undefined;
  try {
    read(entry);
  } catch {
    return undefined;
  }
  return (entry.seconds ?? 0) * 1000 + entry.nanos / 1e6;
}
