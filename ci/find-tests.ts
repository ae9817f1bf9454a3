import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

const places = ["apps", "chart", "ci", "packages", "tests", "values-schema"];
const closed = new Set(["node_modules", "dist"]);

/** What the names of tests end in: those for everybody, and those that need a cluster. */
export type TestSuffix = ".test.ts" | ".cluster.ts";

/** Every `*.test.ts` of the repository as a path relative to root, sorted; with filters, those whose path contains one of them. */
export function findTests(root: string, filters: readonly string[], suffix: TestSuffix = ".test.ts"): string[] {
  return places
    .flatMap((place) => testsBelow(root, place, suffix))
    .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
    .sort();
}

function testsBelow(root: string, folder: string, suffix: TestSuffix): string[] {
  return entriesOf(join(root, folder)).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return closed.has(entry.name) ? [] : testsBelow(root, path, suffix);
    return entry.name.endsWith(suffix) ? [path.split(sep).join("/")] : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
