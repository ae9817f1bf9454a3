import { defaulted, duration, labels, list, required } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { expandTargets } from "../../../files/file-targets.ts";

/** Turns glob patterns into one target for each file, and looks again every now and then. */
export const component = defineComponent({
  name: "local.file_match",
  stability: "generally-available",
  summary: "Discovers files by glob patterns.",
  arguments: {
    path_targets: required(
      list(labels),
      "Targets whose `__path__` is a glob pattern, and `__path_exclude__`, where given, the pattern of files to leave out.",
    ),
    ignore_older_than: defaulted(duration, "Leaves out files that were last written longer ago; 0 leaves out none.", "0s"),
    sync_period: defaulted(duration, "How often files are looked for.", "10s", {
      check: (ms) => (ms > 0 ? undefined : "sync_period must be greater than 0"),
    }),
  },
  exports: {
    targets: {
      type: list(labels),
      doc: "The targets, one a file: `__path__` is its absolute path, the other labels are those of the pattern.",
    },
  },
  metrics: [],
  needs: {},
  create(context, args) {
    let current = args;
    let isStopped = false;
    let cancelTimer = () => {};
    let scan = Promise.resolve();

    const scanOnce = async () => {
      const { targets, errors } = await expandTargets(current.path_targets, {
        ignoreOlderThanMs: current.ignore_older_than,
        nowMs: context.clock.now(),
      });
      for (const error of errors) context.log.error("error getting paths", { err: error });
      if (!isStopped) context.export({ targets });
    };
    /** Scans one after the other, since a slow file system must not be scanned twice at once, then waits for the period. */
    const rescan = () => {
      cancelTimer();
      scan = scan
        .then(scanOnce)
        .catch((error: unknown) => context.health("unhealthy", `files can't be looked for: ${String(error)}`))
        .then(() => {
          cancelTimer();
          if (!isStopped) cancelTimer = context.clock.after(current.sync_period, rescan);
        });
      return scan;
    };

    context.export({ targets: [] });
    return {
      start: rescan,
      update(next) {
        current = next;
        return rescan();
      },
      async stop() {
        isStopped = true;
        cancelTimer();
        await scan;
      },
    };
  },
});
