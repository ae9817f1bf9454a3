// A set of code points is a sorted flat array of inclusive bounds: [lo, hi, lo, hi, …], neither overlapping nor adjacent.

export type RuneRanges = readonly number[];

export const MAX_RUNE = 0x10ffff;
export const ALL_RUNES: RuneRanges = [0, MAX_RUNE];
export const NO_RUNES: RuneRanges = [];
export const NEWLINE: RuneRanges = [0x0a, 0x0a];
export const NOT_NEWLINE: RuneRanges = [0, 0x09, 0x0b, MAX_RUNE];

/** Sorts and merges bounds that come in any order. */
export function toRanges(bounds: readonly number[]): RuneRanges {
  if (bounds.length <= 2) return bounds;
  const pairs: [number, number][] = [];
  for (let at = 0; at < bounds.length; at += 2) pairs.push([bounds[at] as number, bounds[at + 1] as number]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [lo, hi] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && lo <= (merged[last] as number) + 1) merged[last] = Math.max(merged[last] as number, hi);
    else merged.push(lo, hi);
  }
  return merged;
}

export function unionOf(a: RuneRanges, b: RuneRanges): RuneRanges {
  if (a.length === 0) return b;
  return b.length === 0 ? a : toRanges([...a, ...b]);
}

export function complementOf(ranges: RuneRanges): RuneRanges {
  const rest: number[] = [];
  let next = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    const lo = ranges[at] as number;
    if (next < lo) rest.push(next, lo - 1);
    next = (ranges[at + 1] as number) + 1;
  }
  if (next <= MAX_RUNE) rest.push(next, MAX_RUNE);
  return rest;
}

export function doIntersect(a: RuneRanges, b: RuneRanges): boolean {
  let left = 0;
  let right = 0;
  while (left < a.length && right < b.length) {
    if ((a[left + 1] as number) < (b[right] as number)) left += 2;
    else if ((b[right + 1] as number) < (a[left] as number)) right += 2;
    else return true;
  }
  return false;
}

export function includesRune(ranges: RuneRanges, rune: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (rune < (ranges[2 * middle] as number)) high = middle - 1;
    else if (rune > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else return true;
  }
  return false;
}

/** The only member, or undefined when there are none or several. */
export function onlyRune(ranges: RuneRanges): number | undefined {
  return ranges.length === 2 && ranges[0] === ranges[1] ? ranges[0] : undefined;
}

export function isEverything(ranges: RuneRanges): boolean {
  return ranges.length === 2 && ranges[0] === 0 && ranges[1] === MAX_RUNE;
}
