import { GoError } from "@invar/go-compat";
import { type ListNode, type Node, type Operand, type PipeNode, parseTrees, type Statement, type Tree } from "@invar/go-template";
import type { Chart } from "../chart/chart.ts";
import { textOf } from "../chart/load-chart.ts";

/** A template file with what it defines. */
export interface ParsedTemplate {
  /** From the root chart's name on. */
  readonly path: string;
  readonly text: string;
  readonly trees: readonly Tree[];
}

const known = new WeakMap<Chart, readonly ParsedTemplate[]>();

/** The templates of a chart and of all below it. Those that cannot be parsed are left out: the renderer says why. */
export function parsedTemplates(chart: Chart): readonly ParsedTemplate[] {
  const found = known.get(chart) ?? parseAll(chart, chart.name);
  known.set(chart, found);
  return found;
}

function parseAll(chart: Chart, path: string): ParsedTemplate[] {
  const own = chart.templates.flatMap((file) => parseFile(`${path}/${file.name}`, textOf(file)));
  return [...own, ...chart.dependencies.flatMap((child) => parseAll(child, `${path}/charts/${child.name}`))];
}

function parseFile(path: string, text: string): ParsedTemplate[] {
  try {
    const trees = parseTrees(path, text, { leftDelimiter: "{{", rightDelimiter: "}}", isFunction: () => true });
    return [{ path, text, trees: [...trees.values()] }];
  } catch (error) {
    if (error instanceof GoError) return [];
    throw error;
  }
}

/** Calls back for every node below one, the node itself first. */
export function visit(node: Node, callback: (node: Node) => void): void {
  callback(node);
  for (const child of childrenOf(node)) visit(child, callback);
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "list":
      return node.nodes;
    case "action":
      return [node.pipe];
    case "if":
    case "range":
    case "with":
      return [node.pipe, node.list, ...(node.elseList === undefined ? [] : [node.elseList])];
    case "template":
      return node.pipe === undefined ? [] : [node.pipe];
    case "pipe":
      return [...node.variables, ...node.commands];
    case "command":
      return node.words;
    case "chain":
      return [node.operand];
    default:
      return [];
  }
}

/** The line of a node in its file. */
export function lineOf(node: Node): number {
  let line = 1;
  const { text } = node.source;
  for (let at = text.indexOf("\n"); at >= 0 && at < node.position; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

export type { ListNode, Node, Operand, PipeNode, Statement };
