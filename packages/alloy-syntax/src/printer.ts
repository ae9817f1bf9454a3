import { type Attribute, type Block, type Body, blockName, type Comment, type Expression, type File, leftSpine } from "./ast.ts";
import { ColumnLayout } from "./column-layout.ts";
import type { Span } from "./diagnostic.ts";
import { keyLiteral } from "./literal.ts";
import { position } from "./position.ts";

/**
 * `incumbent` is what `alloy fmt` prints. `exact` looks up where parentheses, dots and names after dots stand in the source; the
 * incumbent does not, and puts comments near them in other places, a few of them wrong. `settled` is like the incumbent but leaves
 * alignment interrupted after `{}`, `[]`, operators and parentheses where it is: the incumbent interrupts it where their value was on
 * two lines, prints that on one, and would close the gap the next time.
 */
export type PrintStyle = "incumbent" | "exact" | "settled";

/** A file in canonical layout, with a line break at its end. */
export function printFile(file: File, style: PrintStyle): string {
  return `${new Printer(file, style).print()}\n`;
}

/** What comes between two tokens. A dropped entry keeps its place. */
type Whitespace = "blank" | "column" | "newline" | "section" | "indent" | "unindent" | "dropped";

// More empty lines in a row become one.
const MAX_LINE_BREAKS = 2;

/**
 * Tokens go out in order; whitespace between them waits until the next token is known, because a comment may come first. Where a
 * comment belongs is decided by comparing its place with that of the next token: known where the walk has said so (`#goTo`), counted
 * on from there otherwise.
 */
class Printer {
  readonly #file: File;
  readonly #style: PrintStyle;
  readonly #comments: readonly Comment[][];
  readonly #layout = new ColumnLayout();
  #nextComments = 0;
  #indent = 0;
  #whitespace: Whitespace[] = [];
  #isEmpty = true;
  #atLineStart = true;
  #afterNumber = false;
  /** The place in the source of what is printed next. */
  #offset = 0;
  #line = 1;
  /** The line in the source where the last printed text ends. */
  #lastLine = 0;

  constructor(file: File, style: PrintStyle) {
    this.#file = file;
    this.#style = style;
    this.#comments = this.#groupComments();
  }

  print(): string {
    this.#body(this.#file.body);
    this.#printCommentsBefore(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true);
    return this.#layout.finish();
  }

