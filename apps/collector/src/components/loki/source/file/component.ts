import { join } from "node:path";
import { bool, defaulted, duration, labels, list, oneOf, required, string } from "../../../../component/arguments.ts";
import { lokiReceiver } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import { expandTargets } from "../../../../files/file-targets.ts";
import { checkEncoding } from "../../../../files/tail/encoding.ts";
import { openFilePositions } from "../../../../files/tail/file-positions.ts";
import { fileSink } from "../../../../files/tail/file-sink.ts";
import { fanout } from "../../../../signals/fanout.ts";
import { FileSet } from "./file-set.ts";

/** Reads lines as they are written to files, through rotation and restarts. */
export const component = defineComponent({
  name: "loki.source.file",
  stability: "generally-available",
  summary: "Reads log lines from files as they are written.",
  arguments: {
    targets: required(
      list(labels),
      "The files: `__path__` is the absolute path, or a pattern where `file_match` is enabled; the rest are labels.",
    ),
    forward_to: required(list(lokiReceiver), "Where lines go."),
    encoding: defaulted(string, "The IANA name of the files' encoding; empty means UTF-8. A byte order mark overrides it.", "", {
      check: checkEncoding,
    }),
    tail_from_end: defaulted(bool, "Begins at the end of files of which no position is known.", false),
    legacy_positions_file: defaulted(
      string,
      "A positions file of Promtail, Grafana Agent or Alloy, to go on where that one stopped; read where there are no positions yet.",
      "",
    ),
    on_positions_file_error: defaulted(
      oneOf("skip", "restart_from_end", "restart_from_beginning"),
      "What becomes of a file whose position can't be read.",
      "restart_from_beginning",
    ),
  },
  blocks: {
    decompression: {
      doc: "Reads compressed files, each once.",
      occurs: "maybe",
      arguments: {
        enabled: required(bool, "Whether files are decompressed."),
        format: required(oneOf("gz", "z", "bz2"), "How they are compressed: gzip, zlib or bzip2."),
        initial_delay: defaulted(duration, "How long a new file is left alone, since it may still be written.", "0s"),
      },
    },
    file_watch: {
      doc: "How often files are polled for changes.",
      occurs: "assumed",
      arguments: {
        min_poll_frequency: defaulted(duration, "The wait between polls after a change.", "250ms", { check: isPositive }),
        max_poll_frequency: defaulted(duration, "The longest wait: it doubles until then as long as nothing changes.", "250ms", {
          check: isPositive,
        }),
      },
    },
    file_match: {
      doc: "Finds files by glob patterns.",
      occurs: "assumed",
      arguments: {
        enabled: defaulted(bool, "Whether `__path__` and `__path_exclude__` are patterns.", false),
        ignore_older_than: defaulted(duration, "Leaves out files that were last written longer ago; 0 leaves out none.", "0s"),
        sync_period: defaulted(duration, "How often files are looked for.", "10s", {
          check: (ms) => (ms > 0 ? undefined : "sync period must be greater than 0"),
        }),
      },
    },
  },
  exports: {},
  metrics: [
    { name: "loki_source_file_file_bytes_total", kind: "gauge", doc: "Size of the file." },
    { name: "loki_source_file_files_active_total", kind: "gauge", doc: "Files that are open." },
    { name: "loki_source_file_read_bytes_total", kind: "gauge", doc: "Up to where the file has been read." },
    { name: "loki_source_file_read_lines_total", kind: "counter", doc: "Lines read." },
    { name: "loki_source_file_cut_lines_total", kind: "counter", doc: "Lines longer than 4 MiB, whose rest was left out." },
    { name: "loki_source_file_dropped_lines_total", kind: "counter", doc: "Lines that were refused for good, by reason." },
  ],
  needs: { storage: true },
  async create(context, args) {
    let current = args;
    let next = fanout(args.forward_to);
    let cancelScan = () => {};
    let isStopped = false;
    let scan = Promise.resolve();
    const positions = await openFilePositions({
      folder: context.dataPath,
      journal: context.dataPath === undefined ? undefined : join(context.dataPath, "positions.journal"),
      legacyPath: args.legacy_positions_file,
      log: context.log,
    });
    const waiting = new WaitingSink({
      clock: context.clock,
      log: context.log,
      dropped: context.metrics.counter("loki_source_file_dropped_lines_total", {
        help: "Lines that were refused for good.",
        labels: ["reason"],
      }),
      next: () => next,
    });
    const cut = context.metrics.counter("loki_source_file_cut_lines_total", { help: "Lines that were longer than 4 MiB and cut." }).of();
    const sink = fileSink(waiting, cut, context.log);
    const files = new FileSet({ context, sink, positions, settings: args });

    const resolveOnce = async () => {
      const { enabled, ignore_older_than } = current.file_match;
      const expanded = enabled
        ? await expandTargets(current.targets, { ignoreOlderThanMs: ignore_older_than, nowMs: context.clock.now() })
        : { targets: current.targets, errors: [] };
      for (const error of expanded.errors) context.log.error("failed to resolve target", { err: error });
      if (!isStopped) await files.follow(expanded.targets, current);
    };
    /** Files are looked for one time after the other, then after each period where patterns are in use. */
    const resolve = () => {
      cancelScan();
      scan = scan
        .then(resolveOnce)
        .catch((error: unknown) => context.health("unhealthy", `files can't be followed: ${String(error)}`))
        .then(() => {
          cancelScan();
          if (!isStopped && current.file_match.enabled) cancelScan = context.clock.after(current.file_match.sync_period, resolve);
        });
      return scan;
    };

    return {
      start() {
        files.start();
        return resolve();
      },
      update(newArgs) {
        current = newArgs;
        next = fanout(newArgs.forward_to);
        return resolve();
      },
      async stop(deadline) {
        isStopped = true;
        cancelScan();
        await scan;
        await files.stop(deadline);
        await positions.close();
      },
      debugInfo: () => ({ targets_info: files.debugInfo() }),
    };
  },
});

function isPositive(ms: number): string | undefined {
  return ms > 0 ? undefined : "poll frequency must be greater than 0";
}
