import { accessSync, constants, mkdirSync } from "node:fs";
import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration, int, optional, string } from "../../../../component/arguments.ts";
import { storageHandler } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import type { StorageHandler } from "../../../../signals/storage-handler.ts";
import { directoryFault, permissionsOf } from "./directory.ts";

const nothingToCompact = {
  withoutEffect: "files are deleted as soon as their data has been delivered, so that there is nothing to compact",
};

/** A folder in which other components keep data over restarts. */
export const component = defineComponent({
  name: "otelcol.storage.file",
  stability: "public-preview",
  summary: "Offers a folder on disk to other components, for queues and positions.",
  arguments: {
    directory: optional(string, "The folder; one within the storage path where absent."),
    create_directory: defaulted(bool, "Whether the folder is made where it does not exist.", true),
    directory_permissions: defaulted(string, "The permissions of a folder that is made, in octal digits.", "0750"),
    fsync: defaulted(bool, "Whether every write is followed by fsync; otherwise fsync runs each second.", false),
    timeout: defaulted(duration, "How long the incumbent waits for a folder that another process has open.", "1s", {
      withoutEffect:
        "a queue that another process holds is tried again until it is free, and the component that needs it is unhealthy meanwhile",
    }),
  },
  blocks: {
    compaction: assumed("Nothing to do: files are deleted as soon as their data has been delivered, so that there is nothing to compact.", {
      arguments: {
        check_interval: defaulted(duration, "How often the incumbent looks whether to compact.", "5s", nothingToCompact),
        cleanup_on_start: defaulted(bool, "Whether the incumbent removes temporary files at its start.", false, nothingToCompact),
        directory: optional(string, "Where the incumbent compacts.", nothingToCompact),
        max_transaction_size: defaulted(int, "How many items the incumbent compacts at once.", 65536, nothingToCompact),
        on_rebound: defaulted(bool, "Whether the incumbent compacts while it runs.", false, nothingToCompact),
        on_start: defaulted(bool, "Whether the incumbent compacts at its start.", false, nothingToCompact),
        rebound_needed_threshold_mib: defaulted(int, "The size of files from which the incumbent compacts.", 100, nothingToCompact),
        rebound_trigger_threshold_mib: defaulted(int, "The size of data below which it does so.", 10, nothingToCompact),
      },
    }),
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { handler: { type: storageHandler, doc: "The folder, for arguments called `storage`." } },
  metrics: [],
  needs: { storage: true },
  check(args, report) {
    const { compaction } = args;
    if (args.directory !== undefined && args.directory !== "") {
      const fault = directoryFault(args.directory, args.create_directory);
      if (fault !== undefined) report(`directory: ${fault}`, "directory");
    }
    if (compaction.directory !== undefined && compaction.directory !== "") {
      const fault = directoryFault(compaction.directory, args.create_directory);
      if (fault !== undefined) report(`compaction directory: ${fault}`, "compaction");
    }
    if (compaction.max_transaction_size < 0) report("max transaction size for compaction cannot be less than 0", "compaction");
    if (compaction.on_rebound && compaction.check_interval <= 0)
      report("compaction check interval must be positive when rebound compaction is set", "compaction");
    if (args.create_directory) {
      const permissions = permissionsOf(args.directory_permissions);
      if (permissions.fault !== undefined) report(permissions.fault, "directory_permissions");
    }
  },
  create(context, args) {
    let current = open(context, args);
    context.export({ handler: new Capsule("otelcol.StorageHandler", current) });
    return {
      start() {},
      update(next) {
        const opened = open(context, next);
        const isSame = opened.directory === current.directory && opened.fsync === current.fsync;
        if (isSame) return;
        current = opened;
        // Another object: who uses the folder must move.
        context.export({ handler: new Capsule("otelcol.StorageHandler", current) });
      },
      stop() {},
      debugInfo: () => ({ directory: current.directory }),
    };
  },
});

interface FileStorageArguments {
  readonly directory: string | undefined;
  readonly create_directory: boolean;
  readonly directory_permissions: string;
  readonly fsync: boolean;
}

/** Makes sure of the folder; throws where it can't be used. */
function open(context: ComponentContext, args: FileStorageArguments): StorageHandler {
  const directory = args.directory === undefined || args.directory === "" ? context.dataPath : args.directory;
  if (directory === undefined)
    throw new Error(
      "the storage path can't be written, so there is no folder: set directory, or --storage.path to a folder that can be written",
    );
  // The folder within the storage path is ours to make, whatever the argument says of others.
  if (args.create_directory || directory === context.dataPath)
    mkdirSync(directory, { recursive: true, mode: permissionsOf(args.directory_permissions).mode });
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  return { id: context.id, directory, fsync: args.fsync };
}
