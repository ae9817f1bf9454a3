import type { Attribute, BinaryOperator, Block, Expression, File, Identifier, ObjectField, Statement, UnaryOperator } from "./ast.ts";
import type { Diagnostic, Source, Span } from "./diagnostic.ts";
import { Diagnostics } from "./diagnostics.ts";
import { checkCharacters, isIdentifier, Lexer, type TokenKind } from "./lexer.ts";
import { numberValue, stringValue } from "./literal.ts";

/** Longer texts are refused before they are read. */
export const MAX_SOURCE_LENGTH = 16 * 1024 * 1024;
/** Blocks, arrays, objects, calls, parentheses, signs and powers inside of each other, together. */
export const MAX_NESTING = 500;
/** Statements, expressions and names in one text: about 150 MB of tree. */
export const MAX_NODES = 500_000;

/**
 * Reads a configuration and reports all errors it can tell apart. When there are any, the tree holds what could be understood, with
 * `null` where an expression is missing.
 */
export function parse(source: Source): { file: File; diagnostics: Diagnostic[] } {
  const diagnostics = new Diagnostics(source);
  const lexer = openLexer(source, diagnostics);
  const body = lexer === undefined ? [] : new Parser(source.text, lexer, diagnostics).parseFile();
  return { file: { source, body, comments: lexer?.comments ?? [] }, diagnostics: diagnostics.sorted() };
}

/** Reads a single expression, which has to be all of the text. */
export function parseExpression(source: Source): { expression: Expression; diagnostics: Diagnostic[] } {
  const diagnostics = new Diagnostics(source);
  const lexer = openLexer(source, diagnostics);
  const expression = lexer === undefined ? missing(0) : new Parser(source.text, lexer, diagnostics).parseWholeExpression();
  return { expression, diagnostics: diagnostics.sorted() };
}

function openLexer(source: Source, diagnostics: Diagnostics): Lexer | undefined {
  if (source.text.length > MAX_SOURCE_LENGTH) {
    const size = `${(source.text.length / 2 ** 20).toFixed(1)} Mi characters`;
    diagnostics.error("syntax.too-large", `the text has ${size}; at most ${MAX_SOURCE_LENGTH / 2 ** 20} Mi are read`, 0, 0);
    return undefined;
  }
  checkCharacters(source.text, diagnostics);
  return new Lexer(source.text, diagnostics);
}

/**
 * A recursive descent for what nests, loops for everything else: operators, field accesses and signs need no stack. After an error
 * `#lost` is set; whoever can find its place again (a list at its next comma, a body at its next statement) clears it.
 */
