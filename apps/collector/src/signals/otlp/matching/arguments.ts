import {
  any,
  bool,
  type Decoded,
  defaulted,
  list,
  many,
  maybe,
  oneOf,
  optional,
  required,
  string,
  uint,
} from "../../../component/arguments.ts";

/** `log_severity.min` by name; its place is the severity's number less one. */
export const severityNames = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((level) =>
  ["", "2", "3", "4"].map((step) => `${level}${step}`),
);

const keyAndValue = (doc: string) =>
  many(doc, {
    arguments: {
      key: required(string, "The key, which must be there.", { check: (key) => (key === "" ? "key can't be empty" : undefined) }),
      value: optional(any, "The value that it must have; any where absent."),
    },
  });

/** The inside of `include` and `exclude`. */
export const matchProperties = {
  arguments: {
    match_type: required(oneOf("strict", "regexp"), "Whether the texts below are compared as they are or as patterns."),
    services: defaulted(list(string), "Values of the resource's `service.name`; spans only.", []),
    span_names: defaulted(list(string), "Names of spans.", []),
    span_kinds: defaulted(list(string), "Kinds of spans: `SPAN_KIND_SERVER` and its like.", []),
    log_bodies: defaulted(list(string), "Bodies of log records.", []),
    log_severity_texts: defaulted(list(string), "Severity texts of log records.", []),
    metric_names: defaulted(list(string), "Names of metrics.", []),
  },
  blocks: {
    regexp: maybe("Keeps the results of patterns.", {
      arguments: {
        cache_enabled: defaulted(bool, "Whether results are kept.", false),
        cache_max_num_entries: defaulted(uint, "For how many texts; 0 for as many as are worth it.", 0),
      },
    }),
    attribute: keyAndValue("An attribute that the item must have; all of them must match."),
    resource: keyAndValue("An attribute that the resource must have; all of them must match. Not for metrics."),
    library: many("The instrumentation scope that the item must come from; all of them must match. Not for metrics.", {
      arguments: {
        name: required(string, "Its name."),
        version: optional(string, "Its version; any where absent, none where empty."),
      },
    }),
    log_severity: maybe("The severity number that a log record must have.", {
      arguments: {
        min: required(string, "The lowest that matches, by name: `INFO`.", {
          check: (name) => (severityNames.includes(name) ? undefined : `unrecognized severity level "${name}"`),
        }),
        match_undefined: required(bool, "Whether records without a severity number match."),
      },
    }),
  },
} as const;

export type MatchProperties = Decoded<typeof matchProperties>;
