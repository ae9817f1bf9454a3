import type { CommandNode } from "@invar/go-template";
import type { Finding } from "../finding.ts";
import { templateLinesOf } from "../manifests/manifests.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { lineOf, visit } from "./template-nodes.ts";
import { ownTemplates } from "./unused-variables.ts";
import { valuesKeyOf } from "./values-key.ts";

/** Calls of printf whose verbs and arguments do not go together, and what such calls wrote. */
export const printfArguments: Rule = {
  id: "template/printf",
  summary: "The verbs of a printf and its arguments go together.",
  check: (input) => {
    const calls = callFindings(input);
    const places = new Set(calls.map(({ place }) => `${place?.file}:${place?.line}`));
    return [...calls, ...outputFindings(input).filter(({ place }) => !places.has(`${place?.file}:${place?.line}`))];
  },
};

function callFindings(input: LintInput): Finding[] {
  const findings: Finding[] = [];
  for (const { path, text, trees } of ownTemplates(input)) {
    for (const { root } of trees) {
      visit(root, (node) => {
        if (node.kind !== "pipe") return;
        node.commands.forEach((command, index) => {
          const problem = problemOf(command, index > 0);
          if (problem === undefined) return;
          const line = lineOf(command);
          const key = input.reads.find((read) => read.file === path && read.line === line)?.key;
          findings.push({
            rule: "template/printf",
            severity: problem.isMissing ? "error" : "warning",
            message: problem.message,
            place: { file: path, line },
            excerpt: text.split("\n")[line - 1]?.trimEnd() ?? "",
            ...(key === undefined ? {} : { valuesKey: key }),
            fix: problem.isMissing ? "add the arguments, or write %% for a percent sign" : "remove the arguments, or add verbs for them",
          });
        });
      });
    }
  }
  return findings;
}

function problemOf(command: CommandNode, isPiped: boolean): { message: string; isMissing: boolean } | undefined {
  const [callee, format] = command.words;
  if (callee?.kind !== "identifier" || callee.name !== "printf" || format?.kind !== "string") return undefined;
  const verbs = verbsOf(format.value);
  if (verbs === undefined) return undefined;
  const args = command.words.length - 2 + (isPiped ? 1 : 0);
  if (verbs === args) return undefined;
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return {
    message: `printf ${format.quoted} has ${count(verbs, "verb")} and ${count(args, "argument")}`,
    isMissing: verbs > args,
  };
}

/** How many arguments a format takes; undefined where it names them by number. */
function verbsOf(format: string): number | undefined {
  if (/%[-+# 0]*\[/.test(format)) return undefined;
  let count = 0;
  for (const [, width, precision, verb] of format.matchAll(/%[-+# 0]*(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])?/g)) {
    count += (width === "*" ? 1 : 0) + (precision === "*" ? 1 : 0) + (verb === undefined || verb === "%" ? 0 : 1);
  }
  return count;
}

// What Go writes in place of an argument that is absent, too many, or of the wrong type.
const TRACE = /%!(?:[a-zA-Z]\((?:MISSING|BADINDEX|<nil>|[\w.]+(?: \{\})?=[^)]*|(?:map|\[\])[^)]*)\)|\(EXTRA [^)]*\)|\(NOVERB\))/;

function outputFindings(input: LintInput): Finding[] {
  const { documents, hooks } = input.rendered;
  return [...documents, ...hooks].flatMap((manifest) => {
    if (!manifest.content.includes("%!")) return [];
    const lines = templateLinesOf(manifest);
    return manifest.content.split("\n").flatMap((text, index) => {
      const trace = TRACE.exec(text)?.[0];
      if (trace === undefined) return [];
      const line = lines[index] ?? 1;
      const key = valuesKeyOf(input, { file: manifest.path, line }, [], undefined);
      return [
        {
          rule: "template/printf",
          severity: "error" as const,
          message: `${manifest.kind} ${manifest.name}: printf wrote ${trace}`,
          place: { file: manifest.path, line },
          excerpt: manifest.rendered.source.split("\n")[line - 1]?.trimEnd() ?? "",
          ...(key === undefined ? {} : { valuesKey: key }),
          fix: "give it an argument of the verb's type: numbers from values need `| int` for %d, `| toString` for %s",
        },
      ];
    });
  });
}
