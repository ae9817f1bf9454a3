import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { any, defaulted, duration, oneOf, required, string } from "../../component/arguments.ts";
import { defineComponent } from "../../component/definition.ts";
import type { ImportExports } from "../nodes/import-node.ts";

/** `import.file`: the module is a file, or all `*.alloy` files of a folder, looked at again and again. */
export const importFile = defineComponent({
  name: "import.file",
  stability: "generally-available",
  summary: "Brings in custom components from a file or folder.",
  arguments: {
    filename: required(string, "File or folder that holds the module."),
    detector: defaulted(oneOf("fsnotify", "poll"), "How changes are noticed.", "fsnotify"),
    poll_frequency: defaulted(duration, "How often the file is looked at when polling.", "1m"),
  },
  exports: { modules: { type: any, doc: "The texts found." }, path: { type: any, doc: "The folder that holds them." } },
  metrics: [],
  needs: {},
  create(context, args) {
    let current = args;
    let cancel = () => {};
    const look = () => context.export({ ...readModuleFiles(current.filename) });
    const schedule = () => {
      // Watching reports changes at once on most file systems, but not through the symlinks of a mounted ConfigMap: a look each second sees both.
      const waitMs = current.detector === "poll" ? current.poll_frequency : watchIntervalMs;
      cancel = context.clock.after(waitMs, () => {
        try {
          look();
          context.health("healthy", "read the module");
        } catch (error) {
          context.health("unhealthy", `the last module stays: ${error instanceof Error ? error.message : String(error)}`);
        }
        schedule();
      });
    };
    look();
    return {
      start: schedule,
      update(next) {
        const previous = current;
        current = next;
        try {
          look();
        } catch (error) {
          current = previous;
          throw error;
        }
      },
      stop() {
        cancel();
      },
    };
  },
});

const watchIntervalMs = 1_000;

/** The texts of a file, or of a folder's `*.alloy` files in the order of their names. Throws where they can't be read. */
export function readModuleFiles(path: string): ImportExports {
  if (!statSync(path).isDirectory()) return { modules: [{ name: path, text: readFileSync(path, "utf8") }], path: dirname(path) };
  const names = readdirSync(path)
    .filter((name) => name.endsWith(".alloy"))
    .sort();
  return { modules: names.map((name) => ({ name: join(path, name), text: readFileSync(join(path, name), "utf8") })), path };
}
