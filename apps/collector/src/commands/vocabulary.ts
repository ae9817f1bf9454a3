import { hostname } from "node:os";
import { standardLibrary } from "@invar/alloy-syntax";
import type { Stability } from "../component/arguments.ts";
import { readModuleFiles } from "../component/module-files.ts";
import { components } from "../components/registry.generated.ts";
import type { ReadImport } from "../graph/check.ts";
import type { Definitions, ServiceBlock, Vocabulary } from "../graph/surroundings.ts";
import { version } from "../version.ts";

/** Every word that a configuration may use in this program. */
export function vocabulary(stability: Stability, serviceBlocks: readonly ServiceBlock[]): Vocabulary {
  return {
    components: definitions((name) => !name.startsWith("import.")),
    imports: definitions((name) => name.startsWith("import.")),
    serviceBlocks: new Map(serviceBlocks.map((block) => [block.name, block])),
    stability,
    library: standardLibrary({
      env: (name) => process.env[name],
      hostname: hostname(),
      os: process.platform === "win32" ? "windows" : process.platform,
      arch: process.arch === "x64" ? "amd64" : process.arch,
      version: `v${version}`,
    }),
  };
}

function definitions(belongs: (name: string) => boolean): Definitions {
  const loaders = new Map(Object.entries(components).filter(([name]) => belongs(name)));
  return { has: (name) => loaders.has(name), get: (name) => loaders.get(name)?.(), keys: () => loaders.keys() };
}

/** Reads what an import brings where that needs no network. */
export const readImport: ReadImport = (name, args) => {
  if (name === "import.file") return readModuleFiles(args.filename as string);
  if (name === "import.string")
    return { modules: [{ name: "import.string", text: String((args.content as { reveal(): string }).reveal()) }], path: "" };
  return undefined;
};
