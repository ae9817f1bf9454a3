import type { Diagnostic, Source } from "./diagnostic.ts";
import { lineCount, lineText, type Position, position } from "./position.ts";

export interface RenderOptions {
  /** For terminals. */
  readonly color?: boolean;
  /** How many lines to show before and after the place; 1 when absent. */
  readonly context?: number;
}

/**
 * A finding for people: `Error: file:line:column: message [code]`, the lines around it with the place underlined, and the hint. Nothing
 * in the source can move a terminal's cursor, and no line is longer than a screen is wide.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const { source, span, message, code, hint } = diagnostic;
  const paint = options.color === true ? painted : plain;
  const start = position(source, span.start);
  const color = diagnostic.severity === "error" ? RED : YELLOW;
  const severity = diagnostic.severity === "error" ? "Error" : "Warning";
  const place = `${source.name === "" ? "" : `${source.name}:`}${start.line}:${start.column}`;
  const header = `${paint(BOLD + color, `${severity}:`)} ${paint(BOLD, harmless(`${place}: ${message}`))} [${code}]`;
  const excerpt = source.text === "" ? [] : ["", ...excerptOf(diagnostic, start, options.context ?? 1, (text) => paint(color, text))];
  return [header, ...excerpt, ...(hint === undefined ? [] : [`  hint: ${harmless(hint)}`])].join("\n");
}

const BOLD = "\x1b[1m";
const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";

function painted(codes: string, text: string): string {
  return `${codes}${text}\x1b[0m`;
}

function plain(_codes: string, text: string): string {
  return text;
}

// Long spans show their ends only.
const MAX_LINES = 6;
const WIDTH = 140;
const TAB = "    ";

function excerptOf({ source, span }: Diagnostic, start: Position, context: number, paint: (text: string) => string): string[] {
  const end = position(source, Math.max(span.end - 1, span.start));
  const first = Math.max(1, start.line - context);
  const hasEmptyEnd = source.text.endsWith("\n");
  const last = Math.max(end.line, Math.min(lineCount(source) - (hasEmptyEnd ? 1 : 0), end.line + context));
  const numberWidth = String(last).length;
  const lines: string[] = [];
  for (let line = first; line <= last; line++) {
    if (end.line - start.line >= MAX_LINES && line > start.line + 2 && line < end.line - 1) {
      lines.push(`${"".padStart(numberWidth)} | ...`);
      line = end.line - 2;
      continue;
    }
    const from = line === start.line ? start.column - 1 : 0;
    const isMarked = line >= start.line && line <= end.line;
    const to = line === end.line ? end.column : Number.POSITIVE_INFINITY;
    const { text, marks } = drawLine(source, line, isMarked ? from : 0, isMarked ? to : 0);
    lines.push(`${String(line).padStart(numberWidth)} | ${text}`.trimEnd());
    if (isMarked && marks !== "") lines.push(`${"".padStart(numberWidth)} | ${paint(marks)}`);
  }
  return lines;
}

// A line as it is shown, and the marks under its columns from `from` to `to`.
function drawLine(source: Source, line: number, from: number, to: number): { text: string; marks: string } {
  const full = lineText(source, line);
  const cutBefore = from > WIDTH - 20 ? from - 20 : 0;
  const visible = full.slice(cutBefore, cutBefore + WIDTH);
  let text = cutBefore > 0 ? "..." : "";
  let marks = " ".repeat(text.length);
  let column = cutBefore;
  for (const character of visible) {
    const shown = character === "\t" ? TAB : harmless(character);
    const isMarked = column >= from && column < to;
    text += shown;
    marks += (isMarked ? "^" : " ").repeat(Array.from(shown).length);
    column += character.length;
  }
  if (cutBefore + WIDTH < full.length) text += "...";
  // A place behind the end of the line, or at the end of the text.
  if (from >= full.length && to > from) marks += "^";
  return { text, marks: from === to ? "" : marks.trimEnd() };
}

// Controls and direction marks, which could hide or fake output. Line breaks belong to the message.
function harmless(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
