import { join, normalize } from "node:path/posix";

/** Where a group's telemetry goes: `path` with its `*` replaced, never outside of what stands before the `*`. */
export function groupPath(path: string, segment: string): string {
  const star = path.indexOf("*");
  const prefix = cleanPrefix(path.slice(0, star));
  const suffix = path.slice(star + 1);
  const inside = segment.startsWith("./") ? segment.slice(1) : segment.startsWith("../") ? segment.slice(2) : segment;
  const whole = clean(prefix + inside + suffix);
  return whole.startsWith(prefix) ? whole : join(prefix, clean(`/${inside}${suffix}`));
}

function cleanPrefix(prefix: string): string {
  const cleaned = clean(prefix);
  return prefix.endsWith("/") && !cleaned.endsWith("/") ? `${cleaned}/` : cleaned;
}

function clean(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
