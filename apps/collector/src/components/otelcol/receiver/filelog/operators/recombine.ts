import type { Entry } from "../entry.ts";
import { type Expression, isTrue } from "../expr/expression.ts";
import { type Field, getField, setField } from "../field.ts";
import type { Emit, Operator } from "./operator.ts";
import type { Settings } from "./settings.ts";

export interface RecombineOptions {
  readonly condition: Expression;
  /** The condition tells first entries; otherwise last ones. */
  readonly tellsFirst: boolean;
  readonly field: Field;
  readonly joint: string;
  readonly source: Field;
  /** 0: no limit. */
  readonly maxEntries: number;
  readonly maxUnmatched: number;
  readonly maxSources: number;
  readonly maxBytes: number;
  readonly keepsNewest: boolean;
  readonly flushAfterMs: number;
}

interface Pending {
  base: Entry;
  parts: string[];
  bytes: number;
  count: number;
  hasMatched: boolean;
  readonly sinceMs: number;
}

const NO_SOURCE = "DefaultSourceIdentifier";

/** Joins entries of one source into one. */
export function recombine(options: RecombineOptions, now: () => number): Operator {
  const pending = new Map<string, Pending>();

  const flush = (source: string, emit: Emit) => {
    const group = pending.get(source);
    if (group === undefined) return;
    pending.delete(source);
    setField(group.base, options.field, group.parts.join(options.joint));
    emit(group.base);
  };
  const add = (entry: Entry, source: string, matched: boolean, emit: Emit) => {
    let group = pending.get(source);
    if (group === undefined) {
      if (pending.size >= options.maxSources) for (const each of [...pending.keys()]) flush(each, emit);
      group = { base: entry, parts: [], bytes: 0, count: 0, hasMatched: false, sinceMs: now() };
      pending.set(source, group);
    } else if (options.keepsNewest) group.base = entry;
    group.count++;
    group.hasMatched ||= matched;
    const part = getField(entry, options.field);
    if (typeof part === "string") {
      group.bytes += Buffer.byteLength(part) + (group.parts.length > 0 ? options.joint.length : 0);
      group.parts.push(part);
    }
    const { maxBytes, maxEntries, maxUnmatched } = options;
    const isFull =
      (maxBytes > 0 && group.bytes > maxBytes) ||
      (maxEntries > 0 && group.count >= maxEntries) ||
      (!group.hasMatched && maxUnmatched > 0 && group.count >= maxUnmatched);
    if (isFull) flush(source, emit);
  };

  return {
    process(entry, emit) {
      const matched = isTrue(options.condition, entry);
      const given = getField(entry, options.source);
      const source = typeof given === "string" && given !== "" ? given : NO_SOURCE;
      if (matched && options.tellsFirst) flush(source, emit);
      add(entry, source, matched, emit);
      if (matched && !options.tellsFirst) flush(source, emit);
    },
    flush(nowMs, emit) {
      for (const [source, { sinceMs }] of [...pending]) if (nowMs - sinceMs >= options.flushAfterMs) flush(source, emit);
    },
    get isHolding() {
      return pending.size > 0;
    },
  };
}

export function recombineOperator(settings: Settings, now: () => number): Operator {
  const first = settings.expression("is_first_entry");
  const last = settings.expression("is_last_entry");
  if (settings.has("is_first_entry") && settings.has("is_last_entry"))
    settings.wrong("only one of is_first_entry and is_last_entry can be set");
  if (!settings.has("is_first_entry") && !settings.has("is_last_entry"))
    settings.wrong("one of is_first_entry and is_last_entry must be set");
  const overwrite = settings.text("overwrite_with", "oldest");
  if (overwrite !== "oldest" && overwrite !== "newest" && overwrite !== "")
    settings.wrong(`invalid value '${overwrite}' for parameter 'overwrite_with'`);
  return recombine(
    {
      condition: first ?? last ?? (() => false),
      tellsFirst: first !== undefined,
      field: settings.requiredField("combine_field"),
      joint: settings.text("combine_with", "\n"),
      source: settings.field("source_identifier", 'attributes["log.file.path"]'),
      maxEntries: settings.number("max_batch_size", 1000),
      maxUnmatched: settings.number("max_unmatched_batch_size", 100),
      maxSources: settings.number("max_sources", 1000),
      maxBytes: settings.size("max_log_size", 0),
      keepsNewest: overwrite === "newest",
      flushAfterMs: settings.durationMs("force_flush_period", 5000),
    },
    now,
  );
}
