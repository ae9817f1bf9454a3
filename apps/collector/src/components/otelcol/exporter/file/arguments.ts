import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  maybe,
  type Report,
  required,
  string,
  uint,
} from "../../../../component/arguments.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import { checkCompression, compressionParamsBlock } from "../../../../transport/otelcol/compression-arguments.ts";

export const schema = {
  arguments: {
    path: required(string, "The file to write; with `group_by`, a path whose `*` is replaced.", {
      check: (path) => (path === "" ? "path must be non-empty" : undefined),
    }),
    append: defaulted(bool, "Whether to write behind what the file holds; otherwise that is removed at the start.", false),
    format: defaulted(string, 'How telemetry is written: "json", a line a message, or "proto", each message behind its length.', "json", {
      check: (format) => (format === "json" || format === "proto" ? undefined : `format type is not supported: write "json" or "proto"`),
    }),
    compression: defaulted(
      string,
      'How each message is compressed: "zstd"; empty: not. Compressed messages stand behind their lengths.',
      "",
      { check: (name) => (name === "" || name === "zstd" ? undefined : 'compression is not supported: write "zstd" or nothing') },
    ),
    encoding: defaulted(string, "Not available: `format` decides.", "", {
      check: (encoding) => (encoding === "" ? undefined : "encoding parameter is not yet supported: write `format` instead"),
    }),
    flush_interval: defaulted(
      duration,
      "How often what was written is forced to the disk; data is handed to the system at once. 0: when the system likes.",
      "1s",
      { check: (ms) => (ms < 0 ? "flush_interval must be larger than zero" : undefined) },
    ),
    create_directory: defaulted(bool, "Whether to make the file's folder where it is missing.", false),
    directory_permissions: defaulted(string, "Permissions of folders that are made, in octal; 0755 where empty.", ""),
  },
  blocks: {
    compression_params: compressionParamsBlock,
    group_by: maybe("Writes a file for each value of a resource attribute. Resources without it are dropped and counted.", {
      arguments: {
        enabled: defaulted(bool, "Whether to do so.", false),
        resource_attribute: defaulted(string, "The attribute whose value replaces the `*` of `path`.", "fileexporter.path_segment"),
        max_open_files: defaulted(uint, "How many files are open at a time.", 100),
      },
    }),
    rotation: maybe("Moves a file aside when it is full. With `group_by`, each of the files.", {
      arguments: {
        max_megabytes: defaulted(uint, "Size at which a file is full, in units of 1,048,576 bytes; 0 means 100.", 100),
        max_days: defaulted(uint, "How many days files that were moved aside are kept; 0: for ever.", 0),
        max_backups: defaulted(uint, "How many of them are kept; 0: all.", 100),
        localtime: defaulted(bool, "Whether the time in their names is local, not UTC.", false),
      },
    }),
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
} as const;

export type FileExporterArgs = Decoded<typeof schema>;

/** Reports what does not go together. */
export function check(args: FileExporterArgs, report: Report): void {
  const { append, compression, compression_params, create_directory, directory_permissions, group_by, path, rotation } = args;
  if (append && rotation !== undefined) report("append and rotation enabled at the same time is not supported", "rotation");
  if (compression !== "") checkCompression(compression, compression_params, report);
  if (group_by?.enabled === true) {
    if (path.split("*").length !== 2) report("path must contain exactly one * when group_by is enabled", "path");
    else if (path.startsWith("*")) report("path must not start with * when group_by is enabled", "path");
    if (group_by.resource_attribute === "") report("resource_attribute must not be empty when group_by is enabled", "group_by");
    if (group_by.max_open_files === 0) report("max_open_files must be at least 1", "group_by");
  }
  if (directory_permissions === "") return;
  if (!create_directory) report("directory_permissions requires create_directory to be true", "directory_permissions");
  else if (!/^[0-7]+$/.test(directory_permissions))
    report("directory_permissions value must be a valid octal representation", "directory_permissions");
  else if (Number.parseInt(directory_permissions, 8) > 0o777)
    report("directory_permissions contain invalid bits for file access", "directory_permissions");
}