class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  readonly #diagnostics: Diagnostics;
  #lost = false;
  // Lost, but in front of what reads like the next statement.
  #atStatement = false;
  #gaveUp = false;
  #depth = 0;
  #nodes = 0;
  #lastErrorLine = -1;
  #previousEnd = 0;

  constructor(text: string, lexer: Lexer, diagnostics: Diagnostics) {
    this.#text = text;
    this.#lexer = lexer;
    this.#diagnostics = diagnostics;
    lexer.next();
  }

  parseFile(): Statement[] {
    const body: Statement[] = [];
    for (;;) {
      this.#statements("EOF", body);
      if (this.#kind() === "EOF") return body;
      // A closing brace that nothing has opened.
      this.#unexpected("identifier", "remove it, or open its block before it");
      this.#next();
      this.#lost = false;
    }
  }

  parseWholeExpression(): Expression {
    const expression = this.#expression();
    if (!this.#lost && this.#kind() !== "TERMINATOR") this.#unexpected("TERMINATOR");
    if (this.#kind() === "TERMINATOR") this.#next();
    if (!this.#lost && this.#kind() !== "EOF") this.#unexpected("EOF");
    return expression;
  }

  // Reads statements up to the end of the text, or to a closing brace, whoever that belongs to.
  #statements(until: "EOF" | "}", body: Statement[]): void {
    while (this.#kind() !== "EOF" && this.#kind() !== "}") {
      const statement = this.#statement();
      if (statement !== undefined) body.push(statement);
      if (!this.#lost && this.#kind() !== "TERMINATOR" && this.#kind() !== until) {
        this.#unexpected("TERMINATOR", this.#kind() === "}" ? undefined : "write the next statement on a new line");
      }
      if (this.#atStatement) this.#atStatement = this.#lost = false;
      else if (this.#lost) this.#skipStatement();
      else if (this.#kind() === "TERMINATOR") this.#next();
    }
  }

  #statement(): Statement | undefined {
    if (this.#kind() !== "IDENT") {
      this.#unexpected("identifier", this.#kind() === "STRING" ? "write names of attributes and blocks without quotes" : undefined);
      return undefined;
    }
    const name = [this.#identifier()];
    while (this.#kind() === ".") {
      this.#next();
      if (this.#kind() !== "IDENT") {
        this.#unexpected("identifier");
        return undefined;
      }
      name.push(this.#identifier());
    }
    const label = this.#kind() === "STRING" ? this.#label() : undefined;
    switch (this.#kind()) {
      case "=":
        return this.#attribute(name, label?.span);
      case "{":
        return this.#block(name, label?.value);
      default:
        if (label === undefined) this.#unexpected("block label", 'write `name = value`, `name {` or `name "label" {` on one line');
        else this.#unexpected("block body", "write { on the same line");
        return undefined;
    }
  }

  #attribute(name: readonly Identifier[], label: Span | undefined): Attribute {
    const first = name[0] as Identifier;
    const last = name[name.length - 1] as Identifier;
    if (name.length > 1) {
      const message = 'attribute names may only consist of a single identifier with no "."';
      this.#diagnostics.error("syntax.attribute-name", message, first.start, last.end);
    } else if (label !== undefined) {
      this.#diagnostics.error("syntax.attribute-name", "attribute names may not have labels", label.start, label.end);
    }
    this.#next();
    const value = this.#expression();
    return { kind: "attribute", start: first.start, end: value.end, name: first, value };
  }

  #block(name: Identifier[], label: Block["label"]): Block {
    const start = (name[0] as Identifier).start;
    const open = this.#lexer.start;
    const body: Statement[] = [];
    if (this.#enter()) {
      const opening = this.#opening();
      this.#statements("}", body);
      this.#close("}", opening);
      this.#leave();
    }
    return { kind: "block", start, end: this.#previousEnd, name, label, body, open };
  }

  #label(): { span: Span; value: Block["label"] } {
    const { start, end } = this.#lexer;
    const literal = this.#text.slice(start, end);
    const text = literal.slice(1, -1);
    if (!literal.startsWith('"')) {
      const message = `expected block label to be a double quoted string, but got ${JSON.stringify(literal)}`;
      this.#syntaxError("syntax.label", message, start, end, `write "${text}"`);
    } else if (text !== "" && !isIdentifier(text)) {
      const message = `expected block label to be a valid identifier, but got ${JSON.stringify(text)}`;
      this.#syntaxError("syntax.label", message, start, end, "use letters, digits and underscores, and begin with no digit");
    }
    this.#next();
    return { span: { start, end }, value: text === "" ? undefined : { start, end, text } };
  }

  // Operands and operators, put together by precedence. Signs bind tighter than all operators, `^` groups to the right.
  #expression(): Expression {
    if (!this.#enter()) return missing(this.#lexer.start);
    const operands: Expression[] = [];
    const operators: { operator: BinaryOperator; at: number }[] = [];
    for (;;) {
      operands.push(this.#signed());
      const operator = this.#lost ? undefined : binaryOperator(this.#kind());
      if (operator === undefined) break;
      while (operators.length > 0 && bindsFirst((operators[operators.length - 1] as { operator: BinaryOperator }).operator, operator)) {
        this.#reduce(operands, operators);
      }
      operators.push({ operator, at: this.#lexer.start });
      if (operators.length + this.#depth > MAX_NESTING) {
        this.#tooDeep();
        break;
      }
      this.#next();
    }
    if (operands.length > operators.length) while (operators.length > 0) this.#reduce(operands, operators);
    this.#leave();
    return operands[0] as Expression;
  }

  #reduce(operands: Expression[], operators: { operator: BinaryOperator; at: number }[]): void {
    const right = operands.pop() as Expression;
    const left = operands.pop() as Expression;
    const { operator, at } = operators.pop() as { operator: BinaryOperator; at: number };
    this.#count();
    operands.push({ kind: "binary", start: left.start, end: right.end, operator, left, right, at });
  }

  #signed(): Expression {
    if (this.#kind() !== "-" && this.#kind() !== "!") return this.#withAccesses(this.#operand());
    const signs: { operator: UnaryOperator; start: number }[] = [];
    for (let kind = this.#kind(); kind === "-" || kind === "!"; kind = this.#kind()) {
      signs.push({ operator: kind, start: this.#lexer.start });
      if (signs.length + this.#depth > MAX_NESTING) {
        this.#tooDeep();
        return missing(this.#lexer.start);
      }
      this.#next();
    }
    let result = this.#withAccesses(this.#operand());
    for (const { operator, start } of signs.reverse()) {
      this.#count();
      result = { kind: "unary", start, end: result.end, operator, operand: result };
    }
    return result;
  }

  #withAccesses(operand: Expression): Expression {
    let object = operand;
    while (!this.#lost) {
      const { kind } = this.#lexer;
      if (kind === ".") {
        this.#count();
        this.#next();
        if (this.#kind() !== "IDENT") {
          this.#unexpected("IDENT");
          return object;
        }
        const member = this.#identifier();
        object = { kind: "access", start: object.start, end: member.end, object, member };
      } else if (kind === "[") {
        this.#count();
        const opening = this.#opening();
        const index = this.#expression();
        this.#close("]", opening);
        object = { kind: "index", start: object.start, end: this.#previousEnd, object, index, open: opening.start };
      } else if (kind === "(") {
        this.#count();
        const open = this.#lexer.start;
        const args = this.#expressions(")");
        object = { kind: "call", start: object.start, end: this.#previousEnd, callee: object, args, open };
      } else if (kind === "{" || kind === "STRING") {
        this.#blockAsExpression(object);
      } else {
        return object;
      }
    }
    return object;
  }

  // Somebody writes `attribute = name "label" { ... }`: read the block to its end and say what is wrong with it.
  #blockAsExpression(object: Expression): void {
    if (this.#kind() === "STRING") this.#next();
    if (this.#kind() !== "{") {
      this.#unexpected("{", "join texts with +, and write the next statement on a new line");
      return;
    }
    if (!this.#enter()) return;
    const opening = this.#opening();
    this.#statements("}", []);
    this.#close("}", opening);
    this.#leave();
    if (this.#lost) return;
    const message = "cannot use a block as an expression";
    this.#diagnostics.error("syntax.block-as-expression", message, object.start, this.#previousEnd, "write the block without =");
  }

  #operand(): Expression {
    this.#count();
    const { kind, start, end } = this.#lexer;
    switch (kind) {
      case "IDENT": {
        const { text } = this.#identifier();
        return { kind: "identifier", start, end, name: text };
      }
      case "STRING":
      case "NUMBER":
      case "FLOAT":
      case "BOOL":
      case "NULL": {
        const text = this.#text.slice(start, end);
        this.#next();
        return { kind: "literal", start, end, value: this.#literalValue(kind, text, start), text };
      }
      case "(": {
        const opening = this.#opening();
        const inner = this.#expression();
        this.#close(")", opening);
        return { kind: "group", start, end: this.#previousEnd, inner };
      }
      case "[":
        return { kind: "array", start, items: this.#expressions("]"), end: this.#previousEnd };
      case "{":
        return { kind: "object", start, fields: this.#fields(), end: this.#previousEnd };
      default:
        this.#unexpected("expression");
        return missing(start);
    }
  }

  #literalValue(kind: TokenKind, text: string, start: number): null | boolean | bigint | number | string {
    if (kind === "STRING") return stringValue(text);
    if (kind === "BOOL") return text === "true";
    if (kind === "NULL") return null;
    const value = numberValue(text);
    if (value === undefined && !/[eE][+-]?$/.test(text)) {
      const message = `strconv.ParseFloat: parsing ${JSON.stringify(text.slice(0, 40))}: value out of range`;
      this.#diagnostics.error("syntax.number", message, start, start + text.length);
    }
    return value ?? 0;
  }

  #expressions(close: ")" | "]"): Expression[] {
    const items: Expression[] = [];
    const opening = this.#opening();
    while (this.#kind() !== close && this.#kind() !== "EOF") {
      const item = this.#expression();
      items.push(item);
      if (!this.#separator(close, "missing ',' in expression list", item.end)) break;
    }
    this.#close(close, opening);
    return items;
  }

  #fields(): ObjectField[] {
    const fields: ObjectField[] = [];
    const opening = this.#opening();
    while (this.#kind() !== "}" && this.#kind() !== "EOF") {
      const field = this.#field();
      if (field !== undefined) fields.push(field);
      if (!this.#separator("}", "missing ',' in field list", this.#previousEnd)) break;
    }
    this.#close("}", opening);
    return fields;
  }

  #field(): ObjectField | undefined {
    const { kind, start, end } = this.#lexer;
    if (kind !== "IDENT" && kind !== "STRING") {
      this.#unexpected("field name (string or identifier)");
      return undefined;
    }
    const written = this.#text.slice(start, end);
    // An empty quoted key is, in the incumbent, a key of two quotes.
    const quoted = kind === "STRING" && written.length > 2;
    const key = { start, end, text: quoted ? written.slice(1, -1) : written };
    this.#next();
    if (this.#kind() !== "=") {
      this.#unexpected("=");
      return undefined;
    }
    this.#next();
    const value = this.#expression();
    return { start, end: value.end, key, quoted, value };
  }

  // Takes the comma after a list's element. Finds the place again after an error, at the next comma or line of this list; gives the
  // list up when what follows reads like a statement.
  #separator(close: TokenKind, message: string, elementEnd: number): boolean {
    if (!this.#lost && this.#kind() !== "," && this.#kind() !== close) {
      const { kind, start, end } = this.#lexer;
      const hint = kind === "TERMINATOR" ? "write , after the last element too when the list goes on or closes on another line" : undefined;
      if (kind === "TERMINATOR") this.#syntaxError("syntax.missing-comma", message, elementEnd, elementEnd + 1, hint);
      else if (kind === "ILLEGAL") this.#unexpected("','");
      else this.#syntaxError("syntax.missing-comma", message, start, end, hint);
      this.#lost = true;
    }
    if (this.#atStatement) return false;
    if (this.#lost) {
      this.#skipElement();
      if (this.#kind() === "TERMINATOR") {
        this.#next();
        this.#atStatement = close !== "}" && this.#startsStatement();
        this.#lost = this.#atStatement;
        return !this.#lost;
      }
      if (this.#kind() !== "," && this.#kind() !== close) return false;
      this.#lost = false;
    }
    if (this.#kind() !== ",") return false;
    this.#next();
    return true;
  }

  // Whether the token at hand begins `name =`, `name {` or `name.name "label" {`.
  #startsStatement(): boolean {
    STATEMENT_START.lastIndex = this.#lexer.start;
    return this.#kind() === "IDENT" && STATEMENT_START.test(this.#text);
  }

  #opening(): Opening {
    const { start, line } = this.#lexer;
    this.#next();
    return { start, line };
  }

  #close(kind: "}" | "]" | ")", opening: Opening): void {
    if (this.#lost) return;
    if (this.#kind() === kind) this.#next();
    else this.#unexpected(kind, `the ${this.#text.charAt(opening.start)} of line ${opening.line + 1} is not closed`);
  }

  // To the next comma, line end or closing bracket that belongs to the list itself.
  #skipElement(): void {
    let depth = 0;
    for (; this.#kind() !== "EOF"; this.#next()) {
      const { kind } = this.#lexer;
      if (depth === 0 && (kind === "," || kind === "TERMINATOR" || isClosing(kind))) return;
      if (isOpening(kind)) depth++;
      else if (isClosing(kind)) depth--;
    }
  }

  // To the next statement, or the brace that closes the surrounding block. A line that begins with = or { belongs to the mistake of
  // the line before it.
  #skipStatement(): void {
    do {
      let depth = 0;
      for (; this.#kind() !== "EOF"; this.#next()) {
        const kind = this.#kind();
        if (depth <= 0 && (kind === "TERMINATOR" || kind === "}")) break;
        if (isOpening(kind)) depth++;
        else if (isClosing(kind)) depth--;
      }
      if (this.#kind() === "TERMINATOR") this.#next();
    } while (this.#kind() === "=" || this.#kind() === "{");
    this.#lost = false;
  }

  #identifier(): Identifier {
    this.#count();
    const { start, end } = this.#lexer;
    this.#next();
    return { start, end, text: this.#text.slice(start, end) };
  }

  // A method, so that the compiler does not take the kind for constant between two tokens.
  #kind(): TokenKind {
    return this.#lexer.kind;
  }

  #next(): void {
    this.#previousEnd = this.#lexer.end;
    this.#lexer.next();
  }

  #unexpected(expected: string, hint?: string): void {
    const { kind, start, end } = this.#lexer;
    // The lexer has said what an illegal token is.
    if (kind !== "ILLEGAL") this.#syntaxError("syntax.unexpected-token", `expected ${expected}, got ${kind}`, start, end, hint);
    this.#lost = true;
  }

  // One error of grammar a line: what follows on the same line is mostly the first one's fault.
  #syntaxError(code: string, message: string, start: number, end: number, hint?: string): void {
    if (this.#gaveUp || this.#lexer.line === this.#lastErrorLine) return;
    this.#lastErrorLine = this.#lexer.line;
    this.#diagnostics.error(code, message, start, end, hint);
  }

  #enter(): boolean {
    if (this.#depth >= MAX_NESTING) {
      this.#tooDeep();
      return false;
    }
    this.#depth++;
    return true;
  }

  #leave(): void {
    this.#depth--;
  }

  #tooDeep(): void {
    this.#giveUp("syntax.too-deep", `blocks and expressions are nested more than ${MAX_NESTING} levels deep`);
  }

  #count(): void {
    this.#nodes++;
    if (!this.#gaveUp && this.#nodes > MAX_NODES)
      this.#giveUp("syntax.too-large", `the text has more than ${MAX_NODES} statements, expressions and names`);
  }

  // No error after this one: the rest of the text is not read.
  #giveUp(code: string, message: string): void {
    this.#diagnostics.error(code, message, this.#lexer.start, this.#lexer.end);
    this.#lost = true;
    this.#gaveUp = true;
    this.#lexer.stop();
  }
}

interface Opening {
  readonly start: number;
  readonly line: number;
}

// Bounded, because the engine keeps a stack for what it may have to try again.
const STATEMENT_START = /\w{1,100}(\.\w{1,100}){0,10}[ \t]{0,100}("\w{0,100}"[ \t]{0,100})?(=(?!=)|\{)/y;

// Operators that bind tighter have the higher number.
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "^": 6,
};

function binaryOperator(kind: TokenKind): BinaryOperator | undefined {
  return kind in PRECEDENCE ? (kind as BinaryOperator) : undefined;
}

function bindsFirst(left: BinaryOperator, right: BinaryOperator): boolean {
  return PRECEDENCE[left] > PRECEDENCE[right] || (PRECEDENCE[left] === PRECEDENCE[right] && left !== "^");
}

function isOpening(kind: TokenKind): boolean {
  return kind === "{" || kind === "[" || kind === "(";
}

function isClosing(kind: TokenKind): boolean {
  return kind === "}" || kind === "]" || kind === ")";
}

function missing(at: number): Expression {
  return { kind: "literal", start: at, end: at, value: null, text: "null" };
}
