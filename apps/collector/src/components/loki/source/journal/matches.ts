import type { Field } from "./journal-file.ts";

/** By field the values of which one must be there. */
export type Matches = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads `FIELD=VALUE FIELD=VALUE`: fields are joined by "and", values of one field by "or". Returns what is wrong with it as text. */
export function parseMatches(text: string): Matches | string {
  const matches = new Map<string, Set<string>>();
  for (const match of text.split(/\s+/).filter((each) => each !== "")) {
    const parts = match.split("=");
    if (parts.length !== 2) return `Error parsing journal reader 'matches' configuration value: "${match}" must be FIELD=VALUE`;
    const [field = "", value = ""] = parts;
    if (!/^[A-Z0-9_]+$/.test(field))
      return `Error parsing journal reader 'matches' configuration value: "${field}" is no field of journals`;
    const values = matches.get(field) ?? new Set();
    values.add(value);
    matches.set(field, values);
  }
  return matches;
}

export function entryMatches(fields: readonly Field[], matches: Matches): boolean {
  for (const [name, values] of matches) if (!fields.some(([field, value]) => field === name && values.has(value))) return false;
  return true;
}
