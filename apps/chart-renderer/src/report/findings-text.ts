import type { Finding } from "../finding.ts";

/** Findings for people: place, what is wrong, the line, the value and what to do. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(findingText).join("");
}

function findingText({ rule, severity, message, place, stack, excerpt, valuesKey, fix }: Finding): string {
  const column = place?.column === undefined ? "" : `:${place.column}`;
  const lines = [`${place === undefined ? "" : `${place.file}:${place.line}${column}: `}${severity}: ${message} [${rule}]`];
  if (excerpt !== undefined && excerpt.trim() !== "") lines.push(`    ${place?.line ?? ""} | ${excerpt}`);
  for (const { file, line, expression } of stack?.slice(0, -1).reverse() ?? [])
    lines.push(`    from ${file}:${line}  ${expression ?? ""}`.trimEnd());
  if (valuesKey !== undefined) lines.push(`    value: ${valuesKey}`);
  if (fix !== undefined) lines.push(`    fix: ${fix}`);
  return `${lines.join("\n")}\n`;
}
