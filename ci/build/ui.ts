import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** Bundles the pages into `dist/ui`. */
export async function buildUi(collector: string): Promise<void> {
  const from = join(collector, "src/ui");
  const to = join(collector, "dist/ui");
  mkdirSync(to, { recursive: true });
  const bundle = await rolldown({
    input: join(from, "app.tsx"),
    platform: "browser",
    logLevel: "warn",
  });
  await bundle.write({ file: join(to, "app.js"), format: "esm", minify: true });
  for (const name of ["index.html", "style.css", "icon.svg"]) copyFileSync(join(from, name), join(to, name));
}

if (import.meta.main) await buildUi(join(import.meta.dirname, "../../apps/collector"));
