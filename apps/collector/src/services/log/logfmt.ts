/** One entry as a logfmt line: time, level and message first, then the fields in their order. */
export function logfmtLine(entry: Readonly<Record<string, unknown>>): string {
  const { ts, level, msg, ...fields } = entry;
  const pairs: [string, unknown][] = [["ts", ts], ["level", level], ["msg", msg], ...Object.entries(fields)];
  return pairs.map(([key, value]) => `${key}=${logfmtValue(value)}`).join(" ");
}

function logfmtValue(value: unknown): string {
  if (value === undefined || value === null) return "null";
  const text = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /^[^\s"=\\\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
