import { any, bool, defaulted, list, optional, required, type Schema, string } from "../../component/arguments.ts";

export const argumentSchema = {
  arguments: {
    comment: defaulted(string, "What the argument is for.", ""),
    default: optional(any, "Its value where the caller leaves it out."),
    optional: defaulted(bool, "Whether the caller may leave it out.", false),
  },
} satisfies Schema;

export const exportSchema = {
  arguments: { value: required(any, "What users of the custom component read.") },
} satisfies Schema;

/** A foreach without its template, which is a module of its own. */
export const foreachSchema = {
  arguments: {
    collection: required(list(any), "The items; each gets a pipeline of its own."),
    var: required(string, "The name by which the template reads its item."),
    id: defaulted(string, "The field of an item that names its pipeline.", ""),
    hash_string_id: defaulted(bool, "Whether a text that names a pipeline is hashed.", false),
    enable_metrics: defaulted(bool, "Whether the pipelines' own metrics are exposed.", false),
  },
} satisfies Schema;
