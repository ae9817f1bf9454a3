import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { asciiOnly } from "./ascii.ts";
import { licencesOf } from "./licences.ts";
import { loadedLater } from "./loaded-later.ts";
import { nativePath } from "./native-snappy.ts";
import { nodeModulesByUse } from "./node-modules-by-use.ts";
import { componentsIn, partsOf } from "./parts.ts";
import { startScript } from "./start-script.ts";
import { buildUi } from "./ui.ts";
import { undiciByPart } from "./undici-by-part.ts";

// An older Node would fail with the text of a whole line of the bundle.
const refuseOldNode = `if (Number.parseInt(process.versions.node, 10) < 26) {
  console.error("invar: this is Node " + process.versions.node + ", it takes Node 26 or newer: put it on PATH or into INVAR_NODE");
  process.exit(1);
}`;

// What the program has of packages without importing them: snappy's binary, and the rules made from uap-core.
const besideModules = ["snappy", "uap-core/package.json"];

const usual = join(import.meta.dirname, "warm-up.alloy");
const made = ["invar", "invar.mjs", "parts", "snappy.node", "LICENCES.txt", "compile-cache"];

/**
 * Bundles the collector in this folder into `dist`: the program and its parts, the native one too, the pages, licences and start script. The same
 * sources give the same bytes.
 */
export async function bundleCollector(collector: string, dist: string): Promise<void> {
  // The pages stay: they may be in use, and whoever built them remembers of what.
  for (const name of made) rmSync(join(dist, name), { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const bundle = await rolldown({
    input: { invar: join(collector, "src/main.ts") },
    cwd: collector,
    platform: "node",
    plugins: [
      loadedLater(),
      nodeModulesByUse(),
      snappyFromBeside(collector),
      undiciByPart(packagesOf(collector).resolve("undici")),
      asciiOnly(),
    ],
    treeshake: { propertyReadSideEffects: false },
    checks: { bundlerTimings: false },
    onLog: (level, log) => {
      // A bundle that only nearly holds together would fail at a user's: no warning is let through.
      if (level === "warn") throw new Error(`the bundle is not whole: ${log.message}`);
    },
  });
  const { output } = await bundle.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].mjs",
    // A name tells all who have the part in common: too many to be read.
    chunkFileNames: ({ name }) => `parts/${name.split("~")[0]}-[hash].mjs`,
    codeSplitting: partsOf(collector, componentsIn(usual)),
    banner: ({ name }) => (name === "invar" ? refuseOldNode : ""),
    // Names of functions stay, for stack traces and profiles.
    minify: { compress: { keepNames: { function: true, class: true } }, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  const pages = await buildUi(collector, join(dist, "ui"));
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : [])).concat(pages);
  cpSync(nativePath(collector), join(dist, "snappy.node"));
  writeFileSync(join(dist, "LICENCES.txt"), licencesOf([...modules, ...besideModules.map((name) => packagesOf(collector).resolve(name))]));
  writeFileSync(join(dist, "invar"), startScript);
  chmodSync(join(dist, "invar"), 0o755);
}

/** snappy's own loader looks for its binary in node_modules, which the artefact has not: the binary lies beside the program. */
function snappyFromBeside(collector: string): Plugin {
  const id = "\0snappy-from-beside";
  const names = Object.keys(packagesOf(collector)("snappy")).filter((name) => !name.endsWith("Stream"));
  const code = [
    'const native = process.getBuiltinModule("node:module").createRequire(import.meta.url)("../snappy.node");',
    "export default native;",
    `export const { ${names.join(", ")} } = native;`,
  ].join("\n");
  return {
    name: "snappy-from-beside",
    resolveId: (source) => (source === "snappy" ? id : undefined),
    load: (source) => (source === id ? code : undefined),
  };
}

function packagesOf(folder: string): NodeJS.Require {
  return createRequire(join(folder, "package.json"));
}
