import type { Finding } from "../finding.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { type ListNode, lineOf, type Node, type PipeNode, parsedTemplates, type Statement, visit } from "./template-nodes.ts";

/** Variables that are set and never read. */
export const unusedVariables: Rule = {
  id: "template/unused-variable",
  summary: "A variable is assigned and never used.",
  check: (input) =>
    ownTemplates(input).flatMap(({ path, text, trees }) =>
      trees.flatMap(({ root }) =>
        unusedIn(root).map(({ name, node }) => {
          const line = lineOf(node);
          return {
            rule: "template/unused-variable",
            severity: "warning" as const,
            message: `the variable ${name} is assigned and never used`,
            place: { file: path, line },
            excerpt: text.split("\n")[line - 1]?.trimEnd() ?? "",
            fix: `remove it, or name it $_ where only the call matters`,
          } satisfies Finding;
        }),
      ),
    ),
};

/** The templates whose author reads the findings: the root chart's, and on demand those below. */
export function ownTemplates({ chart, includesSubcharts }: LintInput) {
  const prefix = `${chart.name}/templates/`;
  return parsedTemplates(chart).filter(({ path }) => includesSubcharts || path.startsWith(prefix));
}

interface Variable {
  readonly name: string;
  readonly node: Node;
  isUsed: boolean;
}

function unusedIn(root: ListNode): Variable[] {
  const unused: Variable[] = [];
  walkList(root, [], unused);
  return unused;
}

// Names of a scope, the newest last; a template's own scope ends with its list.
function walkList(list: ListNode, outer: readonly Variable[], unused: Variable[]): void {
  const scope = [...outer];
  for (const statement of list.nodes) walkStatement(statement, scope, unused);
  for (const variable of scope.slice(outer.length)) if (!variable.isUsed) unused.push(variable);
}

function walkStatement(statement: Statement, scope: Variable[], unused: Variable[]): void {
  switch (statement.kind) {
    case "action":
      declare(statement.pipe, scope);
      return;
    case "if":
    case "with":
    case "range": {
      const inner = [...scope];
      declare(statement.pipe, inner, statement.kind === "range");
      walkList(statement.list, inner, unused);
      if (statement.elseList !== undefined) walkList(statement.elseList, inner, unused);
      for (const variable of inner.slice(scope.length)) if (!variable.isUsed) unused.push(variable);
      return;
    }
    case "template":
      if (statement.pipe !== undefined) use(statement.pipe, scope);
      return;
    default:
      return;
  }
}

/** Takes the uses of a pipeline, then what it declares. A loop's variables come in pairs of which one may be of no interest. */
function declare(pipe: PipeNode, scope: Variable[], isLoop = false): void {
  use(pipe, scope);
  if (pipe.isAssign) return;
  const isWanted = isLoop || hasEffect(pipe);
  for (const node of pipe.variables) {
    const isFree = isWanted || node.name === "$" || /^\$(?:_|ignore|noop|dummy|unused|void|discard)/i.test(node.name);
    scope.push({ name: node.name, node, isUsed: isFree });
  }
}

function use(pipe: PipeNode, scope: readonly Variable[]): void {
  const targets = new Set<Node>(pipe.variables);
  visit(pipe, (node) => {
    if (node.kind !== "variable" || targets.has(node)) return;
    const variable = scope.findLast(({ name }) => name === node.name);
    if (variable !== undefined) variable.isUsed = true;
  });
}

// Their results are often put into a variable that nobody reads, so that they are not printed.
const EFFECTS = new Set("set unset merge mustMerge mergeOverwrite mustMergeOverwrite include tpl required fail mustToJson".split(" "));

function hasEffect(pipe: PipeNode): boolean {
  let found = false;
  visit(pipe, (node) => {
    found ||= node.kind === "identifier" && EFFECTS.has(node.name);
  });
  return found;
}
