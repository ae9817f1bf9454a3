import { compileRegexp } from "@invar/go-compat";

/** The lines of a kernel file that are not empty. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A line's words. */
export function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** `Name: value` lines by name. */
export function pairsOf(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of linesOf(text)) {
    const colon = line.indexOf(":");
    if (colon > 0) pairs.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return pairs;
}

/** Whether a device is asked for: by the pattern of those to keep, else by that of those to leave out. */
export function deviceFilter(include: string | undefined, exclude: string | undefined): (device: string) => boolean {
  const kept = include === undefined || include === "" ? undefined : compileRegexp(include);
  const left = exclude === undefined || exclude === "" ? undefined : compileRegexp(exclude);
  return (device) => (kept === undefined || kept.test(device)) && (left === undefined || !left.test(device));
}
