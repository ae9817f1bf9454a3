import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { imageArchive, layerOf } from "./archive.ts";
import { readDockerfile } from "./dockerfile.ts";
import { gatherRuntime } from "./runtime.ts";
import { entriesBelow } from "./tar.ts";

/** Compressed layers are kept outside of the repository: Node's takes half a minute. */
export const layerCache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "invar", "layers");

const dockerfile = join(import.meta.dirname, "Dockerfile");
const programFolder = "usr/lib/invar";
// What lies in the build's folder and is not for the image: the script that starts it where there is a shell, and the image itself.
const leftOut = new Set(["invar", "image"]);

/** Gathers what the Dockerfile copies: `runtime` with Node, `program` with the bundle that was built in `dist`. */
export function gatherContext(node: string, dist: string, context: string): void {
  rmSync(context, { recursive: true, force: true });
  gatherRuntime(node, [join(dist, "snappy.node")], join(context, "runtime"));
  const program = join(context, "program", programFolder);
  mkdirSync(program, { recursive: true });
  for (const needed of ["invar.mjs", "compile-cache"])
    if (!existsSync(join(dist, needed))) throw new Error(`${join(dist, needed)} is missing: run npm run build`);
  for (const name of readdirSync(dist)) if (!leftOut.has(name)) cpSync(join(dist, name), join(program, name), { recursive: true });
  // Where configuration and data are mounted, readable by whatever user runs it.
  for (const folder of ["etc/alloy", "var/lib/invar"]) {
    mkdirSync(join(context, "program", folder), { recursive: true });
    chmodSync(join(context, "program", folder), 0o755);
  }
}

/** The image that the Dockerfile describes, as one archive under this name. */
export async function collectorImage(context: string, name: string): Promise<Buffer> {
  const { copies, config } = readDockerfile(readFileSync(dockerfile, "utf8"));
  const layers = [];
  for (const { from, to } of copies) {
    if (to !== "/") throw new Error(`a folder is copied onto the root, not to ${to}`);
    layers.push(await layerOf(entriesBelow(join(context, from)), layerCache));
  }
  return imageArchive(name, config, layers);
}

/** An image of Node alone, for programs that a test gives on the command line. */
export async function nodeImage(context: string, name: string): Promise<Buffer> {
  const layer = await layerOf(entriesBelow(join(context, "runtime")), layerCache);
  return imageArchive(name, { Entrypoint: ["/usr/local/bin/node"], Env: ["PATH=/usr/local/bin"], User: "65532:65532" }, [layer]);
}
