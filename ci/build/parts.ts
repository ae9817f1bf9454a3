import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChunkingContext, type CodeSplittingGroup, type CodeSplittingOptions, RUNTIME_MODULE_ID } from "rolldown";

/**
 * How the program is cut into files, so that a start reads little more than it uses, and few files, as each costs half a millisecond: what
 * `fmt` needs (the configuration's language), what `validate` needs beside it, then `run`, then what the usual components have in
 * common with others. What is left is by who has it in common; what only one component needs is in its own part.
 */
export function partsOf(collector: string, usual: readonly string[]): CodeSplittingOptions {
  const file = (path: string) => join(collector, "src", path);
  return {
    groups: [
      // It must not stand among what is made of it.
      { name: "runtime", test: (id) => id === RUNTIME_MODULE_ID, priority: 6 },
      // Without the beginning itself: it waits for the command, which must not wait for it.
      { ...neededBy("first", [file("main.ts")]), test: (id) => id !== file("main.ts"), priority: 5 },
      { ...neededBy("language", [file("commands/fmt.ts")]), priority: 4 },
      { ...neededBy("check", [file("commands/validate.ts")]), priority: 3 },
      { ...neededBy("run", [file("commands/run.ts")]), priority: 2 },
      {
        ...neededBy(
          "usual",
          usual.map((name) => file(`components/${name.replaceAll(".", "/")}/component.ts`)),
        ),
        minShareCount: 2,
        priority: 1,
      },
      { name: "several", minShareCount: 2, entriesAware: true },
    ],
  };
}

/** The components that a configuration uses, as far as its blocks begin a line. */
export function componentsIn(configuration: string): string[] {
  const found = readFileSync(configuration, "utf8").matchAll(/^(\w+(?:\.\w+)+) "/gm);
  return [...new Set(Array.from(found, ([, name = ""]) => name))];
}

/** What the roots import, and all that that imports, is one part: what is in it can't need a part that needs it. */
function neededBy(name: string, roots: readonly string[]): CodeSplittingGroup {
  let needed: ReadonlySet<string> | undefined;
  return {
    debugName: name,
    name: (id, context) => {
      needed ??= reachable(roots, context);
      return needed.has(id) ? name : null;
    },
  };
}

function reachable(roots: readonly string[], context: ChunkingContext): ReadonlySet<string> {
  const found = new Set(roots);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}
