import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Of these test files the ones that fuzz: they take their time from `tests/fuzz-time.ts`. */
export function fuzzTests(root: string, files: readonly string[]): string[] {
  return files.filter((file) => readFileSync(join(root, file), "utf8").includes("fuzz-time.ts"));
}
