import { GoError, quote, sprintf, unquote } from "@invar/go-compat";
import { describeToken, lexTemplate, type Token, type TokenKind } from "./lexer.ts";
import {
  type BranchNode,
  type ChainNode,
  type CommandNode,
  type ListNode,
  type Node,
  nodeText,
  type Operand,
  type PipeNode,
  type Source,
  type Statement,
  type TemplateNode,
  type VariableNode,
} from "./nodes.ts";
import { readNumber } from "./number-literal.ts";

/** One template's body under its name. */
export interface Tree {
  readonly name: string;
  readonly root: ListNode;
}

export interface ParseOptions {
  readonly leftDelimiter: string;
  readonly rightDelimiter: string;
  readonly isFunction: (name: string) => boolean;
}

const MAX_PAREN_DEPTH = 1000;
const MAX_BLOCK_DEPTH = 1000;

/** Parses a text into the templates that it defines, its own among them, by name. Throws `GoError` with Go's text. */
export function parseTrees(name: string, text: string, options: ParseOptions): ReadonlyMap<string, Tree> {
  const trees = new Map<string, Tree>();
  const stream: TokenStream = { tokens: lexTemplate(text, options), next: 0, depth: 0 };
  new TreeParser({ name, text }, stream, options, trees).parseWhole(name);
  return trees;
}

/** Whether the list holds nothing but space: such a template does not replace another one. */
export function isEmptyTree(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === "text" && node.text.trim() === "");
}

interface TokenStream {
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
}

/** What ends a list: `{{end}}` or `{{else}}`. */
interface Closing {
  readonly kind: "end" | "else";
  readonly position: number;
}

/** Reads one template; definitions and blocks inside get a parser of their own over the same tokens. */
class TreeParser {
  readonly #source: Source;
  readonly #stream: TokenStream;
  readonly #options: ParseOptions;
  readonly #trees: Map<string, Tree>;
  #variables: string[] = ["$"];
  /** The line of the last token that this parser took: where its errors are. */
  #line = 0;
  #lastTaken = -1;
  #actionLine = 0;
  #rangeDepth = 0;
  #parenDepth = 0;

  constructor(source: Source, stream: TokenStream, options: ParseOptions, trees: Map<string, Tree>) {
    this.#source = source;
    this.#stream = stream;
    this.#options = options;
    this.#trees = trees;
  }

  parseWhole(name: string): void {
    const root = this.#list(this.#peek().position);
    while (this.#peek().kind !== "eof") {
      if (this.#peek().kind === "leftDelimiter") {
        const start = this.#stream.next;
        this.#next();
        if (this.#nextNonSpace().kind === "define") {
          this.#child().parseDefinition();
          continue;
        }
        this.#stream.next = start;
      }
      const node = this.#textOrAction();
      if (isClosing(node)) this.#fail(`unexpected {{${node.kind}}}`);
      root.nodes.push(node);
    }
    this.#add(name, root);
  }

  parseDefinition(): void {
    const context = "define clause";
    const token = this.#nextNonSpace();
    if (token.kind !== "string" && token.kind !== "rawString") this.#unexpected(token, context);
    const name = this.#unquoted(token);
    this.#expect("rightDelimiter", context);
    const { list, closing } = this.#itemList();
    if (closing.kind !== "end") this.#fail(`unexpected {{${closing.kind}}} in ${context}`);
    this.#add(name, list);
  }

  parseBlock(name: string): void {
    const { list, closing } = this.#itemList();
    if (closing.kind !== "end") this.#fail(`unexpected {{${closing.kind}}} in block clause`);
    this.#add(name, list);
  }

  #child(): TreeParser {
    return new TreeParser(this.#source, this.#stream, this.#options, this.#trees);
  }