  // Comments that follow each other without a token or an empty line between them stay together.
  #groupComments(): Comment[][] {
    const groups: Comment[][] = [];
    let lastLine = Number.NEGATIVE_INFINITY;
    for (const comment of this.#file.comments) {
      const line = this.#lineAt(comment.start);
      const group = groups.at(-1);
      if (group === undefined || comment.afterToken || line > lastLine + 1) groups.push([comment]);
      else group.push(comment);
      lastLine = line + lineBreaks(comment.text);
    }
    return groups;
  }

  #body(body: Body): void {
    body.forEach((statement, at) => {
      const before = body[at - 1];
      const isApart = before !== undefined && this.#lineAt(statement.start) - this.#lastLineOf(before) > 1;
      if (before !== undefined && (statement.kind === "block" || isApart)) this.#space("section");
      if (statement.kind === "attribute") this.#attribute(statement);
      else this.#block(statement);
      const next = body[at + 1];
      const isInterrupted =
        statement.kind === "attribute" && next?.kind === "attribute" && this.#isInterrupted(statement.name, statement.value, next.name);
      this.#space(this.#hasManyLines(statement) || isInterrupted ? "section" : "newline");
    });
  }

  #attribute({ name, value }: Attribute): void {
    this.#goTo(name.start);
    this.#print(name.text);
    this.#space("column");
    this.#print("=");
    this.#space("blank");
    this.#expression(value);
  }

  #block(block: Block): void {
    this.#goTo(block.start);
    this.#print(blockName(block));
    if (block.label !== undefined) {
      this.#space("blank");
      this.#goTo(block.label.start);
      this.#print(`"${block.label.text}"`);
    }
    this.#space("blank");
    this.#goTo(block.open);
    this.#print("{");
    this.#space("indent");
    if (block.body.length > 0) {
      this.#space("section");
      this.#body(block.body);
    } else {
      this.#space("blank");
    }
    this.#space("unindent");
    this.#goTo(block.end - 1);
    this.#print("}");
  }

  #expression(expression: Expression): void {
    const spine = leftSpine(expression);
    this.#innermost(spine[spine.length - 1] as Expression);
    for (let at = spine.length - 2; at >= 0; at--) this.#afterLeftEdge(spine[at] as Expression);
  }

  #innermost(node: Expression): void {
    switch (node.kind) {
      case "literal":
        this.#goTo(node.start);
        this.#print(node.text);
        this.#afterNumber = /^\d+$/.test(node.text);
        return;
      case "identifier":
        this.#goTo(node.start);
        this.#print(node.name);
        return;
      case "array":
        this.#array(node);
        return;
      case "object":
        this.#object(node);
        return;
      case "unary":
        this.#goTo(node.start);
        this.#print(node.operator);
        this.#expression(node.operand);
        return;
      case "group":
        this.#goToExactly(node.start);
        this.#print("(");
        this.#expression(node.inner);
        this.#goToExactly(node.end - 1);
        this.#print(")");
        return;
      default:
        throw new Error(`expected the inner end of a left edge, came ${node.kind}`);
    }
  }

  #afterLeftEdge(node: Expression): void {
    switch (node.kind) {
      case "access":
        if (this.#afterNumber) this.#space("blank");
        this.#print(".");
        this.#goToExactly(node.member.start);
        this.#print(node.member.text);
        return;
      case "index":
        this.#goTo(node.open);
        this.#print("[");
        this.#expression(node.index);
        this.#goTo(node.end - 1);
        this.#print("]");
        return;
      case "call":
        this.#arguments(node);
        return;
      case "binary":
        this.#space("blank");
        this.#goTo(node.at);
        this.#print(node.operator);
        this.#space("blank");
        this.#expression(node.right);
        return;
      default:
        throw new Error(`expected a node with a left edge, came ${node.kind}`);
    }
  }

  #array(node: Expression & { kind: "array" }): void {
    this.#goTo(node.start);
    this.#print("[");
    let lastLine = this.#lineAt(node.start);
    node.items.forEach((item, at) => {
      const isOnNewLine = this.#lineAt(item.start) !== lastLine;
      if (isOnNewLine) this.#space("indent", "section");
      else if (at > 0) this.#space("blank");
      lastLine = this.#lastLineOf(item);
      this.#expression(item);
      if (at + 1 < node.items.length) this.#print(",");
      if (isOnNewLine) this.#space("unindent");
    });
    if (node.items.length > 0 && this.#lineAt(node.end - 1) !== lastLine) {
      this.#print(",");
      // The comments after the last item are indented like it.
      this.#space("indent", "section", "unindent");
    }
    this.#goTo(node.end - 1);
    this.#print("]");
  }

  #object(node: Expression & { kind: "object" }): void {
    this.#goTo(node.start);
    this.#print("{");
    this.#space("indent");
    let lastLine = this.#lineAt(node.start);
    node.fields.forEach((field, at) => {
      const before = node.fields[at - 1];
      if (this.#lineAt(field.start) !== lastLine) {
        const isAligned =
          before !== undefined && !this.#hasManyLines(before.value) && !this.#isInterrupted(before.key, before.value, field.key);
        this.#space(isAligned ? "newline" : "section");
      } else if (at > 0) {
        this.#space("blank");
      }
      lastLine = this.#lineAt(field.start + field.key.text.length - 1);
      this.#goTo(field.start);
      this.#print(field.quoted ? keyLiteral(field.key.text) : field.key.text);
      this.#space("column");
      this.#print("=");
      this.#space("blank");
      this.#expression(field.value);
      if (at + 1 < node.fields.length) this.#print(",");
    });
    if (node.fields.length > 0 && this.#lineAt(node.end - 1) !== lastLine) {
      this.#print(",");
      this.#space("section");
    }
    this.#space("unindent");
    this.#goTo(node.end - 1);
    this.#print("}");
  }

  #arguments(node: Expression & { kind: "call" }): void {
    this.#goToExactly(node.open);
    this.#print("(");
    let lastLine = this.#lineAt(node.open);
    node.args.forEach((arg, at) => {
      const isOnNewLine = this.#lineAt(arg.start) !== lastLine;
      if (isOnNewLine) this.#space("section", "indent");
      this.#expression(arg);
      lastLine = this.#lastLineOf(arg);
      if (at + 1 < node.args.length) {
        this.#print(",");
        this.#space("blank");
      }
      if (isOnNewLine) this.#space("unindent");
    });
    if (this.#lineAt(node.end - 1) !== lastLine) {
      // Without arguments the incumbent prints a comma that does not parse.
      if (node.args.length > 0 || this.#style !== "exact") this.#print(",");
      this.#space("section");
    }
    this.#goToExactly(node.end - 1);
    this.#print(")");
  }

  #space(...whitespace: Whitespace[]): void {
    this.#whitespace.push(...whitespace);
    this.#afterNumber = false;
  }

  #goTo(offset: number): void {
    this.#offset = offset;
    this.#line = this.#lineAt(offset);
  }

  #goToExactly(offset: number): void {
    if (this.#style === "exact") this.#goTo(offset);
  }

  #print(text: string): void {
    const offset = this.#offset;
    const line = this.#line;
    if (this.#hasCommentBefore(offset)) this.#printCommentsBefore(offset, line, false);
    else this.#flushWhitespace(this.#whitespace.length);
    this.#printText(text, offset, line);
    this.#afterNumber = false;
  }

  #hasCommentBefore(offset: number): boolean {
    const first = this.#comments[this.#nextComments]?.[0];
    return first !== undefined && first.start <= offset;
  }

  #printCommentsBefore(offset: number, line: number, isEnd: boolean): void {
    let last: Comment | undefined;
    for (; this.#hasCommentBefore(offset); this.#nextComments++) {
      for (const comment of this.#comments[this.#nextComments] as Comment[]) {
        this.#spaceBeforeComment(comment, line);
        const start = this.#lineAt(comment.start);
        this.#printText(comment.text, comment.start, start);
        last = comment;
      }
    }
    if (last !== undefined && !isEnd) this.#spaceAfterComment(last, line);
  }

  #spaceBeforeComment(comment: Comment, nextLine: number): void {
    if (this.#isEmpty) return;
    const line = this.#lineAt(comment.start);
    if (line === this.#lastLine) {
      // Comments at the ends of lines are a column of their own, comments between tokens are not.
      if (line === nextLine) this.#writeBlank();
      else this.#writeColumn(true);
      return;
    }
    const first = this.#whitespace.findIndex((entry) => entry !== "indent" && entry !== "unindent");
    if (first >= 0) {
      this.#whitespace[first] = "dropped";
      this.#flushWhitespace(first);
    }
    this.#writeLineBreaks(line - this.#lastLine, true);
  }

  #spaceAfterComment(comment: Comment, nextLine: number): void {
    if (comment.text.startsWith("/*") && nextLine === this.#lineAt(comment.start + comment.text.length - 1)) this.#writeBlank();
    const endsSection = this.#whitespace.includes("section");
    this.#whitespace = this.#whitespace.filter((entry) => entry === "indent" || entry === "unindent");
    this.#flushWhitespace(this.#whitespace.length);
    this.#writeLineBreaks(nextLine - this.#lastLine, endsSection);
  }

  #flushWhitespace(count: number): void {
    for (const entry of this.#whitespace.splice(0, count)) {
      switch (entry) {
        case "blank":
          this.#writeBlank();
          break;
        case "column":
          this.#writeColumn(false);
          break;
        case "newline":
        case "section":
          this.#writeLineBreaks(1, entry === "section");
          break;
        case "indent":
          this.#indent++;
          break;
        case "unindent":
          this.#indent--;
          break;
        case "dropped":
          break;
        default:
          entry satisfies never;
      }
    }
  }

  #printText(text: string, offset: number, line: number): void {
    this.#writeIndentation();
    const [first = "", ...rest] = text.split("\n");
    if (text.startsWith("/*")) {
      this.#layout.text(text);
    } else {
      // A string of many lines: each is a line of the layout.
      this.#layout.text(first);
      for (const piece of rest) {
        this.#layout.endLine(false);
        this.#layout.text(piece);
      }
    }
    this.#isEmpty = false;
    this.#offset = offset + text.length;
    this.#line = line + rest.length;
    this.#lastLine = this.#line;
  }

  #writeBlank(): void {
    this.#writeIndentation();
    this.#layout.blank();
  }

  #writeColumn(keepsColumn: boolean): void {
    this.#writeIndentation();
    this.#layout.endCell(keepsColumn);
  }

  #writeLineBreaks(count: number, endsSection: boolean): void {
    if (count <= 0) return;
    this.#writeIndentation();
    for (let written = 0; written < Math.min(count, MAX_LINE_BREAKS); written++) this.#layout.endLine(endsSection);
    this.#atLineStart = true;
  }

  #writeIndentation(): void {
    if (!this.#atLineStart) return;
    this.#atLineStart = false;
    this.#layout.indent(this.#indent);
  }

  // Whether, in the source, the alignment of the equal signs ends behind a value that may once have had more lines.
  #isInterrupted(name: Span, value: Expression, nextName: Span): boolean {
    if (this.#style !== "settled") return false;
    const { source } = this.#file;
    const mayHaveShrunk =
      value.kind === "binary" || value.kind === "group" || /[{[(][)\]}]/.test(source.text.slice(value.start, value.end));
    if (!mayHaveShrunk) return false;
    const column = (after: number) => position(source, source.text.indexOf("=", after)).column;
    return column(name.end) !== column(nextName.end);
  }

  #lineAt(offset: number): number {
    return position(this.#file.source, offset).line;
  }

  #lastLineOf(node: Span): number {
    return this.#lineAt(node.end - 1);
  }

  #hasManyLines(node: Span): boolean {
    return this.#lastLineOf(node) > this.#lineAt(node.start);
  }
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}
