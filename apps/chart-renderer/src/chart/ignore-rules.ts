import { ChartError } from "./chart.ts";
import { filePattern } from "./file-pattern.ts";

/** Whether a path from the chart's root is left out. */
export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/** Reads a `.helmignore`. Hidden files in templates are always left out. */
export function parseIgnoreRules(text: string): IsIgnored {
  const rules = [...text.replace(/^\ufeff/, "").split("\n"), "templates/.?*"].flatMap((line) => parseRule(line.trim()));
  return (path, isFolder) => {
    for (const { isNegated, isFolderOnly, matches } of rules) {
      if (isNegated) {
        if ((isFolderOnly && !isFolder) || !matches(path)) return true;
      } else if ((!isFolderOnly || isFolder) && matches(path)) return true;
    }
    return false;
  };
}

interface Rule {
  readonly isNegated: boolean;
  readonly isFolderOnly: boolean;
  readonly matches: (path: string) => boolean;
}

function parseRule(line: string): Rule[] {
  if (line === "" || line.startsWith("#")) return [];
  if (line.includes("**")) throw new ChartError("double-star (**) syntax is not supported");
  const isNegated = line.startsWith("!");
  const bare = isNegated ? line.slice(1) : line;
  const isFolderOnly = bare.endsWith("/");
  const text = isFolderOnly ? bare.slice(0, -1) : bare;
  const pattern = filePattern(text.replace(/^\//, ""));
  if (pattern === undefined) throw new ChartError("syntax error in pattern");
  const isWholePath = text.includes("/");
  return [{ isNegated, isFolderOnly, matches: (path) => pattern.test(isWholePath ? path : path.slice(path.lastIndexOf("/") + 1)) }];
}
