import { textOf } from "../chart/load-chart.ts";
import type { Finding } from "../finding.ts";
import type { LintInput, Rule } from "./lint-input.ts";

/** Helm's rules about the files of templates, before and after rendering. */
export const templateFiles: Rule = {
  id: "helm/templates",
  summary: "Templates have a known extension, use nothing that Helm 3 dropped, and render to documents that begin at the left.",
  check: (input) => [
    ...input.chart.templates.flatMap((file) => fileFindings(input.chart.name, file.name, textOf(file))),
    ...indentFindings(input),
  ],
};

const CRD_HOOK = /"?helm\.sh\/hook"?:\s+crd-install/;
const RELEASE_TIME = /\.Release\.Time/;

function fileFindings(chart: string, name: string, text: string): Finding[] {
  const file = `${chart}/${name}`;
  const findings: Finding[] = [];
  const extension = /\.[^./]*$/.exec(name)?.[0] ?? "";
  if (!/\.(?:yaml|yml|tpl|txt)$/.test(name)) {
    findings.push({
      rule: "helm/templates",
      severity: "error",
      message: `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`,
      place: { file, line: 1 },
      fix: "rename the file, or list it in .helmignore",
    });
  }
  const at = (pattern: RegExp, severity: Finding["severity"], message: string, fix: string): void => {
    const index = text.search(pattern);
    if (index < 0) return;
    const line = text.slice(0, index).split("\n").length;
    findings.push({
      rule: "helm/templates",
      severity,
      message,
      place: { file, line },
      fix,
      excerpt: text.split("\n")[line - 1]?.trimEnd() ?? "",
    });
  };
  at(
    CRD_HOOK,
    "warning",
    "manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also exist the crds/ directory at the top level of the chart",
    "move the definition to crds/",
  );
  at(
    RELEASE_TIME,
    "error",
    ".Release.Time has been removed in v3, please replace with the `now` function in your templates",
    "write {{ now }}",
  );
  return findings;
}

function indentFindings({ rendered }: LintInput): Finding[] {
  return [...rendered.texts.values()].flatMap(({ path, text }) => {
    if (!path.endsWith(".yaml")) return [];
    const first = text.split("\n").find((line) => line.trim() !== "");
    if (first === undefined || !/^[ \t]/.test(first)) return [];
    return [
      {
        rule: "helm/templates",
        severity: "warning" as const,
        message: `document starts with an illegal indent: ${JSON.stringify(first)}, which may cause parsing problems`,
        place: { file: path, line: 1 },
        fix: "write {{- before the first line's action, or take the spaces away",
      },
    ];
  });
}
