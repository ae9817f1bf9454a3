import { basename, dirname, join } from "node:path";
import type { Plugin } from "rolldown";

const loaded = /\bload\("(\.[^"]+)"\)/g;

/**
 * What a source loads when it first needs it, by `const load = createRequire(import.meta.url)` and `load("./file.ts")`, becomes a part of its own
 * in the folder of parts.
 */
export function loadedLater(): Plugin {
  return {
    name: "loaded-later",
    transform: {
      filter: { code: "const load = createRequire(import.meta.url);" },
      handler(code, id) {
        return code.replace(loaded, (_, specifier: string) => {
          const path = join(dirname(id), specifier);
          const name = partName(path);
          this.emitFile({ type: "chunk", id: path, fileName: `parts/${name}.mjs`, preserveSignature: "allow-extension" });
          return `load("./${name}.mjs")`;
        });
      },
    },
  };
}

/** A component's part is named after the component, any other after its file. */
function partName(path: string): string {
  const [, component] = /\/components\/(.+)\/component\.ts$/.exec(path) ?? [];
  return component?.replaceAll("/", ".") ?? `${basename(dirname(path))}.${basename(path, ".ts")}`;
}
