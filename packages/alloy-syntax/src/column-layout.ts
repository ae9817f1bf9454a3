/** A stretch of a line between two column breaks. */
interface Cell {
  readonly text: string;
  /** In characters; a break inside of a comment counts like any other character. */
  readonly width: number;
  /** How much of the text would stay if the line ended here: all but trailing blanks of the layout. */
  readonly solid: number;
  /** Whether the column behind it stays open when all of its cells are empty. */
  readonly keepsColumn: boolean;
}

/**
 * Lines whose columns align: a column is as wide as its widest cell plus one blank, over all neighbouring lines that have a further
 * cell behind it. Empty cells at the start of a line are indentation and become tabs. Text is printed as it is; blanks and columns at
 * the end of a line are not.
 */
export class ColumnLayout {
  readonly #output: string[] = [];
  #lines: Cell[][] = [];
  #line: Cell[] = [];
  #text = "";
  #solid = 0;

  text(verbatim: string): void {
    this.#text += verbatim;
    this.#solid = this.#text.length;
  }

  blank(): void {
    this.#text += " ";
  }

  indent(levels: number): void {
    for (let level = 0; level < levels; level++) this.#line.push(INDENTATION);
  }

  endCell(keepsColumn: boolean): void {
    const isPlain = IS_PLAIN.test(this.#text);
    const width = isPlain ? this.#text.length : Array.from(this.#text).length;
    this.#line.push({ text: this.#text, width, solid: this.#solid, keepsColumn });
    this.#text = "";
    this.#solid = 0;
  }

  /** Ends the line, and with `endsSection` all columns: lines before and after do not align. So does a line of one cell. */
  endLine(endsSection: boolean): void {
    this.endCell(false);
    this.#lines.push(this.#line);
    const hasColumns = this.#line.length > 1;
    this.#line = [];
    if (endsSection || !hasColumns) this.#printSection();
  }

  /** Everything, without a line break at its end. */
  finish(): string {
    this.endLine(true);
    return this.#output.join("\n");
  }

  #printSection(): void {
    const widths = columnWidths(this.#lines);
    this.#lines.forEach((line, at) => {
      this.#output.push(printLine(line, widths[at] as number[]));
    });
    this.#lines = [];
  }
}

const INDENTATION: Cell = { text: "", width: 0, solid: 0, keepsColumn: true };
const IS_PLAIN = /^[ -~]*$/;
const TAB_WIDTH = 8;

function columnWidths(lines: readonly Cell[][]): number[][] {
  const widths = lines.map((): number[] => []);
  const columns = lines.reduce((most, line) => Math.max(most, line.length - 1), 0);
  for (let column = 0; column < columns; column++) {
    for (let start = 0; start < lines.length; start++) {
      let end = start;
      let width = 0;
      let isKept = false;
      for (; end < lines.length; end++) {
        const line = lines[end] as Cell[];
        if (column >= line.length - 1) break;
        const cell = line[column] as Cell;
        width = Math.max(width, cell.width + 1);
        isKept ||= cell.width > 0 || cell.keepsColumn;
      }
      for (let at = start; at < end; at++) (widths[at] as number[]).push(isKept ? width : 0);
      start = Math.max(start, end - 1);
    }
  }
  return widths;
}

function printLine(line: readonly Cell[], widths: readonly number[]): string {
  let text = "";
  let solid = 0;
  let isIndentation = true;
  line.forEach((cell, column) => {
    const width = widths[column] ?? 0;
    if (cell.text === "") {
      text += isIndentation ? "\t".repeat(Math.ceil(width / TAB_WIDTH)) : " ".repeat(width);
      return;
    }
    isIndentation = false;
    if (cell.solid > 0) solid = text.length + cell.solid;
    text += cell.text + " ".repeat(Math.max(0, width - cell.width));
  });
  return text.slice(0, solid);
}
