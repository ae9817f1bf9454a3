import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** Bundles the pages into this folder; answers the modules that they are made of. */
export async function buildUi(collector: string, to: string): Promise<string[]> {
  const from = join(collector, "src/ui");
  mkdirSync(to, { recursive: true });
  const bundle = await rolldown({
    input: join(from, "app.tsx"),
    platform: "browser",
    logLevel: "warn",
  });
  const { output } = await bundle.write({ file: join(to, "app.js"), format: "esm", minify: true });
  await bundle.close();
  for (const name of ["index.html", "style.css", "icon.svg"]) copyFileSync(join(from, name), join(to, name));
  return output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
}

if (import.meta.main) {
  const collector = join(import.meta.dirname, "../../apps/collector");
  await buildUi(collector, join(collector, "dist/ui"));
}
