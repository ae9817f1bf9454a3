import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The licence texts of the packages that these modules belong to, as their terms ask of who passes them on. */
export function licencesOf(modules: readonly string[]): string {
  const packages = new Map<string, string>();
  for (const id of modules) {
    const folder = packageOf(id.replace(/^\0/, "").replace(/\?.*$/, ""));
    if (folder === undefined) continue;
    const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    packages.set(
      `${name} ${version} (${license ?? licenses?.[0]?.type})`,
      file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim(),
    );
  }
  return [...packages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, text]) => `${title}\n${"=".repeat(title.length)}\n\n${text}\n`)
    .join("\n");
}

/** The folder of the installed package that a module is part of; nothing for our own sources. */
function packageOf(path: string): string | undefined {
  if (!path.includes("/node_modules/")) return undefined;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name !== undefined) return folder;
  }
  return undefined;
}
