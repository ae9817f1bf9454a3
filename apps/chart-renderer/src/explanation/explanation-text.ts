import type { ValueOrigin } from "../values/origins.ts";
import type { ExplainedValue, Explanation } from "./explain-values.ts";
import { valueText } from "./value-text.ts";

/** Each value with the layers that set it, the winner first, and the lines that read it. */
export function explanationText({ values, findings }: Explanation): string {
  const problems = findings.map(({ message }) => `The chart does not render, so some readers are missing: ${message}\n`);
  return problems.join("") + values.map(blockOf).join("\n");
}

function blockOf({ key, value, origins, readers }: ExplainedValue): string {
  const lines = [`${key} = ${value === undefined ? "removed by null" : valueText(value)}`];
  origins.forEach((origin, index) => {
    lines.push(
      `    ${index === 0 ? "set by  " : "        "}${originText(origin)}: ${valueText(origin.value)}${index === 0 ? "  <- wins" : ""}`,
    );
  });
  if (origins.length === 0) lines.push("    set by  no layer: it is handed down by a chart above");
  readers.forEach(({ file, line }, index) => void lines.push(`    ${index === 0 ? "read by " : "        "}${file}:${line}`));
  if (readers.length === 0) lines.push("    read by no template, with these values");
  return `${lines.join("\n")}\n`;
}

/** `values.yaml:3 (default)`. */
export function originText({ label, line, kind }: ValueOrigin): string {
  const place = line === undefined ? label : `${label}:${line}`;
  switch (kind) {
    case "user":
      return place;
    case "default":
      return `${place} (default)`;
    case "parent-default":
      return `${place} (default of a chart above)`;
    default:
      return kind satisfies never;
  }
}
