import { quote } from "@invar/go-compat";
import type { NumberLiteral } from "./number-literal.ts";

/** Where a node was read: for messages. */
export interface Source {
  /** Name under which the text was parsed. */
  readonly name: string;
  readonly text: string;
}

interface Placed {
  readonly source: Source;
  readonly position: number;
}

export type Node = Statement | ListNode | PipeNode | CommandNode | Operand;
export type Statement = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;
export type Operand =
  | IdentifierNode
  | FieldNode
  | VariableNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
  | PipeNode;

export interface ListNode extends Placed {
  readonly kind: "list";
  readonly nodes: Statement[];
}
export interface TextNode extends Placed {
  readonly kind: "text";
  readonly text: string;
}
export interface ActionNode extends Placed {
  readonly kind: "action";
  readonly pipe: PipeNode;
}
export interface BranchNode extends Placed {
  readonly kind: "if" | "range" | "with";
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface TemplateNode extends Placed {
  readonly kind: "template";
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface JumpNode extends Placed {
  readonly kind: "break" | "continue";
}
export interface PipeNode extends Placed {
  readonly kind: "pipe";
  readonly isAssign: boolean;
  readonly variables: VariableNode[];
  readonly commands: CommandNode[];
}
export interface CommandNode extends Placed {
  readonly kind: "command";
  /** The first is what is called or evaluated, the others are its arguments. */
  readonly words: Operand[];
}
export interface IdentifierNode extends Placed {
  readonly kind: "identifier";
  readonly name: string;
}
/** `.a.b` */
export interface FieldNode extends Placed {
  readonly kind: "field";
  readonly names: readonly string[];
}
/** `$x.a.b`: the variable's name, dollar included, then fields. */
export interface VariableNode extends Placed {
  readonly kind: "variable";
  readonly name: string;
  readonly fields: readonly string[];
}
/** `(…).a.b` */
export interface ChainNode extends Placed {
  readonly kind: "chain";
  readonly operand: Operand;
  readonly fields: readonly string[];
}
export interface DotNode extends Placed {
  readonly kind: "dot";
}
export interface NilNode extends Placed {
  readonly kind: "nil";
}
export interface BoolNode extends Placed {
  readonly kind: "bool";
  readonly value: boolean;
}
export interface NumberNode extends Placed {
  readonly kind: "number";
  readonly literal: NumberLiteral;
}
export interface StringNode extends Placed {
  readonly kind: "string";
  readonly quoted: string;
  readonly value: string;
}

/** The node written as a template again, as messages show it. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case "list":
      return node.nodes.map(nodeText).join("");
    case "text":
      return node.text;
    case "action":
      return `{{${nodeText(node.pipe)}}}`;
    case "if":
    case "range":
    case "with": {
      const otherwise = node.elseList === undefined ? "" : `{{else}}${nodeText(node.elseList)}`;
      return `{{${node.kind} ${nodeText(node.pipe)}}}${nodeText(node.list)}${otherwise}{{end}}`;
    }
    case "template":
      return `{{template ${quote(node.name)}${node.pipe === undefined ? "" : ` ${nodeText(node.pipe)}`}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "pipe": {
      const commands = node.commands.map(nodeText).join(" | ");
      if (node.variables.length === 0) return commands;
      return `${node.variables.map(nodeText).join(", ")} ${node.isAssign ? "=" : ":="} ${commands}`;
    }
    case "command":
      return node.words.map(inParentheses).join(" ");
    case "identifier":
      return node.name;
    case "field":
      return node.names.map((name) => `.${name}`).join("");
    case "variable":
      return [node.name, ...node.fields].join(".");
    case "chain":
      return inParentheses(node.operand) + node.fields.map((name) => `.${name}`).join("");
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "number":
      return node.literal.text;
    case "string":
      return node.quoted;
    default:
      return node satisfies never;
  }
}

function inParentheses(node: Operand): string {
  return node.kind === "pipe" ? `(${nodeText(node)})` : nodeText(node);
}
