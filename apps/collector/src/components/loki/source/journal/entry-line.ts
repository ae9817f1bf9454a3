import { type Rules, relabel } from "../../../../relabel/rules.ts";
import { internRecord, type StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Field } from "./journal-file.ts";

export interface LineSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: Rules;
  readonly asJson: boolean;
  /** The component's id, which becomes the label `job`. */
  readonly job: string;
}

export type EntryLine = { readonly labels: StreamLabels; readonly line: string } | { readonly problem: "no_message" | "empty_labels" };

const priorities = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];

/** What becomes of an entry's fields. */
export function lineOf(fields: readonly Field[], { labels, rules, asJson, job }: LineSettings): EntryLine {
  const record: Record<string, string> = { ...labels, job };
  let message = "";
  for (const [name, value] of fields) {
    if (name === "PRIORITY") record.__journal_priority_keyword = /^[0-7]$/.test(value) ? (priorities[Number(value)] as string) : value;
    record[`__journal_${name.toLowerCase()}`] = value;
    if (name === "MESSAGE") message = value;
  }
  const line = asJson ? jsonOf(fields) : message;
  if (line === "") return { problem: "no_message" };
  const relabelled = relabel(record, rules);
  if (relabelled === undefined) return { problem: "empty_labels" };
  const kept = Object.fromEntries(Object.entries(relabelled).filter(([name]) => !name.startsWith("__")));
  if (Object.keys(kept).length === 0) return { problem: "empty_labels" };
  return { labels: internRecord(kept), line };
}

/** Keys in order, as the incumbent writes them; of several fields of one name the last counts. */
function jsonOf(fields: readonly Field[]): string {
  const sorted = [...new Map(fields)].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(sorted));
  // Go's encoder escapes what HTML and old JavaScript would misread.
  return text.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
