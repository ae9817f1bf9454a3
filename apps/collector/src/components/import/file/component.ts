import { defaulted, duration, oneOf, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { readModuleFiles } from "../../../component/module-files.ts";
import { importExports } from "../../../component/module-text.ts";

/** `import.file`: the module is a file, or all `*.alloy` files of a folder, looked at again and again. */
export const component = defineComponent({
  name: "import.file",
  stability: "generally-available",
  summary: "Brings in custom components from a file or folder.",
  arguments: {
    filename: required(string, "File or folder that holds the module."),
    detector: defaulted(oneOf("fsnotify", "poll"), "How changes are noticed.", "fsnotify"),
    poll_frequency: defaulted(duration, "How often the file is looked at when polling.", "1m"),
  },
  exports: importExports,
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
