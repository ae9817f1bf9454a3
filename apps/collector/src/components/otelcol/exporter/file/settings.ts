import type { FileExporterArgs } from "./arguments.ts";
import { framingOf } from "./encode.ts";
import type { GroupOptions } from "./grouped-files.ts";
import type { OutputFileOptions } from "./output-file.ts";

/** What the arguments say about the one file. */
export function fileOptions(args: FileExporterArgs): OutputFileOptions {
  const { path, append, rotation, create_directory, flush_interval } = args;
  return {
    path,
    framing: framingOf({ ...args, level: undefined }),
    // A file that rotates goes on where it was.
    discardBeforeMs: append || rotation !== undefined ? undefined : Number.POSITIVE_INFINITY,
    folderMode: create_directory ? folderMode(args) : undefined,
    rotation: rotation && {
      maxBytes: (rotation.max_megabytes || DEFAULT_MEGABYTES) * 1024 * 1024,
      maxBackups: rotation.max_backups,
      maxAgeMs: rotation.max_days * 24 * 60 * 60_000,
      localtime: rotation.localtime,
    },
    syncMs: flush_interval,
  };
}

/** What they say about the files of groups, all of which begin with `nowMs`. */
export function groupOptions(args: FileExporterArgs, nowMs: number): GroupOptions {
  const file = fileOptions(args);
  return {
    file: {
      ...file,
      folderMode: folderMode(args),
      // A file that was closed to open others goes on when its group comes again. File times are a little behind the clock.
      discardBeforeMs: file.discardBeforeMs === undefined ? undefined : nowMs - FILE_TIME_LAG_MS,
    },
    attribute: args.group_by?.resource_attribute ?? "",
    maxOpenFiles: args.group_by?.max_open_files ?? 1,
  };
}

function folderMode({ directory_permissions: permissions }: FileExporterArgs): number {
  return permissions === "" ? 0o755 : Number.parseInt(permissions, 8);
}

const DEFAULT_MEGABYTES = 100;
const FILE_TIME_LAG_MS = 100;
