/** What one template gave. */
export interface RenderedText {
  /** From the root chart's name on. */
  readonly path: string;
  readonly text: string;
  /** The template itself. */
  readonly source: string;
  /** For each part of the text, in order: where it begins in the text, where its node begins in the template. */
  readonly writes: readonly number[];
}

/** Without what Go prints for absent values, which Helm takes out. */
export function withoutNoValue(rendered: RenderedText): RenderedText {
  const { text, writes } = rendered;
  if (!text.includes(NO_VALUE)) return rendered;
  const moved: number[] = [];
  let removed = 0;
  let next = text.indexOf(NO_VALUE);
  for (let at = 0; at < writes.length; at += 2) {
    const offset = writes[at] as number;
    while (next >= 0 && next < offset) {
      removed += NO_VALUE.length;
      next = text.indexOf(NO_VALUE, next + NO_VALUE.length);
    }
    moved.push(Math.max(0, offset - removed), writes[at + 1] as number);
  }
  return { ...rendered, text: text.replaceAll(NO_VALUE, ""), writes: moved };
}

const NO_VALUE = "<no value>";

/** For each line of a part of the text, the line of the template that wrote its first character. Both count from 1. */
export function templateLines({ text, source, writes }: RenderedText, start: number, end: number): number[] {
  const lines: number[] = [];
  const lineOf = lineCounter(source);
  let write = 0;
  for (let at = start; at >= 0 && at <= end; ) {
    while (write + 2 < writes.length && (writes[write + 2] as number) <= at) write += 2;
    const offset = writes[write] ?? 0;
    const position = writes[write + 1] ?? 0;
    // What is written as it stands moves line by line in both; an action stays on its line.
    const isVerbatim = source.startsWith(text.slice(offset, at + 1), position);
    lines.push(lineOf(isVerbatim ? position + (at - offset) : position));
    const lineEnd = text.indexOf("\n", at);
    at = lineEnd < 0 || lineEnd >= end ? -1 : lineEnd + 1;
  }
  return lines;
}

/** The line of a position; quick when positions mostly grow. */
function lineCounter(source: string): (position: number) => number {
  let line = 1;
  let counted = 0;
  return (position) => {
    if (position < counted) {
      line = 1;
      counted = 0;
    }
    for (let at = source.indexOf("\n", counted); at >= 0 && at < position; at = source.indexOf("\n", at + 1)) line++;
    counted = position;
    return line;
  };
}
