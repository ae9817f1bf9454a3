import { Capsule, Secret, type Value } from "@invar/alloy-syntax";
import { compileRegexp } from "@invar/go-compat";
import {
  any,
  assumed,
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  labels,
  list,
  many,
  maybe,
  oneOf,
  optional,
  type Report,
  required,
  string,
  uint,
} from "../../../../component/arguments.ts";
import { storageHandler } from "../../../../component/capsules.ts";
import { BadPattern, compileGlob } from "../../../../files/glob.ts";
import { MAX_LINE_BYTES } from "../../../../files/tail/read-slot.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { exprText } from "./operators/attributers.ts";
import { Pipeline } from "./operators/pipeline.ts";
import type { Plain } from "./operators/settings.ts";

const encodings = ["utf-8", "utf8", "utf8-raw", "utf-16le", "utf-16be", "ascii", "big5"] as const;
const pattern = (doc: string) => defaulted(string, doc, "", { check: (text) => (text === "" ? undefined : regexpFault(text)) });
const globs = { check: (patterns: readonly string[]) => patterns.map(globFault).find((fault) => fault !== undefined) };
const expressions = {
  check: (values: Readonly<Record<string, string>>) =>
    Object.values(values)
      .map((text) => exprText(text))
      .find((each) => typeof each === "string") as string | undefined,
};
const impossible = (what: string) => ({ check: (value: boolean) => (value ? `${what}: leave it false` : undefined) });

