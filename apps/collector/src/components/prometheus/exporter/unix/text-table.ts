import { compileRegexp } from "@invar/go-compat";

/** The lines of a kernel file that are not empty. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A line's words; none where it is blank. */
export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
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

/** A number as the kernel writes it, in decimal. Throws where it is something else: a wrong value is worse than none. */
export function numberOf(text: string | undefined): number {
  if (text === undefined) throw new Error("a number is missing: the file has fewer columns than expected");
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new Error(`${JSON.stringify(text)} is not a number`);
  return value;
}

/** The same in hexadecimal, without a prefix. */
export function hexOf(text: string | undefined): number {
  if (text === undefined || !/^[0-9a-fA-F]+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a hexadecimal number`);
  return Number.parseInt(text, 16);
}

/** Whether a device is asked for: one that is kept, where that is limited, and not left out. */
export function deviceFilter(include: string | undefined, exclude: string | undefined): (device: string) => boolean {
  const kept = include ? compileRegexp(include) : undefined;
  const left = exclude ? compileRegexp(exclude) : undefined;
  return (device) => (kept === undefined || kept.test(device)) && (left === undefined || !left.test(device));
}

/** The words of text that stand for a set of processors: `0-2,5`. */
export function cpuRange(text: string): string[] {
  return text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map(numberOf);
      if (first === undefined || last === undefined || last - first > 65_535)
        throw new Error(`${JSON.stringify(part)} is not a range of processors`);
      return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
    });
}
