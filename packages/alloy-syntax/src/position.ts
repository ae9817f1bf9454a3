import type { Source } from "./diagnostic.ts";

/** A place in a text as people name it: both numbers begin at 1, columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function position(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  const at = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (starts[low] as number) + 1 };
}

/** The text of a line, counted from 1, without its end. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return "";
  return source.text.slice(start, (starts[line] ?? source.text.length + 1) - 1).replace(/\r$/, "");
}

export function lineCount(source: Source): number {
  return lineStarts(source).length;
}

// A file with a thousand findings is searched for its lines once.
const known = new WeakMap<Source, Uint32Array>();

function lineStarts(source: Source): Uint32Array {
  const before = known.get(source);
  if (before !== undefined) return before;
  const { text } = source;
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  const starts = new Uint32Array(count);
  for (let line = 1, at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts[line++] = at + 1;
  known.set(source, starts);
  return starts;
}