/** The inside of the component. */
export const schema = {
  arguments: {
    include: required(list(string), "Patterns of the files to read.", globs),
    exclude: defaulted(list(string), "Patterns of files to leave out.", [], globs),
    exclude_older_than: defaulted(duration, "Files that were last written longer ago are left out; 0 leaves out none.", "0s"),
    start_at: defaulted(
      oneOf("beginning", "end"),
      "Where reading begins in files that are there at the start. Files that come later are read whole.",
      "end",
    ),
    encoding: defaulted(string, "The files' encoding.", "utf-8", {
      check: (name) =>
        name === "nop"
          ? "the encoding nop, which reads files without dividing them into lines, is not available"
          : (encodings as readonly string[]).includes(name.toLowerCase())
            ? undefined
            : `invalid 'encoding': unsupported encoding '${name}'`,
    }),
    compression: defaulted(oneOf("", "gzip", "auto"), "How files are compressed; auto looks at each.", ""),
    poll_interval: defaulted(duration, "How often files are looked at; new ones are looked for every two seconds at most.", "200ms", {
      check: (ms) => (ms > 0 ? undefined : "'poll_interval' must be positive"),
    }),
    force_flush_period: defaulted(
      duration,
      "After how long an entry of several lines is taken as complete; 0 waits for what ends it.",
      "500ms",
    ),
    max_log_size: defaulted(bytes, "Longer lines are divided.", "1MiB", {
      check: (size) => (size < 1 || size > MAX_LINE_BYTES ? "'max_log_size' must be from 1 byte to 4MiB" : undefined),
    }),
    max_concurrent_files: optional(uint, "Without effect.", {
      deprecated: "any number of files is followed, a few read at a time: remove the argument",
      check: (count) => (count !== undefined && count < 1 ? "'max_concurrent_files' must be positive" : undefined),
    }),
    max_batches: optional(uint, "Without effect.", {
      deprecated: "any number of files is followed, a few read at a time: remove the argument",
    }),
    fingerprint_size: optional(bytes, "Without effect.", {
      deprecated: "files are told apart by device, inode and their first KiB: remove the argument",
    }),
    delete_after_read: defaulted(bool, "Whether files are deleted once all of them is safe in every destination's queue.", false),
    acquire_fs_lock: defaulted(bool, "Not available.", false, impossible("files can't be locked while they are read")),
    file_cache_advise: defaulted(bool, "Not available.", false, impossible("the kernel can't be told how files will be read")),
    include_file_name: defaulted(bool, "Adds log.file.name.", true),
    include_file_path: defaulted(bool, "Adds log.file.path.", false),
    include_file_name_resolved: defaulted(bool, "Adds log.file.name_resolved, with links followed.", false),
    include_file_path_resolved: defaulted(bool, "Adds log.file.path_resolved, with links followed.", false),
    include_file_owner_name: defaulted(bool, "Adds log.file.owner.name.", false),
    include_file_owner_group_name: defaulted(bool, "Adds log.file.owner.group.name.", false),
    include_file_permissions: defaulted(bool, "Adds log.file.permissions.", false),
    include_file_record_number: defaulted(
      bool,
      "Adds log.file.record_number, counted since the file was first read by this process.",
      false,
    ),
    preserve_leading_whitespaces: defaulted(bool, "Whether white space before an entry stays.", false),
    preserve_trailing_whitespaces: defaulted(bool, "Whether white space behind an entry stays.", false),
    attributes: defaulted(labels, "Attributes of every entry; values may hold EXPR(…).", {}, expressions),
    resource: defaulted(labels, "Attributes of the resource; values may hold EXPR(…).", {}, expressions),
    operators: defaulted(list(any), "What is done to each entry, one after the other.", [], { check: operatorsFault }),
    storage: optional(storageHandler, "The folder that positions are kept in; one within the storage path where absent."),
  },
  blocks: {
    multiline: maybe(
      "How lines make up entries.",
      {
        arguments: {
          line_start_pattern: pattern("Lines that match begin an entry."),
          line_end_pattern: pattern("Lines that match end an entry."),
          omit_pattern: defaulted(bool, "Whether what matches is left out.", false),
        },
      },
      {
        check({ line_start_pattern: start, line_end_pattern: end }, report) {
          if (start === "" && end === "") report("invalid 'multiline': either line_start_pattern or line_end_pattern must be set");
          if (start !== "" && end !== "") report("invalid 'multiline': only one of line_start_pattern or line_end_pattern can be set");
        },
      },
    ),
    header: maybe("Lines at the beginning of a file that tell about all others.", {
      arguments: {
        pattern: required(string, "Lines of the header match it.", { check: regexpFault }),
        metadata_operators: required(list(any), "What finds attributes in them.", {
          check: (operators) => (operators.length === 0 ? "'header' requires at least one 'metadata_operator'" : operatorsFault(operators)),
        }),
      },
    }),
    ordering_criteria: maybe("Which of the files are read.", {
      arguments: {
        regex: pattern("Finds in a path what is sorted by, in named groups."),
        group_by: pattern("Files whose path agrees in its first group are sorted among each other."),
        top_n: defaulted(uint, "So many of each group are read.", 1),
      },
      blocks: {
        sort_by: many("What files are sorted by; later ones count where earlier ones are equal.", {
          arguments: {
            sort_type: required(oneOf("numeric", "lexicographic", "timestamp", "mtime"), "How values are compared."),
            regex_key: defaulted(string, "The named group that is the value.", ""),
            ascending: defaulted(bool, "Whether small values go first.", false),
            layout: defaulted(string, "How times are written, for strptime.", ""),
            location: defaulted(string, "Where clocks without an offset stand.", "UTC"),
          },
        }),
      },
    }),
    retry_on_failure: assumed("How often entries that are refused are handed on again. Until they are taken, no more is read.", {
      arguments: {
        enabled: defaulted(bool, "Whether entries are given up, and counted, after max_elapsed_time; otherwise never.", false),
        initial_interval: defaulted(duration, "The wait before the first attempt.", "1s"),
        max_interval: defaulted(duration, "The longest wait.", "30s"),
        max_elapsed_time: defaulted(duration, "After how long entries are given up; 0 is never.", "5m"),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
} as const;

export type Args = Decoded<typeof schema>;

/** What must hold between arguments. */
export function check(args: Args, report: Report): void {
  if (args.start_at === "end" && args.delete_after_read)
    report("'delete_after_read' cannot be used with 'start_at = end'", "delete_after_read");
  if (args.compression !== "" && args.delete_after_read)
    report("'delete_after_read' cannot be used with 'compression'", "delete_after_read");
  if (args.start_at === "end" && args.header !== undefined) report("'header' cannot be specified with 'start_at = end'", "header");
  for (const sort of args.ordering_criteria?.sort_by ?? []) {
    if (sort.sort_type !== "mtime" && args.ordering_criteria?.regex === "")
      report("'regex' must be specified when 'sort_by' is specified", "ordering_criteria");
    if (sort.sort_type !== "mtime" && sort.regex_key === "") report("'regex_key' must be specified", "ordering_criteria");
    if (sort.sort_type === "timestamp" && sort.layout === "")
      report("'layout' must be specified for sort_type timestamp", "ordering_criteria");
  }
}

/** A value of the configuration language without what operators can't use. */
export function plainOf(value: Value): Plain {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(plainOf);
  if (value instanceof Capsule || typeof value === "function") return null;
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value as Readonly<Record<string, Value>>).map(([key, each]) => [key, plainOf(each)]));
  return value as Plain;
}

function operatorsFault(operators: readonly Value[]): string | undefined {
  const faults: string[] = [];
  const nobody = {
    now: () => 0,
    random: () => 0,
    failed: () => {},
    dropped: () => {},
    report: (message: string) => void faults.push(message),
  };
  new Pipeline(operators.map(plainOf), nobody, () => {});
  return faults.length === 0 ? undefined : faults.join("; ");
}

function regexpFault(text: string): string | undefined {
  try {
    compileRegexp(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function globFault(text: string): string | undefined {
  try {
    compileGlob(text);
    return undefined;
  } catch (error) {
    if (error instanceof BadPattern) return error.message;
    throw error;
  }
}
