import { type RuneRanges, toRanges } from "./rune-ranges.ts";

// The largest code point that has another case; nothing above folds.
const LAST_FOLDING_RUNE = 0x1e943;

// Beyond upper and lower case only these two letters of other blocks fold to ASCII.
const LONG_S = 0x17f;
const KELVIN = 0x212a;

/** The set with every code point that differs from a member only by (simple) case. */
export function foldCase(ranges: RuneRanges): RuneRanges {
  const folded = [...ranges];
  for (let at = 0; at < ranges.length; at += 2) {
    const lo = ranges[at] as number;
    const hi = ranges[at + 1] as number;
    foldAscii(lo, hi, folded);
    if (hi >= 0x80 && lo <= LAST_FOLDING_RUNE) foldBeyondAscii(lo, hi, folded);
  }
  return toRanges(folded);
}

function foldAscii(lo: number, hi: number, folded: number[]): void {
  for (let rune = Math.max(lo, 0x41); rune <= Math.min(hi, 0x7a); rune++) {
    if (rune > 0x5a && rune < 0x61) continue;
    const other = rune ^ 0x20;
    folded.push(other, other);
    if ((rune | 0x20) === 0x6b) folded.push(KELVIN, KELVIN);
    if ((rune | 0x20) === 0x73) folded.push(LONG_S, LONG_S);
  }
}

function foldBeyondAscii(lo: number, hi: number, folded: number[]): void {
  const { runes, othersOf } = foldingTable();
  let at = 0;
  for (let step = runes.length; step > 0; step = step >> 1) while ((runes[at + step] ?? hi) < lo) at += step;
  for (; at < runes.length && (runes[at] as number) <= hi; at++) {
    if ((runes[at] as number) < lo) continue;
    for (const other of othersOf.get(runes[at] as number) as readonly number[]) folded.push(other, other);
  }
}

interface FoldingTable {
  /** Every code point from 0x80 up that has another case, in order. */
  readonly runes: readonly number[];
  readonly othersOf: ReadonlyMap<number, readonly number[]>;
}

let table: FoldingTable | undefined;

// Built on first use: only patterns with (?i) and letters beyond ASCII need it.
function foldingTable(): FoldingTable {
  if (table !== undefined) return table;
  const orbits = new Map<number, Set<number>>();
  for (let rune = 0x41; rune <= LAST_FOLDING_RUNE; rune++) {
    const text = String.fromCodePoint(rune);
    for (const changed of [text.toLowerCase(), text.toUpperCase()]) {
      const other = changed.codePointAt(0) as number;
      if (other === rune || String.fromCodePoint(other) !== changed || !doFoldTogether(text, changed)) continue;
      joinOrbits(orbits, rune, other);
    }
  }
  const othersOf = new Map([...orbits].map(([rune, orbit]) => [rune, [...orbit].filter((other) => other !== rune)]));
  const runes = [...othersOf.keys()].filter((rune) => rune >= 0x80).sort((a, b) => a - b);
  table = { runes, othersOf };
  return table;
}

// Upper and lower case also pair letters that simple folding keeps apart (dotless i and I); the engine's own folding decides.
function doFoldTogether(a: string, b: string): boolean {
  return new RegExp(`^${a}$`, "iu").test(b);
}

function joinOrbits(orbits: Map<number, Set<number>>, a: number, b: number): void {
  const joined = new Set([a, b, ...(orbits.get(a) ?? []), ...(orbits.get(b) ?? [])]);
  for (const rune of joined) orbits.set(rune, joined);
}
