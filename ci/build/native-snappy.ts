import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The native binary that snappy would load on this machine. */
export function nativePath(usedBy: string): string {
  const snappy = createRequire(join(usedBy, "package.json")).resolve("snappy");
  // Loading it says which of the many binaries for platforms and C libraries is the right one.
  createRequire(snappy)("./index.js");
  const loaded = process.report.getReport() as { sharedObjects: string[] };
  const binary = loaded.sharedObjects.find((path) => /\/snappy\.[^/]*\.node$/.test(path));
  if (binary === undefined) throw new Error(`snappy at ${dirname(snappy)} loaded no binary`);
  return binary;
}
