// npm run build: bundles the collector into apps/collector/dist, one program with a start script, and warms its compile cache.
import { chmodSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { licencesOf } from "./build/licences.ts";
import { nativePath } from "./build/native-snappy.ts";
import { startScript } from "./build/start-script.ts";
import { warmUp } from "./build/warm-up.ts";

const root = join(import.meta.dirname, "..");
const collector = join(root, "apps/collector");
const dist = join(collector, "dist");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const bundle = await rolldown({
  input: join(collector, "src/main.ts"),
  cwd: collector,
  platform: "node",
  plugins: [loadSnappyFromBeside()],
  onLog: (level, log) => {
    // A bundle that only nearly holds together would fail at a user's: no warning is let through.
    if (level === "warn") throw new Error(`the bundle is not whole: ${log.message}`);
  },
});
const { output } = await bundle.write({
  file: join(dist, "invar.mjs"),
  format: "esm",
  codeSplitting: false,
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
});
await bundle.close();
cpSync(nativePath(collector), join(dist, "snappy.node"));
writeFileSync(
  join(dist, "LICENCES.txt"),
  licencesOf(
    output
      .flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []))
      .concat(createRequire(join(collector, "x.js")).resolve("snappy")),
  ),
);
writeFileSync(join(dist, "invar"), startScript);
chmodSync(join(dist, "invar"), 0o755);
const readyMs = await warmUp(join(dist, "invar"));
console.log(
  `built ${join(dist, "invar")}: ${Math.round(statSync(join(dist, "invar.mjs")).size / 1024)} KiB, ready after ${Math.round(readyMs)} ms`,
);

/** snappy's own loader looks for its binary in node_modules, which the artefact has not: the binary lies beside the program. */
function loadSnappyFromBeside(): Plugin {
  const id = "\0snappy-from-beside";
  const names = Object.keys(createRequire(join(collector, "x.js"))("snappy"));
  return {
    name: "snappy-from-beside",
    resolveId: (source) => (source === "snappy" ? id : undefined),
    load: (source) =>
      source === id
        ? `import { createRequire } from "node:module";
const native = createRequire(import.meta.url)("./snappy.node");
export const { ${names.filter((name) => !/Stream$/.test(name)).join(", ")} } = native;`
        : undefined,
  };
}
