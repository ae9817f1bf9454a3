import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

const places = ["apps", "chart", "ci", "packages", "tests", "values-schema"];
const closed = new Set(["node_modules", "dist"]);

/** Every `*.test.ts` of the repository as a path relative to root, sorted; with filters, those whose path contains one of them. */
export function findTests(root: string, filters: readonly string[]): string[] {
  return places
    .flatMap((place) => testsBelow(root, place))
    .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
    .sort();
}

function testsBelow(root: string, folder: string): string[] {
  return entriesOf(join(root, folder)).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return closed.has(entry.name) ? [] : testsBelow(root, path);
    return entry.name.endsWith(".test.ts") ? [path.split(sep).join("/")] : [];
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
