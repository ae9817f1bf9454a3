import { readFile } from "node:fs/promises";
import { Secret } from "@invar/alloy-syntax";
import { textFromBytes } from "@invar/go-compat";
import { bool, defaulted, duration, oneOf, optionalSecret, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { FileWatch } from "./watch-file.ts";

/** Reading waits so long after a change, in order not to see half of what is being written. */
const SETTLE_MS = 30;

/** Exports what a file holds, always the latest. */
export const component = defineComponent({
  name: "local.file",
  stability: "generally-available",
  summary: "Exposes the contents of a file to other components.",
  arguments: {
    filename: required(string, "Path of the file."),
    detector: defaulted(
      oneOf("fsnotify", "poll"),
      "How changes are noticed: `fsnotify` by events of the file system and by polling, `poll` by polling alone.",
      "fsnotify",
    ),
    is_secret: defaulted(bool, "Whether the contents are secret.", false),
    poll_frequency: defaulted(duration, "How often the file is read again.", "1m", {
      check: (ms) => (ms > 0 ? undefined : "poll_frequency must be greater than 0"),
    }),
  },
  exports: { content: { type: optionalSecret, doc: "What the file held when it was last read." } },
  metrics: [
    {
      name: "local_file_timestamp_last_accessed_unix_seconds",
      kind: "gauge",
      doc: "When the file was last read, in seconds since the epoch.",
    },
  ],
  needs: {},
  async create(context, args) {
    const lastAccessed = context.metrics
      .gauge("local_file_timestamp_last_accessed_unix_seconds", { help: "The last successful access in unix seconds" })
      .of();
    let current = args;
    let watch: FileWatch | undefined;
    let isStopped = false;
    let isUnhealthy = false;
    let cancelPoll = () => {};
    let cancelSettle = () => {};

    const read = async ({ filename, is_secret }: typeof args) => {
      const bytes = await readFile(filename).catch((error: NodeJS.ErrnoException) => {
        throw new Error(`failed to read file: open ${filename}: ${reasonOf(error)}`);
      });
      if (isStopped) return;
      lastAccessed.set(context.clock.now() / 1000);
      context.export({ content: new Secret(textFromBytes(bytes), is_secret) });
    };
    const readAgain = async () => {
      try {
        await read(current);
        if (isUnhealthy) context.health("healthy", "read file");
        isUnhealthy = false;
      } catch (error) {
        isUnhealthy = true;
        context.health("unhealthy", (error as Error).message);
        context.log.error("failed to read file", { path: current.filename, err: (error as Error).message });
      }
    };
    const onChange = () => {
      cancelSettle();
      if (!isStopped) cancelSettle = context.clock.after(SETTLE_MS, () => void refreshWatch().then(readAgain));
    };
    const refreshWatch = async () => {
      const reason = await watch?.refresh();
      if (reason !== undefined) context.log.warn("failed to watch file, it is polled", { path: current.filename, err: reason });
    };
    const poll = () => {
      cancelPoll();
      if (isStopped) return;
      cancelPoll = context.clock.after(current.poll_frequency, () => void refreshWatch().then(readAgain).then(poll));
    };
    const follow = async () => {
      watch?.close();
      watch = current.detector === "fsnotify" ? new FileWatch(current.filename, onChange) : undefined;
      await refreshWatch();
      poll();
    };

    await read(args);
    return {
      async start() {
        await follow();
        // What changed before the watch began.
        await readAgain();
      },
      async update(next) {
        await read(next);
        current = next;
        await follow();
      },
      stop() {
        isStopped = true;
        cancelPoll();
        cancelSettle();
        watch?.close();
      },
    };
  },
});

/** Go's words for the errors that users meet. */
function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "no such file or directory";
    case "EACCES":
      return "permission denied";
    case "EISDIR":
      return "is a directory";
    case "ENOTDIR":
      return "not a directory";
    default:
      return error.message;
  }
}
