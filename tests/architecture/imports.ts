import { posix } from "node:path";

export type Import = {
  /** Path of the importing file. */
  readonly from: string;
  /** What is written between the quotes. */
  readonly specifier: string;
  /** Path of the imported file where the specifier is relative. */
  readonly to: string | undefined;
  /** `import type`: gone at run time. */
  readonly isType: boolean;
};

// Statements begin a line; text inside a template literal is indented or is not an import of this form.
const statement = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const dynamic = /\bimport\("([^"]+)"\)/g;
const loads = /^const load = createRequire\(import\.meta\.url\);$/m;
const loaded = /\bload\("([^"]+)"\)/g;

/** All imports and re-exports of a file. */
export function importsOf(from: string, text: string): Import[] {
  const found = (specifier: string, isType: boolean): Import => {
    const to = specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(from), specifier)) : undefined;
    return { from, specifier, to, isType };
  };
  return [
    ...Array.from(text.matchAll(statement), ([, type, specifier = ""]) => found(specifier, type !== undefined)),
    ...Array.from(text.matchAll(dynamic), ([, specifier = ""]) => found(specifier, false)),
    ...(loads.test(text) ? Array.from(text.matchAll(loaded), ([, specifier = ""]) => found(specifier, false)) : []),
  ];
}

/** The cycles of a graph, each once, as `a -> b -> a`. */
export function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (node: string) => {
    state.set(node, "open");
    trail.push(node);
    for (const next of edges.get(node) ?? []) {
      if (state.get(next) === "open") cycles.push([...trail.slice(trail.indexOf(next)), next].join(" -> "));
      else if (state.get(next) === undefined) visit(next);
    }
    trail.pop();
    state.set(node, "done");
  };
  for (const node of edges.keys()) if (state.get(node) === undefined) visit(node);
  return cycles;
}
