/** File → metric. */
export type Part = readonly (readonly [file: string, metric: string, kind: "counter" | "gauge", help: string, factor?: number])[];

export const ofSet: Part = [
  ["average_key_size", "average_key_size_sectors", "gauge", "Average data of a key of the tree, in sectors."],
  ["btree_cache_size", "btree_cache_size_bytes", "gauge", "Memory that the tree takes, in bytes."],
  ["cache_available_percent", "cache_available_percent", "gauge", "Share of the cache without data that waits to be written back."],
  ["congested", "congested", "gauge", "Whether the cache is slower than what it caches."],
  ["root_usage_percent", "root_usage_percent", "gauge", "Share of the tree's root in use."],
  ["tree_depth", "tree_depth", "gauge", "Depth of the tree."],
  ["internal/active_journal_entries", "active_journal_entries", "gauge", "Entries of the journal that are newer than the index."],
  ["internal/btree_nodes", "btree_nodes", "gauge", "Nodes of the tree."],
  // The file counts in microseconds, whatever the reference's factor says of it.
  ["internal/btree_read_average_duration_us", "btree_read_average_duration_seconds", "gauge", "Average time to read the tree.", 1e-9],
  ["internal/cache_read_races", "cache_read_races_total", "counter", "Times that a part was reused while it was read."],
];

export const perDevice: Part = [["dirty_data", "dirty_data_bytes", "gauge", "Data that waits to be written back, in bytes."]];

export const traffic: Part = [
  ["bypassed", "bypassed_bytes_total", "counter", "Bytes that went past the cache."],
  ["cache_hits", "cache_hits_total", "counter", "Requests that the cache answered."],
  ["cache_misses", "cache_misses_total", "counter", "Requests that it could not."],
  ["cache_bypass_hits", "cache_bypass_hits_total", "counter", "Requests past the cache that it could have answered."],
  ["cache_bypass_misses", "cache_bypass_misses_total", "counter", "Requests past the cache that it could not."],
  ["cache_miss_collisions", "cache_miss_collisions_total", "counter", "Times that data was written while it was read into the cache."],
];

/** Key of a line → metric. */
export const writeback = [
  ["target", "dirty_target_bytes", "Data that may wait to be written back, in bytes."],
  ["rate", "writeback_rate", "Bytes a second that are written back."],
  ["proportional", "writeback_rate_proportional_term", "The part of that rate which follows the distance to the target."],
  ["integral", "writeback_rate_integral_term", "The part of that rate which follows how long the distance lasts."],
  ["change", "writeback_change", "The last change of that rate."],
] as const;

export const cachePart: Part = [
  ["io_errors", "io_errors", "gauge", "Errors of the cache, older ones counting less."],
  ["metadata_written", "metadata_written_bytes_total", "counter", "Bytes that were written which are not data."],
  ["written", "written_bytes_total", "counter", "Bytes that were written."],
];

const units = "kMGTPEZY";

/** A number as bcache prints it for people, `1.5k`. Behind the point stand 1024ths, divided by 100 and rounded: .10 is more than .9. */
export function bcacheNumber(text: string): number {
  const [, sign, whole, fraction = "0", unit = ""] = /^(-?)(\d+)(?:\.(\d+))?([a-zA-Z]?)$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`${JSON.stringify(text)} is not a number of bcache`);
  const power = units.indexOf(unit) + 1;
  const value = unit === "" ? Number(`${whole}.${fraction}`) : (Number(whole) + Number(fraction) / 10.24) * 1024 ** power;
  return sign === "-" ? -Math.trunc(value) : Math.trunc(value);
}