  #add(name: string, root: ListNode): void {
    const known = this.#trees.get(name);
    if (known === undefined || isEmptyTree(known.root)) this.#trees.set(name, { name, root });
    else if (!isEmptyTree(root)) this.#fail(`template: multiple definition of template ${quote(name)}`);
  }

  #list(position: number): ListNode {
    return { kind: "list", source: this.#source, position, nodes: [] };
  }

  // Tokens.

  #next(): Token {
    const { tokens } = this.#stream;
    // After the end comes the end again.
    const at = Math.min(this.#stream.next, tokens.length - 1);
    this.#stream.next++;
    const token = tokens[at] as Token;
    if (at > this.#lastTaken) {
      this.#lastTaken = at;
      this.#line = token.line;
    }
    return token;
  }

  #backup(): void {
    this.#stream.next--;
  }

  #peek(): Token {
    const token = this.#next();
    this.#backup();
    return token;
  }

  #nextNonSpace(): Token {
    let token = this.#next();
    while (token.kind === "space") token = this.#next();
    return token;
  }

  #peekNonSpace(): Token {
    const token = this.#nextNonSpace();
    this.#backup();
    return token;
  }

  #expect(kind: TokenKind, context: string): Token {
    const token = this.#nextNonSpace();
    if (token.kind !== kind) this.#unexpected(token, context);
    return token;
  }

  // Errors.

  #fail(message: string): never {
    throw new GoError(`template: ${this.#source.name}:${this.#line}: ${message}`);
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind === "error") {
      let extra = "";
      if (this.#actionLine !== 0 && this.#actionLine !== token.line) {
        const started = `started at ${this.#source.name}:${this.#actionLine}`;
        extra = token.text.endsWith(" action") ? ` ${started}` : ` in action ${started}`;
      }
      this.#fail(token.text + extra);
    }
    this.#fail(`unexpected ${describeToken(token)} in ${context}`);
  }

  #orFail<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (error instanceof GoError) this.#fail(error.message);
      throw error;
    }
  }

  #unquoted(token: Token): string {
    const { text } = token;
    // Most have nothing to replace.
    if (text.startsWith('"') && !text.includes("\\")) return text.slice(1, -1);
    return unquote(text) ?? this.#fail("invalid syntax");
  }

  // Statements.

  #itemList(): { list: ListNode; closing: Closing } {
    const list = this.#list(this.#peekNonSpace().position);
    this.#stream.depth++;
    if (this.#stream.depth > MAX_BLOCK_DEPTH) this.#fail("max block depth exceeded");
    while (this.#peekNonSpace().kind !== "eof") {
      const node = this.#textOrAction();
      if (isClosing(node)) {
        this.#stream.depth--;
        return { list, closing: node };
      }
      list.nodes.push(node);
    }
    return this.#fail("unexpected EOF");
  }

  #textOrAction(): Statement | Closing {
    const token = this.#nextNonSpace();
    if (token.kind === "text") return { kind: "text", source: this.#source, position: token.position, text: token.text };
    if (token.kind !== "leftDelimiter") this.#unexpected(token, "input");
    this.#actionLine = token.line;
    const node = this.#action();
    this.#actionLine = 0;
    return node;
  }

  #action(): Statement | Closing {
    const token = this.#nextNonSpace();
    switch (token.kind) {
      case "block":
        return this.#block();
      case "break":
      case "continue":
        return this.#jump(token.kind, token.position);
      case "else":
        return this.#else();
      case "end":
        return { kind: "end", position: this.#expect("rightDelimiter", "end").position };
      case "if":
      case "range":
      case "with":
        return this.#branch(token.kind);
      case "template":
        return this.#template();
      default: {
        this.#backup();
        const { position } = this.#peek();
        // Variables stay until the enclosing end.
        return { kind: "action", source: this.#source, position, pipe: this.#pipeline("command", "rightDelimiter") };
      }
    }
  }

  #jump(kind: "break" | "continue", position: number): Statement {
    const token = this.#nextNonSpace();
    if (token.kind !== "rightDelimiter") this.#unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, source: this.#source, position };
  }

  #else(): Closing {
    const token = this.#peekNonSpace();
    // "{{else if …" and "{{else with …": the keyword stays for the branch that is being read.
    if (token.kind === "if" || token.kind === "with") return { kind: "else", position: token.position };
    return { kind: "else", position: this.#expect("rightDelimiter", "else").position };
  }

  #branch(kind: "if" | "range" | "with"): BranchNode {
    const declared = this.#variables.length;
    const pipe = this.#pipeline(kind, "rightDelimiter");
    if (kind === "range") this.#rangeDepth++;
    const { list, closing } = this.#itemList();
    if (kind === "range") this.#rangeDepth--;
    const elseList = closing.kind === "else" ? this.#elseList(kind, closing) : undefined;
    this.#variables.length = declared;
    return { kind, source: this.#source, position: pipe.position, pipe, list, elseList };
  }

  #elseList(kind: "if" | "range" | "with", closing: Closing): ListNode {
    if (kind !== "range" && this.#peek().kind === kind) {
      this.#next();
      const list = this.#list(closing.position);
      // The end of the inner branch is the end of both.
      this.#stream.depth++;
      if (this.#stream.depth > MAX_BLOCK_DEPTH) this.#fail("max block depth exceeded");
      list.nodes.push(this.#branch(kind));
      this.#stream.depth--;
      return list;
    }
    const { list, closing: last } = this.#itemList();
    if (last.kind !== "end") this.#fail(`expected end; found {{${last.kind}}}`);
    return list;
  }

  #block(): TemplateNode {
    const context = "block clause";
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, "rightDelimiter");
    this.#child().parseBlock(name);
    return { kind: "template", source: this.#source, position: token.position, name, pipe };
  }

  #template(): TemplateNode {
    const context = "template clause";
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    let pipe: PipeNode | undefined;
    if (this.#nextNonSpace().kind !== "rightDelimiter") {
      this.#backup();
      pipe = this.#pipeline(context, "rightDelimiter");
    }
    return { kind: "template", source: this.#source, position: token.position, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== "string" && token.kind !== "rawString") this.#unexpected(token, context);
    return this.#unquoted(token);
  }

  // Pipelines.

  #pipeline(context: string, end: "rightDelimiter" | "rightParen"): PipeNode {
    const { position } = this.#peekNonSpace();
    const { variables, isAssign } = this.#declarations(context);
    const pipe: PipeNode = { kind: "pipe", source: this.#source, position, isAssign, variables, commands: [] };
    for (;;) {
      const token = this.#nextNonSpace();
      if (token.kind === end) break;
      if (!OPERAND_STARTS.has(token.kind)) this.#unexpected(token, context);
      this.#backup();
      pipe.commands.push(this.#command());
    }
    this.#checkPipeline(pipe, context);
    return pipe;
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`; nothing is taken when there is none. */
  #declarations(context: string): { variables: VariableNode[]; isAssign: boolean } {
    const variables: VariableNode[] = [];
    for (;;) {
      const token = this.#peekNonSpace();
      if (token.kind !== "variable") return { variables, isAssign: false };
      const start = this.#stream.next;
      this.#next();
      const after = this.#peekNonSpace();
      const isComma = after.kind === "char" && after.text === ",";
      if (after.kind !== "assign" && after.kind !== "declare" && !isComma) {
        // A variable used as an operand.
        this.#stream.next = start;
        return { variables, isAssign: false };
      }
      this.#nextNonSpace();
      variables.push(this.#variable(token));
      this.#variables.push(token.text);
      if (!isComma) return { variables, isAssign: after.kind === "assign" };
      if (context !== "range" || variables.length >= 2) this.#fail(`too many declarations in ${context}`);
      const next = this.#peekNonSpace().kind;
      if (next !== "variable" && next !== "rightDelimiter" && next !== "rightParen") this.#fail("range can only initialize variables");
    }
  }

  #checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) this.#fail(`missing value for ${context}`);
    pipe.commands.forEach((command, index) => {
      const { kind } = command.words[0] as Operand;
      const isLiteral = kind === "bool" || kind === "dot" || kind === "nil" || kind === "number" || kind === "string";
      if (index > 0 && isLiteral) this.#fail(`non executable command in pipeline stage ${index + 1}`);
    });
  }

  #command(): CommandNode {
    const command: CommandNode = { kind: "command", source: this.#source, position: this.#peekNonSpace().position, words: [] };
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) command.words.push(operand);
      const token = this.#next();
      if (token.kind === "space") continue;
      if (token.kind === "rightDelimiter" || token.kind === "rightParen") this.#backup();
      else if (token.kind !== "pipe") this.#unexpected(token, "operand");
      break;
    }
    if (command.words.length === 0) this.#fail("empty command");
    return command;
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#peek().kind !== "field") return term;
    const { position } = this.#peek();
    const fields: string[] = [];
    while (this.#peek().kind === "field") fields.push(this.#next().text.slice(1));
    switch (term.kind) {
      case "field":
        return { ...term, position, names: [...term.names, ...fields] };
      case "variable":
        return { ...term, position, fields: [...term.fields, ...fields] };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        return this.#fail(sprintf("unexpected . after term %q", [nodeText(term as Node)]));
      default:
        return { kind: "chain", source: this.#source, position, operand: term, fields } satisfies ChainNode;
    }
  }

  #term(): Operand | undefined {
    const token = this.#nextNonSpace();
    const source = this.#source;
    const { position } = token;
    switch (token.kind) {
      case "identifier":
        if (!this.#options.isFunction(token.text)) this.#fail(`function ${quote(token.text)} not defined`);
        return { kind: "identifier", source, position, name: token.text };
      case "dot":
      case "nil":
        return { kind: token.kind, source, position };
      case "variable":
        if (!this.#variables.includes(token.text)) this.#fail(`undefined variable ${quote(token.text)}`);
        return this.#variable(token);
      case "field":
        return { kind: "field", source, position, names: [token.text.slice(1)] };
      case "bool":
        return { kind: "bool", source, position, value: token.text === "true" };
      case "charConstant":
      case "complex":
      case "number": {
        const { kind } = token;
        return { kind: "number", source, position, literal: this.#orFail(() => readNumber(token.text, kind)) };
      }
      case "leftParen": {
        if (this.#parenDepth >= MAX_PAREN_DEPTH) this.#fail("max expression depth exceeded");
        this.#parenDepth++;
        const pipe = this.#pipeline("parenthesized pipeline", "rightParen");
        this.#parenDepth--;
        return pipe;
      }
      case "string":
      case "rawString":
        return { kind: "string", source, position, quoted: token.text, value: this.#unquoted(token) };
      default:
        this.#backup();
        return undefined;
    }
  }

  #variable(token: Token): VariableNode {
    return { kind: "variable", source: this.#source, position: token.position, name: token.text, fields: [] };
  }
}

const OPERAND_STARTS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "charConstant",
  "complex",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParen",
]);

function isClosing(node: Statement | Closing): node is Closing {
  return node.kind === "end" || node.kind === "else";
}
